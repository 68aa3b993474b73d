/*
 * Tokens in the zone, and the ways in which registries want credentials: how
 * they lie there, for how long, and who is having one.  Called by token and
 * offer.
 *
 * What is known of one login does not count for another, nor after its
 * password has changed: both are part of the keys.
 */

#ifndef _NGX_HTTP_MLIST_TOKEN_ZONE_H_INCLUDED_
#define _NGX_HTTP_MLIST_TOKEN_ZONE_H_INCLUDED_


#include "ngx_http_mlist_token.h"


/* The key of what is asked for. */
void ngx_http_mlist_token_key(ngx_http_request_t *r,
    ngx_http_mlist_service_ask_t *ask, u_char key[NGX_HTTP_MLIST_KEY_SIZE]);

/* Keeps a token for its life; how long it is good is mlist_token's. */
void ngx_http_mlist_token_keep(ngx_http_mlist_zone_t *zone, u_char *key,
    ngx_str_t *token, time_t life);

/* Keeps a way; that no credentials are wanted for a minute only. */
void ngx_http_mlist_token_learn(ngx_http_mlist_zone_t *zone, u_char *key,
    ngx_http_mlist_way_t *way);

/* Forgets the way of the login whose token is asked for. */
void ngx_http_mlist_token_unlearn(ngx_http_request_t *r,
    ngx_http_mlist_service_ask_t *ask);

/*
 * A worker that has what the key stands for claims it, for 15 s at most, and
 * releases it.  NGX_OK; NGX_BUSY: another one has; NGX_DECLINED: no room.
 */
ngx_int_t ngx_http_mlist_token_claim(ngx_http_mlist_zone_t *zone,
    u_char *key);
void ngx_http_mlist_token_release(ngx_http_mlist_zone_t *zone, u_char *key);


#endif /* _NGX_HTTP_MLIST_TOKEN_ZONE_H_INCLUDED_ */

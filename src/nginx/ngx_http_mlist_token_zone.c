/*
 * Tokens in the zone: see ngx_http_mlist_token_zone.h.
 */


#include "ngx_http_mlist_token_zone.h"
#include "ngx_http_mlist_key.h"
#include "ngx_http_mlist_zone.h"
#include "../core/mlist_token.h"


#define NGX_HTTP_MLIST_TOKEN_CLAIM   15    /* seconds */
#define NGX_HTTP_MLIST_TOKEN_NONE    60    /* the same: of no credentials */

#define NGX_HTTP_MLIST_TOKEN_PIECES  7


/* Before a token's bytes. */
typedef struct {
    time_t      expires;
    time_t      life;
} ngx_http_mlist_token_head_t;


static ngx_int_t ngx_http_mlist_token_known_way(ngx_str_t *value,
    ngx_http_mlist_way_t *way);
static ngx_int_t ngx_http_mlist_token_known_token(ngx_str_t *value,
    ngx_uint_t upload, ngx_str_t *token);
static void ngx_http_mlist_token_claim_key(ngx_http_mlist_zone_t *zone,
    u_char *key, u_char *claim);


void
ngx_http_mlist_token_key(ngx_http_request_t *r,
    ngx_http_mlist_service_ask_t *ask, u_char key[NGX_HTTP_MLIST_KEY_SIZE])
{
    ngx_uint_t                  n;
    ngx_str_t                   pieces[NGX_HTTP_MLIST_TOKEN_PIECES];
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    ngx_str_set(&pieces[0], "login");
    pieces[1] = ask->login->registry->url;
    pieces[2] = ask->basic;
    pieces[3] = ask->login->realm;
    n = 4;

    if (ask->token) {
        pieces[n].data = (u_char *) ask->way.challenge.realm;
        pieces[n++].len = ask->way.challenge.realm_len;
        pieces[n].data = (u_char *) ask->way.challenge.service;
        pieces[n++].len = ask->way.challenge.service_len;
        pieces[n++] = ask->scope;
    }

    ngx_http_mlist_key_of(mlcf->main->zone, pieces, n, key);
}


ngx_int_t
ngx_http_mlist_token_known(ngx_http_request_t *r,
    ngx_http_mlist_service_ask_t *ask, ngx_http_mlist_token_result_t *result)
{
    u_char                      key[NGX_HTTP_MLIST_KEY_SIZE];
    ngx_int_t                   rc;
    ngx_str_t                   value;
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    ngx_http_mlist_token_key(r, ask, key);

    rc = ngx_http_mlist_zone_get(mlcf->main->zone, NGX_HTTP_MLIST_ZONE_TOKEN,
                                 key, r->pool, &value);

    if (rc != NGX_OK) {
        return rc;
    }

    ngx_memzero(result, sizeof(ngx_http_mlist_token_result_t));

    return ask->token
               ? ngx_http_mlist_token_known_token(&value, ask->upload,
                                                  &result->token)
               : ngx_http_mlist_token_known_way(&value, &result->way);
}


static ngx_int_t
ngx_http_mlist_token_known_way(ngx_str_t *value, ngx_http_mlist_way_t *way)
{
    if (value->len != sizeof(ngx_http_mlist_way_t)) {
        return NGX_DECLINED;
    }

    ngx_memcpy(way, value->data, value->len);

    return NGX_OK;
}


static ngx_int_t
ngx_http_mlist_token_known_token(ngx_str_t *value, ngx_uint_t upload,
    ngx_str_t *token)
{
    ngx_http_mlist_token_head_t  head;

    if (value->len <= sizeof(head)) {
        return NGX_DECLINED;
    }

    ngx_memcpy(&head, value->data, sizeof(head));

    if (!mlist_token_good((long) head.life,
                          (long) (head.expires - ngx_time()), upload != 0))
    {
        return NGX_DECLINED;
    }

    token->data = value->data + sizeof(head);
    token->len = value->len - sizeof(head);

    return NGX_OK;
}


void
ngx_http_mlist_token_keep(ngx_http_mlist_zone_t *zone, u_char *key,
    ngx_str_t *token, time_t life)
{
    ngx_str_t                    pieces[2];
    ngx_http_mlist_token_head_t  head;

    head.expires = ngx_time() + life;
    head.life = life;

    pieces[0].data = (u_char *) &head;
    pieces[0].len = sizeof(head);
    pieces[1] = *token;

    (void) ngx_http_mlist_zone_set(zone, NGX_HTTP_MLIST_ZONE_TOKEN, key,
                                   pieces, 2, life);
}


void
ngx_http_mlist_token_learn(ngx_http_mlist_zone_t *zone, u_char *key,
    ngx_http_mlist_way_t *way)
{
    ngx_str_t  piece;

    piece.data = (u_char *) way;
    piece.len = sizeof(ngx_http_mlist_way_t);

    (void) ngx_http_mlist_zone_set(zone, NGX_HTTP_MLIST_ZONE_TOKEN, key,
                                   &piece, 1,
                                   way->scheme == NGX_HTTP_MLIST_SCHEME_NONE
                                       ? NGX_HTTP_MLIST_TOKEN_NONE : 0);
}


void
ngx_http_mlist_token_note(ngx_http_request_t *r,
    ngx_http_mlist_service_ask_t *ask)
{
    u_char                         key[NGX_HTTP_MLIST_KEY_SIZE];
    ngx_http_mlist_loc_conf_t     *mlcf;
    ngx_http_mlist_service_ask_t   way;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    way = *ask;
    way.token = 0;

    ngx_http_mlist_token_key(r, &way, key);
    ngx_http_mlist_token_learn(mlcf->main->zone, key, &way.way);
}


void
ngx_http_mlist_token_unlearn(ngx_http_request_t *r,
    ngx_http_mlist_service_ask_t *ask)
{
    u_char                         key[NGX_HTTP_MLIST_KEY_SIZE];
    ngx_http_mlist_loc_conf_t     *mlcf;
    ngx_http_mlist_service_ask_t   way;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    way = *ask;
    way.token = 0;

    ngx_http_mlist_token_key(r, &way, key);
    ngx_http_mlist_zone_delete(mlcf->main->zone, NGX_HTTP_MLIST_ZONE_TOKEN,
                               key);
}


void
ngx_http_mlist_token_forget(ngx_http_request_t *r,
    ngx_http_mlist_service_ask_t *ask, ngx_str_t *token)
{
    u_char                          key[NGX_HTTP_MLIST_KEY_SIZE];
    ngx_http_mlist_loc_conf_t      *mlcf;
    ngx_http_mlist_token_result_t   result;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    if (ngx_http_mlist_token_known(r, ask, &result) == NGX_OK
        && mlist_str_eq(ngx_http_mlist_view(&result.token),
                        ngx_http_mlist_view(token)))
    {
        ngx_http_mlist_token_key(r, ask, key);
        ngx_http_mlist_zone_delete(mlcf->main->zone,
                                   NGX_HTTP_MLIST_ZONE_TOKEN, key);
    }
}


ngx_int_t
ngx_http_mlist_token_claim(ngx_http_mlist_zone_t *zone, u_char *key)
{
    u_char  claim[NGX_HTTP_MLIST_KEY_SIZE];

    ngx_http_mlist_token_claim_key(zone, key, claim);

    return ngx_http_mlist_zone_claim(zone, NGX_HTTP_MLIST_ZONE_TOKEN, claim,
                                     NGX_HTTP_MLIST_TOKEN_CLAIM);
}


void
ngx_http_mlist_token_release(ngx_http_mlist_zone_t *zone, u_char *key)
{
    u_char  claim[NGX_HTTP_MLIST_KEY_SIZE];

    ngx_http_mlist_token_claim_key(zone, key, claim);
    ngx_http_mlist_zone_delete(zone, NGX_HTTP_MLIST_ZONE_TOKEN, claim);
}


static void
ngx_http_mlist_token_claim_key(ngx_http_mlist_zone_t *zone, u_char *key,
    u_char *claim)
{
    ngx_str_t  pieces[2];

    pieces[0].data = key;
    pieces[0].len = NGX_HTTP_MLIST_KEY_SIZE;
    ngx_str_set(&pieces[1], "claim");

    ngx_http_mlist_key_of(zone, pieces, 2, claim);
}

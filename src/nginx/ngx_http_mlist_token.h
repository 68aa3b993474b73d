/*
 * Tokens, and the ways in which registries want credentials: kept in the
 * zone, and had by one fetch at a time for all who want the same, in all
 * workers.  It sends nothing to who wants a token's use.  Called by
 * offer.
 *
 * The fetch is a subrequest of one of those who wait.  If that one's request
 * is ended by nginx, the next one who waits fetches anew.  A worker that
 * fetches claims the key in the zone; the others look there until the value
 * is there or the claim is gone.
 */

#ifndef _NGX_HTTP_MLIST_TOKEN_H_INCLUDED_
#define _NGX_HTTP_MLIST_TOKEN_H_INCLUDED_


#include "ngx_http_mlist_service.h"


typedef struct ngx_http_mlist_token_task_s  ngx_http_mlist_token_task_t;


/* What was had; what it points to is valid in "done" only. */
typedef struct {
    ngx_int_t                       rc;    /* NGX_OK, NGX_DECLINED ("fail")
                                              or NGX_ERROR */
    ngx_http_mlist_way_t            way;
    ngx_str_t                       token;
    ngx_http_mlist_service_fail_t   fail;
} ngx_http_mlist_token_result_t;


/* One who waits; the caller's, in r->pool. */
typedef struct ngx_http_mlist_token_wait_s  ngx_http_mlist_token_wait_t;

struct ngx_http_mlist_token_wait_s {
    ngx_http_request_t             *request;
    ngx_http_mlist_service_ask_t    ask;
    void                          (*done)(ngx_http_mlist_token_wait_t *wait,
                                       ngx_http_mlist_token_result_t *result);
    void                           *data;

    /* the room's own */

    ngx_queue_t                     queue;
    ngx_http_mlist_token_task_t    *task;  /* NULL: it does not wait */
};


/*
 * What is known: the way, or the token (in r->pool) where it lives long
 * enough.  NGX_OK; NGX_DECLINED: it is to be had; NGX_ERROR.
 */
ngx_int_t ngx_http_mlist_token_known(ngx_http_request_t *r,
    ngx_http_mlist_service_ask_t *ask, ngx_http_mlist_token_result_t *result);

/*
 * Begins to wait; "done" is called later, with the request's connection being
 * run afterwards, and never if the request ends before.  NGX_AGAIN or
 * NGX_ERROR.
 */
ngx_int_t ngx_http_mlist_token_wait(ngx_http_mlist_token_wait_t *wait);

/* Notes the way that a registry has just asked for. */
void ngx_http_mlist_token_note(ngx_http_request_t *r,
    ngx_http_mlist_service_ask_t *ask);

/* Forgets a token that was refused, if it is still the one that is known. */
void ngx_http_mlist_token_forget(ngx_http_request_t *r,
    ngx_http_mlist_service_ask_t *ask, ngx_str_t *token);


#endif /* _NGX_HTTP_MLIST_TOKEN_H_INCLUDED_ */

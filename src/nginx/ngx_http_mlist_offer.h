/*
 * The front's credentials for one request to a registry: what is to be sent,
 * and what a refusal means.  It sends nothing.  Called by login_fetch and
 * login_request.
 */

#ifndef _NGX_HTTP_MLIST_OFFER_H_INCLUDED_
#define _NGX_HTTP_MLIST_OFFER_H_INCLUDED_


#include "ngx_http_mlist_token.h"


struct ngx_http_mlist_offer_s {

    /* set by the caller, in r->pool */

    void                         (*done)(ngx_http_mlist_offer_t *c,
                                         ngx_int_t rc);
    void                          *data;

    /* the result */

    ngx_str_t                      authorization;  /* empty: none is sent */
    ngx_http_mlist_service_fail_t  fail;

    /* the room's own */

    ngx_http_request_t            *request;
    ngx_http_mlist_service_ask_t   ask;
    ngx_http_mlist_token_wait_t    wait;
    ngx_str_t                      token;     /* that is sent */
    ngx_uint_t                     refusals;
    unsigned                       fresh:1;   /* "token" was had for this */
};


/*
 * The credentials of "login" for "method" (as on the request line) of "url"
 * in the request "r", in r->pool.  NGX_OK; NGX_AGAIN: "done" is called with
 * NGX_OK, NGX_DECLINED (there are none: c->fail; logged at error) or
 * NGX_ERROR, never if "r" ends before; NGX_ERROR.
 */
ngx_int_t ngx_http_mlist_offer_get(ngx_http_request_t *r,
    ngx_http_mlist_offer_t *c, ngx_http_mlist_login_t *login,
    ngx_str_t *method, ngx_str_t *url);

/*
 * The registry answered 401 with these headers to what was sent.  NGX_OK:
 * other credentials may help, get them by the same call; NGX_DECLINED: they
 * would not (logged at error).
 */
ngx_int_t ngx_http_mlist_offer_refused(ngx_http_mlist_offer_t *c,
    ngx_list_t *headers);

/*
 * 1 if the registry, or its token service, has found user and password good,
 * where it answers so with that status, else 0.
 */
ngx_uint_t ngx_http_mlist_offer_accepted(
    ngx_http_mlist_offer_t *c, ngx_uint_t status);


#endif /* _NGX_HTTP_MLIST_OFFER_H_INCLUDED_ */

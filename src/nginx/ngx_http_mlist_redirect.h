/*
 * Redirects that are followed here: where a registry may send the front, and
 * where not (spec: "Blobs").  It never sends credentials to a target and
 * never lets a registry choose an address inside the operator's network.
 * redirect.c says where, redirect_content.c goes there.
 * Called by fetch, and calls back into it; and by follow.
 */

#ifndef _NGX_HTTP_MLIST_REDIRECT_H_INCLUDED_
#define _NGX_HTTP_MLIST_REDIRECT_H_INCLUDED_


#include "ngx_http_mlist.h"


#define NGX_HTTP_MLIST_REDIRECT_HOPS  3


/* 1 for 301, 302, 303, 307 and 308, else 0. */
ngx_uint_t ngx_http_mlist_redirect_is(ngx_uint_t status);

/* One redirect, and where it leads. */
struct ngx_http_mlist_redirect_s {
    ngx_http_mlist_registry_t  *registry;  /* that the first one came from */
    ngx_str_t                   url;       /* of what was asked for */
    ngx_str_t                   location;
    ngx_uint_t                  hops;      /* so far */

    /* called when a name is resolved, or is not, with NGX_OK or NGX_DECLINED */
    void                      (*done)(ngx_http_request_t *r, void *data,
                                      ngx_int_t rc);
    void                       *data;

    /* the result */

    ngx_str_t                   target;    /* a whole URL */

    /* the room's own */

    ngx_http_request_t         *request;
    ngx_resolver_ctx_t         *resolving; /* NULL: not any more */
    ngx_addr_t                  address;   /* that a name was resolved to */
    in_port_t                   port;
    ngx_resolver_handler_pt     resolved;  /* proxy's own */
    ngx_int_t                 (*create)(ngx_http_request_t *r);
                                           /* the same */
};


/*
 * Where a redirect that the request "r" met leads: at most
 * NGX_HTTP_MLIST_REDIRECT_HOPS hops; https unless the source is http; to an
 * upstream{} only if a source names it; to no loopback, link-local, private
 * or other special address that none of the location's sources has.  Names
 * are resolved by "resolver", and what they resolve to is checked.
 * NGX_OK: redirect->target is it; NGX_AGAIN: "done" will be called, or was;
 * NGX_DECLINED: refused (logged at error).
 */
ngx_int_t ngx_http_mlist_redirect_where(ngx_http_request_t *r,
    ngx_http_mlist_redirect_t *redirect);

/*
 * The content handler of a request, a client's or a child, that goes to
 * ctx->redirect->target: proxy's, with what it resolves checked.
 */
ngx_int_t ngx_http_mlist_redirect_content(ngx_http_request_t *r);

/*
 * Follows fetch->location for the request "r" that the fetch is for.
 * NGX_OK: the fetch goes on (at once or when the name is resolved; it fails
 * if the name is not); NGX_DECLINED: refused (logged at error).
 */
ngx_int_t ngx_http_mlist_redirect_fetch(ngx_http_request_t *r,
    ngx_http_mlist_fetch_t *fetch);


#endif /* _NGX_HTTP_MLIST_REDIRECT_H_INCLUDED_ */

/*
 * Redirects that are followed here: where a registry may send the front, and
 * where not (spec: "Blobs").  It never sends credentials to a target and
 * never lets a registry choose an address inside the operator's network.
 * Called by fetch; calls back into it.
 */

#ifndef _NGX_HTTP_MLIST_REDIRECT_H_INCLUDED_
#define _NGX_HTTP_MLIST_REDIRECT_H_INCLUDED_


#include "ngx_http_mlist.h"


#define NGX_HTTP_MLIST_REDIRECT_HOPS  3


/* 1 for 301, 302, 303, 307 and 308, else 0. */
ngx_uint_t ngx_http_mlist_redirect_is(ngx_uint_t status);

/*
 * Follows fetch->location for the main request "r": at most
 * NGX_HTTP_MLIST_REDIRECT_HOPS hops; https unless the source is http; to an
 * upstream{} only if a source names it; to no loopback, link-local, private
 * or other special address that none of the location's sources has.  Names
 * are resolved by "resolver", and what they resolve to is checked.
 * NGX_OK: the fetch goes on (at once or when the name is resolved; it fails
 * if the name is not); NGX_DECLINED: refused (logged at error).
 */
ngx_int_t ngx_http_mlist_redirect_fetch(ngx_http_request_t *r,
    ngx_http_mlist_fetch_t *fetch);


#endif /* _NGX_HTTP_MLIST_REDIRECT_H_INCLUDED_ */

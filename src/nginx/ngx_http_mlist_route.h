/*
 * Routes: which source has a digest of a name, as was learned when one had
 * it, in the zone.  It asks nobody.  Called by ask, digest, assemble, drop.
 */

#ifndef _NGX_HTTP_MLIST_ROUTE_H_INCLUDED_
#define _NGX_HTTP_MLIST_ROUTE_H_INCLUDED_


#include "ngx_http_mlist.h"
#include "ngx_http_mlist_target.h"


/*
 * Remembers that the target of that index (in ngx_http_mlist_target_list())
 * has a manifest or blob of the request's name.
 */
void ngx_http_mlist_route_learn(ngx_http_request_t *r, ngx_str_t *name,
    ngx_str_t *digest, ngx_uint_t blob, ngx_uint_t target);

/*
 * The same of the target "i" of "targets", which may also be one that only
 * pushes go to: of such a one its URL is remembered, since the next request
 * may push elsewhere.
 */
void ngx_http_mlist_route_found(ngx_http_request_t *r, ngx_str_t *name,
    ngx_str_t *digest, ngx_uint_t blob, ngx_array_t *targets, ngx_uint_t i);

/*
 * NGX_OK: the target *i of "targets" is remembered, under "key" in the zone;
 * NGX_DECLINED: none of them is; NGX_ERROR.
 */
ngx_int_t ngx_http_mlist_route_get(ngx_http_request_t *r, ngx_str_t *name,
    ngx_str_t *digest, ngx_uint_t blob, ngx_array_t *targets, ngx_uint_t *i,
    u_char key[NGX_HTTP_MLIST_KEY_SIZE]);

/*
 * 1 if that is known of a manifest and may be relied on: nobody has found
 * it wrong in this request, and a filter would see if it is.  Else 0.
 */
ngx_uint_t ngx_http_mlist_route_knows(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_str_t *digest);

/* Forgets that, of a manifest and of a blob. */
void ngx_http_mlist_route_forget(ngx_http_mlist_loc_conf_t *mlcf,
    ngx_str_t *name, ngx_str_t *digest);


#endif /* _NGX_HTTP_MLIST_ROUTE_H_INCLUDED_ */

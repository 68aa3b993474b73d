/*
 * Passing a client's request on to one registry: what goes along, and where
 * to.  It never chooses the registry.  Called by handler, list, ask, write.
 */

#ifndef _NGX_HTTP_MLIST_PASS_H_INCLUDED_
#define _NGX_HTTP_MLIST_PASS_H_INCLUDED_


#include "ngx_http_mlist.h"
#include "ngx_http_mlist_target.h"


/*
 * Passes a read on to "url" at the target's registry, without its query.
 * "manifest": the client's Accept is replaced by all types, since registries
 * answer 404 for what Accept does not name.
 * NGX_DECLINED (the phases go on to proxy_pass), NGX_ERROR.
 */
ngx_int_t ngx_http_mlist_pass_read(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_target_t *target,
    ngx_str_t *url, ngx_uint_t manifest);

/*
 * Passes a write on to the target's registry, under the name that is spelled
 * there and ctx->spelled_tag if that is set, with its query (see mount for
 * that which begins an upload); the same.
 */
ngx_int_t ngx_http_mlist_pass_write(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_target_t *target);


#endif /* _NGX_HTTP_MLIST_PASS_H_INCLUDED_ */

/*
 * Upload sessions, where a variable of mlist_push may yield another registry
 * for each request of one: which registry a session belongs to, in the zone,
 * by its path at this front.  Called by push and write.
 */

#ifndef _NGX_HTTP_MLIST_SESSION_H_INCLUDED_
#define _NGX_HTTP_MLIST_SESSION_H_INCLUDED_


#include "ngx_http_mlist.h"


/*
 * Sets *registry to that of the session whose path "ctx" has, NULL if none is
 * known.  NGX_OK or NGX_ERROR.
 */
ngx_int_t ngx_http_mlist_session_get(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_registry_t **registry);

/*
 * The registry of "ctx" has answered the request with "status", and with a
 * Location (of this front by now; empty: none): notes the session that goes
 * on there, and forgets the one that has ended.
 */
void ngx_http_mlist_session_answered(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_uint_t status, ngx_str_t *location);


#endif /* _NGX_HTTP_MLIST_SESSION_H_INCLUDED_ */

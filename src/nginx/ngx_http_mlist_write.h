/*
 * Writes of clients: uploads, manifests, deletions; what of them is taken,
 * and where they are passed on (spec: "Writes").  It never looks into a body.
 * Called by handler, and by filter when the answer comes.
 */

#ifndef _NGX_HTTP_MLIST_WRITE_H_INCLUDED_
#define _NGX_HTTP_MLIST_WRITE_H_INCLUDED_


#include "ngx_http_mlist.h"


/*
 * A request that writes, or that is about an upload; its name is served here.
 * Returns what the phase handler is to return.
 */
ngx_int_t ngx_http_mlist_write_start(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx);

/*
 * The push registry has answered what was passed on: its Location becomes one
 * of this front, relative and under the client's name, where it names that
 * registry; of an elsewhere it stays as it is.  Notes whose session it is, and
 * warns where the tag that was put is not what it serves.
 * NGX_OK or NGX_ERROR.
 */
ngx_int_t ngx_http_mlist_write_answered(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx);


#endif /* _NGX_HTTP_MLIST_WRITE_H_INCLUDED_ */

/*
 * mlist_push with by=platform: a manifest that is PUT under a tag which is
 * synthesized is read, and put under the tags of the sources that it is for
 * (spec: "Writes").  It changes no byte.  Called by write.
 */

#ifndef _NGX_HTTP_MLIST_SPREAD_H_INCLUDED_
#define _NGX_HTTP_MLIST_SPREAD_H_INCLUDED_


#include "ngx_http_mlist.h"
#include "ngx_http_mlist_target.h"


/*
 * A PUT of a manifest by a tag of kind LIST; "target" is where its blobs were
 * uploaded.  An artifact is passed on as it stands.  An image or index is
 * put at all its places but one, and the request itself is passed on to that
 * one, last, so that the registry's answer is the client's.
 * Returns what the phase handler is to return.
 */
ngx_int_t ngx_http_mlist_spread_start(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_target_t *target);


#endif /* _NGX_HTTP_MLIST_SPREAD_H_INCLUDED_ */

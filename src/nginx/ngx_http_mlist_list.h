/*
 * A read by a tag that is synthesized: asks all sources at once, decides
 * what the tag is, has the list built and kept, and chooses what this client
 * is given (spec: "A tag", 1 to 9).  Called by handler.
 */

#ifndef _NGX_HTTP_MLIST_LIST_H_INCLUDED_
#define _NGX_HTTP_MLIST_LIST_H_INCLUDED_


#include "ngx_http_mlist.h"


/*
 * Begins; returns what the phase handler is to return.  After NGX_AGAIN the
 * phase handler goes on through ctx->resume.
 */
ngx_int_t ngx_http_mlist_list_start(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx);


#endif /* _NGX_HTTP_MLIST_LIST_H_INCLUDED_ */

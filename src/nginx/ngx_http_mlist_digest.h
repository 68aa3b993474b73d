/*
 * A read of a manifest by digest: a list that was synthesized here, from
 * zone or store; else it is passed on (spec: "A digest").  With mlist_auth
 * registry a list is given only to credentials that a source lets read one
 * of its children.  Called by handler.
 */

#ifndef _NGX_HTTP_MLIST_DIGEST_H_INCLUDED_
#define _NGX_HTTP_MLIST_DIGEST_H_INCLUDED_


#include "ngx_http_mlist.h"


/*
 * Begins; returns what the phase handler is to return.  After NGX_AGAIN the
 * phase handler goes on through ctx->resume.
 */
ngx_int_t ngx_http_mlist_digest_start(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx);


#endif /* _NGX_HTTP_MLIST_DIGEST_H_INCLUDED_ */

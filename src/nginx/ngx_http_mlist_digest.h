/*
 * Manifests by digest: whether it is a list that was synthesized here, from
 * zone or store, and that the client may know of, which with mlist_auth
 * registry means credentials that a source lets read one of its children.
 * Reads of them (spec: "A digest"); what is none is passed on.  Called by
 * handler, and by erase for deletions.
 */

#ifndef _NGX_HTTP_MLIST_DIGEST_H_INCLUDED_
#define _NGX_HTTP_MLIST_DIGEST_H_INCLUDED_


#include "ngx_http_mlist.h"
#include "ngx_http_mlist_store.h"


/* What goes on with a list, or where there is none. */
typedef ngx_int_t (*ngx_http_mlist_digest_list_pt)(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_doc_t *doc);
typedef ngx_int_t (*ngx_http_mlist_digest_none_pt)(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx);


/*
 * Begins; returns what the phase handler is to return.  After NGX_AGAIN the
 * phase handler goes on through ctx->resume.
 */
ngx_int_t ngx_http_mlist_digest_start(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx);

/*
 * Calls one of the two for the digest of "ctx", now or later, or answers with
 * an error; the same returns.
 */
ngx_int_t ngx_http_mlist_digest_find(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_digest_list_pt list,
    ngx_http_mlist_digest_none_pt none);


#endif /* _NGX_HTTP_MLIST_DIGEST_H_INCLUDED_ */

/*
 * Answers of the module's own: lists, the API's root, and errors.  It only
 * says what it is told; the phases go on to the content handler that it
 * sets, past try_files and mirror.  Called by handler, list, ask, digest,
 * catalog, referrers.
 */

#ifndef _NGX_HTTP_MLIST_SEND_H_INCLUDED_
#define _NGX_HTTP_MLIST_SEND_H_INCLUDED_


#include "ngx_http_mlist.h"
#include "ngx_http_mlist_store.h"


/* 1 if If-None-Match names that digest, quoted or not, or is "*"; else 0. */
ngx_uint_t ngx_http_mlist_send_matches(ngx_http_request_t *r,
    ngx_str_t *digest) MLIST_HOT;

/*
 * Answers with a list (living in r->pool), 304 where If-None-Match names it.
 * "vary": the answer depends on Accept.  NGX_OK or NGX_ERROR.
 */
ngx_int_t ngx_http_mlist_send_doc(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_doc_t *doc, ngx_uint_t vary)
    MLIST_HOT;

/* Answers GET /v2/ with 200 and {}.  NGX_OK. */
ngx_int_t ngx_http_mlist_send_ping(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx);

/*
 * Answers 200 with "body" of that Content-Type; both live in r->pool or for
 * ever.  NGX_OK.
 */
ngx_int_t ngx_http_mlist_send_text(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_str_t *type, ngx_str_t *body);

/* Answers 202 without a body.  NGX_OK. */
ngx_int_t ngx_http_mlist_send_accepted(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx);

/*
 * Notes what is wrong for the JSON that the filter makes, and returns
 * "status" for the phase handler to return.  "message" NULL: the code's
 * usual text; "detail" may be NULL; both must live in r->pool or for ever.
 */
ngx_int_t ngx_http_mlist_send_error(ngx_http_mlist_ctx_t *ctx,
    ngx_int_t status, mlist_error_e error, ngx_str_t *message,
    ngx_str_t *detail);

/*
 * The same for a 405 UNSUPPORTED, with an Allow header of "methods"
 * (NGX_HTTP_GET and so on); 0: without one.
 */
ngx_int_t ngx_http_mlist_send_not_allowed(ngx_http_mlist_ctx_t *ctx,
    ngx_uint_t methods, ngx_str_t *message, ngx_str_t *detail);

/*
 * Adds a header to the answer to come.  NGX_OK or NGX_ERROR.
 */
ngx_int_t ngx_http_mlist_send_header(ngx_http_request_t *r, const char *name,
    ngx_str_t *value);

/*
 * Called when an answer has been handed to nginx: where a carrier works on
 * behind it (ctx->lingers), tells the client over HTTP/1 that there is no
 * more to come, since nginx keeps the connection as long as the request.
 */
void ngx_http_mlist_send_release(ngx_http_request_t *r) MLIST_HOT;

/*
 * 401 with a registry's challenges, each followed by a line feed (there may be
 * none), as headers of their own; as send_error.
 */
ngx_int_t ngx_http_mlist_send_challenges(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_str_t *challenges);


#endif /* _NGX_HTTP_MLIST_SEND_H_INCLUDED_ */

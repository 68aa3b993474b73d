/*
 * Who has it: finds the registry that a digest, a blob or a tag as it stands
 * is read from, by HEAD at all that may have it at once or by what was
 * learned, and passes the client's request on there (spec: "A digest", "A
 * tag" 3).  It never builds anything.  Called by handler, list, digest.
 *
 * Every function returns what the phase handler is to return; after
 * NGX_AGAIN the phase handler goes on through ctx->resume.
 */

#ifndef _NGX_HTTP_MLIST_ASK_H_INCLUDED_
#define _NGX_HTTP_MLIST_ASK_H_INCLUDED_


#include "ngx_http_mlist.h"
#include "ngx_http_mlist_target.h"


/* A manifest by digest, or with "blob" a blob. */
ngx_int_t ngx_http_mlist_ask_digest(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_str_t *digest, ngx_uint_t blob);

/*
 * The request's tag as it stands: push registry first, then in the order of
 * the sources; a failure before a hit is an error.  "absent" (may be NULL)
 * is an array of targets that are known not to have it.
 */
ngx_int_t ngx_http_mlist_ask_tag(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_array_t *absent);

/*
 * GET /v2/ at every registry, that of pushes too: the first refusal is the
 * answer, else 200.
 */
ngx_int_t ngx_http_mlist_ask_ping(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx);


#endif /* _NGX_HTTP_MLIST_ASK_H_INCLUDED_ */

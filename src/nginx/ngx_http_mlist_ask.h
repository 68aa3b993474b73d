/*
 * Who has it: finds the registry that a digest, a blob or a tag as it stands
 * is read from, by HEAD at all that may have it at once or by what was
 * learned, and passes the client's request on there (spec: "A digest", "A
 * tag" 3).  It never builds anything.  Called by handler, list, digest,
 * drop.
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

/* GET /v2/ at every registry: the first refusal is the answer, else 200. */
ngx_int_t ngx_http_mlist_ask_ping(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx);

/*
 * Remembers that the target of that index (in ngx_http_mlist_target_list())
 * has a manifest or blob of the request's name.
 */
void ngx_http_mlist_ask_learn(ngx_http_request_t *r, ngx_str_t *name,
    ngx_str_t *digest, ngx_uint_t blob, ngx_uint_t target);

/*
 * 1 if that is known of a manifest and may be relied on: nobody has found
 * it wrong in this request, and a filter would see if it is.  Else 0.
 */
ngx_uint_t ngx_http_mlist_ask_knows(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_str_t *digest);

/* Forgets that, of a manifest and of a blob. */
void ngx_http_mlist_ask_forget(ngx_http_mlist_loc_conf_t *mlcf,
    ngx_str_t *name, ngx_str_t *digest);


#endif /* _NGX_HTTP_MLIST_ASK_H_INCLUDED_ */

/*
 * What a source's answer means, and what a client is told of a failure
 * (spec: "A tag", 2).  An absence is never made of an error, nor an error of
 * an absence.  Called by list, ask, digest, catalog, walk, referrers.
 */

#ifndef _NGX_HTTP_MLIST_FAILURE_H_INCLUDED_
#define _NGX_HTTP_MLIST_FAILURE_H_INCLUDED_


#include "ngx_http_mlist.h"
#include "ngx_http_mlist_fetch.h"


/*
 * NGX_OK: the registry has it (200; for blobs redirects too, since it then
 * only says where); NGX_DECLINED: the registry itself answered 404;
 * NGX_ERROR: anything else.  The fetch is done.
 */
ngx_int_t ngx_http_mlist_failure_verdict(ngx_http_mlist_fetch_t *fetch);

/* 1 if a write was answered with a 2xx, else 0.  The fetch is done. */
ngx_uint_t ngx_http_mlist_failure_written(ngx_http_mlist_fetch_t *fetch);

/* What a client is told of a failure. */
typedef struct {
    ngx_int_t      status;
    mlist_error_e  error;
    ngx_str_t      detail;
    ngx_str_t      challenges;   /* of a 401, each followed by a line feed;
                                    may be empty */
    ngx_str_t      retry_after;  /* of a 429; may be empty */
    ngx_uint_t     stale;        /* which of NGX_HTTP_MLIST_STALE_... allows
                                    an old answer; 0: none does */
} ngx_http_mlist_failure_t;


/*
 * Which of NGX_HTTP_MLIST_STALE_... allows an old answer in spite of this
 * failure; 0: none does.
 */
ngx_uint_t ngx_http_mlist_failure_stale(ngx_http_request_t *r,
    ngx_http_mlist_fetch_t *fetch);

/*
 * Describes the failed fetch of the source called "label", and logs it: with
 * mlist_auth registry a 401 with its challenge and a 403; a 429 with its
 * Retry-After; 504 for a timeout; else 502.  Texts are in r->pool.
 * NGX_OK or NGX_ERROR.
 */
ngx_int_t ngx_http_mlist_failure_describe(ngx_http_request_t *r,
    ngx_http_mlist_fetch_t *fetch, ngx_str_t *label,
    ngx_http_mlist_failure_t *failure);

/*
 * The same where the answer came whole but is no good: 502 with "reason", a
 * printable text in r->pool.
 */
ngx_int_t ngx_http_mlist_failure_bad(ngx_http_request_t *r, ngx_str_t *label,
    ngx_str_t *reason, ngx_http_mlist_failure_t *failure);

/*
 * Answers the client; "failure" lives in r->pool or longer.  Returns what
 * the phase handler is to return.
 */
ngx_int_t ngx_http_mlist_failure_send(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_failure_t *failure);

/* ngx_http_mlist_failure_describe() and _send(). */
ngx_int_t ngx_http_mlist_failure_answer(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_fetch_t *fetch,
    ngx_str_t *label);

/* ngx_http_mlist_failure_bad() and _send(). */
ngx_int_t ngx_http_mlist_failure_answer_bad(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_str_t *label, ngx_str_t *reason);

/*
 * What a manifest that a client has sent names is not at the registry, in
 * the repository "name"; "digest" lives in r->pool or longer.  Returns the
 * same.
 */
ngx_int_t ngx_http_mlist_failure_unknown(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_str_t *name,
    const mlist_digest_t *digest);


#endif /* _NGX_HTTP_MLIST_FAILURE_H_INCLUDED_ */

/*
 * Redirects of what a client reads: see ngx_http_mlist_follow.h.
 */


#include "ngx_http_mlist_follow.h"
#include "ngx_http_mlist_failure.h"
#include "ngx_http_mlist_header.h"
#include "ngx_http_mlist_redirect.h"
#include "ngx_http_mlist_send.h"


struct ngx_http_mlist_follow_s {
    ngx_http_mlist_redirect_t  redirect;   /* the last one */
    ngx_uint_t                 status;     /* that was dropped last */
    ngx_int_t                  rc;         /* of its redirect; NGX_AGAIN: not
                                              known yet */
    unsigned                   asked:1;    /* "rc" was asked for */
};


static ngx_uint_t ngx_http_mlist_follow_passes(ngx_uint_t status);
static ngx_http_mlist_follow_t *ngx_http_mlist_follow_create(
    ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx);
static ngx_int_t ngx_http_mlist_follow_resume(ngx_http_request_t *r,
    void *state);
static void ngx_http_mlist_follow_done(ngx_http_request_t *r, void *data,
    ngx_int_t rc);
static ngx_int_t ngx_http_mlist_follow_go(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_follow_t *follow);
static void ngx_http_mlist_follow_body(ngx_http_request_t *r);
static ngx_int_t ngx_http_mlist_follow_failed(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_follow_t *follow);


ngx_int_t
ngx_http_mlist_follow_answer(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx)
{
    ngx_uint_t                  status;
    ngx_table_elt_t            *h;
    ngx_http_mlist_follow_t    *follow;
    ngx_http_mlist_loc_conf_t  *mlcf;

    static ngx_str_t  location = ngx_string("location");

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);
    status = r->upstream->headers_in.status_n;

    if (!mlcf->redirect
        || !(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))
        || (ctx->route.kind != MLIST_ROUTE_BLOB
            && ctx->route.kind != MLIST_ROUTE_DIGEST
            && ctx->route.kind != MLIST_ROUTE_TAG)
        || (ctx->follow == NULL && !ngx_http_mlist_redirect_is(status))
        || ngx_http_mlist_follow_passes(status))
    {
        return NGX_DECLINED;
    }

    follow = ngx_http_mlist_follow_create(r, ctx);
    if (follow == NULL) {
        return NGX_ERROR;
    }

    follow->status = status;
    follow->asked = 0;
    follow->redirect.url = ctx->upstream;

    h = ngx_http_mlist_header_next(&r->upstream->headers_in.headers,
                                   &location, NULL);
    if (h) {
        follow->redirect.location = h->value;

    } else {
        ngx_str_null(&follow->redirect.location);
    }

    ctx->state = follow;
    ctx->resume = ngx_http_mlist_follow_resume;

    return NGX_OK;
}


/* 1 for what a target may say to a client, as the registry would have. */

static ngx_uint_t
ngx_http_mlist_follow_passes(ngx_uint_t status)
{
    return status == NGX_HTTP_OK
           || status == NGX_HTTP_PARTIAL_CONTENT
           || status == NGX_HTTP_NOT_MODIFIED
           || status == NGX_HTTP_PRECONDITION_FAILED
           || status == NGX_HTTP_RANGE_NOT_SATISFIABLE;
}


/* With the first redirect all that is the registry's alone goes. */

static ngx_http_mlist_follow_t *
ngx_http_mlist_follow_create(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx)
{
    static ngx_str_t  credentials[] = {
        ngx_string("authorization"),
        ngx_string("cookie"),
        ngx_string("proxy-authorization"),
        ngx_null_string
    };

    if (ctx->follow) {
        return ctx->follow;
    }

    if (ngx_http_mlist_header_drop_in(r, credentials) != NGX_OK) {
        return NULL;
    }

    ctx->follow = ngx_pcalloc(r->pool, sizeof(ngx_http_mlist_follow_t));
    if (ctx->follow == NULL) {
        return NULL;
    }

    ctx->redirect = &ctx->follow->redirect;

    ctx->redirect->registry = ctx->registry;
    ctx->redirect->done = ngx_http_mlist_follow_done;
    ctx->redirect->data = ctx->follow;

    return ctx->follow;
}


static ngx_int_t
ngx_http_mlist_follow_resume(ngx_http_request_t *r, void *state)
{
    ngx_int_t                 rc;
    ngx_http_mlist_ctx_t     *ctx;
    ngx_http_mlist_follow_t  *follow;

    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);
    follow = state;

    if (!ngx_http_mlist_redirect_is(follow->status)) {
        return ngx_http_mlist_follow_failed(r, ctx, follow);
    }

    if (!follow->asked) {
        follow->asked = 1;
        follow->rc = NGX_AGAIN;

        rc = ngx_http_mlist_redirect_where(r, &follow->redirect);

        /* a name that is resolved at once is told of in between */

        if (rc == NGX_AGAIN) {
            return NGX_AGAIN;
        }

        follow->rc = rc;
    }

    switch (follow->rc) {

    case NGX_AGAIN:
        return NGX_AGAIN;

    case NGX_OK:
        return ngx_http_mlist_follow_go(r, ctx, follow);

    default:
        return ngx_http_mlist_follow_failed(r, ctx, follow);
    }
}


static void
ngx_http_mlist_follow_done(ngx_http_request_t *r, void *data, ngx_int_t rc)
{
    ngx_http_mlist_follow_t  *follow = data;

    follow->rc = rc;

    r->write_event_handler = ngx_http_core_run_phases;

    (void) ngx_http_post_request(r, NULL);
}


static ngx_int_t
ngx_http_mlist_follow_go(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_follow_t *follow)
{
    follow->redirect.hops++;

    ctx->upstream = follow->redirect.target;
    ctx->passed = 1;

    ngx_http_mlist_follow_body(r);

    r->content_handler = ngx_http_mlist_redirect_content;

    return NGX_DECLINED;
}


/* A body that a read came with was for the registry, which may have it. */

static void
ngx_http_mlist_follow_body(ngx_http_request_t *r)
{
    r->headers_in.content_length_n = -1;
    r->headers_in.chunked = 0;

    if (r->request_body) {
        r->request_body->bufs = NULL;
    }
}


static ngx_int_t
ngx_http_mlist_follow_failed(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_follow_t *follow)
{
    ngx_str_t                 reason;
    mlist_error_e             error;
    ngx_http_mlist_failure_t  failure;

    static u_char  text[] = "what it redirects to answered with status ";

    if (follow->status == NGX_HTTP_NOT_FOUND) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "mlist: source \"%V\" redirects to what is not there",
                      &ctx->source);

        error = ctx->route.kind == MLIST_ROUTE_BLOB
                    ? MLIST_ERR_BLOB_UNKNOWN : MLIST_ERR_MANIFEST_UNKNOWN;

        return ngx_http_mlist_send_error(ctx, NGX_HTTP_NOT_FOUND, error, NULL,
                                         &ctx->reference);
    }

    if (ngx_http_mlist_redirect_is(follow->status)) {
        ngx_str_set(&reason, "its redirect is not followed");

    } else {
        reason.data = ngx_pnalloc(r->pool, sizeof(text) + NGX_INT_T_LEN);
        if (reason.data == NULL) {
            return NGX_ERROR;
        }

        reason.len = ngx_sprintf(reason.data, "%s%ui", text, follow->status)
                     - reason.data;
    }

    if (ngx_http_mlist_failure_bad(r, &ctx->source, &reason, &failure)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_mlist_failure_send(r, ctx, &failure);
}

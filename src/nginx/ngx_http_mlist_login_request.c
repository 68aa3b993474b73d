/*
 * Logins of a client's own request: see ngx_http_mlist_login_request.h.
 */


#include "ngx_http_mlist_login_request.h"
#include "ngx_http_mlist_offer.h"
#include "ngx_http_mlist_failure.h"
#include "ngx_http_mlist_inject.h"


struct ngx_http_mlist_relogin_s {
    ngx_http_mlist_offer_t  credentials;
    ngx_str_t                     url;        /* that they are for */
    ngx_int_t                     rc;         /* NGX_AGAIN: not there yet */
    ngx_uint_t                    status;     /* of a refusal; 0: none */
    unsigned                      learned:1;  /* as ctx->learned was */
};


static ngx_int_t ngx_http_mlist_login_request_get(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_relogin_t *relogin,
    ngx_http_mlist_login_t *login);
static void ngx_http_mlist_login_request_had(ngx_http_mlist_offer_t *c,
    ngx_int_t rc);
static ngx_int_t ngx_http_mlist_login_request_resume(ngx_http_request_t *r,
    void *state);
static ngx_int_t ngx_http_mlist_login_request_again(ngx_http_request_t *r,
    void *state);
static ngx_int_t ngx_http_mlist_login_request_go(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_relogin_t *relogin);
static ngx_int_t ngx_http_mlist_login_request_refused(ngx_http_request_t *r,
    void *state);
static ngx_int_t ngx_http_mlist_login_request_failed(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_service_fail_t *fail);
static ngx_uint_t ngx_http_mlist_login_request_repeats(
    ngx_http_request_t *r);


ngx_int_t
ngx_http_mlist_login_request(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx)
{
    ngx_http_mlist_login_t     *login;
    ngx_http_mlist_relogin_t   *relogin;
    ngx_http_mlist_loc_conf_t  *mlcf;

    relogin = ctx->relogin;

    if (relogin
        && relogin->rc == NGX_OK
        && relogin->url.data == ctx->upstream.data)
    {
        return NGX_DECLINED;
    }

    /* another registry may be asked by now, or what a redirect leads to */

    ctx->relogin = NULL;
    ngx_str_null(&ctx->credentials);

    if (ctx->follow) {
        return NGX_DECLINED;
    }

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    login = ngx_http_mlist_login_find(mlcf, ctx->registry, &ctx->upstream, 0);
    if (login == NULL) {
        return NGX_DECLINED;
    }

    relogin = ngx_pcalloc(r->pool, sizeof(ngx_http_mlist_relogin_t));
    if (relogin == NULL) {
        return NGX_ERROR;
    }

    relogin->credentials.done = ngx_http_mlist_login_request_had;
    relogin->credentials.data = relogin;
    relogin->url = ctx->upstream;
    relogin->learned = ctx->learned;

    ctx->relogin = relogin;

    return ngx_http_mlist_login_request_get(r, ctx, relogin, login);
}


static ngx_int_t
ngx_http_mlist_login_request_get(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_relogin_t *relogin,
    ngx_http_mlist_login_t *login)
{
    ngx_int_t  rc;

    relogin->rc = NGX_AGAIN;

    rc = ngx_http_mlist_offer_get(r, &relogin->credentials, login,
                                        &r->method_name, &ctx->upstream);

    if (rc == NGX_AGAIN) {
        ctx->state = relogin;
        ctx->resume = ngx_http_mlist_login_request_resume;
        return NGX_AGAIN;
    }

    relogin->rc = rc;

    return rc == NGX_OK ? ngx_http_mlist_login_request_go(r, ctx, relogin)
                        : NGX_ERROR;
}


static void
ngx_http_mlist_login_request_had(ngx_http_mlist_offer_t *c,
    ngx_int_t rc)
{
    ngx_http_request_t        *r;
    ngx_http_mlist_relogin_t  *relogin;

    r = c->request;
    relogin = c->data;
    relogin->rc = rc;

    r->write_event_handler = ngx_http_core_run_phases;

    (void) ngx_http_post_request(r, NULL);
}


static ngx_int_t
ngx_http_mlist_login_request_resume(ngx_http_request_t *r, void *state)
{
    ngx_http_mlist_ctx_t      *ctx;
    ngx_http_mlist_relogin_t  *relogin;

    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);
    relogin = state;

    switch (relogin->rc) {

    case NGX_AGAIN:
        return NGX_AGAIN;

    case NGX_OK:
        return ngx_http_mlist_login_request_go(r, ctx, relogin);

    case NGX_DECLINED:
        return ngx_http_mlist_login_request_failed(r, ctx,
                                                 &relogin->credentials.fail);

    default:
        return NGX_ERROR;
    }
}


/* An answer was dropped, and other credentials are wanted. */

static ngx_int_t
ngx_http_mlist_login_request_again(ngx_http_request_t *r, void *state)
{
    ngx_http_mlist_ctx_t      *ctx;
    ngx_http_mlist_relogin_t  *relogin;

    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);
    relogin = state;

    return ngx_http_mlist_login_request_get(r, ctx, relogin,
                                            relogin->credentials.ask.login);
}


static ngx_int_t
ngx_http_mlist_login_request_go(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_relogin_t *relogin)
{
    ctx->credentials = relogin->credentials.authorization;
    ctx->passed = 1;
    ctx->learned = relogin->learned;

    ngx_http_mlist_inject(r);

    return NGX_DECLINED;
}


ngx_int_t
ngx_http_mlist_login_answer(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx)
{
    ngx_http_mlist_relogin_t  *relogin;

    relogin = ctx->relogin;

    if (relogin == NULL || ctx->follow) {
        return NGX_DECLINED;
    }

    relogin->status = r->upstream->headers_in.status_n;
    ctx->state = relogin;

    if (relogin->status == NGX_HTTP_UNAUTHORIZED) {

        if (ngx_http_mlist_offer_refused(&relogin->credentials,
                                        &r->upstream->headers_in.headers)
            == NGX_OK
            && ngx_http_mlist_login_request_repeats(r))
        {
            ctx->resume = ngx_http_mlist_login_request_again;

        } else {
            ctx->resume = ngx_http_mlist_login_request_refused;
        }

        return NGX_OK;
    }

    /* why a write is denied is for who writes */

    if (relogin->status == NGX_HTTP_FORBIDDEN
        && (r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD)))
    {
        ctx->resume = ngx_http_mlist_login_request_refused;
        return NGX_OK;
    }

    return NGX_DECLINED;
}


/* A body goes by only once. */

static ngx_uint_t
ngx_http_mlist_login_request_repeats(ngx_http_request_t *r)
{
    return r->headers_in.content_length_n <= 0 && !r->headers_in.chunked;
}


static ngx_int_t
ngx_http_mlist_login_request_refused(ngx_http_request_t *r, void *state)
{
    ngx_http_mlist_ctx_t           *ctx;
    ngx_http_mlist_relogin_t       *relogin;
    ngx_http_mlist_service_fail_t   fail;

    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);
    relogin = state;

    ngx_memzero(&fail, sizeof(ngx_http_mlist_service_fail_t));

    fail.state = NGX_HTTP_MLIST_FETCH_ANSWERED;
    fail.status = relogin->status;

    return ngx_http_mlist_login_request_failed(r, ctx, &fail);
}


/* As if it had been a fetch of the front's own that failed so. */

static ngx_int_t
ngx_http_mlist_login_request_failed(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_service_fail_t *fail)
{
    ngx_str_t               *label;
    ngx_http_mlist_fetch_t   fetch;

    ngx_memzero(&fetch, sizeof(ngx_http_mlist_fetch_t));

    fetch.url = ctx->upstream;
    fetch.state = fail->state;
    fetch.status = fail->status;
    fetch.retry_after = fail->retry_after;
    fetch.reason = fail->reason;

    label = ctx->source.len ? &ctx->source : &ctx->registry->host;

    return ngx_http_mlist_failure_answer(r, ctx, &fetch, label);
}

/*
 * What a source's answer means: see ngx_http_mlist_failure.h.
 */


#include "ngx_http_mlist_failure.h"
#include "ngx_http_mlist_redirect.h"
#include "ngx_http_mlist_send.h"


static ngx_int_t ngx_http_mlist_failure_status(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_fetch_t *fetch,
    ngx_str_t *label);
static ngx_int_t ngx_http_mlist_failure_printf(ngx_http_request_t *r,
    ngx_str_t *out, ngx_str_t *label, const char *text, ngx_uint_t status);


ngx_int_t
ngx_http_mlist_failure_verdict(ngx_http_mlist_fetch_t *fetch)
{
    if (fetch->state != NGX_HTTP_MLIST_FETCH_ANSWERED) {
        return NGX_ERROR;
    }

    if (fetch->status == NGX_HTTP_OK
        || (fetch->blob && fetch->head
            && ngx_http_mlist_redirect_is(fetch->status)))
    {
        return NGX_OK;
    }

    return fetch->status == NGX_HTTP_NOT_FOUND ? NGX_DECLINED : NGX_ERROR;
}


ngx_int_t
ngx_http_mlist_failure_answer(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_fetch_t *fetch,
    ngx_str_t *label)
{
    ngx_int_t    status;
    ngx_str_t    detail;
    const char  *text;

    switch (fetch->state) {

    case NGX_HTTP_MLIST_FETCH_ANSWERED:
        return ngx_http_mlist_failure_status(r, ctx, fetch, label);

    case NGX_HTTP_MLIST_FETCH_TIMEOUT:
        status = NGX_HTTP_GATEWAY_TIME_OUT;
        text = "did not answer in time";
        break;

    case NGX_HTTP_MLIST_FETCH_TOO_LARGE:
        status = NGX_HTTP_BAD_GATEWAY;
        text = "answered with more bytes than are allowed";
        break;

    default:
        status = NGX_HTTP_BAD_GATEWAY;
        text = "gave no whole answer";
    }

    if (ngx_http_mlist_failure_printf(r, &detail, label, text, 0) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                  "mlist: %V, asked for \"%V\"", &detail, &fetch->url);

    return ngx_http_mlist_send_error(ctx, status, MLIST_ERR_UNAVAILABLE, NULL,
                                     &detail);
}


static ngx_int_t
ngx_http_mlist_failure_status(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_fetch_t *fetch,
    ngx_str_t *label)
{
    ngx_str_t                   detail;
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    if (ngx_http_mlist_failure_printf(r, &detail, label,
                                      "answered with status", fetch->status)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (mlcf->auth == NGX_HTTP_MLIST_AUTH_REGISTRY) {

        /* the credentials are the client's, so the answer is too */

        if (fetch->status == NGX_HTTP_UNAUTHORIZED) {
            return ngx_http_mlist_send_challenge(r, ctx, &fetch->challenge);
        }

        if (fetch->status == NGX_HTTP_FORBIDDEN) {
            return ngx_http_mlist_send_error(ctx, NGX_HTTP_FORBIDDEN,
                                             MLIST_ERR_DENIED, NULL, &detail);
        }
    }

    ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                  "mlist: %V, expected 200, asked for \"%V\"",
                  &detail, &fetch->url);

    if (fetch->status == NGX_HTTP_TOO_MANY_REQUESTS) {

        if (fetch->retry_after.len
            && ngx_http_mlist_send_header(r, "Retry-After",
                                          &fetch->retry_after)
               != NGX_OK)
        {
            return NGX_ERROR;
        }

        return ngx_http_mlist_send_error(ctx, NGX_HTTP_TOO_MANY_REQUESTS,
                                         MLIST_ERR_TOOMANYREQUESTS, NULL,
                                         &detail);
    }

    return ngx_http_mlist_send_error(ctx,
                           fetch->status == NGX_HTTP_GATEWAY_TIME_OUT
                               ? NGX_HTTP_GATEWAY_TIME_OUT
                               : NGX_HTTP_BAD_GATEWAY,
                           MLIST_ERR_UNAVAILABLE, NULL, &detail);
}


ngx_int_t
ngx_http_mlist_failure_bad(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_str_t *label, ngx_str_t *reason)
{
    u_char     *p;
    ngx_str_t   detail;

    detail.data = ngx_pnalloc(r->pool, sizeof("source \"\": ") - 1
                                       + label->len + reason->len);
    if (detail.data == NULL) {
        return NGX_ERROR;
    }

    p = ngx_sprintf(detail.data, "source \"%V\": %V", label, reason);
    detail.len = p - detail.data;

    ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                  "mlist: \"%V\": %V", &ctx->path, &detail);

    return ngx_http_mlist_send_error(ctx, NGX_HTTP_BAD_GATEWAY,
                                     MLIST_ERR_UNAVAILABLE, NULL, &detail);
}


static ngx_int_t
ngx_http_mlist_failure_printf(ngx_http_request_t *r, ngx_str_t *out,
    ngx_str_t *label, const char *text, ngx_uint_t status)
{
    u_char  *p;

    out->data = ngx_pnalloc(r->pool, sizeof("source \"\"  ") - 1 + label->len
                                     + ngx_strlen(text) + NGX_INT_T_LEN);
    if (out->data == NULL) {
        return NGX_ERROR;
    }

    p = ngx_sprintf(out->data, "source \"%V\" %s", label, text);

    if (status) {
        p = ngx_sprintf(p, " %ui", status);
    }

    out->len = p - out->data;

    return NGX_OK;
}

/*
 * What a source's answer means: see ngx_http_mlist_failure.h.
 */


#include "ngx_http_mlist_failure.h"
#include "ngx_http_mlist_answer.h"
#include "ngx_http_mlist_redirect.h"
#include "ngx_http_mlist_send.h"
#include "ngx_http_mlist_stats.h"


static ngx_int_t ngx_http_mlist_failure_status(ngx_http_request_t *r,
    ngx_http_mlist_fetch_t *fetch, ngx_str_t *label,
    ngx_http_mlist_failure_t *failure);
static ngx_int_t ngx_http_mlist_failure_challenges(ngx_http_request_t *r,
    ngx_http_mlist_fetch_t *fetch, ngx_str_t *challenges);
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


ngx_uint_t
ngx_http_mlist_failure_written(ngx_http_mlist_fetch_t *fetch)
{
    return fetch->state == NGX_HTTP_MLIST_FETCH_ANSWERED
           && fetch->status >= NGX_HTTP_OK
           && fetch->status < NGX_HTTP_SPECIAL_RESPONSE;
}


ngx_int_t
ngx_http_mlist_failure_answer(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_fetch_t *fetch,
    ngx_str_t *label)
{
    ngx_http_mlist_failure_t  failure;

    if (ngx_http_mlist_failure_describe(r, fetch, label, &failure) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_mlist_failure_send(r, ctx, &failure);
}


ngx_int_t
ngx_http_mlist_failure_answer_bad(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_str_t *label, ngx_str_t *reason)
{
    ngx_http_mlist_failure_t  failure;

    if (ngx_http_mlist_failure_bad(r, label, reason, &failure) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_mlist_failure_send(r, ctx, &failure);
}


ngx_int_t
ngx_http_mlist_failure_unknown(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_str_t *name, const mlist_digest_t *digest)
{
    u_char     *p;
    ngx_str_t   message, detail;

    static const char  format[] = "the manifest names %V, which \"%V\" at "
                                  "the registry has not";

    /* clients show their users the message, and read the detail */

    detail = ngx_http_mlist_ngx_str(mlist_digest_str(digest));

    message.data = ngx_pnalloc(r->pool, sizeof(format) + detail.len
                                        + name->len);
    if (message.data == NULL) {
        return NGX_ERROR;
    }

    p = ngx_sprintf(message.data, format, &detail, name);
    message.len = p - message.data;

    return ngx_http_mlist_send_error(ctx, NGX_HTTP_BAD_REQUEST,
                                     MLIST_ERR_MANIFEST_BLOB_UNKNOWN,
                                     &message, &detail);
}


ngx_uint_t
ngx_http_mlist_failure_stale(ngx_http_request_t *r,
    ngx_http_mlist_fetch_t *fetch)
{
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    if (fetch->state == NGX_HTTP_MLIST_FETCH_TIMEOUT) {
        return NGX_HTTP_MLIST_STALE_TIMEOUT;
    }

    if (fetch->state == NGX_HTTP_MLIST_FETCH_ANSWERED
        && mlcf->auth == NGX_HTTP_MLIST_AUTH_REGISTRY
        && (fetch->status == NGX_HTTP_UNAUTHORIZED
            || fetch->status == NGX_HTTP_FORBIDDEN))
    {
        return 0;
    }

    return NGX_HTTP_MLIST_STALE_ERROR;
}


ngx_int_t
ngx_http_mlist_failure_describe(ngx_http_request_t *r,
    ngx_http_mlist_fetch_t *fetch, ngx_str_t *label,
    ngx_http_mlist_failure_t *failure)
{
    const char  *text;

    ngx_memzero(failure, sizeof(ngx_http_mlist_failure_t));

    failure->status = NGX_HTTP_BAD_GATEWAY;
    failure->error = MLIST_ERR_UNAVAILABLE;
    failure->stale = ngx_http_mlist_failure_stale(r, fetch);

    switch (fetch->state) {

    case NGX_HTTP_MLIST_FETCH_ANSWERED:
        return ngx_http_mlist_failure_status(r, fetch, label, failure);

    case NGX_HTTP_MLIST_FETCH_TIMEOUT:
        failure->status = NGX_HTTP_GATEWAY_TIME_OUT;
        text = "did not answer in time";
        break;

    case NGX_HTTP_MLIST_FETCH_TOO_LARGE:
        text = "answered with more bytes than are allowed";
        break;

    default:
        text = fetch->reason ? fetch->reason : "gave no whole answer";
    }

    if (ngx_http_mlist_failure_printf(r, &failure->detail, label, text, 0)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                  "mlist: %V, asked for \"%V\"", &failure->detail,
                  &fetch->url);

    return NGX_OK;
}


static ngx_int_t
ngx_http_mlist_failure_status(ngx_http_request_t *r,
    ngx_http_mlist_fetch_t *fetch, ngx_str_t *label,
    ngx_http_mlist_failure_t *failure)
{
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    if (ngx_http_mlist_failure_printf(r, &failure->detail, label,
                                      "answered with status", fetch->status)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (mlcf->auth == NGX_HTTP_MLIST_AUTH_REGISTRY
        && (fetch->status == NGX_HTTP_UNAUTHORIZED
            || fetch->status == NGX_HTTP_FORBIDDEN))
    {
        /* the credentials are the client's, so the answer is too */

        failure->status = fetch->status;
        failure->error = fetch->status == NGX_HTTP_UNAUTHORIZED
                             ? MLIST_ERR_UNAUTHORIZED : MLIST_ERR_DENIED;

        return fetch->status == NGX_HTTP_UNAUTHORIZED
                   ? ngx_http_mlist_failure_challenges(r, fetch,
                                                       &failure->challenges)
                   : NGX_OK;
    }

    ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                  "mlist: %V, expected 200, asked for \"%V\"",
                  &failure->detail, &fetch->url);

    if (fetch->status == NGX_HTTP_TOO_MANY_REQUESTS) {
        failure->status = NGX_HTTP_TOO_MANY_REQUESTS;
        failure->error = MLIST_ERR_TOOMANYREQUESTS;
        failure->retry_after = fetch->retry_after;

    } else if (fetch->status == NGX_HTTP_GATEWAY_TIME_OUT) {
        failure->status = NGX_HTTP_GATEWAY_TIME_OUT;
    }

    return NGX_OK;
}


/* A client may understand one of them only, so it is told all. */

static ngx_int_t
ngx_http_mlist_failure_challenges(ngx_http_request_t *r,
    ngx_http_mlist_fetch_t *fetch, ngx_str_t *challenges)
{
    u_char           *p;
    size_t            len;
    ngx_table_elt_t  *h;

    static ngx_str_t  name = ngx_string("www-authenticate");

    len = 0;

    for (h = ngx_http_mlist_answer_field(fetch, &name, NULL);
         h;
         h = ngx_http_mlist_answer_field(fetch, &name, h))
    {
        len += h->value.len + 1;
    }

    if (len == 0) {
        return NGX_OK;
    }

    p = ngx_pnalloc(r->pool, len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    challenges->data = p;
    challenges->len = len;

    for (h = ngx_http_mlist_answer_field(fetch, &name, NULL);
         h;
         h = ngx_http_mlist_answer_field(fetch, &name, h))
    {
        p = ngx_cpymem(p, h->value.data, h->value.len);
        *p++ = LF;
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_mlist_failure_bad(ngx_http_request_t *r, ngx_str_t *label,
    ngx_str_t *reason, ngx_http_mlist_failure_t *failure)
{
    u_char  *p;

    ngx_memzero(failure, sizeof(ngx_http_mlist_failure_t));

    failure->status = NGX_HTTP_BAD_GATEWAY;
    failure->error = MLIST_ERR_UNAVAILABLE;
    failure->stale = NGX_HTTP_MLIST_STALE_ERROR;

    failure->detail.data = ngx_pnalloc(r->pool, sizeof("source \"\": ") - 1
                                                + label->len + reason->len);
    if (failure->detail.data == NULL) {
        return NGX_ERROR;
    }

    p = ngx_sprintf(failure->detail.data, "source \"%V\": %V", label, reason);
    failure->detail.len = p - failure->detail.data;

    ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                  "mlist: \"%V\": %V", &r->uri, &failure->detail);

    return NGX_OK;
}


ngx_int_t
ngx_http_mlist_failure_send(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_failure_t *failure)
{
    ngx_http_mlist_loc_conf_t  *mlcf;

    /* these two are a source's answer to the client's own credentials */

    if (failure->status == NGX_HTTP_UNAUTHORIZED
        || failure->status == NGX_HTTP_FORBIDDEN)
    {
        mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);
        (void) ngx_http_mlist_stats_auth(mlcf, NGX_HTTP_UNAUTHORIZED);
    }

    if (failure->status == NGX_HTTP_UNAUTHORIZED) {
        return ngx_http_mlist_send_challenges(r, ctx,
                                              &failure->challenges);
    }

    if (failure->retry_after.len
        && ngx_http_mlist_send_header(r, "Retry-After", &failure->retry_after)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_mlist_send_error(ctx, failure->status, failure->error,
                                     NULL, &failure->detail);
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

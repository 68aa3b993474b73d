/*
 * Requests to the registry of a store: see ngx_http_mlist_store_fetch.h.
 */


#include "ngx_http_mlist_store_fetch.h"
#include "ngx_http_mlist_target.h"


static ngx_int_t ngx_http_mlist_store_fetch_failed(ngx_http_request_t *r,
    ngx_http_mlist_fetch_t *fetch);


ngx_int_t
ngx_http_mlist_store_fetch_aim(ngx_http_request_t *r,
    ngx_http_mlist_store_remote_t *remote, ngx_http_mlist_fetch_t *fetch,
    const char *what, ngx_str_t *reference)
{
    ngx_memzero(fetch, sizeof(ngx_http_mlist_fetch_t));

    fetch->registry = remote->registry;
    fetch->anonymous = 1;

    return ngx_http_mlist_target_url(r, remote->registry, &remote->name, what,
                                     reference, &fetch->url);
}


ngx_int_t
ngx_http_mlist_store_fetch_start(ngx_http_request_t *r,
    ngx_http_mlist_fetch_t *fetch)
{
    return ngx_http_mlist_fetch_start(r, fetch) == NGX_OK ? NGX_AGAIN
                                                          : NGX_ERROR;
}


ngx_int_t
ngx_http_mlist_store_fetch_manifest(ngx_http_request_t *r,
    ngx_http_mlist_store_remote_t *remote, ngx_http_mlist_fetch_t *fetch,
    const char *tag, ngx_uint_t head)
{
    ngx_str_t  reference;

    reference.data = (u_char *) tag;
    reference.len = ngx_strlen(tag);

    if (ngx_http_mlist_store_fetch_aim(r, remote, fetch, "manifests",
                                       &reference)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    fetch->max = MLIST_KEEP_MAX;
    fetch->head = head;

    return ngx_http_mlist_store_fetch_start(r, fetch);
}


ngx_int_t
ngx_http_mlist_store_fetch_tag(ngx_http_request_t *r,
    ngx_http_mlist_store_remote_t *remote, ngx_http_mlist_fetch_t *fetch,
    const char *tag, mlist_keep_image_t *image)
{
    ngx_str_t    reference;
    const char  *type;

    reference.data = (u_char *) tag;
    reference.len = ngx_strlen(tag);

    if (ngx_http_mlist_store_fetch_aim(r, remote, fetch, "manifests",
                                       &reference)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    type = mlist_media_text(MLIST_MEDIA_OCI_MANIFEST);

    ngx_str_set(&fetch->method, "PUT");
    fetch->send.data = (u_char *) image->manifest;
    fetch->send.len = image->manifest_len;
    fetch->send_type.data = (u_char *) type;
    fetch->send_type.len = ngx_strlen(type);

    return ngx_http_mlist_store_fetch_start(r, fetch);
}


ngx_int_t
ngx_http_mlist_store_fetch_read(ngx_http_request_t *r,
    ngx_http_mlist_fetch_t *fetch)
{
    if (!ngx_http_mlist_fetch_done(fetch)) {
        return NGX_AGAIN;
    }

    if (fetch->state == NGX_HTTP_MLIST_FETCH_TOO_LARGE) {
        return NGX_ABORT;
    }

    if (fetch->state == NGX_HTTP_MLIST_FETCH_ANSWERED) {

        if (fetch->status == NGX_HTTP_OK) {
            return NGX_OK;
        }

        if (fetch->status == NGX_HTTP_NOT_FOUND) {
            return NGX_DECLINED;
        }
    }

    return ngx_http_mlist_store_fetch_failed(r, fetch);
}


ngx_int_t
ngx_http_mlist_store_fetch_written(ngx_http_request_t *r,
    ngx_http_mlist_fetch_t *fetch)
{
    if (!ngx_http_mlist_fetch_done(fetch)) {
        return NGX_AGAIN;
    }

    if (fetch->state == NGX_HTTP_MLIST_FETCH_ANSWERED
        && fetch->status >= NGX_HTTP_OK
        && fetch->status < NGX_HTTP_SPECIAL_RESPONSE)
    {
        return NGX_OK;
    }

    return ngx_http_mlist_store_fetch_failed(r, fetch);
}


void
ngx_http_mlist_store_fetch_unfit(ngx_http_request_t *r,
    ngx_http_mlist_fetch_t *fetch, mlist_kept_problem_t *problem)
{
    if (problem == NULL) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "mlist_store: \"%V\" is not used: it is larger than "
                      "%uz bytes", &fetch->url, fetch->max);
        return;
    }

    ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                  "mlist_store: \"%V\" is not used: %s expected \"%s\", "
                  "seen \"%s\"", &fetch->url, problem->what,
                  problem->expected, problem->seen);
}


static ngx_int_t
ngx_http_mlist_store_fetch_failed(ngx_http_request_t *r,
    ngx_http_mlist_fetch_t *fetch)
{
    ngx_str_t  method;

    method = fetch->method;

    if (method.len == 0) {
        method.data = (u_char *) (fetch->head ? "HEAD" : "GET");
        method.len = ngx_strlen(method.data);
    }

    if (fetch->state == NGX_HTTP_MLIST_FETCH_ANSWERED) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "mlist_store: %V of \"%V\" gave status %ui",
                      &method, &fetch->url, fetch->status);

    } else {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "mlist_store: %V of \"%V\" %s", &method, &fetch->url,
                      fetch->state == NGX_HTTP_MLIST_FETCH_TIMEOUT
                          ? "timed out" : "gave no whole answer");
    }

    return NGX_ERROR;
}

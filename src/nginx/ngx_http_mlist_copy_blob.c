/*
 * Blobs, mounted: see ngx_http_mlist_copy_blob.h.
 */


#include "ngx_http_mlist_copy_blob.h"
#include "ngx_http_mlist_failure.h"
#include "ngx_http_mlist_location.h"
#include "ngx_http_mlist_send.h"


static ngx_int_t ngx_http_mlist_copy_blob_url(ngx_http_request_t *r,
    ngx_http_mlist_copy_t *copy, ngx_str_t *digest, ngx_str_t *url);
static ngx_int_t ngx_http_mlist_copy_blob_cancel(ngx_http_request_t *r,
    ngx_http_mlist_copy_t *copy, ngx_uint_t i);


ngx_int_t
ngx_http_mlist_copy_blob_mount(ngx_http_request_t *r,
    ngx_http_mlist_copy_t *copy, ngx_uint_t i)
{
    ngx_str_t                digest;
    ngx_http_mlist_fetch_t  *fetch;

    fetch = ngx_pcalloc(r->pool, sizeof(ngx_http_mlist_fetch_t));
    if (fetch == NULL) {
        return NGX_ERROR;
    }

    digest = ngx_http_mlist_ngx_str(
                        mlist_digest_str(&copy->contents->items[i].digest));

    if (ngx_http_mlist_copy_blob_url(r, copy, &digest, &fetch->url)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    fetch->registry = copy->from.registry;
    ngx_str_set(&fetch->method, "POST");

    copy->jobs[i].fetch = fetch;

    return ngx_http_mlist_fetch_start(r, fetch);
}


static ngx_int_t
ngx_http_mlist_copy_blob_url(ngx_http_request_t *r,
    ngx_http_mlist_copy_t *copy, ngx_str_t *digest, ngx_str_t *url)
{
    static const char  format[] = "%V/v2/%V/blobs/uploads/?mount=%V&from=%V";

    url->data = ngx_pnalloc(r->pool, sizeof(format)
                                     + copy->from.registry->url.len
                                     + copy->to.len + digest->len
                                     + copy->from.name.len);
    if (url->data == NULL) {
        return NGX_ERROR;
    }

    url->len = ngx_sprintf(url->data, format, &copy->from.registry->url,
                           &copy->to, digest, &copy->from.name)
               - url->data;

    return NGX_OK;
}


ngx_int_t
ngx_http_mlist_copy_blob_mounted(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_copy_t *copy, ngx_uint_t i)
{
    ngx_http_mlist_copy_job_t  *job;

    job = &copy->jobs[i];

    /* an upload that cannot be ended ends by itself */

    if (job->cancels) {
        job->done = 1;
        return NGX_OK;
    }

    if (!ngx_http_mlist_failure_written(job->fetch)) {
        return ngx_http_mlist_failure_answer(r, ctx, job->fetch,
                                             &copy->label);
    }

    if (job->fetch->status != NGX_HTTP_ACCEPTED) {
        job->done = 1;
        return NGX_OK;
    }

    if (!copy->unmounted) {
        copy->unmounted = 1;
        copy->refused = i;
    }

    return ngx_http_mlist_copy_blob_cancel(r, copy, i);
}


static ngx_int_t
ngx_http_mlist_copy_blob_cancel(ngx_http_request_t *r,
    ngx_http_mlist_copy_t *copy, ngx_uint_t i)
{
    ngx_str_t                   path, *base;
    ngx_http_mlist_fetch_t     *fetch;
    ngx_http_mlist_copy_job_t  *job;

    job = &copy->jobs[i];
    base = &copy->from.registry->url;

    if (!mlist_location_valid(ngx_http_mlist_view(&job->fetch->location))
        || ngx_http_mlist_location_path(r, copy->from.registry,
                                        &job->fetch->location, &path)
           != NGX_OK)
    {
        job->done = 1;
        return NGX_OK;
    }

    fetch = ngx_pcalloc(r->pool, sizeof(ngx_http_mlist_fetch_t));
    if (fetch == NULL) {
        return NGX_ERROR;
    }

    fetch->url.data = ngx_pnalloc(r->pool, base->len + path.len);
    if (fetch->url.data == NULL) {
        return NGX_ERROR;
    }

    fetch->url.len = ngx_sprintf(fetch->url.data, "%V%V", base, &path)
                     - fetch->url.data;
    fetch->registry = copy->from.registry;
    ngx_str_set(&fetch->method, "DELETE");

    job->fetch = fetch;
    job->cancels = 1;

    return ngx_http_mlist_fetch_start(r, fetch);
}


ngx_int_t
ngx_http_mlist_copy_blob_ask(ngx_http_request_t *r,
    ngx_http_mlist_copy_t *copy)
{
    ngx_str_t                digest;
    ngx_http_mlist_fetch_t  *fetch;

    fetch = ngx_pcalloc(r->pool, sizeof(ngx_http_mlist_fetch_t));
    if (fetch == NULL) {
        return NGX_ERROR;
    }

    digest = ngx_http_mlist_ngx_str(
            mlist_digest_str(&copy->contents->items[copy->refused].digest));

    if (ngx_http_mlist_target_url(r, copy->from.registry, &copy->from.name,
                                  "blobs", &digest, &fetch->url)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    fetch->registry = copy->from.registry;
    fetch->head = 1;
    fetch->blob = 1;

    copy->asked = fetch;

    return ngx_http_mlist_fetch_start(r, fetch) == NGX_OK ? NGX_AGAIN
                                                          : NGX_ERROR;
}


ngx_int_t
ngx_http_mlist_copy_blob_asked(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_copy_t *copy)
{
    ngx_str_t  detail;

    static const char  format[] = "source \"%V\" does not mount blobs of "
                                  "\"%V\" into \"%V\", as by=platform with "
                                  "name= needs";

    if (!ngx_http_mlist_fetch_done(copy->asked)) {
        return NGX_AGAIN;
    }

    switch (ngx_http_mlist_failure_verdict(copy->asked)) {

    case NGX_OK:
        break;

    case NGX_DECLINED:
        return ngx_http_mlist_failure_unknown(r, ctx, &copy->from.name,
                             &copy->contents->items[copy->refused].digest);

    default:
        return ngx_http_mlist_failure_answer(r, ctx, copy->asked,
                                             &copy->label);
    }

    detail.data = ngx_pnalloc(r->pool, sizeof(format) + copy->label.len
                                       + copy->from.name.len + copy->to.len);
    if (detail.data == NULL) {
        return NGX_ERROR;
    }

    detail.len = ngx_sprintf(detail.data, format, &copy->label,
                             &copy->from.name, &copy->to)
                 - detail.data;

    ngx_log_error(NGX_LOG_ERR, r->connection->log, 0, "mlist_push: %V",
                  &detail);

    return ngx_http_mlist_send_error(ctx, NGX_HTTP_NOT_ALLOWED,
                                     MLIST_ERR_UNSUPPORTED, NULL, &detail);
}

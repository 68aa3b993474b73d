/*
 * From one repository into another: see ngx_http_mlist_copy.h.
 */


#include "ngx_http_mlist_copy.h"
#include "ngx_http_mlist_copy_blob.h"
#include "ngx_http_mlist_failure.h"
#include "ngx_http_mlist_send.h"
#include "ngx_http_mlist_spot.h"


#define NGX_HTTP_MLIST_COPY_RUNNING    8     /* fetches at once */
#define NGX_HTTP_MLIST_COPY_MANIFESTS  4     /* times the largest one */


static ngx_int_t ngx_http_mlist_copy_begin(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_copy_t *copy);
static void ngx_http_mlist_copy_enter(ngx_http_mlist_copy_t *copy,
    ngx_http_mlist_copy_e state);
static ngx_int_t ngx_http_mlist_copy_add(ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_copy_t *copy, mlist_media_e type, ngx_str_t *body);
static ngx_int_t ngx_http_mlist_copy_run(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_copy_t *copy);
static ngx_int_t ngx_http_mlist_copy_run_lists(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_copy_t *copy);
static ngx_uint_t ngx_http_mlist_copy_wants(ngx_http_mlist_copy_t *copy,
    ngx_uint_t i);
static ngx_int_t ngx_http_mlist_copy_start(ngx_http_request_t *r,
    ngx_http_mlist_copy_t *copy, ngx_uint_t i);
static ngx_int_t ngx_http_mlist_copy_finish(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_copy_t *copy, ngx_uint_t i);
static ngx_int_t ngx_http_mlist_copy_fetched(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_copy_t *copy, ngx_uint_t i);


void
ngx_http_mlist_copy_to(ngx_http_mlist_copy_t *copy, ngx_str_t *name)
{
    copy->to = *name;

    if (copy->state == NGX_HTTP_MLIST_COPY_DONE) {
        copy->state = NGX_HTTP_MLIST_COPY_KNOWN;
    }
}


ngx_int_t
ngx_http_mlist_copy_step(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_copy_t *copy)
{
    ngx_int_t  rc;

    for ( ;; ) {

        switch (copy->state) {

        case NGX_HTTP_MLIST_COPY_NONE:
            rc = ngx_http_mlist_copy_begin(r, ctx, copy);
            break;

        case NGX_HTTP_MLIST_COPY_KNOWN:
            rc = NGX_OK;
            break;

        case NGX_HTTP_MLIST_COPY_ASKING:
            return ngx_http_mlist_copy_blob_asked(r, ctx, copy);

        case NGX_HTTP_MLIST_COPY_PUTTING_LISTS:
            rc = ngx_http_mlist_copy_run_lists(r, ctx, copy);
            break;

        case NGX_HTTP_MLIST_COPY_DONE:
            return NGX_OK;

        default:
            rc = ngx_http_mlist_copy_run(r, ctx, copy);
        }

        if (rc != NGX_OK) {
            return rc;
        }

        if (copy->unmounted) {
            copy->state = NGX_HTTP_MLIST_COPY_ASKING;
            return ngx_http_mlist_copy_blob_ask(r, copy);
        }

        ngx_http_mlist_copy_enter(copy,
                               copy->state == NGX_HTTP_MLIST_COPY_MOUNTING
                                   ? NGX_HTTP_MLIST_COPY_PUTTING
                                   : copy->state + 1);
    }
}


static ngx_int_t
ngx_http_mlist_copy_begin(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_copy_t *copy)
{
    copy->contents = ngx_pcalloc(r->pool, sizeof(mlist_contents_t));
    copy->jobs = ngx_pcalloc(r->pool, MLIST_CONTENTS_MAX
                                      * sizeof(ngx_http_mlist_copy_job_t));

    if (copy->contents == NULL || copy->jobs == NULL) {
        return NGX_ERROR;
    }

    return ngx_http_mlist_copy_add(ctx, copy, copy->type, &copy->body);
}


static void
ngx_http_mlist_copy_enter(ngx_http_mlist_copy_t *copy,
    ngx_http_mlist_copy_e state)
{
    ngx_uint_t  i;

    copy->state = state;

    for (i = 0; i < copy->contents->n; i++) {
        copy->jobs[i].fetch = NULL;
        copy->jobs[i].done = 0;
        copy->jobs[i].cancels = 0;
    }
}


static ngx_int_t
ngx_http_mlist_copy_add(ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_copy_t *copy, mlist_media_e type, ngx_str_t *body)
{
    mlist_rc_e  rc;
    ngx_str_t   detail;

    rc = mlist_contents_add(copy->contents, type, ngx_http_mlist_view(body));

    if (rc == MLIST_OK) {
        return NGX_OK;
    }

    if (rc == MLIST_NOMEM) {
        return NGX_ERROR;
    }

    detail.data = (u_char *) mlist_rc_text(rc);
    detail.len = ngx_strlen(detail.data);

    return ngx_http_mlist_send_error(ctx, NGX_HTTP_BAD_REQUEST,
                                     MLIST_ERR_MANIFEST_INVALID, NULL,
                                     &detail);
}


/* Some at once, until all that this state wants is done. */

static ngx_int_t
ngx_http_mlist_copy_run(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_copy_t *copy)
{
    ngx_int_t                   rc;
    ngx_uint_t                  i, running;
    ngx_http_mlist_copy_job_t  *job;

    running = 0;

    /* finishing one may add others, at the end */

    for (i = 0; i < copy->contents->n; i++) {
        job = &copy->jobs[i];

        if (job->done || !ngx_http_mlist_copy_wants(copy, i)) {
            continue;
        }

        rc = NGX_OK;

        if (job->fetch == NULL) {

            if (copy->unmounted) {
                continue;
            }

            if (running < NGX_HTTP_MLIST_COPY_RUNNING) {
                rc = ngx_http_mlist_copy_start(r, copy, i);
            }

        } else if (ngx_http_mlist_fetch_done(job->fetch)) {
            rc = ngx_http_mlist_copy_finish(r, ctx, copy, i);
        }

        if (rc != NGX_OK) {
            return rc;
        }

        running += !job->done;
    }

    return running ? NGX_AGAIN : NGX_OK;
}


/* What stands in a list stands behind it here, so the last one goes first. */

static ngx_int_t
ngx_http_mlist_copy_run_lists(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_copy_t *copy)
{
    ngx_int_t                   rc;
    ngx_uint_t                  i;
    ngx_http_mlist_copy_job_t  *job;

    for (i = copy->contents->n; i > 0; i--) {
        job = &copy->jobs[i - 1];

        if (job->done || !ngx_http_mlist_copy_wants(copy, i - 1)) {
            continue;
        }

        if (job->fetch == NULL) {
            rc = ngx_http_mlist_copy_start(r, copy, i - 1);

            return rc == NGX_OK ? NGX_AGAIN : rc;
        }

        if (!ngx_http_mlist_fetch_done(job->fetch)) {
            return NGX_AGAIN;
        }

        rc = ngx_http_mlist_copy_finish(r, ctx, copy, i - 1);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    return NGX_OK;
}


static ngx_uint_t
ngx_http_mlist_copy_wants(ngx_http_mlist_copy_t *copy, ngx_uint_t i)
{
    mlist_content_t  *item;

    item = &copy->contents->items[i];

    switch (copy->state) {

    case NGX_HTTP_MLIST_COPY_FETCHING:
        return item->manifest;

    case NGX_HTTP_MLIST_COPY_MOUNTING:
        return !item->manifest;

    default:
        return item->manifest
               && mlist_media_is_list(item->media)
                  == (copy->state == NGX_HTTP_MLIST_COPY_PUTTING_LISTS);
    }
}


static ngx_int_t
ngx_http_mlist_copy_start(ngx_http_request_t *r, ngx_http_mlist_copy_t *copy,
    ngx_uint_t i)
{
    ngx_int_t                   rc;
    ngx_str_t                   digest;
    mlist_content_t            *item;
    ngx_http_mlist_fetch_t     *fetch;
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    if (copy->state == NGX_HTTP_MLIST_COPY_MOUNTING) {
        return ngx_http_mlist_copy_blob_mount(r, copy, i);
    }

    fetch = ngx_pcalloc(r->pool, sizeof(ngx_http_mlist_fetch_t));
    if (fetch == NULL) {
        return NGX_ERROR;
    }

    item = &copy->contents->items[i];
    digest = ngx_http_mlist_ngx_str(mlist_digest_str(&item->digest));

    if (copy->state == NGX_HTTP_MLIST_COPY_FETCHING) {
        fetch->max = ngx_min(item->size, mlcf->max_manifest_size);

        rc = ngx_http_mlist_target_url(r, copy->from.registry,
                                       &copy->from.name, "manifests", &digest,
                                       &fetch->url);

    } else {
        ngx_str_set(&fetch->method, "PUT");
        fetch->send = copy->jobs[i].body;
        fetch->send_type.data = (u_char *) mlist_media_text(item->media);
        fetch->send_type.len = ngx_strlen(fetch->send_type.data);

        rc = ngx_http_mlist_target_url(r, copy->from.registry, &copy->to,
                                       "manifests", &digest, &fetch->url);
    }

    if (rc != NGX_OK) {
        return NGX_ERROR;
    }

    fetch->registry = copy->from.registry;
    copy->jobs[i].fetch = fetch;

    return ngx_http_mlist_fetch_start(r, fetch);
}


/* A job's fetch is done.  NGX_OK: so is the job, unless it goes on. */

static ngx_int_t
ngx_http_mlist_copy_finish(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_copy_t *copy, ngx_uint_t i)
{
    ngx_http_mlist_copy_job_t  *job;

    job = &copy->jobs[i];

    switch (copy->state) {

    case NGX_HTTP_MLIST_COPY_FETCHING:
        return ngx_http_mlist_copy_fetched(r, ctx, copy, i);

    case NGX_HTTP_MLIST_COPY_MOUNTING:
        return ngx_http_mlist_copy_blob_mounted(r, ctx, copy, i);

    default:
        job->done = 1;

        return ngx_http_mlist_failure_written(job->fetch)
                   ? NGX_OK
                   : ngx_http_mlist_failure_answer(r, ctx, job->fetch,
                                                   &copy->label);
    }
}


static ngx_int_t
ngx_http_mlist_copy_fetched(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_copy_t *copy, ngx_uint_t i)
{
    ngx_str_t                   reason;
    mlist_content_t            *item;
    ngx_http_mlist_fetch_t     *fetch;
    ngx_http_mlist_loc_conf_t  *mlcf;

    static ngx_str_t  other = ngx_string("it gives other bytes for a digest");

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    item = &copy->contents->items[i];
    fetch = copy->jobs[i].fetch;

    switch (ngx_http_mlist_failure_verdict(fetch)) {

    case NGX_OK:
        break;

    case NGX_DECLINED:
        return ngx_http_mlist_failure_unknown(r, ctx, &copy->from.name,
                                              &item->digest);

    default:
        return ngx_http_mlist_failure_answer(r, ctx, fetch, &copy->label);
    }

    if (!ngx_http_mlist_spot_plain(fetch, &reason)) {
        return ngx_http_mlist_failure_answer_bad(r, ctx, &copy->label,
                                                 &reason);
    }

    if (mlist_digest_verify(ngx_http_mlist_view(&fetch->body), &item->digest)
        != MLIST_OK)
    {
        return ngx_http_mlist_failure_answer_bad(r, ctx, &copy->label,
                                                 &other);
    }

    copy->size += fetch->body.len;

    if (copy->size > NGX_HTTP_MLIST_COPY_MANIFESTS * mlcf->max_manifest_size)
    {
        ngx_str_set(&reason, "the manifests of the index are too large");

        return ngx_http_mlist_send_error(ctx, NGX_HTTP_BAD_REQUEST,
                                         MLIST_ERR_MANIFEST_INVALID, NULL,
                                         &reason);
    }

    copy->jobs[i].body = fetch->body;
    copy->jobs[i].done = 1;

    return ngx_http_mlist_copy_add(ctx, copy, item->media, &fetch->body);
}



/*
 * Publishing a list under its tag: see ngx_http_mlist_publish.h.
 */


#include "ngx_http_mlist_publish.h"
#include "ngx_http_mlist_doc.h"
#include "ngx_http_mlist_fetch.h"
#include "ngx_http_mlist_target.h"


static ngx_uint_t ngx_http_mlist_publish_spelled(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx);
static ngx_int_t ngx_http_mlist_publish_step(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build);
static ngx_int_t ngx_http_mlist_publish_send(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build, ngx_http_mlist_publish_e state);
static ngx_int_t ngx_http_mlist_publish_looked(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build);
static ngx_uint_t ngx_http_mlist_publish_held(ngx_http_mlist_build_t *build);
static ngx_int_t ngx_http_mlist_publish_owned(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build);
static ngx_int_t ngx_http_mlist_publish_looked_again(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build);
static ngx_int_t ngx_http_mlist_publish_put(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build);
static ngx_int_t ngx_http_mlist_publish_failed(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build, const char *what);
static void ngx_http_mlist_publish_done(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build);


ngx_uint_t
ngx_http_mlist_publish_wanted(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build)
{
    ngx_http_mlist_ctx_t       *ctx;
    ngx_http_mlist_loc_conf_t  *mlcf;

    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);
    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    return mlcf->publish
           && !build->tag.published
           && (build->status == NGX_HTTP_MLIST_STATUS_MISS
               || build->status == NGX_HTTP_MLIST_STATUS_REVALIDATED)
           && build->doc.type == build->tag.last.type
           && !ngx_http_mlist_publish_spelled(r, ctx);
}


/* 1 if a source reads its own image under the very tag, else 0. */

static ngx_uint_t
ngx_http_mlist_publish_spelled(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx)
{
    ngx_int_t                   rc;
    ngx_str_t                   tag;
    ngx_uint_t                  i;
    ngx_http_mlist_source_t    *source;
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);
    source = mlcf->sources->elts;

    for (i = 0; i < mlcf->sources->nelts; i++) {

        rc = ngx_http_mlist_target_tag(r, &source[i], &ctx->reference, &tag);

        if (rc == NGX_ERROR
            || (rc == NGX_OK
                && tag.len == ctx->reference.len
                && ngx_memcmp(tag.data, ctx->reference.data, tag.len) == 0))
        {
            return 1;
        }
    }

    return 0;
}


ngx_int_t
ngx_http_mlist_publish(ngx_http_request_t *r, ngx_http_mlist_build_t *build)
{
    ngx_int_t  rc;

    rc = ngx_http_mlist_publish_step(r, build);

    if (rc == NGX_ERROR) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "mlist_publish: \"%V\" is not published: no memory",
                      &r->uri);
    }

    return rc == NGX_AGAIN ? NGX_AGAIN : NGX_OK;
}


/* This and the next functions: NGX_OK (done), NGX_AGAIN or NGX_ERROR. */

static ngx_int_t
ngx_http_mlist_publish_step(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build)
{
    ngx_http_mlist_publish_t  *publish;

    publish = &build->publish;

    if (publish->state == NGX_HTTP_MLIST_PUBLISH_BEGIN) {
        return ngx_http_mlist_publish_send(r, build,
                                           NGX_HTTP_MLIST_PUBLISH_LOOKING);
    }

    if (!ngx_http_mlist_fetch_done(publish->fetch)) {
        return NGX_AGAIN;
    }

    switch (publish->state) {

    case NGX_HTTP_MLIST_PUBLISH_LOOKING:
        return ngx_http_mlist_publish_looked(r, build);

    case NGX_HTTP_MLIST_PUBLISH_OWNING:
        return ngx_http_mlist_publish_owned(r, build);

    case NGX_HTTP_MLIST_PUBLISH_LOOKING_AGAIN:
        return ngx_http_mlist_publish_looked_again(r, build);

    default: /* NGX_HTTP_MLIST_PUBLISH_PUTTING */
        return ngx_http_mlist_publish_put(r, build);
    }
}


static ngx_int_t
ngx_http_mlist_publish_send(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build, ngx_http_mlist_publish_e state)
{
    ngx_http_mlist_ctx_t       *ctx;
    ngx_http_mlist_fetch_t     *fetch;
    ngx_http_mlist_loc_conf_t  *mlcf;

    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);
    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    fetch = ngx_pcalloc(r->pool, sizeof(ngx_http_mlist_fetch_t));
    if (fetch == NULL) {
        return NGX_ERROR;
    }

    build->publish.fetch = fetch;
    build->publish.state = state;

    if (ngx_http_mlist_target_url(r, mlcf->push->registry, &ctx->name,
                                  "manifests", &ctx->reference, &fetch->url)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    fetch->registry = mlcf->push->registry;

    if (state == NGX_HTTP_MLIST_PUBLISH_PUTTING) {
        ngx_str_set(&fetch->method, "PUT");

        fetch->send = build->doc.body;
        fetch->send_type.data = (u_char *) mlist_media_text(build->doc.type);
        fetch->send_type.len = ngx_strlen(fetch->send_type.data);

    } else {
        fetch->head = 1;
    }

    return ngx_http_mlist_fetch_start(r, fetch) == NGX_OK ? NGX_AGAIN
                                                          : NGX_ERROR;
}


static ngx_int_t
ngx_http_mlist_publish_looked(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build)
{
    ngx_http_mlist_ctx_t    *ctx;
    ngx_http_mlist_fetch_t  *fetch;

    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);

    fetch = build->publish.fetch;

    switch (ngx_http_mlist_failure_verdict(fetch)) {

    case NGX_DECLINED:
        break;

    case NGX_OK:

        if (ngx_http_mlist_publish_held(build)) {
            ngx_http_mlist_publish_done(r, build);
            return NGX_OK;
        }

        ngx_memzero(&build->op, sizeof(ngx_http_mlist_store_op_t));

        build->op.name = ctx->name;
        build->op.digest = fetch->digest;

        build->publish.found = fetch->digest;
        build->publish.state = NGX_HTTP_MLIST_PUBLISH_OWNING;

        return ngx_http_mlist_publish_owned(r, build);

    default:
        return ngx_http_mlist_publish_failed(r, build, "read");
    }

    return ngx_http_mlist_publish_send(r, build,
                                       NGX_HTTP_MLIST_PUBLISH_LOOKING_AGAIN);
}


/* 1 if the tag holds the very list; what is no digest is fit for no log. */

static ngx_uint_t
ngx_http_mlist_publish_held(ngx_http_mlist_build_t *build)
{
    ngx_str_t       *digest;
    mlist_digest_t   parsed;

    digest = &build->publish.fetch->digest;

    if (mlist_digest_parse(ngx_http_mlist_view(digest), &parsed) != MLIST_OK) {
        ngx_str_null(digest);
    }

    return mlist_str_eq(ngx_http_mlist_view(digest),
                        ngx_http_mlist_view(&build->doc.digest));
}


/* What this front or its store has made may be replaced, else nothing. */

static ngx_int_t
ngx_http_mlist_publish_owned(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build)
{
    ngx_int_t  rc;

    rc = build->op.digest.len ? ngx_http_mlist_doc_get(r, &build->op)
                              : NGX_DECLINED;

    if (rc == NGX_AGAIN) {
        return NGX_AGAIN;
    }

    if (rc == NGX_OK) {
        return ngx_http_mlist_publish_send(r, build,
                                        NGX_HTTP_MLIST_PUBLISH_LOOKING_AGAIN);
    }

    if (rc == NGX_DECLINED) {
        ngx_log_error(NGX_LOG_WARN, r->connection->log, 0,
                      "mlist_publish: \"%V\" is not published: its tag holds "
                      "\"%V\" at \"%V\", which is no list of this front",
                      &r->uri, &build->publish.found,
                      &build->publish.fetch->registry->url);

        ngx_http_mlist_publish_done(r, build);
    }

    return NGX_OK;
}


/* Somebody may have pushed it meanwhile, or a later list be known. */

static ngx_int_t
ngx_http_mlist_publish_looked_again(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build)
{
    ngx_int_t                rc;
    ngx_str_t               *found;
    ngx_http_mlist_ctx_t    *ctx;
    ngx_http_mlist_fetch_t  *fetch;

    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);

    fetch = build->publish.fetch;
    found = &build->publish.found;

    rc = ngx_http_mlist_failure_verdict(fetch);

    if (rc == NGX_ERROR) {
        return ngx_http_mlist_publish_failed(r, build, "read");
    }

    if (rc == NGX_DECLINED) {
        ngx_str_null(&fetch->digest);
    }

    /* another worker was as quick */

    if (ngx_http_mlist_publish_held(build)) {
        ngx_http_mlist_publish_done(r, build);
        return NGX_OK;
    }

    if (!mlist_str_eq(ngx_http_mlist_view(&fetch->digest),
                      ngx_http_mlist_view(found)))
    {
        ngx_log_error(NGX_LOG_WARN, r->connection->log, 0,
                      "mlist_publish: \"%V\" is not published: its tag held "
                      "\"%V\" and now holds \"%V\" at \"%V\"", &r->uri, found,
                      &fetch->digest, &fetch->registry->url);
        return NGX_OK;
    }

    if (ngx_http_mlist_tag_newest(r, ctx, &build->tag) != NGX_OK) {
        ngx_log_error(NGX_LOG_INFO, r->connection->log, 0,
                      "mlist_publish: \"%V\" is not published as \"%V\": "
                      "something later is known", &r->uri,
                      &build->doc.digest);
        return NGX_OK;
    }

    return ngx_http_mlist_publish_send(r, build,
                                       NGX_HTTP_MLIST_PUBLISH_PUTTING);
}


static ngx_int_t
ngx_http_mlist_publish_put(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build)
{
    ngx_http_mlist_fetch_t  *fetch;

    fetch = build->publish.fetch;

    if (fetch->state != NGX_HTTP_MLIST_FETCH_ANSWERED
        || (fetch->status != NGX_HTTP_CREATED
            && fetch->status != NGX_HTTP_OK))
    {
        return ngx_http_mlist_publish_failed(r, build, "written");
    }

    ngx_log_error(NGX_LOG_INFO, r->connection->log, 0,
                  "mlist_publish: \"%V\" is published as \"%V\"", &r->uri,
                  &build->doc.digest);

    ngx_http_mlist_publish_done(r, build);

    return NGX_OK;
}


/* Tried again when the tag is asked for again. */

static ngx_int_t
ngx_http_mlist_publish_failed(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build, const char *what)
{
    ngx_http_mlist_fetch_t  *fetch;

    fetch = build->publish.fetch;

    ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                  "mlist_publish: \"%V\" is not published: \"%V\" could not "
                  "be %s, status %ui", &r->uri, &fetch->url, what,
                  fetch->status);

    return NGX_OK;
}


static void
ngx_http_mlist_publish_done(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build)
{
    ngx_http_mlist_ctx_t  *ctx;
    ngx_http_mlist_tag_t   tag;

    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);

    build->tag.published = 1;

    if (ngx_http_mlist_tag_set(r, ctx, &build->tag) != NGX_ABORT) {
        return;
    }

    /* a later list is known by now: whatever stands there, it is to win */

    if (ngx_http_mlist_tag_get(r, ctx, &tag) == NGX_OK && tag.published) {
        tag.published = 0;
        (void) ngx_http_mlist_tag_set(r, ctx, &tag);
    }
}

/*
 * Writes of clients: see ngx_http_mlist_write.h.
 */


#include "ngx_http_mlist_write.h"
#include "ngx_http_mlist_drop.h"
#include "ngx_http_mlist_erase.h"
#include "ngx_http_mlist_header.h"
#include "ngx_http_mlist_location.h"
#include "ngx_http_mlist_made.h"
#include "ngx_http_mlist_pass.h"
#include "ngx_http_mlist_push.h"
#include "ngx_http_mlist_send.h"
#include "ngx_http_mlist_session.h"
#include "ngx_http_mlist_spread.h"


#define NGX_HTTP_MLIST_WRITE_WARNING                                         \
    "299 - \"this is not what the tag serves, which is made of %V\""


static ngx_int_t ngx_http_mlist_write_on(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx);
static ngx_int_t ngx_http_mlist_write_untag(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_target_t *target);
static ngx_uint_t ngx_http_mlist_write_allowed(mlist_route_e kind);
static ngx_uint_t ngx_http_mlist_write_reads(mlist_route_e kind);
static ngx_int_t ngx_http_mlist_write_nowhere(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx);
static ngx_int_t ngx_http_mlist_write_warn(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx);
static ngx_int_t ngx_http_mlist_write_rename(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_str_t *path);
static ngx_uint_t ngx_http_mlist_write_is_tag(ngx_http_mlist_ctx_t *ctx,
    ngx_str_t *rest);


ngx_int_t
ngx_http_mlist_write_start(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx)
{
    ngx_uint_t  allowed;

    allowed = ngx_http_mlist_write_allowed(ctx->route.kind);

    if (!(r->method & allowed)) {
        allowed |= ngx_http_mlist_write_reads(ctx->route.kind);
        return ngx_http_mlist_send_not_allowed(ctx, allowed, NULL, NULL);
    }

    if (r->method == NGX_HTTP_DELETE
        && ctx->route.kind == MLIST_ROUTE_DIGEST)
    {
        return ngx_http_mlist_erase_start(r, ctx, ngx_http_mlist_write_on);
    }

    return ngx_http_mlist_write_on(r, ctx);
}


/* All but the deletion of a list by digest. */

static ngx_int_t
ngx_http_mlist_write_on(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx)
{
    ngx_int_t                   rc, made;
    ngx_http_mlist_target_t     target;
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    rc = ngx_http_mlist_push_target(r, ctx, &target);

    if (r->method == NGX_HTTP_DELETE
        && ctx->route.kind == MLIST_ROUTE_TAG
        && ctx->kind == NGX_HTTP_MLIST_KIND_LIST
        && rc != NGX_ERROR)
    {
        made = ngx_http_mlist_write_untag(r, ctx,
                                          rc == NGX_OK ? &target : NULL);

        if (made != NGX_DECLINED) {
            return made;
        }
    }

    if (rc == NGX_DECLINED) {
        return ngx_http_mlist_write_nowhere(r, ctx);
    }

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    if (mlcf->push_by_platform
        && ctx->kind == NGX_HTTP_MLIST_KIND_LIST
        && r->method == NGX_HTTP_PUT)
    {
        return ngx_http_mlist_spread_start(r, ctx, &target);
    }

    if (ngx_http_mlist_drop_watch(r, ctx) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_mlist_pass_write(r, ctx, &target);
}


/* NGX_DECLINED: "target" has all that the tag is. */

static ngx_int_t
ngx_http_mlist_write_untag(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_target_t *target)
{
    ngx_int_t   rc;
    ngx_str_t   tags;
    ngx_uint_t  allowed;

    static ngx_str_t  several = ngx_string("this tag is made of others: "
                                           "delete those");

    allowed = NGX_HTTP_GET|NGX_HTTP_HEAD|(target ? NGX_HTTP_PUT : 0);

    rc = ngx_http_mlist_made_of(r, ctx, target, &tags);

    return rc != NGX_OK
               ? rc : ngx_http_mlist_send_not_allowed(ctx, allowed, &several,
                                                      &tags);
}


static ngx_uint_t
ngx_http_mlist_write_allowed(mlist_route_e kind)
{
    switch (kind) {

    case MLIST_ROUTE_TAG:
    case MLIST_ROUTE_DIGEST:
        return NGX_HTTP_PUT|NGX_HTTP_DELETE;

    case MLIST_ROUTE_BLOB:
        return NGX_HTTP_DELETE;

    case MLIST_ROUTE_UPLOADS:
        return NGX_HTTP_POST;

    case MLIST_ROUTE_UPLOAD:
        return NGX_HTTP_GET|NGX_HTTP_HEAD|NGX_HTTP_PATCH|NGX_HTTP_PUT
               |NGX_HTTP_DELETE;

    default:
        return 0;
    }
}


/* What needs no push registry. */

static ngx_uint_t
ngx_http_mlist_write_reads(mlist_route_e kind)
{
    return kind == MLIST_ROUTE_UPLOADS || kind == MLIST_ROUTE_UPLOAD
               ? 0 : NGX_HTTP_GET|NGX_HTTP_HEAD;
}


static ngx_int_t
ngx_http_mlist_write_nowhere(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx)
{
    ngx_uint_t  reads;

    static ngx_str_t  none = ngx_string("this front has no registry to push "
                                        "to");
    static ngx_str_t  unknown = ngx_string("this front has no registry to "
                                           "push to: that of \"mlist_push\" "
                                           "is named by no \"mlist_source\" "
                                           "or \"mlist_push\"");

    reads = ngx_http_mlist_write_reads(ctx->route.kind);

    if (ctx->pushes.len == 0) {
        return ngx_http_mlist_send_not_allowed(ctx, reads, &none, NULL);
    }

    ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                  "\"mlist_push\" has yielded \"%V\", expected the URL of a "
                  "registry that a \"mlist_source\" or \"mlist_push\" names",
                  &ctx->pushes);

    return ngx_http_mlist_send_not_allowed(ctx, reads, &unknown, NULL);
}


ngx_int_t
ngx_http_mlist_write_answered(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx)
{
    ngx_str_t         path;
    ngx_uint_t        status;
    ngx_table_elt_t  *h;

    static ngx_str_t  location = ngx_string("location");

    status = r->upstream->headers_in.status_n;

    h = ngx_http_mlist_header_next(&r->headers_out.headers, &location, NULL);

    if (h == NULL
        || ngx_http_mlist_location_path(r, ctx->registry, &h->value, &path)
           != NGX_OK)
    {
        ngx_str_null(&path);

    } else {

        if (ngx_http_mlist_write_rename(r, ctx, &path) != NGX_OK) {
            return NGX_ERROR;
        }

        h->value = path;
    }

    ngx_http_mlist_session_answered(r, ctx, status, &path);

    return status >= NGX_HTTP_OK && status < NGX_HTTP_SPECIAL_RESPONSE
               ? ngx_http_mlist_write_warn(r, ctx) : NGX_OK;
}


/* A manifest was put under a tag that serves something else. */

static ngx_int_t
ngx_http_mlist_write_warn(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx)
{
    u_char                     *p;
    ngx_int_t                   rc;
    ngx_str_t                   tags, value;
    ngx_http_mlist_target_t     target;
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    if (r->method != NGX_HTTP_PUT
        || ctx->kind != NGX_HTTP_MLIST_KIND_LIST
        || mlcf->push_by_platform)
    {
        return NGX_OK;
    }

    target.registry = ctx->registry;
    target.source = NULL;
    target.name = ctx->spelled;

    rc = ngx_http_mlist_made_of(r, ctx, &target, &tags);

    if (rc != NGX_OK) {
        return rc == NGX_DECLINED ? NGX_OK : NGX_ERROR;
    }

    p = ngx_pnalloc(r->pool, sizeof(NGX_HTTP_MLIST_WRITE_WARNING)
                             + tags.len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    value.data = p;
    value.len = ngx_sprintf(p, NGX_HTTP_MLIST_WRITE_WARNING, &tags) - p;

    return ngx_http_mlist_send_header(r, "Warning", &value);
}


/* /v2/<name there>/... becomes /v2/<name here>/... */

static ngx_int_t
ngx_http_mlist_write_rename(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_str_t *path)
{
    u_char     *p;
    size_t      n;
    ngx_str_t   rest;

    n = sizeof("/v2/") - 1 + ctx->spelled.len;

    if (path->len <= n
        || ngx_strncmp(path->data, "/v2/", 4) != 0
        || ngx_strncmp(path->data + 4, ctx->spelled.data, ctx->spelled.len)
           != 0
        || path->data[n] != '/')
    {
        return NGX_OK;
    }

    rest.data = path->data + n;
    rest.len = path->len - n;

    if (ngx_http_mlist_write_is_tag(ctx, &rest)) {
        *path = ctx->path;
        return NGX_OK;
    }

    p = ngx_pnalloc(r->pool, sizeof("/v2/") - 1 + ctx->name.len + rest.len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    path->data = p;
    path->len = ngx_sprintf(p, "/v2/%V%V", &ctx->name, &rest) - p;

    return NGX_OK;
}


/* 1 if "/manifests/..." names the tag that was written, as spelled there. */

static ngx_uint_t
ngx_http_mlist_write_is_tag(ngx_http_mlist_ctx_t *ctx, ngx_str_t *rest)
{
    size_t  n;

    n = sizeof("/manifests/") - 1;

    return ctx->spelled_tag.len
           && rest->len == n + ctx->spelled_tag.len
           && ngx_strncmp(rest->data, "/manifests/", n) == 0
           && ngx_strncmp(rest->data + n, ctx->spelled_tag.data,
                          ctx->spelled_tag.len)
              == 0;
}

/*
 * Writes of clients: see ngx_http_mlist_write.h.
 */


#include "ngx_http_mlist_write.h"
#include "ngx_http_mlist_drop.h"
#include "ngx_http_mlist_header.h"
#include "ngx_http_mlist_location.h"
#include "ngx_http_mlist_pass.h"
#include "ngx_http_mlist_push.h"
#include "ngx_http_mlist_send.h"
#include "ngx_http_mlist_spread.h"


static ngx_uint_t ngx_http_mlist_write_allowed(mlist_route_e kind);
static ngx_int_t ngx_http_mlist_write_nowhere(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx);
static ngx_int_t ngx_http_mlist_write_rename(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_str_t *path);
static ngx_uint_t ngx_http_mlist_write_is_tag(ngx_http_mlist_ctx_t *ctx,
    ngx_str_t *rest);


ngx_int_t
ngx_http_mlist_write_start(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx)
{
    ngx_int_t                   rc;
    ngx_http_mlist_target_t     target;
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    if (!(r->method & ngx_http_mlist_write_allowed(ctx->route.kind))) {
        return ngx_http_mlist_send_error(ctx, NGX_HTTP_NOT_ALLOWED,
                                         MLIST_ERR_UNSUPPORTED, NULL, NULL);
    }

    rc = ngx_http_mlist_push_target(r, ctx, &target);

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


static ngx_int_t
ngx_http_mlist_write_nowhere(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx)
{
    static ngx_str_t  none = ngx_string("this front has no registry to push "
                                        "to");
    static ngx_str_t  unknown = ngx_string("this front has no registry to "
                                           "push to: that of \"mlist_push\" "
                                           "is named by no \"mlist_source\" "
                                           "or \"mlist_push\"");

    if (ctx->pushes.len == 0) {
        return ngx_http_mlist_send_error(ctx, NGX_HTTP_NOT_ALLOWED,
                                         MLIST_ERR_UNSUPPORTED, &none, NULL);
    }

    ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                  "\"mlist_push\" has yielded \"%V\", expected the URL of a "
                  "registry that a \"mlist_source\" or \"mlist_push\" names",
                  &ctx->pushes);

    return ngx_http_mlist_send_error(ctx, NGX_HTTP_NOT_ALLOWED,
                                     MLIST_ERR_UNSUPPORTED, &unknown, NULL);
}


ngx_int_t
ngx_http_mlist_write_answered(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx)
{
    ngx_str_t         path;
    ngx_table_elt_t  *h;

    static ngx_str_t  location = ngx_string("location");

    h = ngx_http_mlist_header_next(&r->headers_out.headers, &location, NULL);

    if (h == NULL
        || ngx_http_mlist_location_path(r, ctx->registry, &h->value, &path)
           != NGX_OK)
    {
        return NGX_OK;
    }

    if (ngx_http_mlist_write_rename(r, ctx, &path) != NGX_OK) {
        return NGX_ERROR;
    }

    h->value = path;

    return NGX_OK;
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

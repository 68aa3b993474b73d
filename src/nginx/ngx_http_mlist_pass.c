/*
 * Passing a client's request on: see ngx_http_mlist_pass.h.
 */


#include "ngx_http_mlist_pass.h"
#include "ngx_http_mlist_conf.h"
#include "ngx_http_mlist_fetch.h"
#include "ngx_http_mlist_header.h"


static ngx_int_t ngx_http_mlist_pass_headers(ngx_http_request_t *r,
    ngx_uint_t manifest);
static ngx_int_t ngx_http_mlist_pass_args(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_str_t *args);


ngx_int_t
ngx_http_mlist_pass_read(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_target_t *target, ngx_str_t *url, ngx_uint_t manifest)
{
    ctx->upstream = *url;
    ctx->source = target->source->label;
    ctx->passed = 1;

    if (ngx_http_mlist_pass_headers(r, manifest) != NGX_OK) {
        return NGX_ERROR;
    }

    return NGX_DECLINED;
}


ngx_int_t
ngx_http_mlist_pass_write(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_registry_t *registry)
{
    u_char     *p;
    ngx_str_t   args;

    if (ngx_http_mlist_pass_args(r, ctx, &args) != NGX_OK) {
        return NGX_ERROR;
    }

    ctx->upstream.len = registry->url.len + ctx->path.len + 1 + args.len;
    ctx->upstream.data = ngx_pnalloc(r->pool, ctx->upstream.len);
    if (ctx->upstream.data == NULL) {
        return NGX_ERROR;
    }

    p = ngx_cpymem(ctx->upstream.data, registry->url.data, registry->url.len);
    p = ngx_cpymem(p, ctx->path.data, ctx->path.len);

    if (args.len) {
        *p++ = '?';
        p = ngx_cpymem(p, args.data, args.len);
    }

    ctx->upstream.len = p - ctx->upstream.data;
    ctx->passed = 1;

    if (ngx_http_mlist_pass_headers(r, 0) != NGX_OK) {
        return NGX_ERROR;
    }

    return NGX_DECLINED;
}


/*
 * A mount from a repository that is not served here would read around
 * mlist_names; without its query it is a plain upload, which is always a
 * legal answer (distribution-spec v1.1.1, "Mounting a blob").
 */

static ngx_int_t
ngx_http_mlist_pass_args(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_str_t *args)
{
    u_char                     *src, *dst;
    ngx_str_t                   from, name;
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    *args = r->args;

    if (ctx->route.kind != MLIST_ROUTE_UPLOADS
        || ngx_http_arg(r, (u_char *) "from", 4, &from) != NGX_OK)
    {
        return NGX_OK;
    }

    name.data = ngx_pnalloc(r->pool, from.len + 1);
    if (name.data == NULL) {
        return NGX_ERROR;
    }

    src = from.data;
    dst = name.data;

    ngx_unescape_uri(&dst, &src, from.len, 0);

    name.len = dst - name.data;

    if (!mlist_name_valid(ngx_http_mlist_view(&name))
        || !ngx_http_mlist_conf_matches(mlcf->names, &name))
    {
        args->len = 0;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_mlist_pass_headers(ngx_http_request_t *r, ngx_uint_t manifest)
{
    static ngx_str_t  accept = ngx_string(NGX_HTTP_MLIST_ACCEPT);

    ngx_str_t                   drop[3], *name;
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    name = drop;

    if (mlcf->auth == NGX_HTTP_MLIST_AUTH_NGINX) {

        /* $remote_user is read from what is about to be dropped */

        if (ngx_http_auth_basic_user(r) == NGX_ERROR) {
            return NGX_ERROR;
        }

        ngx_str_set(name, "authorization");
        name++;
    }

    if (manifest) {
        ngx_str_set(name, "accept");
        name++;
    }

    ngx_str_null(name);

    if (ngx_http_mlist_header_drop_in(r, drop) != NGX_OK) {
        return NGX_ERROR;
    }

    if (manifest
        && ngx_http_mlist_header_push(&r->headers_in.headers, "Accept",
                                      &accept)
           == NULL)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}

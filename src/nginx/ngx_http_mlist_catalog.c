/*
 * Reads that list what there is: see ngx_http_mlist_catalog.h.
 */


#include "ngx_http_mlist_catalog.h"
#include "ngx_http_mlist_pass.h"
#include "ngx_http_mlist_send.h"
#include "ngx_http_mlist_target.h"


static ngx_int_t ngx_http_mlist_catalog_page(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_target_t *target,
    ngx_str_t *url);
static ngx_int_t ngx_http_mlist_catalog_join(ngx_http_request_t *r,
    ngx_str_t *a, const char *between, ngx_str_t *b, ngx_str_t *out);


ngx_int_t
ngx_http_mlist_catalog_first(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx)
{
    ngx_str_t                   url;
    ngx_array_t                *targets;
    ngx_http_mlist_target_t     target;
    ngx_http_mlist_loc_conf_t  *mlcf;

    static ngx_str_t  list = ngx_string("list");

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    if (ctx->route.kind == MLIST_ROUTE_CATALOG) {
        target.source = mlcf->sources->elts;
        target.registry = target.source->registry;

        if (ngx_http_mlist_catalog_join(r, &target.registry->url, "",
                                        &ctx->path, &url)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        return ngx_http_mlist_catalog_page(r, ctx, &target, &url);
    }

    targets = ngx_http_mlist_target_list(r, &ctx->name);
    if (targets == NULL) {
        return NGX_ERROR;
    }

    if (targets->nelts == 0) {
        return ngx_http_mlist_send_error(ctx, NGX_HTTP_NOT_FOUND,
                                         MLIST_ERR_NAME_UNKNOWN, NULL,
                                         &ctx->name);
    }

    target = *(ngx_http_mlist_target_t *) targets->elts;

    if (ngx_http_mlist_target_url(r, target.registry, &target.name, "tags",
                                  &list, &url)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_mlist_catalog_page(r, ctx, &target, &url);
}


static ngx_int_t
ngx_http_mlist_catalog_page(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_target_t *target, ngx_str_t *url)
{
    ngx_str_t  whole;

    if (r->args.len == 0) {
        return ngx_http_mlist_pass_read(r, ctx, target, url, 0);
    }

    if (ngx_http_mlist_catalog_join(r, url, "?", &r->args, &whole)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_mlist_pass_read(r, ctx, target, &whole, 0);
}


static ngx_int_t
ngx_http_mlist_catalog_join(ngx_http_request_t *r, ngx_str_t *a,
    const char *between, ngx_str_t *b, ngx_str_t *out)
{
    u_char  *p;

    out->data = ngx_pnalloc(r->pool, a->len + ngx_strlen(between) + b->len);
    if (out->data == NULL) {
        return NGX_ERROR;
    }

    p = ngx_sprintf(out->data, "%V%s%V", a, between, b);
    out->len = p - out->data;

    return NGX_OK;
}

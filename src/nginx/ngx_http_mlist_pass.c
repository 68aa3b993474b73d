/*
 * Passing a client's request on: see ngx_http_mlist_pass.h.
 */


#include "ngx_http_mlist_pass.h"
#include "ngx_http_mlist_fetch.h"
#include "ngx_http_mlist_header.h"
#include "ngx_http_mlist_mount.h"


static ngx_int_t ngx_http_mlist_pass_headers(ngx_http_request_t *r,
    const char *key, ngx_str_t *value);


ngx_int_t
ngx_http_mlist_pass_read(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_target_t *target, ngx_str_t *url, ngx_uint_t manifest)
{
    static ngx_str_t  accept = ngx_string(NGX_HTTP_MLIST_ACCEPT);

    ctx->upstream = *url;
    ctx->source = *ngx_http_mlist_target_label(target);
    ctx->registry = target->registry;
    ctx->from = target->source;
    ctx->passed = 1;

    if (!manifest) {
        return ngx_http_mlist_pass_headers(r, NULL, NULL) == NGX_OK
                   ? NGX_DECLINED : NGX_ERROR;
    }

    return ngx_http_mlist_pass_headers(r, "Accept", &accept) == NGX_OK
               ? NGX_DECLINED : NGX_ERROR;
}


ngx_int_t
ngx_http_mlist_pass_write(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_target_t *target)
{
    u_char      *p;
    ngx_str_t    args, rest;
    ngx_uint_t   begins;

    static ngx_str_t  octets = ngx_string("application/octet-stream");

    begins = (ctx->route.kind == MLIST_ROUTE_UPLOADS);
    args = r->args;

    if (begins
        && ngx_http_mlist_mount_args(r, target->registry, &args) != NGX_OK)
    {
        return NGX_ERROR;
    }

    rest.data = ctx->name.data + ctx->name.len;
    rest.len = ctx->path.data + ctx->path.len - rest.data;

    if (ctx->spelled_tag.len) {
        rest.len -= ctx->reference.len;
    }

    ctx->upstream.len = target->registry->url.len + sizeof("/v2/") - 1
                        + target->name.len + rest.len + ctx->spelled_tag.len
                        + 1 + args.len;
    ctx->upstream.data = ngx_pnalloc(r->pool, ctx->upstream.len);
    if (ctx->upstream.data == NULL) {
        return NGX_ERROR;
    }

    p = ngx_sprintf(ctx->upstream.data, "%V/v2/%V%V%V",
                    &target->registry->url, &target->name, &rest,
                    &ctx->spelled_tag);

    if (args.len) {
        *p++ = '?';
        p = ngx_cpymem(p, args.data, args.len);
    }

    ctx->upstream.len = p - ctx->upstream.data;
    ctx->registry = target->registry;
    ctx->from = target->source;
    ctx->spelled = target->name;
    ctx->passed = 1;

    if (!begins) {
        return ngx_http_mlist_pass_headers(r, NULL, NULL) == NGX_OK
                   ? NGX_DECLINED : NGX_ERROR;
    }

    /* a form in the body would be read as a query */

    return ngx_http_mlist_pass_headers(r, "Content-Type", &octets) == NGX_OK
               ? NGX_DECLINED : NGX_ERROR;
}


/*
 * Drops what a registry is not to see, and gives the header "key" (NULL: none)
 * the one value that it is to have.
 */

static ngx_int_t
ngx_http_mlist_pass_headers(ngx_http_request_t *r, const char *key,
    ngx_str_t *value)
{
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

    if (key) {
        name->data = (u_char *) key;
        name->len = ngx_strlen(key);
        name++;
    }

    ngx_str_null(name);

    if (ngx_http_mlist_header_drop_in(r, drop) != NGX_OK) {
        return NGX_ERROR;
    }

    if (key
        && ngx_http_mlist_header_push(&r->headers_in.headers, key, value)
           == NULL)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}

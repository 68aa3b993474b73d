/*
 * What kind of request it is and which way it goes: see
 * ngx_http_mlist_handler.h.
 */


#include "ngx_http_mlist_handler.h"
#include "ngx_http_mlist_ask.h"
#include "ngx_http_mlist_catalog.h"
#include "ngx_http_mlist_conf.h"
#include "ngx_http_mlist_digest.h"
#include "ngx_http_mlist_list.h"
#include "ngx_http_mlist_login_request.h"
#include "ngx_http_mlist_notify.h"
#include "ngx_http_mlist_pass.h"
#include "ngx_http_mlist_referrers.h"
#include "ngx_http_mlist_send.h"
#include "ngx_http_mlist_status.h"
#include "ngx_http_mlist_write.h"


static ngx_http_mlist_kind_e ngx_http_mlist_handler_kind(
    ngx_http_mlist_loc_conf_t *mlcf, ngx_http_mlist_ctx_t *ctx);
static ngx_uint_t ngx_http_mlist_handler_canonical(ngx_http_request_t *r,
    mlist_route_e kind);
static ngx_int_t ngx_http_mlist_handler_dispatch(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx);
static ngx_int_t ngx_http_mlist_handler_malformed(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx);
static ngx_int_t ngx_http_mlist_handler_named(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx);
static ngx_int_t ngx_http_mlist_handler_tag(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx);
static ngx_int_t ngx_http_mlist_handler_spelling(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx);


ngx_int_t
ngx_http_mlist_handler(ngx_http_request_t *r)
{
    ngx_int_t                   rc;
    ngx_http_mlist_ctx_t       *ctx;
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    if (mlcf->notify.on) {
        return ngx_http_mlist_notify_handler(r);
    }

    if (mlcf->status.on) {
        return ngx_http_mlist_status_handler(r);
    }

    if (!mlcf->active) {
        return NGX_DECLINED;
    }

    if (r != r->main) {

        /* what is ours skips try_files and mirror, which run after us */

        ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);

        if (ctx == NULL) {
            return NGX_DECLINED;
        }

        if (ctx->fetch) {
            return NGX_OK;
        }

        /* only the end of a fetch was not to see it */

        if (ctx->left) {
            r->connection->error = 1;
        }

        return ctx->resume(r, ctx->state);
    }

    /* nginx would close the connection without a word for NGX_ERROR */

    ctx = ngx_http_mlist_handler_ctx(r);
    if (ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (ctx->resume) {
        rc = ctx->resume(r, ctx->state);

    } else {
        ctx->dispatched = 1;
        ctx->phase = r->phase_handler;

        rc = ngx_http_mlist_handler_dispatch(r, ctx);
    }

    if (rc == NGX_DECLINED && ctx->passed) {
        ctx->http_version = r->http_version;

        rc = ngx_http_mlist_login_request(r, ctx);
    }

    if (rc != NGX_AGAIN) {
        ctx->resume = NULL;
    }

    return rc == NGX_ERROR ? NGX_HTTP_INTERNAL_SERVER_ERROR : rc;
}


ngx_http_mlist_ctx_t *
ngx_http_mlist_handler_ctx(ngx_http_request_t *r)
{
    ngx_http_mlist_ctx_t       *ctx;
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    if (!mlcf->active || r != r->main) {
        return NULL;
    }

    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);

    /* until it is dispatched a request may be rewritten, and change place */

    if (ctx
        && (ctx->dispatched
            || (ctx->conf == mlcf
                && ctx->path.data == r->uri.data
                && ctx->path.len == r->uri.len)))
    {
        return ctx;
    }

    if (ctx) {
        ngx_memzero(ctx, sizeof(ngx_http_mlist_ctx_t));

    } else {
        ctx = ngx_pcalloc(r->pool, sizeof(ngx_http_mlist_ctx_t));
        if (ctx == NULL) {
            return NULL;
        }

        ngx_http_set_ctx(r, ctx, ngx_http_mlist_module);
    }

    ctx->conf = mlcf;
    ctx->path = r->uri;
    ctx->route = mlist_route_parse(ngx_http_mlist_view(&ctx->path));
    ctx->canonical = ngx_http_mlist_handler_canonical(r, ctx->route.kind);

    if (!ctx->canonical) {
        ngx_memzero(&ctx->route, sizeof(mlist_route_t));
        ctx->route.kind = MLIST_ROUTE_UNKNOWN;
    }

    ctx->name = ngx_http_mlist_ngx_str(ctx->route.name);
    ctx->reference = ngx_http_mlist_ngx_str(ctx->route.reference);
    ctx->kind = ngx_http_mlist_handler_kind(mlcf, ctx);

    if (ctx->route.kind == MLIST_ROUTE_DIGEST
        || ctx->route.kind == MLIST_ROUTE_BLOB)
    {
        ctx->digest = ctx->reference;
    }

    return ctx;
}


/*
 * The path as it came too, since nginx decodes, merges and resolves it.  Most
 * are as they came, and of a kind that tells it.
 */

static ngx_uint_t
ngx_http_mlist_handler_canonical(ngx_http_request_t *r, mlist_route_e kind)
{
    u_char      *p;
    ngx_str_t    raw;
    ngx_uint_t   same;

    raw = r->unparsed_uri;

    p = raw.len ? memchr(raw.data, '?', raw.len) : NULL;
    if (p) {
        raw.len = p - raw.data;
    }

    same = raw.data == r->uri.data && raw.len == r->uri.len;

    if (same && mlist_route_strict(kind)) {
        return 1;
    }

    /* an absolute-form request target has been parsed without its host */

    if (!mlist_route_canonical(ngx_http_mlist_view(&raw))) {
        return 0;
    }

    return same || mlist_route_canonical(ngx_http_mlist_view(&r->uri));
}


static ngx_http_mlist_kind_e
ngx_http_mlist_handler_kind(ngx_http_mlist_loc_conf_t *mlcf,
    ngx_http_mlist_ctx_t *ctx)
{
    switch (ctx->route.kind) {

    case MLIST_ROUTE_PING:
        return NGX_HTTP_MLIST_KIND_PING;

    case MLIST_ROUTE_CATALOG:
        return NGX_HTTP_MLIST_KIND_CATALOG;

    case MLIST_ROUTE_TAGS:
        return NGX_HTTP_MLIST_KIND_TAGS;

    case MLIST_ROUTE_TAG:
        return ngx_http_mlist_conf_synthesizes(mlcf, &ctx->name,
                                               &ctx->reference)
                   ? NGX_HTTP_MLIST_KIND_LIST : NGX_HTTP_MLIST_KIND_MANIFEST;

    case MLIST_ROUTE_DIGEST:
        return NGX_HTTP_MLIST_KIND_MANIFEST;

    case MLIST_ROUTE_BLOB:
        return NGX_HTTP_MLIST_KIND_BLOB;

    case MLIST_ROUTE_UPLOADS:
    case MLIST_ROUTE_UPLOAD:
        return NGX_HTTP_MLIST_KIND_UPLOAD;

    case MLIST_ROUTE_REFERRERS:
        return NGX_HTTP_MLIST_KIND_REFERRERS;

    default:
        return NGX_HTTP_MLIST_KIND_NONE;
    }
}


static ngx_int_t
ngx_http_mlist_handler_dispatch(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx)
{
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    switch (ctx->route.kind) {

    case MLIST_ROUTE_PING:

        if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {
            return ngx_http_mlist_send_not_allowed(ctx,
                                                   NGX_HTTP_GET|NGX_HTTP_HEAD,
                                                   NULL, NULL);
        }

        return mlcf->auth == NGX_HTTP_MLIST_AUTH_REGISTRY
                   ? ngx_http_mlist_ask_ping(r, ctx)
                   : ngx_http_mlist_send_ping(r, ctx);

    case MLIST_ROUTE_CATALOG:

        if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {
            return ngx_http_mlist_send_not_allowed(ctx,
                                                   NGX_HTTP_GET|NGX_HTTP_HEAD,
                                                   NULL, NULL);
        }

        return ngx_http_mlist_catalog_start(r, ctx);

    case MLIST_ROUTE_NAME_INVALID:
    case MLIST_ROUTE_TAG_INVALID:
    case MLIST_ROUTE_DIGEST_INVALID:
    case MLIST_ROUTE_UNKNOWN:
        return ngx_http_mlist_handler_malformed(r, ctx);

    default:
        return ngx_http_mlist_handler_named(r, ctx);
    }
}


static ngx_int_t
ngx_http_mlist_handler_malformed(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx)
{
    static ngx_str_t  not_canonical = ngx_string("the path is not in "
                                          "canonical form");

    switch (ctx->route.kind) {

    case MLIST_ROUTE_NAME_INVALID:
        return ngx_http_mlist_send_error(ctx, NGX_HTTP_BAD_REQUEST,
                                         MLIST_ERR_NAME_INVALID, NULL,
                                         &ctx->name);

    case MLIST_ROUTE_TAG_INVALID:

        /* as registries answer, and their conformance suite demands */

        if (r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD)) {
            return ngx_http_mlist_send_error(ctx, NGX_HTTP_NOT_FOUND,
                                             MLIST_ERR_MANIFEST_UNKNOWN, NULL,
                                             &ctx->reference);
        }

        return ngx_http_mlist_send_error(ctx, NGX_HTTP_BAD_REQUEST,
                                         MLIST_ERR_TAG_INVALID, NULL,
                                         &ctx->reference);

    case MLIST_ROUTE_DIGEST_INVALID:
        return ngx_http_mlist_send_error(ctx, NGX_HTTP_BAD_REQUEST,
                                         MLIST_ERR_DIGEST_INVALID, NULL,
                                         &ctx->reference);

    default:
        break;
    }

    if (!ctx->canonical) {
        return ngx_http_mlist_send_error(ctx, NGX_HTTP_BAD_REQUEST,
                                         MLIST_ERR_NAME_INVALID,
                                         &not_canonical, NULL);
    }

    return NGX_HTTP_NOT_FOUND;
}


static ngx_int_t
ngx_http_mlist_handler_named(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx)
{
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    if (!ngx_http_mlist_conf_serves_name(mlcf, &ctx->name)) {
        return ngx_http_mlist_send_error(ctx, NGX_HTTP_NOT_FOUND,
                                         MLIST_ERR_NAME_UNKNOWN, NULL,
                                         &ctx->name);
    }

    if (ctx->route.kind == MLIST_ROUTE_UPLOADS
        || ctx->route.kind == MLIST_ROUTE_UPLOAD
        || !(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD)))
    {
        return ngx_http_mlist_write_start(r, ctx);
    }

    switch (ctx->route.kind) {

    case MLIST_ROUTE_TAG:
        return ngx_http_mlist_handler_tag(r, ctx);

    case MLIST_ROUTE_DIGEST:
        return ngx_http_mlist_digest_start(r, ctx);

    case MLIST_ROUTE_BLOB:
        return ngx_http_mlist_ask_digest(r, ctx, &ctx->reference, 1);

    case MLIST_ROUTE_REFERRERS:
        return ngx_http_mlist_referrers_start(r, ctx);

    default: /* MLIST_ROUTE_TAGS */
        return ngx_http_mlist_catalog_start(r, ctx);
    }
}


static ngx_int_t
ngx_http_mlist_handler_tag(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx)
{
    ngx_int_t                   rc;
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    if (ctx->kind == NGX_HTTP_MLIST_KIND_LIST) {
        return ngx_http_mlist_list_start(r, ctx);
    }

    if (!mlist_name_is_signature_tag(ctx->route.reference)
        && ngx_http_mlist_conf_matches(mlcf->tags, &ctx->reference))
    {
        rc = ngx_http_mlist_handler_spelling(r, ctx);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    return ngx_http_mlist_ask_tag(r, ctx, NULL);
}


/*
 * A tag that is itself a source's spelling of another one is that source's.
 * NGX_OK: no source spells so; else what the phase handler returns.
 */

static ngx_int_t
ngx_http_mlist_handler_spelling(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx)
{
    ngx_int_t                   rc;
    ngx_str_t                   url;
    ngx_uint_t                  i;
    mlist_str_t                 stem;
    ngx_http_mlist_source_t    *source;
    ngx_http_mlist_target_t     target;
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);
    source = mlcf->sources->elts;

    for (i = 0; i < mlcf->sources->nelts; i++) {

        if (mlist_pattern_is_identity(&source[i].tag)
            || !mlist_pattern_invert(&source[i].tag, ctx->route.reference,
                                     &stem)
            || !mlist_name_tag_valid(stem)
            || !ngx_http_mlist_conf_serves(&source[i], &ctx->name))
        {
            continue;
        }

        target.registry = source[i].registry;
        target.source = &source[i];

        rc = ngx_http_mlist_target_name(r, &source[i], &ctx->name,
                                        &target.name);

        if (rc == NGX_DECLINED) {
            continue;
        }

        if (rc == NGX_ERROR
            || ngx_http_mlist_target_url(r, target.registry, &target.name,
                                         "manifests", &ctx->reference, &url)
               != NGX_OK)
        {
            return NGX_ERROR;
        }

        ctx->status = NGX_HTTP_MLIST_STATUS_PASS;

        return ngx_http_mlist_pass_read(r, ctx, &target, &url, 1);
    }

    return NGX_OK;
}

/*
 * Where writes go: see ngx_http_mlist_push.h.
 */


#include "ngx_http_mlist_push.h"
#include "ngx_http_mlist_registry.h"
#include "ngx_http_mlist_session.h"


static ngx_int_t ngx_http_mlist_push_registry(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx);
static ngx_int_t ngx_http_mlist_push_find(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx);
static void ngx_http_mlist_push_choose(ngx_array_t *targets, ngx_str_t *name,
    ngx_http_mlist_target_t *target);


ngx_int_t
ngx_http_mlist_push_target(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_target_t *target)
{
    ngx_int_t  rc;

    rc = ngx_http_mlist_push_registry(r, ctx);

    if (rc != NGX_OK) {
        return rc;
    }

    target->registry = ctx->push;

    return ngx_http_mlist_push_name(r, &ctx->name, target);
}


/* Sets ctx->push, once; NGX_OK, NGX_DECLINED: there is none, NGX_ERROR. */

static ngx_int_t
ngx_http_mlist_push_registry(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx)
{
    if (!ctx->push_known) {

        if (ngx_http_mlist_push_find(r, ctx) != NGX_OK) {
            return NGX_ERROR;
        }

        ctx->push_known = 1;
    }

    return ctx->push ? NGX_OK : NGX_DECLINED;
}


static ngx_int_t
ngx_http_mlist_push_find(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx)
{
    ngx_http_mlist_push_t      *push;
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);
    push = mlcf->push;

    if (push == NULL || push->value == NULL) {
        ctx->push = push ? push->registry : NULL;
        return NGX_OK;
    }

    if (ngx_http_mlist_session_get(r, ctx, &ctx->push) != NGX_OK) {
        return NGX_ERROR;
    }

    if (ctx->push) {
        return NGX_OK;
    }

    if (ngx_http_complex_value(r, push->value, &ctx->pushes) != NGX_OK) {
        return NGX_ERROR;
    }

    if (ctx->pushes.len == 3
        && ngx_strncmp(ctx->pushes.data, "off", 3) == 0)
    {
        ctx->pushes.len = 0;
    }

    if (ctx->pushes.len) {
        ctx->push = ngx_http_mlist_registry_find(mlcf->main, &ctx->pushes);
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_mlist_push_name(ngx_http_request_t *r, ngx_str_t *name,
    ngx_http_mlist_target_t *target)
{
    ngx_array_t  *targets;

    targets = ngx_http_mlist_target_list(r, name);
    if (targets == NULL) {
        return NGX_ERROR;
    }

    ngx_http_mlist_push_choose(targets, name, target);

    return NGX_OK;
}


/*
 * The only one of the "targets" of a name at that registry, else that of the
 * name as it stands, if it is one.
 */

static void
ngx_http_mlist_push_choose(ngx_array_t *targets, ngx_str_t *name,
    ngx_http_mlist_target_t *target)
{
    ngx_int_t                 found;
    ngx_uint_t                i, n;
    ngx_http_mlist_target_t  *t;

    t = targets->elts;
    n = 0;
    found = NGX_ERROR;

    for (i = 0; i < targets->nelts; i++) {
        if (t[i].registry == target->registry) {
            found = i;
            n++;
        }
    }

    if (n > 1) {
        found = ngx_http_mlist_target_find(targets, target->registry, name);
    }

    if (found != NGX_ERROR) {
        *target = t[found];
        return;
    }

    target->name = *name;
    target->source = NULL;
}


ngx_uint_t
ngx_http_mlist_push_reads(ngx_http_request_t *r,
    ngx_http_mlist_target_t *target)
{
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    return target->source != NULL || mlcf->push_named != NGX_CONF_UNSET_PTR;
}


ngx_array_t *
ngx_http_mlist_push_places(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_uint_t *push)
{
    ngx_int_t                 rc, i;
    ngx_array_t              *places;
    ngx_http_mlist_target_t  *place, target;

    places = ngx_http_mlist_target_list(r, &ctx->name);
    if (places == NULL) {
        return NULL;
    }

    rc = ngx_http_mlist_push_registry(r, ctx);

    if (rc == NGX_ERROR) {
        return NULL;
    }

    if (rc == NGX_DECLINED) {
        *push = places->nelts;
        return places;
    }

    target.registry = ctx->push;

    ngx_http_mlist_push_choose(places, &ctx->name, &target);

    i = ngx_http_mlist_target_find(places, target.registry, &target.name);

    if (i != NGX_ERROR) {
        *push = i;
        return places;
    }

    *push = places->nelts;

    if (!ngx_http_mlist_push_reads(r, &target)) {
        return places;
    }

    place = ngx_array_push(places);
    if (place == NULL) {
        return NULL;
    }

    *place = target;

    return places;
}

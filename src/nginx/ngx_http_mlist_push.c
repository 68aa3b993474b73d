/*
 * Where writes go: see ngx_http_mlist_push.h.
 */


#include "ngx_http_mlist_push.h"
#include "ngx_http_mlist_conf.h"
#include "ngx_http_mlist_registry.h"
#include "ngx_http_mlist_session.h"


static ngx_int_t ngx_http_mlist_push_registry(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx);
static ngx_uint_t ngx_http_mlist_push_same(ngx_str_t *a, ngx_str_t *b);


ngx_int_t
ngx_http_mlist_push_target(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_target_t *target)
{
    if (!ctx->push_known) {

        if (ngx_http_mlist_push_registry(r, ctx) != NGX_OK) {
            return NGX_ERROR;
        }

        ctx->push_known = 1;
    }

    if (ctx->push == NULL) {
        return NGX_DECLINED;
    }

    target->registry = ctx->push;

    return ngx_http_mlist_push_name(r, &ctx->name, target);
}


/* Sets ctx->push, NULL if there is none; NGX_OK or NGX_ERROR. */

static ngx_int_t
ngx_http_mlist_push_registry(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx)
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
    ngx_int_t                   rc;
    ngx_str_t                   spelled;
    ngx_uint_t                  i, differ;
    ngx_http_mlist_source_t    *source, *first, *as_it_is;
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);
    source = mlcf->sources->elts;

    first = NULL;
    as_it_is = NULL;
    differ = 0;

    for (i = 0; i < mlcf->sources->nelts; i++) {

        if (source[i].registry != target->registry
            || !ngx_http_mlist_conf_serves(&source[i], name))
        {
            continue;
        }

        rc = ngx_http_mlist_target_name(r, &source[i], name, &spelled);

        if (rc == NGX_ERROR) {
            return NGX_ERROR;
        }

        if (rc == NGX_DECLINED) {
            continue;
        }

        if (as_it_is == NULL && ngx_http_mlist_push_same(&spelled, name)) {
            as_it_is = &source[i];
        }

        if (first == NULL) {
            first = &source[i];
            target->name = spelled;

        } else if (!ngx_http_mlist_push_same(&spelled, &target->name)) {
            differ = 1;
        }
    }

    if (first == NULL || differ) {
        target->name = *name;
        first = as_it_is;
    }

    target->source = first;

    return NGX_OK;
}


ngx_uint_t
ngx_http_mlist_push_reads(ngx_http_request_t *r,
    ngx_http_mlist_target_t *target)
{
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    return target->source != NULL || mlcf->push_named != NGX_CONF_UNSET_PTR;
}


static ngx_uint_t
ngx_http_mlist_push_same(ngx_str_t *a, ngx_str_t *b)
{
    return mlist_str_eq(ngx_http_mlist_view(a), ngx_http_mlist_view(b));
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

    rc = ngx_http_mlist_push_target(r, ctx, &target);

    if (rc == NGX_ERROR) {
        return NULL;
    }

    if (rc == NGX_DECLINED) {
        *push = places->nelts;
        return places;
    }

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

/*
 * Routes: which source has a digest.  See ngx_http_mlist_route.h.
 */


#include "ngx_http_mlist_route.h"
#include "ngx_http_mlist_key.h"
#include "ngx_http_mlist_zone.h"


void
ngx_http_mlist_route_learn(ngx_http_request_t *r, ngx_str_t *name,
    ngx_str_t *digest, ngx_uint_t blob, ngx_uint_t target)
{
    u_char                      key[NGX_HTTP_MLIST_KEY_SIZE], value;
    ngx_str_t                   piece;
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    ngx_http_mlist_key_route(mlcf, name, digest, blob, key);

    value = (u_char) target;
    piece.data = &value;
    piece.len = 1;

    (void) ngx_http_mlist_zone_set(mlcf->main->zone,
                                   NGX_HTTP_MLIST_ZONE_ROUTE, key, &piece, 1,
                                   0);
}


void
ngx_http_mlist_route_found(ngx_http_request_t *r, ngx_str_t *name,
    ngx_str_t *digest, ngx_uint_t blob, ngx_array_t *targets, ngx_uint_t i)
{
    u_char                      key[NGX_HTTP_MLIST_KEY_SIZE];
    ngx_http_mlist_target_t    *target;
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);
    target = targets->elts;

    if (target[i].source) {
        ngx_http_mlist_route_learn(r, name, digest, blob, i);

    } else {
        ngx_http_mlist_key_route(mlcf, name, digest, blob, key);

        (void) ngx_http_mlist_zone_set(mlcf->main->zone,
                                       NGX_HTTP_MLIST_ZONE_ROUTE, key,
                                       &target[i].registry->url, 1, 0);
    }
}


ngx_int_t
ngx_http_mlist_route_get(ngx_http_request_t *r, ngx_str_t *name,
    ngx_str_t *digest, ngx_uint_t blob, ngx_array_t *targets, ngx_uint_t *i,
    u_char key[NGX_HTTP_MLIST_KEY_SIZE])
{
    ngx_int_t                   rc;
    ngx_str_t                   value;
    ngx_http_mlist_target_t    *target;
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    ngx_http_mlist_key_route(mlcf, name, digest, blob, key);

    rc = ngx_http_mlist_zone_get(mlcf->main->zone, NGX_HTTP_MLIST_ZONE_ROUTE,
                                 key, r->pool, &value);
    if (rc != NGX_OK) {
        return rc;
    }

    target = targets->elts;

    for (*i = 0; *i < targets->nelts; (*i)++) {

        if (target[*i].source ? value.len == 1 && value.data[0] == *i
                              : mlist_str_eq(ngx_http_mlist_view(&value),
                           ngx_http_mlist_view(&target[*i].registry->url)))
        {
            return NGX_OK;
        }
    }

    return NGX_DECLINED;
}


ngx_uint_t
ngx_http_mlist_route_knows(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_str_t *digest)
{
    u_char                      key[NGX_HTTP_MLIST_KEY_SIZE];
    ngx_str_t                   value;
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    ngx_http_mlist_key_route(mlcf, &ctx->name, digest, 0, key);

    return ctx->tries == 0
           && !mlcf->intercept
           && ngx_http_mlist_zone_get(mlcf->main->zone,
                                      NGX_HTTP_MLIST_ZONE_ROUTE, key,
                                      r->pool, &value)
              == NGX_OK
           && value.len == 1;
}


void
ngx_http_mlist_route_forget(ngx_http_mlist_loc_conf_t *mlcf, ngx_str_t *name,
    ngx_str_t *digest)
{
    u_char      key[NGX_HTTP_MLIST_KEY_SIZE];
    ngx_uint_t  blob;

    for (blob = 0; blob < 2; blob++) {
        ngx_http_mlist_key_route(mlcf, name, digest, blob, key);
        ngx_http_mlist_zone_delete(mlcf->main->zone,
                                   NGX_HTTP_MLIST_ZONE_ROUTE, key);
    }
}

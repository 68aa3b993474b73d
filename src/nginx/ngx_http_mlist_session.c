/*
 * Upload sessions: see ngx_http_mlist_session.h.
 */


#include "ngx_http_mlist_session.h"
#include "ngx_http_mlist_key.h"
#include "ngx_http_mlist_registry.h"
#include "ngx_http_mlist_zone.h"


/* as long as docker-registry keeps an upload that nobody goes on with */
#define NGX_HTTP_MLIST_SESSION_TTL  (7 * 24 * 60 * 60)


static void ngx_http_mlist_session_key(ngx_http_mlist_loc_conf_t *mlcf,
    ngx_str_t *path, u_char key[NGX_HTTP_MLIST_KEY_SIZE]);


ngx_int_t
ngx_http_mlist_session_get(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_registry_t **registry)
{
    u_char                      key[NGX_HTTP_MLIST_KEY_SIZE];
    ngx_int_t                   rc;
    ngx_str_t                   url;
    ngx_http_mlist_loc_conf_t  *mlcf;

    *registry = NULL;

    if (ctx->route.kind != MLIST_ROUTE_UPLOAD) {
        return NGX_OK;
    }

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    ngx_http_mlist_session_key(mlcf, &ctx->path, key);

    rc = ngx_http_mlist_zone_get(mlcf->main->zone, NGX_HTTP_MLIST_ZONE_ROUTE,
                                 key, r->pool, &url);

    if (rc == NGX_OK) {
        *registry = ngx_http_mlist_registry_find(mlcf->main, &url);
    }

    return rc == NGX_ERROR ? NGX_ERROR : NGX_OK;
}


void
ngx_http_mlist_session_answered(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_uint_t status, ngx_str_t *location)
{
    u_char                      key[NGX_HTTP_MLIST_KEY_SIZE], *p;
    ngx_str_t                   path;
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    if (mlcf->push == NULL
        || mlcf->push->value == NULL
        || status < NGX_HTTP_OK
        || status >= NGX_HTTP_SPECIAL_RESPONSE)
    {
        return;
    }

    /* a zone without room for it is no error: the variable may yield it */

    if (ctx->route.kind == MLIST_ROUTE_UPLOAD
        && r->method & (NGX_HTTP_PUT|NGX_HTTP_DELETE))
    {
        ngx_http_mlist_session_key(mlcf, &ctx->path, key);
        ngx_http_mlist_zone_delete(mlcf->main->zone,
                                   NGX_HTTP_MLIST_ZONE_ROUTE, key);
    }

    path = *location;

    p = ngx_strlchr(path.data, path.data + path.len, '?');
    if (p) {
        path.len = p - path.data;
    }

    if (mlist_route_parse(ngx_http_mlist_view(&path)).kind
        == MLIST_ROUTE_UPLOAD)
    {
        ngx_http_mlist_session_key(mlcf, &path, key);

        (void) ngx_http_mlist_zone_set(mlcf->main->zone,
                                       NGX_HTTP_MLIST_ZONE_ROUTE, key,
                                       &ctx->registry->url, 1,
                                       NGX_HTTP_MLIST_SESSION_TTL);
    }
}


static void
ngx_http_mlist_session_key(ngx_http_mlist_loc_conf_t *mlcf, ngx_str_t *path,
    u_char key[NGX_HTTP_MLIST_KEY_SIZE])
{
    ngx_str_t  pieces[4];

    ngx_str_set(&pieces[0], "upload");
    pieces[1].data = mlcf->fingerprint;
    pieces[1].len = NGX_HTTP_MLIST_KEY_SIZE;
    pieces[2] = mlcf->push->text;
    pieces[3] = *path;

    ngx_http_mlist_key_of(mlcf->main->zone, pieces, 4, key);
}

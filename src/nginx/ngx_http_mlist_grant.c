/*
 * Grants of registries to clients: see ngx_http_mlist_grant.h.
 */


#include "ngx_http_mlist_grant.h"
#include "ngx_http_mlist_stats.h"
#include "ngx_http_mlist_zone.h"


#define NGX_HTTP_MLIST_GRANT_MAX  60     /* seconds */


typedef struct {
    time_t    since;         /* of the first that counts */
    uint32_t  sources;
} ngx_http_mlist_grant_t;


static ngx_int_t ngx_http_mlist_grant_get(ngx_http_request_t *r,
    ngx_http_mlist_loc_conf_t *mlcf, ngx_str_t *name, u_char *key,
    ngx_http_mlist_grant_t *grant);
static ngx_int_t ngx_http_mlist_grant_key(ngx_http_request_t *r,
    ngx_http_mlist_loc_conf_t *mlcf, ngx_str_t *name, u_char *key);


ngx_uint_t
ngx_http_mlist_grant_known(ngx_http_request_t *r, ngx_str_t *name,
    uint32_t needed)
{
    u_char                      key[NGX_HTTP_MLIST_KEY_SIZE];
    ngx_http_mlist_grant_t      grant;
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    if (mlcf->auth == NGX_HTTP_MLIST_AUTH_NGINX) {
        return 1;
    }

    return mlcf->valid > 0
           && ngx_http_mlist_grant_get(r, mlcf, name, key, &grant) == NGX_OK
           && (needed & ~grant.sources) == 0;
}


void
ngx_http_mlist_grant_note(ngx_http_request_t *r, ngx_str_t *name,
    uint32_t sources)
{
    u_char                      key[NGX_HTTP_MLIST_KEY_SIZE];
    time_t                      ttl;
    ngx_int_t                   rc;
    ngx_str_t                   value;
    ngx_http_mlist_grant_t      grant;
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    if (mlcf->auth == NGX_HTTP_MLIST_AUTH_NGINX) {
        return;
    }

    (void) ngx_http_mlist_stats_auth(mlcf, NGX_OK);

    if (mlcf->valid == 0) {
        return;
    }

    rc = ngx_http_mlist_grant_get(r, mlcf, name, key, &grant);

    if (rc == NGX_ERROR) {
        return;
    }

    if (rc != NGX_OK || (grant.sources & ~sources) == 0) {
        ngx_memzero(&grant, sizeof(ngx_http_mlist_grant_t));
        grant.since = ngx_time();
    }

    grant.sources |= sources;

    ttl = ngx_min(mlcf->valid, NGX_HTTP_MLIST_GRANT_MAX);

    /* a clock that was set back makes it no longer */

    ttl = ngx_min(ttl, ttl - (ngx_time() - grant.since));

    if (ttl <= 0) {
        return;
    }

    value.data = (u_char *) &grant;
    value.len = sizeof(ngx_http_mlist_grant_t);

    (void) ngx_http_mlist_zone_set(mlcf->main->zone,
                                   NGX_HTTP_MLIST_ZONE_USER, key, &value, 1,
                                   ttl);
}


static ngx_int_t
ngx_http_mlist_grant_get(ngx_http_request_t *r,
    ngx_http_mlist_loc_conf_t *mlcf, ngx_str_t *name, u_char *key,
    ngx_http_mlist_grant_t *grant)
{
    ngx_int_t  rc;
    ngx_str_t  value;

    if (ngx_http_mlist_grant_key(r, mlcf, name, key) != NGX_OK) {
        return NGX_ERROR;
    }

    rc = ngx_http_mlist_zone_get(mlcf->main->zone, NGX_HTTP_MLIST_ZONE_USER,
                                 key, r->pool, &value);

    if (rc == NGX_OK) {
        ngx_memcpy(grant, value.data, sizeof(ngx_http_mlist_grant_t));
    }

    return rc;
}


/* With the zone's secret: a dump of it tells no token. */

static ngx_int_t
ngx_http_mlist_grant_key(ngx_http_request_t *r,
    ngx_http_mlist_loc_conf_t *mlcf, ngx_str_t *name, u_char *key)
{
    ngx_str_t  pieces[4];

    pieces[0].data = ngx_http_mlist_zone_secret(mlcf->main->zone);
    pieces[0].len = NGX_HTTP_MLIST_KEY_SIZE;
    pieces[1].data = mlcf->fingerprint;
    pieces[1].len = NGX_HTTP_MLIST_KEY_SIZE;
    pieces[2] = *name;
    ngx_str_null(&pieces[3]);

    if (r->headers_in.authorization) {
        pieces[3] = r->headers_in.authorization->value;
    }

    return ngx_http_mlist_zone_key(pieces, 4, key);
}

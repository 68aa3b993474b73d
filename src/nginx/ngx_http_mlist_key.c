/*
 * Keys of the zone: see ngx_http_mlist_key.h.
 */


#include "ngx_http_mlist_key.h"
#include "ngx_http_mlist_store.h"
#include "ngx_http_mlist_zone.h"


#define NGX_HTTP_MLIST_KEY_PIECES  8


static void ngx_http_mlist_key_secrets(ngx_http_mlist_loc_conf_t *mlcf);
static void ngx_http_mlist_key_pad(u_char *key);
static void ngx_http_mlist_key_two(u_char *secret, ngx_str_t *one,
    ngx_str_t *two, u_char *key);


void
ngx_http_mlist_key_tag(ngx_http_mlist_loc_conf_t *mlcf, ngx_str_t *name,
    ngx_str_t *tag, u_char key[NGX_HTTP_MLIST_KEY_SIZE])
{
    ngx_http_mlist_key_secrets(mlcf);
    ngx_http_mlist_key_two(mlcf->tag_secret, name, tag, key);
}


u_char *
ngx_http_mlist_key_all(ngx_http_mlist_loc_conf_t *mlcf)
{
    ngx_http_mlist_key_secrets(mlcf);

    return mlcf->all_key;
}


void
ngx_http_mlist_key_list(ngx_http_mlist_loc_conf_t *mlcf, ngx_str_t *name,
    ngx_str_t *digest, u_char key[NGX_HTTP_MLIST_KEY_SIZE])
{
    ngx_http_mlist_key_secrets(mlcf);
    ngx_http_mlist_key_two(mlcf->list_secret, name, digest, key);
}


void
ngx_http_mlist_key_route(ngx_http_mlist_loc_conf_t *mlcf, ngx_str_t *name,
    ngx_str_t *digest, ngx_uint_t blob, u_char key[NGX_HTTP_MLIST_KEY_SIZE])
{
    ngx_http_mlist_key_secrets(mlcf);
    ngx_http_mlist_key_two(blob ? mlcf->blob_secret : mlcf->manifest_secret,
                           name, digest, key);
}


void
ngx_http_mlist_key_of(ngx_http_mlist_zone_t *zone, ngx_str_t *pieces,
    ngx_uint_t n, u_char key[NGX_HTTP_MLIST_KEY_SIZE])
{
    ngx_uint_t   i;
    mlist_str_t  views[NGX_HTTP_MLIST_KEY_PIECES];

    for (i = 0; i < n; i++) {
        views[i] = ngx_http_mlist_view(&pieces[i]);
    }

    mlist_siphash(ngx_http_mlist_zone_secret(zone), views, n, key);
    ngx_http_mlist_key_pad(key);
}


/*
 * What all keys of a location have in common is hashed once, into secrets of
 * its own; not before the zone is there, which the configuration never sees.
 */

static void
ngx_http_mlist_key_secrets(ngx_http_mlist_loc_conf_t *mlcf)
{
    u_char       *secret;
    ngx_str_t     id;
    mlist_str_t   pieces[4];

    static const mlist_str_t  tag = MLIST_STR("tag");
    static const mlist_str_t  list = MLIST_STR("list");
    static const mlist_str_t  blob = MLIST_STR("blob");
    static const mlist_str_t  manifest = MLIST_STR("manifest");
    static const mlist_str_t  none = MLIST_STR("");

    if (mlcf->has_secrets) {
        return;
    }

    secret = ngx_http_mlist_zone_secret(mlcf->main->zone);

    id.data = mlcf->fingerprint;
    id.len = NGX_HTTP_MLIST_KEY_SIZE;

    pieces[0] = tag;
    pieces[1] = ngx_http_mlist_view(&id);
    pieces[2] = none;
    pieces[3] = none;

    if (mlcf->store) {
        pieces[2] = ngx_http_mlist_view(ngx_http_mlist_store_id(mlcf->store));
    }

    if (mlcf->publish && mlcf->push) {
        pieces[3] = ngx_http_mlist_view(&mlcf->push->registry->url);
    }

    mlist_siphash(secret, pieces, 4, mlcf->tag_secret);

    pieces[0] = blob;
    mlist_siphash(secret, pieces, 2, mlcf->blob_secret);

    pieces[0] = manifest;
    mlist_siphash(secret, pieces, 2, mlcf->manifest_secret);

    pieces[0] = list;

    if (mlcf->store) {
        pieces[1] = none;
    }

    mlist_siphash(secret, pieces, 3, mlcf->list_secret);

    ngx_str_null(&id);
    ngx_http_mlist_key_two(mlcf->tag_secret, &id, &id, mlcf->all_key);

    mlcf->has_secrets = 1;
}


static void
ngx_http_mlist_key_two(u_char *secret, ngx_str_t *one, ngx_str_t *two,
    u_char *key)
{
    mlist_str_t  pieces[2];

    pieces[0] = ngx_http_mlist_view(one);
    pieces[1] = ngx_http_mlist_view(two);

    mlist_siphash(secret, pieces, 2, key);
    ngx_http_mlist_key_pad(key);
}


static void
ngx_http_mlist_key_pad(u_char *key)
{
    ngx_memzero(key + MLIST_SIPHASH_SIZE,
                NGX_HTTP_MLIST_KEY_SIZE - MLIST_SIPHASH_SIZE);
}

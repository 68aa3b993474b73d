/*
 * What registries have told of: see ngx_http_mlist_told.h.
 */


#include "ngx_http_mlist_told.h"
#include "ngx_http_mlist_key.h"
#include "ngx_http_mlist_zone.h"


/* How long it counts, in seconds. */
#define NGX_HTTP_MLIST_TOLD      (NGX_HTTP_MLIST_TAG_SETTLE / 1000000)

/* Two registries may tell of one name and tag at the same time. */
#define NGX_HTTP_MLIST_TOLD_MAX  8


typedef struct {
    uint64_t    number;          /* in the zone's order */
    time_t      expires;
    u_char      len;
    u_char      digest[MLIST_DIGEST_MAX];
} ngx_http_mlist_told_t;


static ngx_int_t ngx_http_mlist_told_get(ngx_http_request_t *r,
    ngx_str_t *name, ngx_str_t *tag, u_char *key,
    ngx_http_mlist_told_t *told, ngx_uint_t *n);
static ngx_int_t ngx_http_mlist_told_check(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build, ngx_http_mlist_spot_t *spot,
    ngx_http_mlist_told_t *told);
static ngx_uint_t ngx_http_mlist_told_held(ngx_http_mlist_build_t *build,
    ngx_http_mlist_spot_t *spot, ngx_http_mlist_told_t *told);


ngx_int_t
ngx_http_mlist_told_note(ngx_http_request_t *r, ngx_str_t *name,
    ngx_str_t *tag, ngx_str_t *digest)
{
    u_char                       key[NGX_HTTP_MLIST_KEY_SIZE];
    ngx_str_t                    value;
    ngx_uint_t                   n;
    ngx_http_mlist_told_t        told[NGX_HTTP_MLIST_TOLD_MAX], *t;
    ngx_http_mlist_main_conf_t  *mmcf;

    mmcf = ngx_http_get_module_main_conf(r, ngx_http_mlist_module);

    if (digest->len > MLIST_DIGEST_MAX
        || ngx_http_mlist_told_get(r, name, tag, key, told, &n) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (n == NGX_HTTP_MLIST_TOLD_MAX) {
        n--;
        ngx_memmove(told, told + 1, n * sizeof(ngx_http_mlist_told_t));
    }

    t = &told[n++];

    ngx_memzero(t, sizeof(ngx_http_mlist_told_t));

    t->number = ngx_http_mlist_zone_draw(mmcf->zone);
    t->expires = ngx_time() + NGX_HTTP_MLIST_TOLD;
    t->len = (u_char) digest->len;
    ngx_memcpy(t->digest, digest->data, digest->len);

    value.data = (u_char *) told;
    value.len = n * sizeof(ngx_http_mlist_told_t);

    (void) ngx_http_mlist_zone_set(mmcf->zone, NGX_HTTP_MLIST_ZONE_TAG, key,
                                   &value, 1,
                                   NGX_HTTP_MLIST_TOLD);

    return NGX_OK;
}


/* What counts of what was told of a tag, and the key that it has. */

static ngx_int_t
ngx_http_mlist_told_get(ngx_http_request_t *r, ngx_str_t *name,
    ngx_str_t *tag, u_char *key, ngx_http_mlist_told_t *told, ngx_uint_t *n)
{
    ngx_int_t                    rc;
    ngx_str_t                    value, pieces[3];
    ngx_uint_t                   i, all;
    ngx_http_mlist_told_t        t;
    ngx_http_mlist_main_conf_t  *mmcf;

    mmcf = ngx_http_get_module_main_conf(r, ngx_http_mlist_module);

    ngx_str_set(&pieces[0], "told");
    pieces[1] = *name;
    pieces[2] = *tag;

    *n = 0;

    ngx_http_mlist_key_of(mmcf->zone, pieces, 3, key);

    rc = ngx_http_mlist_zone_get(mmcf->zone, NGX_HTTP_MLIST_ZONE_TAG, key,
                                 r->pool, &value);

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    all = (rc == NGX_OK) ? value.len / sizeof(ngx_http_mlist_told_t) : 0;

    for (i = 0; i < ngx_min(all, NGX_HTTP_MLIST_TOLD_MAX); i++) {

        ngx_memcpy(&t, value.data + i * sizeof(ngx_http_mlist_told_t),
                   sizeof(ngx_http_mlist_told_t));

        if (t.expires > ngx_time()) {
            told[(*n)++] = t;
        }
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_mlist_told_seen(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build)
{
    u_char                       key[NGX_HTTP_MLIST_KEY_SIZE];
    ngx_int_t                    rc;
    ngx_uint_t                   i, j, n;
    ngx_http_mlist_spot_t       *spot;
    ngx_http_mlist_told_t        told[NGX_HTTP_MLIST_TOLD_MAX];
    ngx_http_mlist_main_conf_t  *mmcf;

    mmcf = ngx_http_get_module_main_conf(r, ngx_http_mlist_module);

    if (!mmcf->notified) {
        return NGX_OK;
    }

    for (i = 0; i < build->nspots; i++) {
        spot = &build->spots[i];

        if (ngx_http_mlist_told_get(r, &spot->target.name, &spot->tag, key,
                                    told, &n)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        for (j = 0; j < n; j++) {
            rc = ngx_http_mlist_told_check(r, build, spot, &told[j]);

            if (rc != NGX_OK) {
                return rc;
            }
        }
    }

    return NGX_OK;
}


/*
 * What was seen once since it was told may have been replaced by now.
 * NGX_OK, NGX_DECLINED or NGX_ERROR as above.
 */

static ngx_int_t
ngx_http_mlist_told_check(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build, ngx_http_mlist_spot_t *spot,
    ngx_http_mlist_told_t *told)
{
    u_char                       key[NGX_HTTP_MLIST_KEY_SIZE];
    uint64_t                     number;
    ngx_int_t                    rc;
    ngx_str_t                    value, pieces[4];
    ngx_http_mlist_main_conf_t  *mmcf;

    mmcf = ngx_http_get_module_main_conf(r, ngx_http_mlist_module);

    ngx_str_set(&pieces[0], "seen");
    pieces[1] = spot->target.name;
    pieces[2] = spot->tag;
    pieces[3].data = told->digest;
    pieces[3].len = told->len;

    ngx_http_mlist_key_of(mmcf->zone, pieces, 4, key);

    if (ngx_http_mlist_told_held(build, spot, told)) {

        value.data = (u_char *) &build->tag.number;
        value.len = sizeof(uint64_t);

        (void) ngx_http_mlist_zone_set(mmcf->zone, NGX_HTTP_MLIST_ZONE_TAG,
                                       key, &value, 1,
                                       NGX_HTTP_MLIST_TOLD);
        return NGX_OK;
    }

    rc = ngx_http_mlist_zone_get(mmcf->zone, NGX_HTTP_MLIST_ZONE_TAG, key,
                                 r->pool, &value);

    if (rc != NGX_OK) {
        return rc;
    }

    ngx_memcpy(&number, value.data, sizeof(uint64_t));

    return number > told->number ? NGX_OK : NGX_DECLINED;
}


/* 1 if that registry, or another one with that name and tag, holds it. */

static ngx_uint_t
ngx_http_mlist_told_held(ngx_http_mlist_build_t *build,
    ngx_http_mlist_spot_t *spot, ngx_http_mlist_told_t *told)
{
    ngx_uint_t              i;
    ngx_http_mlist_spot_t  *other;

    for (i = 0; i < build->nspots; i++) {
        other = &build->spots[i];

        if (mlist_str_eq(ngx_http_mlist_view(&other->target.name),
                         ngx_http_mlist_view(&spot->target.name))
            && mlist_str_eq(ngx_http_mlist_view(&other->tag),
                            ngx_http_mlist_view(&spot->tag))
            && other->digest.len == told->len
            && ngx_memcmp(other->digest.text, told->digest, told->len) == 0)
        {
            return 1;
        }
    }

    return 0;
}

/*
 * What a tag was last answered with: see ngx_http_mlist_tag.h.
 */


#include "ngx_http_mlist_tag.h"
#include "ngx_http_mlist_zone.h"


ngx_int_t
ngx_http_mlist_tag_get(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_tag_t *tag)
{
    u_char                      key[NGX_HTTP_MLIST_KEY_SIZE];
    ngx_int_t                   rc;
    ngx_str_t                   value;
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    if (ngx_http_mlist_tag_key(mlcf, &ctx->name, &ctx->reference, key)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    rc = ngx_http_mlist_zone_get(mlcf->main->zone, NGX_HTTP_MLIST_ZONE_TAG,
                                 key, r->pool, &value);

    if (rc == NGX_OK) {
        ngx_memcpy(tag, value.data, sizeof(ngx_http_mlist_tag_t));
    }

    return rc;
}


void
ngx_http_mlist_tag_set(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_tag_t *tag)
{
    u_char                      key[NGX_HTTP_MLIST_KEY_SIZE];
    ngx_str_t                   value;
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    if (ngx_http_mlist_tag_key(mlcf, &ctx->name, &ctx->reference, key)
        != NGX_OK)
    {
        return;
    }

    value.data = (u_char *) tag;
    value.len = sizeof(ngx_http_mlist_tag_t);

    (void) ngx_http_mlist_zone_set(mlcf->main->zone, NGX_HTTP_MLIST_ZONE_TAG,
                                   key, &value, 1, 0);
}


ngx_int_t
ngx_http_mlist_tag_key(ngx_http_mlist_loc_conf_t *mlcf, ngx_str_t *name,
    ngx_str_t *tag, u_char key[NGX_HTTP_MLIST_KEY_SIZE])
{
    ngx_str_t  pieces[3];

    pieces[0].data = mlcf->fingerprint;
    pieces[0].len = NGX_HTTP_MLIST_KEY_SIZE;
    pieces[1] = *name;
    pieces[2] = *tag;

    return ngx_http_mlist_zone_key(pieces, 3, key);
}


ngx_int_t
ngx_http_mlist_tag_observe(ngx_http_request_t *r,
    ngx_http_mlist_spot_t *spots, ngx_uint_t n, ngx_http_mlist_tag_t *tag)
{
    ngx_str_t   *pieces;
    ngx_uint_t   i;

    pieces = ngx_pcalloc(r->pool, n * sizeof(ngx_str_t));
    if (pieces == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < n; i++) {
        if (spots[i].state == NGX_HTTP_MLIST_SPOT_PRESENT
            || spots[i].state == NGX_HTTP_MLIST_SPOT_FETCHED)
        {
            pieces[i] = ngx_http_mlist_ngx_str(
                                         mlist_digest_str(&spots[i].digest));
        }
    }

    return ngx_http_mlist_zone_key(pieces, n, tag->observed);
}


ngx_str_t
ngx_http_mlist_tag_digest(ngx_http_mlist_tag_t *tag, mlist_media_e type)
{
    ngx_str_t  digest;

    if (type == MLIST_MEDIA_DOCKER_LIST) {
        digest.data = tag->docker;
        digest.len = tag->docker_len;

    } else {
        digest.data = tag->oci;
        digest.len = tag->oci_len;
    }

    return digest;
}


void
ngx_http_mlist_tag_note(ngx_http_mlist_tag_t *tag, mlist_media_e type,
    ngx_str_t *digest)
{
    if (type == MLIST_MEDIA_DOCKER_LIST) {
        ngx_memcpy(tag->docker, digest->data, digest->len);
        tag->docker_len = (u_char) digest->len;

    } else {
        ngx_memcpy(tag->oci, digest->data, digest->len);
        tag->oci_len = (u_char) digest->len;
    }
}

/*
 * What a tag was last answered with: see ngx_http_mlist_tag.h.
 */


#include "ngx_http_mlist_tag.h"
#include "ngx_http_mlist_key.h"
#include "ngx_http_mlist_zone.h"


static ngx_int_t ngx_http_mlist_tag_read(ngx_http_mlist_loc_conf_t *mlcf,
    ngx_str_t *name, ngx_str_t *tag, ngx_http_mlist_tag_t *known,
    ngx_http_mlist_zone_drops_t *drops);


ngx_int_t
ngx_http_mlist_tag_get(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_tag_t *tag)
{
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    return ngx_http_mlist_tag_known(mlcf, &ctx->name, &ctx->reference, tag);
}


ngx_int_t
ngx_http_mlist_tag_look(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_tag_t *tag, uint64_t *drop)
{
    ngx_int_t                     rc;
    ngx_http_mlist_loc_conf_t    *mlcf;
    ngx_http_mlist_zone_drops_t   drops;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    rc = ngx_http_mlist_tag_read(mlcf, &ctx->name, &ctx->reference, tag,
                                 &drops);
    if (rc != NGX_OK) {
        return rc;
    }

    /* mostly nothing wide was dropped since, which need not be looked up */

    *drop = drops.wide > tag->number
                ? ngx_http_mlist_tag_last_drop(mlcf, &ctx->name,
                                               &ctx->reference)
                : drops.own;

    return NGX_OK;
}


ngx_int_t
ngx_http_mlist_tag_known(ngx_http_mlist_loc_conf_t *mlcf, ngx_str_t *name,
    ngx_str_t *tag, ngx_http_mlist_tag_t *known)
{
    ngx_http_mlist_zone_drops_t  drops;

    return ngx_http_mlist_tag_read(mlcf, name, tag, known, &drops);
}


static ngx_int_t
ngx_http_mlist_tag_read(ngx_http_mlist_loc_conf_t *mlcf, ngx_str_t *name,
    ngx_str_t *tag, ngx_http_mlist_tag_t *known,
    ngx_http_mlist_zone_drops_t *drops)
{
    u_char  key[NGX_HTTP_MLIST_KEY_SIZE];

    ngx_http_mlist_key_tag(mlcf, name, tag, key);

    return ngx_http_mlist_zone_read(mlcf->main->zone,
                                    NGX_HTTP_MLIST_ZONE_TAG, key,
                                    (u_char *) known,
                                    sizeof(ngx_http_mlist_tag_t), drops);
}


ngx_uint_t
ngx_http_mlist_tag_holds(ngx_http_mlist_loc_conf_t *mlcf, ngx_str_t *name,
    ngx_str_t *tag, ngx_str_t *digest)
{
    ngx_str_t             docker, oci;
    ngx_http_mlist_tag_t  known;

    if (ngx_http_mlist_tag_known(mlcf, name, tag, &known) != NGX_OK) {
        return 0;
    }

    docker = ngx_http_mlist_tag_digest(&known.last, MLIST_MEDIA_DOCKER_LIST);
    oci = ngx_http_mlist_tag_digest(&known.last, MLIST_MEDIA_OCI_INDEX);

    return !known.artifact
           && (mlist_str_eq(ngx_http_mlist_view(&docker),
                            ngx_http_mlist_view(digest))
               || mlist_str_eq(ngx_http_mlist_view(&oci),
                               ngx_http_mlist_view(digest)));
}


ngx_uint_t
ngx_http_mlist_tag_fresh(ngx_http_request_t *r, ngx_http_mlist_tag_t *tag,
    uint64_t drop)
{
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    /* another worker's cached time may be ahead of this one's */

    return mlcf->valid > 0
           && !tag->artifact
           && !tag->unsettled
           && (ngx_msec_int_t) (ngx_current_msec - tag->asked)
              < (ngx_msec_int_t) mlcf->valid * 1000
           && drop <= tag->number;
}


ngx_uint_t
ngx_http_mlist_tag_settled(ngx_http_mlist_loc_conf_t *mlcf, ngx_str_t *name,
    ngx_str_t *tag, uint64_t number)
{
    uint64_t  last;

    last = ngx_http_mlist_tag_last_drop(mlcf, name, tag);

    return number > last && number - last > NGX_HTTP_MLIST_TAG_SETTLE;
}


ngx_uint_t
ngx_http_mlist_tag_dropped(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_tag_t *tag)
{
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    return ngx_http_mlist_tag_last_drop(mlcf, &ctx->name, &ctx->reference)
           > tag->number;
}


uint64_t
ngx_http_mlist_tag_last_drop(ngx_http_mlist_loc_conf_t *mlcf,
    ngx_str_t *name, ngx_str_t *tag)
{
    u_char  *keys[3];
    u_char   one[NGX_HTTP_MLIST_KEY_SIZE], all[NGX_HTTP_MLIST_KEY_SIZE];

    static ngx_str_t  any;

    ngx_http_mlist_key_tag(mlcf, name, tag, one);
    ngx_http_mlist_key_tag(mlcf, name, &any, all);

    keys[0] = one;
    keys[1] = all;
    keys[2] = ngx_http_mlist_key_all(mlcf);

    return ngx_http_mlist_zone_dropped(mlcf->main->zone, keys, 3);
}


ngx_int_t
ngx_http_mlist_tag_set(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_tag_t *tag)
{
    u_char                      key[NGX_HTTP_MLIST_KEY_SIZE];
    ngx_str_t                   value, digest;
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    digest = ngx_http_mlist_tag_digest(&tag->last, MLIST_MEDIA_DOCKER_LIST);
    ngx_http_mlist_key_list(mlcf, &ctx->name, &digest, tag->docker_key);

    digest = ngx_http_mlist_tag_digest(&tag->last, MLIST_MEDIA_OCI_INDEX);
    ngx_http_mlist_key_list(mlcf, &ctx->name, &digest, tag->oci_key);

    ngx_http_mlist_key_tag(mlcf, &ctx->name, &ctx->reference, key);

    value.data = (u_char *) tag;
    value.len = sizeof(ngx_http_mlist_tag_t);

    return ngx_http_mlist_zone_set_ordered(mlcf->main->zone,
                                           NGX_HTTP_MLIST_ZONE_TAG, key,
                                           &value, 1, tag->number);
}


ngx_int_t
ngx_http_mlist_tag_newest(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_tag_t *tag)
{
    u_char                      key[NGX_HTTP_MLIST_KEY_SIZE];
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    if (ngx_http_mlist_tag_dropped(r, ctx, tag)) {
        return NGX_ABORT;
    }

    ngx_http_mlist_key_tag(mlcf, &ctx->name, &ctx->reference, key);

    return ngx_http_mlist_zone_newest(mlcf->main->zone,
                                      NGX_HTTP_MLIST_ZONE_TAG, key,
                                      tag->number);
}


ngx_int_t
ngx_http_mlist_tag_last_key(ngx_http_mlist_loc_conf_t *mlcf, ngx_str_t *name,
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


u_char *
ngx_http_mlist_tag_list_key(ngx_http_mlist_tag_t *tag, mlist_media_e type)
{
    return type == MLIST_MEDIA_DOCKER_LIST ? tag->docker_key : tag->oci_key;
}


ngx_str_t
ngx_http_mlist_tag_digest(ngx_http_mlist_last_t *last, mlist_media_e type)
{
    ngx_str_t  digest;

    if (type == MLIST_MEDIA_DOCKER_LIST) {
        digest.data = last->docker;
        digest.len = last->docker_len;

    } else {
        digest.data = last->oci;
        digest.len = last->oci_len;
    }

    return digest;
}


void
ngx_http_mlist_tag_note(ngx_http_mlist_last_t *last, mlist_media_e type,
    ngx_str_t *digest)
{
    if (type == MLIST_MEDIA_DOCKER_LIST) {
        ngx_memcpy(last->docker, digest->data, digest->len);
        last->docker_len = (u_char) digest->len;

    } else {
        ngx_memcpy(last->oci, digest->data, digest->len);
        last->oci_len = (u_char) digest->len;
    }
}

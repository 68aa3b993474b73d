/*
 * The last complete list of a tag: see ngx_http_mlist_stale.h.
 */


#include "ngx_http_mlist_stale.h"
#include "ngx_http_mlist_doc.h"
#include "ngx_http_mlist_gather.h"
#include "ngx_http_mlist_grant.h"
#include "ngx_http_mlist_judge.h"


static ngx_uint_t ngx_http_mlist_stale_granted(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build);


ngx_uint_t
ngx_http_mlist_stale_allowed(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build)
{
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    if (!build->required
        && (build->failure.stale == 0
            || (build->failure.stale & ~mlcf->use_stale) != 0))
    {
        return 0;
    }

    return !ngx_http_mlist_judge_refused(r, build)
           && ngx_http_mlist_stale_granted(r, build);
}


/* 1 if a source has accepted this client's credentials, else 0. */

static ngx_uint_t
ngx_http_mlist_stale_granted(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build)
{
    ngx_uint_t             i;
    ngx_http_mlist_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);

    if (ngx_http_mlist_grant_known(r, &ctx->name, 0)) {
        return 1;
    }

    for (i = 0; i < build->nspots; i++) {

        /* a digest is what an answer 200 has brought */

        if (build->spots[i].digest.len) {
            return 1;
        }
    }

    return 0;
}


ngx_int_t
ngx_http_mlist_stale_last(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build)
{
    ngx_int_t                   rc;
    ngx_http_mlist_ctx_t       *ctx;
    ngx_http_mlist_loc_conf_t  *mlcf;

    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);
    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    rc = NGX_DECLINED;

    if (!build->looked && mlcf->store) {

        /* another nginx may have made one since the zone's */

        if (ngx_http_mlist_tag_last_key(mlcf, &ctx->name, &ctx->reference,
                                        build->op.key)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        rc = ngx_http_mlist_store_last_get(r, mlcf->store, &build->op);

        if (rc == NGX_AGAIN) {
            return NGX_AGAIN;
        }

        if (rc == NGX_OK && build->op.last.number > build->last.number) {
            build->last = build->op.last;
        }
    }

    build->looked = 1;

    if (build->last.docker_len || build->last.oci_len) {
        return NGX_OK;
    }

    return rc == NGX_ERROR ? NGX_ERROR : NGX_DECLINED;
}


ngx_int_t
ngx_http_mlist_stale_get(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build)
{
    ngx_int_t              rc;
    ngx_http_mlist_ctx_t  *ctx;

    if (build->op.digest.len == 0) {

        rc = ngx_http_mlist_stale_last(r, build);

        if (rc != NGX_OK) {
            return rc;
        }

        ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);

        ngx_memzero(&build->op, sizeof(ngx_http_mlist_store_op_t));

        build->op.name = ctx->name;
        build->op.digest = ngx_http_mlist_tag_digest(&build->last,
                     ngx_http_mlist_gather_wanted(build, build->last.type));

        if (build->op.digest.len == 0) {
            return NGX_DECLINED;
        }
    }

    rc = ngx_http_mlist_doc_get(r, &build->op);

    /* a store that does not take it again is no reason: its digest is out */

    if (rc == NGX_ERROR && build->op.gone) {
        rc = NGX_OK;
    }

    if (rc == NGX_OK) {
        build->doc = build->op.doc;
    }

    return rc;
}

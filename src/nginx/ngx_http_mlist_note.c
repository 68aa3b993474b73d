/*
 * Notes what a flight has established: see ngx_http_mlist_note.h.
 */


#include "ngx_http_mlist_note.h"


static ngx_int_t ngx_http_mlist_note_op(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build);


ngx_int_t
ngx_http_mlist_note(ngx_http_request_t *r, ngx_http_mlist_build_t *build)
{
    ngx_int_t                   rc;
    ngx_http_mlist_ctx_t       *ctx;
    ngx_http_mlist_loc_conf_t  *mlcf;

    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);
    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    if (build->op.name.len == 0) {

        if (build->partial
            || build->unsettled
            || ngx_http_mlist_tag_set(r, ctx, &build->tag) == NGX_ABORT
            || build->tag.stored
            || mlcf->store == NULL)
        {
            return NGX_OK;
        }

        if (ngx_http_mlist_note_op(r, build) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    rc = ngx_http_mlist_store_last_put(r, mlcf->store, &build->op);

    if (rc == NGX_AGAIN) {
        return NGX_AGAIN;
    }

    /* an old answer that cannot be given later is no reason for none now */

    if (rc == NGX_OK || rc == NGX_DECLINED) {
        build->tag.stored = 1;
        (void) ngx_http_mlist_tag_set(r, ctx, &build->tag);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_mlist_note_op(ngx_http_request_t *r, ngx_http_mlist_build_t *build)
{
    ngx_http_mlist_ctx_t       *ctx;
    ngx_http_mlist_loc_conf_t  *mlcf;

    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);
    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    build->tag.last.number = build->tag.number;

    build->op.name = ctx->name;
    build->op.last = build->tag.last;
    build->op.doc = build->doc;

    return ngx_http_mlist_tag_last_key(mlcf, &ctx->name, &ctx->reference,
                                       build->op.key);
}

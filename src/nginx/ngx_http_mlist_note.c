/*
 * Notes what a flight has established: see ngx_http_mlist_note.h.
 */


#include "ngx_http_mlist_note.h"


/*
 * After so many microseconds of the zone's order the store is told again
 * what is a tag's last list: another nginx may have told it of a later one
 * that was taken back since.
 */
#define NGX_HTTP_MLIST_NOTE_AGAIN  600000000


static ngx_uint_t ngx_http_mlist_note_shorter(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build);
static ngx_uint_t ngx_http_mlist_note_stored(ngx_http_mlist_build_t *build);
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
            || ngx_http_mlist_note_shorter(r, build)
            || ngx_http_mlist_tag_set(r, ctx, &build->tag) == NGX_ABORT
            || ngx_http_mlist_note_stored(build)
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


void
ngx_http_mlist_note_nowhere(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build)
{
    ngx_http_mlist_ctx_t       *ctx;
    ngx_http_mlist_loc_conf_t  *mlcf;

    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);
    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    /* nothing is kept of what never was, nor for whom it may be hidden */

    if (!build->known || mlcf->auth == NGX_HTTP_MLIST_AUTH_REGISTRY) {
        return;
    }

    ngx_memzero(&build->tag.last, sizeof(ngx_http_mlist_last_t));

    build->tag.artifact = 0;
    build->tag.stored = 0;
    build->tag.published = 0;

    (void) ngx_http_mlist_tag_set(r, ctx, &build->tag);
}


/*
 * 1 if the list lacks what the last one had, and that may be so for this
 * client's credentials alone: some registries answer 404 for what a user may
 * not see.  It is given out, but not to others.
 */

static ngx_uint_t
ngx_http_mlist_note_shorter(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build)
{
    ngx_http_mlist_ctx_t       *ctx;
    ngx_http_mlist_tag_t        before;
    ngx_http_mlist_loc_conf_t  *mlcf;

    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);
    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    if (mlcf->auth == NGX_HTTP_MLIST_AUTH_NGINX
        || build->ntargets < 2
        || !build->known
        || (build->missing & ~build->last.missing) == 0)
    {
        return 0;
    }

    before.number = build->last.number;

    return !ngx_http_mlist_tag_dropped(r, ctx, &before);
}


/* 1 if the store knows of it, and has been told so lately; else 0. */

static ngx_uint_t
ngx_http_mlist_note_stored(ngx_http_mlist_build_t *build)
{
    return build->tag.stored
           && build->tag.number - build->tag.last.number
              < NGX_HTTP_MLIST_NOTE_AGAIN;
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

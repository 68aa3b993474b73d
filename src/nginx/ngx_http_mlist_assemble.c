/*
 * From what the sources contribute to a list: see
 * ngx_http_mlist_assemble.h.
 */


#include "ngx_http_mlist_assemble.h"
#include "ngx_http_mlist_compose.h"
#include "ngx_http_mlist_doc.h"
#include "ngx_http_mlist_gather.h"
#include "ngx_http_mlist_judge.h"
#include "ngx_http_mlist_route.h"


/* How many children of a source are learned; others are asked for. */
#define NGX_HTTP_MLIST_ASSEMBLE_LEARN  64


static ngx_int_t ngx_http_mlist_assemble_compose(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build);
static void ngx_http_mlist_assemble_changed(ngx_http_mlist_build_t *build,
    mlist_media_e own);
static ngx_int_t ngx_http_mlist_assemble_composed(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build);
static ngx_int_t ngx_http_mlist_assemble_shared(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build);
static ngx_int_t ngx_http_mlist_assemble_verbatim(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build);
static ngx_int_t ngx_http_mlist_assemble_keep(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build);
static ngx_int_t ngx_http_mlist_assemble_keeping(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build);
static ngx_int_t ngx_http_mlist_assemble_learn(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build);


ngx_int_t
ngx_http_mlist_assemble(ngx_http_request_t *r, ngx_http_mlist_build_t *build)
{
    switch (build->stage) {

    case NGX_HTTP_MLIST_ASSEMBLE_COMPOSE:
        return ngx_http_mlist_assemble_compose(r, build);

    case NGX_HTTP_MLIST_ASSEMBLE_SHARED:
        return ngx_http_mlist_assemble_shared(r, build);

    case NGX_HTTP_MLIST_ASSEMBLE_VERBATIM:
        return ngx_http_mlist_assemble_verbatim(r, build);

    default: /* NGX_HTTP_MLIST_ASSEMBLE_KEEPING */
        return ngx_http_mlist_assemble_keeping(r, build);
    }
}


static ngx_int_t
ngx_http_mlist_assemble_compose(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build)
{
    ngx_int_t                   rc;
    mlist_media_e               own, wanted;
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    rc = ngx_http_mlist_compose(r, build->parts, build->nparts, mlcf->type,
                                &build->composed);

    if (rc == NGX_OK) {
        own = build->composed.doc.type;
        wanted = ngx_http_mlist_gather_wanted(build, own);

        ngx_http_mlist_assemble_changed(build, own);

        if (wanted != own) {
            rc = ngx_http_mlist_compose(r, build->parts, build->nparts,
                                        wanted == MLIST_MEDIA_OCI_INDEX
                                            ? MLIST_TYPE_OCI
                                            : MLIST_TYPE_DOCKER,
                                        &build->composed);
        }
    }

    switch (rc) {

    case NGX_OK:
        return ngx_http_mlist_assemble_composed(r, build);

    case NGX_DECLINED:

        /* of a source that failed nobody knows what it has */

        return build->partial ? NGX_DECLINED : NGX_DONE;

    case NGX_ABORT:
        return ngx_http_mlist_failure_bad(r, &build->parts[0].source->label,
                                          &build->composed.reason,
                                          &build->failure)
               == NGX_OK
                   ? NGX_DECLINED : NGX_ERROR;

    default:
        return NGX_ERROR;
    }
}


/* What was known of another state of the tag does not hold for this one. */

static void
ngx_http_mlist_assemble_changed(ngx_http_mlist_build_t *build,
    mlist_media_e own)
{
    if (!build->same) {
        ngx_memzero(&build->tag.last, sizeof(ngx_http_mlist_last_t));

        build->tag.artifact = 0;
        build->tag.published = 0;
    }

    build->tag.stored = 0;
    build->tag.verbatim = build->composed.verbatim ? 1 : 0;

    build->missing = ngx_http_mlist_gather_missing(build)
                     | build->composed.missing;

    build->tag.last.type = own;
    build->tag.last.missing = build->missing;
}


static ngx_int_t
ngx_http_mlist_assemble_composed(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build)
{
    ngx_int_t               rc;
    ngx_http_mlist_ctx_t   *ctx;
    ngx_http_mlist_spot_t  *spot;

    rc = ngx_http_mlist_judge_required(r, build);

    if (rc != NGX_OK) {
        return rc;
    }

    build->status = build->partial ? NGX_HTTP_MLIST_STATUS_PARTIAL
                                   : NGX_HTTP_MLIST_STATUS_MISS;
    build->doc = build->composed.doc;

    spot = build->composed.verbatim;

    if (spot == NULL) {
        return ngx_http_mlist_assemble_keep(r, build);
    }

    if (spot->state == NGX_HTTP_MLIST_SPOT_FETCHED) {
        build->doc.body = spot->body;
        return ngx_http_mlist_assemble_keep(r, build);
    }

    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);

    ngx_memzero(&build->op, sizeof(ngx_http_mlist_store_op_t));

    build->op.name = ctx->name;
    build->op.digest = build->doc.digest;

    build->stage = NGX_HTTP_MLIST_ASSEMBLE_SHARED;

    return ngx_http_mlist_assemble_shared(r, build);
}


static ngx_int_t
ngx_http_mlist_assemble_shared(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build)
{
    ngx_int_t  rc;

    rc = ngx_http_mlist_doc_get(r, &build->op);

    if (rc == NGX_OK) {
        build->doc = build->op.doc;
        return ngx_http_mlist_assemble_keep(r, build);
    }

    if (rc == NGX_AGAIN) {
        return NGX_AGAIN;
    }

    if (ngx_http_mlist_spot_fetch(r, build->composed.verbatim) != NGX_OK) {
        return NGX_ERROR;
    }

    build->stage = NGX_HTTP_MLIST_ASSEMBLE_VERBATIM;

    return ngx_http_mlist_assemble_verbatim(r, build);
}


static ngx_int_t
ngx_http_mlist_assemble_verbatim(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build)
{
    ngx_int_t               rc;
    ngx_http_mlist_spot_t  *spot;

    spot = build->composed.verbatim;

    rc = ngx_http_mlist_spot_step(r, spot);

    if (rc != NGX_OK) {
        return rc;
    }

    rc = ngx_http_mlist_judge_failed(r, build);

    if (rc != NGX_OK) {
        return rc;
    }

    if (spot->state != NGX_HTTP_MLIST_SPOT_FETCHED) {

        /* it was an optional source's: without it the list is another one */

        build->same = 0;

        return NGX_ABORT;
    }

    build->doc.body = spot->body;

    return ngx_http_mlist_assemble_keep(r, build);
}


/* Its digest goes out only when the list is where it can be read again. */

static ngx_int_t
ngx_http_mlist_assemble_keep(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build)
{
    ngx_http_mlist_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);

    ngx_memzero(&build->op, sizeof(ngx_http_mlist_store_op_t));

    build->op.name = ctx->name;
    build->op.doc = build->doc;

    build->stage = NGX_HTTP_MLIST_ASSEMBLE_KEEPING;

    return ngx_http_mlist_assemble_keeping(r, build);
}


static ngx_int_t
ngx_http_mlist_assemble_keeping(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build)
{
    ngx_int_t                   rc;
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    rc = ngx_http_mlist_doc_keep(r, &build->op);

    if (rc == NGX_AGAIN) {
        return NGX_AGAIN;
    }

    if (rc != NGX_OK) {
        ngx_memzero(&build->failure, sizeof(ngx_http_mlist_failure_t));

        build->failure.status = NGX_HTTP_SERVICE_UNAVAILABLE;
        build->failure.error = MLIST_ERR_UNAVAILABLE;
        ngx_str_set(&build->failure.detail,
                    "the store could not take the list");

        return NGX_DECLINED;
    }

    ngx_http_mlist_tag_note(&build->tag.last, build->doc.type,
                            &build->doc.digest);

    return build->ntargets > 1 || mlcf->store
               ? ngx_http_mlist_assemble_learn(r, build) : NGX_OK;
}


/* Who has which child is known, so no other source or store is asked. */

static ngx_int_t
ngx_http_mlist_assemble_learn(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build)
{
    size_t                  n;
    ngx_str_t               digest;
    ngx_uint_t              i, j;
    mlist_digest_t         *digests;
    ngx_http_mlist_ctx_t   *ctx;
    ngx_http_mlist_part_t  *part;

    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);

    digests = ngx_palloc(r->pool, NGX_HTTP_MLIST_ASSEMBLE_LEARN
                                  * sizeof(mlist_digest_t));
    if (digests == NULL) {
        return NGX_ERROR;
    }

    /* the last one that is noted counts, and that is to be the first */

    for (i = build->nparts; i--; /* void */) {
        part = &build->parts[i];

        if (part->state != NGX_HTTP_MLIST_PART_READY
            || mlist_index_children(ngx_http_mlist_view(&part->json), digests,
                                    NGX_HTTP_MLIST_ASSEMBLE_LEARN, &n)
               != MLIST_OK)
        {
            continue;
        }

        for (j = 0; j < n; j++) {
            digest = ngx_http_mlist_ngx_str(mlist_digest_str(&digests[j]));

            ngx_http_mlist_route_learn(r, &ctx->name, &digest, 0,
                                     part->spot->index);
        }
    }

    return NGX_OK;
}

/*
 * The work of a flight: see ngx_http_mlist_build.h.
 * Static functions return what the phase handler is to return.
 */


#include "ngx_http_mlist_build.h"
#include "ngx_http_mlist_assemble.h"
#include "ngx_http_mlist_build_state.h"
#include "ngx_http_mlist_carrier.h"
#include "ngx_http_mlist_doc.h"
#include "ngx_http_mlist_gather.h"
#include "ngx_http_mlist_grant.h"
#include "ngx_http_mlist_judge.h"
#include "ngx_http_mlist_note.h"
#include "ngx_http_mlist_publish.h"
#include "ngx_http_mlist_report.h"
#include "ngx_http_mlist_seen.h"
#include "ngx_http_mlist_stale.h"
#include "ngx_http_mlist_told.h"


static ngx_int_t ngx_http_mlist_build_resume(ngx_http_request_t *r,
    void *state);
static ngx_int_t ngx_http_mlist_build_step(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build);
static ngx_int_t ngx_http_mlist_build_asking(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build);
static ngx_int_t ngx_http_mlist_build_last(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build);
static ngx_int_t ngx_http_mlist_build_unchanged(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build);
static ngx_int_t ngx_http_mlist_build_known(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build);
static ngx_int_t ngx_http_mlist_build_step_parts(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build);
static ngx_int_t ngx_http_mlist_build_parts(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build);
static ngx_int_t ngx_http_mlist_build_present(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build);
static ngx_int_t ngx_http_mlist_build_artifact(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build);
static ngx_int_t ngx_http_mlist_build_assembling(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build);
static ngx_int_t ngx_http_mlist_build_listed(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build);
static ngx_int_t ngx_http_mlist_build_noting(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build);
static ngx_int_t ngx_http_mlist_build_failed(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build);
static ngx_int_t ngx_http_mlist_build_stale(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build);
static ngx_int_t ngx_http_mlist_build_end(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build, ngx_http_mlist_verdict_e kind);
static ngx_int_t ngx_http_mlist_build_publishing(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build);


ngx_int_t
ngx_http_mlist_build_start(ngx_http_request_t *r,
    ngx_http_mlist_flight_t *flight)
{
    ngx_int_t                rc;
    ngx_uint_t               i;
    ngx_http_mlist_ctx_t    *ctx;
    ngx_http_mlist_build_t  *build;

    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);

    build = ngx_pcalloc(r->pool, sizeof(ngx_http_mlist_build_t));
    if (build == NULL) {
        ngx_http_mlist_flight_end(r, flight, NULL, 0);
        return ngx_http_mlist_carrier_end(r);
    }

    build->flight = flight;
    build->want = flight->want;

    ctx->state = build;
    ctx->resume = ngx_http_mlist_build_resume;

    rc = ngx_http_mlist_gather_sources(r, ctx, build);

    if (rc == NGX_OK) {
        rc = ngx_http_mlist_tag_get(r, ctx, &build->tag);
    }

    if (rc == NGX_ERROR) {
        return ngx_http_mlist_build_end(r, build,
                                        NGX_HTTP_MLIST_VERDICT_FAILED);
    }

    build->known = (rc == NGX_OK);

    /* it was found unchanged under that number, whenever it was made */

    build->last = build->tag.last;
    build->last.number = build->tag.number;

    build->tag.number = flight->number;
    build->tag.asked = flight->asked;

    /* where nothing is known a GET tells at once what is needed anyway */

    for (i = 0; i < build->nspots; i++) {
        if (ngx_http_mlist_spot_ask(r, &build->spots[i], build->known)
            != NGX_OK)
        {
            return ngx_http_mlist_build_end(r, build,
                                            NGX_HTTP_MLIST_VERDICT_FAILED);
        }
    }

    return ngx_http_mlist_build_resume(r, build);
}


static ngx_int_t
ngx_http_mlist_build_resume(ngx_http_request_t *r, void *state)
{
    ngx_int_t                rc;
    ngx_http_mlist_build_t  *build;

    build = state;

    rc = ngx_http_mlist_build_step(r, build);

    if (rc == NGX_ERROR) {
        ngx_memzero(&build->failure, sizeof(ngx_http_mlist_failure_t));

        return ngx_http_mlist_build_end(r, build,
                                        NGX_HTTP_MLIST_VERDICT_FAILED);
    }

    return rc;
}


static ngx_int_t
ngx_http_mlist_build_step(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build)
{
    switch (build->state) {

    case NGX_HTTP_MLIST_BUILD_ASKING:
        return ngx_http_mlist_build_asking(r, build);

    case NGX_HTTP_MLIST_BUILD_LAST:
        return ngx_http_mlist_build_last(r, build);

    case NGX_HTTP_MLIST_BUILD_KNOWN:
        return ngx_http_mlist_build_known(r, build);

    case NGX_HTTP_MLIST_BUILD_PARTS:
        return ngx_http_mlist_build_parts(r, build);

    case NGX_HTTP_MLIST_BUILD_ASSEMBLING:
        return ngx_http_mlist_build_assembling(r, build);

    case NGX_HTTP_MLIST_BUILD_NOTING:
        return ngx_http_mlist_build_noting(r, build);

    case NGX_HTTP_MLIST_BUILD_STALE:
        return ngx_http_mlist_build_stale(r, build);

    case NGX_HTTP_MLIST_BUILD_PUBLISHING:
        return ngx_http_mlist_build_publishing(r, build);

    default: /* NGX_HTTP_MLIST_BUILD_ENDED */
        return ngx_http_mlist_carrier_end(r);
    }
}


static ngx_int_t
ngx_http_mlist_build_asking(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build)
{
    u_char      observed[NGX_HTTP_MLIST_KEY_SIZE];
    ngx_int_t   rc;
    ngx_uint_t  i, waiting;

    waiting = 0;

    for (i = 0; i < build->nspots; i++) {

        rc = ngx_http_mlist_spot_step(r, &build->spots[i]);

        if (rc == NGX_ERROR) {
            return NGX_ERROR;
        }

        if (rc == NGX_AGAIN) {
            waiting = 1;
        }
    }

    /* of a tag not known before everything is needed, so why wait */

    if (!build->known
        && ngx_http_mlist_build_step_parts(r, build) == NGX_ERROR)
    {
        return NGX_ERROR;
    }

    if (waiting) {
        return NGX_AGAIN;
    }

    ngx_memcpy(observed, build->tag.observed, NGX_HTTP_MLIST_KEY_SIZE);

    if (ngx_http_mlist_tag_observe(r, build->spots, build->nspots,
                                   &build->tag)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    rc = ngx_http_mlist_told_seen(r, build);

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    build->tag.unsettled = (rc == NGX_DECLINED);

    build->same = build->known
                  && ngx_memcmp(observed, build->tag.observed,
                                NGX_HTTP_MLIST_KEY_SIZE)
                     == 0;

    build->state = NGX_HTTP_MLIST_BUILD_LAST;

    return ngx_http_mlist_build_last(r, build);
}


/* What a denial means depends on what was complete before. */

static ngx_int_t
ngx_http_mlist_build_last(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build)
{
    ngx_int_t  rc;

    if (ngx_http_mlist_judge_denied(build)) {

        rc = ngx_http_mlist_stale_last(r, build);

        if (rc == NGX_AGAIN) {
            return NGX_AGAIN;
        }

        build->unknown = (rc == NGX_ERROR);
    }

    build->state = NGX_HTTP_MLIST_BUILD_PARTS;

    rc = ngx_http_mlist_judge_failed(r, build);

    if (rc == NGX_DECLINED) {
        return ngx_http_mlist_build_failed(r, build);
    }

    if (rc != NGX_OK) {
        return rc;
    }

    if (!build->same || build->partial) {
        return ngx_http_mlist_build_parts(r, build);
    }

    if (build->tag.artifact) {
        return ngx_http_mlist_build_present(r, build);
    }

    return ngx_http_mlist_build_unchanged(r, build);
}


static ngx_int_t
ngx_http_mlist_build_unchanged(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build)
{
    ngx_http_mlist_ctx_t   *ctx;
    ngx_http_mlist_last_t  *last;

    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);
    last = &build->tag.last;

    ngx_memzero(&build->op, sizeof(ngx_http_mlist_store_op_t));

    build->op.name = ctx->name;
    build->op.digest = ngx_http_mlist_tag_digest(last,
                           ngx_http_mlist_gather_wanted(build, last->type));

    /*
     * Of an index that passes as it is a child is found in what it was read
     * as, where its bytes do not tell.
     */

    if (build->op.digest.len == 0
        || (build->tag.verbatim && build->want == NGX_HTTP_MLIST_WANT_CHILD))
    {
        return ngx_http_mlist_build_parts(r, build);
    }

    build->state = NGX_HTTP_MLIST_BUILD_KNOWN;

    return ngx_http_mlist_build_known(r, build);
}


static ngx_int_t
ngx_http_mlist_build_known(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build)
{
    ngx_int_t  rc;

    rc = ngx_http_mlist_doc_get(r, &build->op);

    if (rc == NGX_AGAIN) {
        return NGX_AGAIN;
    }

    /* gone, or not to be read: it is made again */

    if (rc != NGX_OK) {
        build->state = NGX_HTTP_MLIST_BUILD_PARTS;
        return ngx_http_mlist_build_parts(r, build);
    }

    if (build->op.gone) {
        build->tag.stored = 0;
    }

    build->doc = build->op.doc;
    build->missing = build->tag.last.missing;
    build->status = NGX_HTTP_MLIST_STATUS_REVALIDATED;

    return ngx_http_mlist_build_listed(r, build);
}


/* Steps the parts of the sources that have the tag. */

static ngx_int_t
ngx_http_mlist_build_step_parts(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build)
{
    ngx_int_t   rc;
    ngx_uint_t  i, waiting;

    waiting = 0;

    for (i = 0; i < build->nparts; i++) {

        if (!ngx_http_mlist_gather_present(&build->parts[i])) {
            continue;
        }

        rc = ngx_http_mlist_part_step(r, &build->parts[i]);

        if (rc == NGX_ERROR) {
            return NGX_ERROR;
        }

        if (rc == NGX_AGAIN) {
            waiting = 1;
        }
    }

    return waiting ? NGX_AGAIN : NGX_OK;
}


static ngx_int_t
ngx_http_mlist_build_parts(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build)
{
    ngx_int_t              rc;
    ngx_http_mlist_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);

    if (ngx_http_mlist_build_step_parts(r, build) == NGX_ERROR) {
        return NGX_ERROR;
    }

    rc = ngx_http_mlist_judge_failed(r, build);

    if (rc == NGX_DECLINED) {
        return ngx_http_mlist_build_failed(r, build);
    }

    if (rc != NGX_OK || ctx->running) {
        return rc == NGX_OK ? NGX_AGAIN : rc;
    }

    return ngx_http_mlist_build_present(r, build);
}


static ngx_int_t
ngx_http_mlist_build_present(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build)
{
    switch (ngx_http_mlist_judge_present(r, build)) {

    case NGX_OK:
        build->state = NGX_HTTP_MLIST_BUILD_ASSEMBLING;
        build->stage = NGX_HTTP_MLIST_ASSEMBLE_COMPOSE;
        return ngx_http_mlist_build_assembling(r, build);

    case NGX_DECLINED:
        return ngx_http_mlist_build_failed(r, build);

    case NGX_DONE:
        ngx_http_mlist_note_nowhere(r, build);
        return ngx_http_mlist_build_end(r, build,
                                        NGX_HTTP_MLIST_VERDICT_NOWHERE);

    case NGX_ABORT:
        return ngx_http_mlist_build_artifact(r, build);

    default:
        return NGX_ERROR;
    }
}


static ngx_int_t
ngx_http_mlist_build_artifact(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build)
{
    ngx_http_mlist_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);

    if (!build->partial) {
        ngx_memzero(&build->tag.last, sizeof(ngx_http_mlist_last_t));

        build->tag.artifact = 1;
        (void) ngx_http_mlist_tag_set(r, ctx, &build->tag);
    }

    return ngx_http_mlist_build_end(r, build,
                                    NGX_HTTP_MLIST_VERDICT_ARTIFACT);
}


static ngx_int_t
ngx_http_mlist_build_assembling(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build)
{
    ngx_int_t  rc;

    rc = ngx_http_mlist_assemble(r, build);

    switch (rc) {

    case NGX_OK:
        return ngx_http_mlist_build_listed(r, build);

    case NGX_DECLINED:
        return ngx_http_mlist_build_failed(r, build);

    case NGX_DONE:
        ngx_http_mlist_note_nowhere(r, build);
        return ngx_http_mlist_build_end(r, build,
                                        NGX_HTTP_MLIST_VERDICT_NOWHERE);

    case NGX_ABORT:
        build->state = NGX_HTTP_MLIST_BUILD_PARTS;
        return ngx_http_mlist_build_parts(r, build);

    default: /* NGX_AGAIN, NGX_ERROR */
        return rc;
    }
}


static ngx_int_t
ngx_http_mlist_build_listed(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build)
{
    ngx_http_mlist_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);

    if (!ngx_http_mlist_judge_refused(r, build)) {
        /* in one repository of one registry there is one right */

        ngx_http_mlist_grant_note(r, &ctx->name,
                                  build->ntargets == 1 ? (uint32_t) -1
                                                       : ~build->missing);
    }

    ngx_memzero(&build->op, sizeof(ngx_http_mlist_store_op_t));

    build->state = NGX_HTTP_MLIST_BUILD_NOTING;

    return ngx_http_mlist_build_noting(r, build);
}


static ngx_int_t
ngx_http_mlist_build_noting(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build)
{
    ngx_int_t  rc;

    rc = ngx_http_mlist_note(r, build);

    return rc == NGX_OK ? ngx_http_mlist_build_end(r, build,
                                                NGX_HTTP_MLIST_VERDICT_LIST)
                        : rc;
}


/* The last complete list, where the failure allows it; else the failure. */

static ngx_int_t
ngx_http_mlist_build_failed(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build)
{
    if (!ngx_http_mlist_stale_allowed(r, build)) {
        return ngx_http_mlist_build_end(r, build,
                                        NGX_HTTP_MLIST_VERDICT_FAILED);
    }

    ngx_memzero(&build->op, sizeof(ngx_http_mlist_store_op_t));

    build->state = NGX_HTTP_MLIST_BUILD_STALE;

    return ngx_http_mlist_build_stale(r, build);
}


static ngx_int_t
ngx_http_mlist_build_stale(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build)
{
    ngx_int_t  rc;

    rc = ngx_http_mlist_stale_get(r, build);

    if (rc == NGX_AGAIN) {
        return NGX_AGAIN;
    }

    if (rc != NGX_OK) {
        return ngx_http_mlist_build_end(r, build,
                                        NGX_HTTP_MLIST_VERDICT_FAILED);
    }

    build->missing = build->last.missing;
    build->status = NGX_HTTP_MLIST_STATUS_STALE;

    return ngx_http_mlist_build_end(r, build, NGX_HTTP_MLIST_VERDICT_LIST);
}


static ngx_int_t
ngx_http_mlist_build_end(ngx_http_request_t *r, ngx_http_mlist_build_t *build,
    ngx_http_mlist_verdict_e kind)
{
    ngx_uint_t             publish;
    ngx_http_mlist_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);

    publish = kind == NGX_HTTP_MLIST_VERDICT_LIST
              && ngx_http_mlist_publish_wanted(r, build);

    ngx_http_mlist_seen_note(r, build, kind);

    build->state = publish ? NGX_HTTP_MLIST_BUILD_PUBLISHING
                           : NGX_HTTP_MLIST_BUILD_ENDED;

    ngx_http_mlist_flight_end(r, build->flight,
                              ngx_http_mlist_report(r, build, kind),
                              publish || ctx->running);

    return ngx_http_mlist_build_step(r, build);
}


static ngx_int_t
ngx_http_mlist_build_publishing(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build)
{
    if (ngx_http_mlist_publish(r, build) == NGX_AGAIN) {
        return NGX_AGAIN;
    }

    build->state = NGX_HTTP_MLIST_BUILD_ENDED;

    return ngx_http_mlist_carrier_end(r);
}

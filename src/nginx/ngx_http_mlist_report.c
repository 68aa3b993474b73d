/*
 * From a flight's work to its verdict: see ngx_http_mlist_report.h.
 */


#include "ngx_http_mlist_report.h"
#include "ngx_http_mlist_gather.h"
#include "ngx_http_mlist_judge.h"


static ngx_int_t ngx_http_mlist_report_list(ngx_http_mlist_verdict_t *verdict,
    ngx_http_mlist_build_t *build);
static ngx_int_t ngx_http_mlist_report_artifact(
    ngx_http_mlist_verdict_t *verdict, ngx_http_mlist_build_t *build);
static uint32_t ngx_http_mlist_report_absent(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build);
static ngx_uint_t ngx_http_mlist_report_is_absent(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build, ngx_http_mlist_part_t *part);


ngx_http_mlist_verdict_t *
ngx_http_mlist_report(ngx_http_request_t *r, ngx_http_mlist_build_t *build,
    ngx_http_mlist_verdict_e kind)
{
    ngx_int_t                  rc;
    ngx_http_mlist_verdict_t  *verdict;

    verdict = ngx_http_mlist_verdict_create(r->connection->log);
    if (verdict == NULL) {
        return NULL;
    }

    verdict->kind = kind;

    switch (kind) {

    case NGX_HTTP_MLIST_VERDICT_LIST:
        rc = ngx_http_mlist_report_list(verdict, build);
        break;

    case NGX_HTTP_MLIST_VERDICT_ARTIFACT:
        rc = ngx_http_mlist_report_artifact(verdict, build);
        break;

    case NGX_HTTP_MLIST_VERDICT_NOWHERE:
        verdict->missing = ngx_http_mlist_gather_missing(build)
                           | build->composed.missing;
        verdict->absent = ngx_http_mlist_report_absent(r, build);
        rc = NGX_OK;
        break;

    default: /* NGX_HTTP_MLIST_VERDICT_FAILED */
        rc = ngx_http_mlist_verdict_copy_failure(verdict, &build->failure);
    }

    if (rc != NGX_OK) {
        ngx_http_mlist_verdict_release(verdict);
        return NULL;
    }

    return verdict;
}


static ngx_int_t
ngx_http_mlist_report_list(ngx_http_mlist_verdict_t *verdict,
    ngx_http_mlist_build_t *build)
{
    ngx_str_t               own;
    ngx_uint_t              i;
    ngx_http_mlist_last_t  *last;
    ngx_http_mlist_spot_t  *spot;

    if (build->status == NGX_HTTP_MLIST_STATUS_STALE) {
        last = &build->last;
        spot = NULL;

    } else {
        last = &build->tag.last;
        spot = build->composed.verbatim;
    }

    own = ngx_http_mlist_tag_digest(last, last->type);

    verdict->status = build->status;
    verdict->missing = build->missing;
    verdict->failed = build->failed;

    if (ngx_http_mlist_verdict_copy_doc(verdict, &build->doc) != NGX_OK
        || ngx_http_mlist_verdict_copy(verdict, &verdict->own, &own)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (i = 0; i < build->nparts; i++) {
        if (spot
            && build->parts[i].spot == spot
            && build->parts[i].state == NGX_HTTP_MLIST_PART_READY)
        {
            return ngx_http_mlist_verdict_copy(verdict, &verdict->part,
                                               &build->parts[i].json);
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_mlist_report_artifact(ngx_http_mlist_verdict_t *verdict,
    ngx_http_mlist_build_t *build)
{
    ngx_str_t               digest;
    ngx_http_mlist_part_t  *part;

    part = &build->parts[build->artifact];
    digest = ngx_http_mlist_ngx_str(mlist_digest_str(&part->spot->digest));

    verdict->source = part->index;
    verdict->missing = ngx_http_mlist_gather_missing(build);

    return ngx_http_mlist_verdict_copy(verdict, &verdict->digest, &digest);
}


/* Who has not got the very tag that the client has named, as is known. */

static uint32_t
ngx_http_mlist_report_absent(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build)
{
    uint32_t                absent;
    ngx_uint_t              i;
    ngx_http_mlist_part_t  *part;

    absent = 0;

    for (i = 0; i < build->nparts; i++) {
        part = &build->parts[i];

        if (part->spot && ngx_http_mlist_report_is_absent(r, build, part)) {
            absent |= (uint32_t) 1 << part->index;
        }
    }

    return absent;
}


static ngx_uint_t
ngx_http_mlist_report_is_absent(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build, ngx_http_mlist_part_t *part)
{
    ngx_uint_t              missing;
    ngx_http_mlist_ctx_t   *ctx;
    ngx_http_mlist_spot_t  *spot;

    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);
    spot = part->spot;

    missing = ngx_http_mlist_judge_missing(build, part);

    if (missing && !ngx_http_mlist_judge_accepted(build, spot)) {

        /* the whole repository is denied, whatever the tag */

        return 1;
    }

    return (missing || spot->state == NGX_HTTP_MLIST_SPOT_ABSENT)
           && spot->tag.len == ctx->reference.len
           && ngx_memcmp(spot->tag.data, ctx->reference.data, spot->tag.len)
              == 0;
}

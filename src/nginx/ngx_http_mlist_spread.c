/*
 * mlist_push with by=platform: see ngx_http_mlist_spread.h.
 */


#include "ngx_http_mlist_spread.h"
#include "ngx_http_mlist_body.h"
#include "ngx_http_mlist_copy.h"
#include "ngx_http_mlist_drop.h"
#include "ngx_http_mlist_failure.h"
#include "ngx_http_mlist_part.h"
#include "ngx_http_mlist_pass.h"
#include "ngx_http_mlist_place.h"
#include "ngx_http_mlist_put.h"
#include "ngx_http_mlist_send.h"

#include "../core/mlist_manifest.h"
#include "../core/mlist_spread.h"


typedef enum {
    NGX_HTTP_MLIST_SPREAD_READING = 0,
    NGX_HTTP_MLIST_SPREAD_RESOLVING,
    NGX_HTTP_MLIST_SPREAD_COPYING,
    NGX_HTTP_MLIST_SPREAD_PUTTING
} ngx_http_mlist_spread_e;


typedef struct {
    ngx_http_mlist_spread_e     state;
    ngx_http_mlist_target_t     target;    /* where the blobs are */
    ngx_http_mlist_put_t        put;
    ngx_http_mlist_copy_t       copy;
    ngx_uint_t                  copied;    /* places that are looked at */

    /* what is pushed, as if it had been found under a source's tag */

    ngx_http_mlist_source_t     anybody;   /* declares no platform */
    ngx_http_mlist_spot_t       spot;
    ngx_http_mlist_part_t       part;
} ngx_http_mlist_spread_t;


static ngx_int_t ngx_http_mlist_spread_step(ngx_http_request_t *r,
    void *state);
static ngx_int_t ngx_http_mlist_spread_work(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_spread_t *spread);
static ngx_int_t ngx_http_mlist_spread_look(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_spread_t *spread);
static ngx_int_t ngx_http_mlist_spread_parse(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_spread_t *spread);
static ngx_int_t ngx_http_mlist_spread_malformed(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_spread_t *spread,
    mlist_rc_e rc);
static ngx_int_t ngx_http_mlist_spread_resolve(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_spread_t *spread);
static ngx_int_t ngx_http_mlist_spread_copy(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_spread_t *spread);
static ngx_int_t ngx_http_mlist_spread_blame(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_spread_t *spread);
static ngx_int_t ngx_http_mlist_spread_blame_fetch(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_spread_t *spread,
    mlist_want_t *want);
static mlist_want_t *ngx_http_mlist_spread_want(
    ngx_http_mlist_spread_t *spread, ngx_http_mlist_fetch_t **fetch);
static ngx_int_t ngx_http_mlist_spread_invalid(ngx_http_mlist_ctx_t *ctx,
    ngx_str_t *detail);
static ngx_int_t ngx_http_mlist_spread_pass(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_spread_t *spread);


ngx_int_t
ngx_http_mlist_spread_start(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_target_t *target)
{
    ngx_int_t                   rc;
    ngx_http_mlist_spread_t    *spread;
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    spread = ngx_pcalloc(r->pool, sizeof(ngx_http_mlist_spread_t));
    if (spread == NULL) {
        return NGX_ERROR;
    }

    spread->target = *target;

    ctx->state = spread;
    ctx->resume = ngx_http_mlist_spread_step;

    rc = ngx_http_mlist_body_read(r, ctx, mlcf->max_manifest_size);

    return rc == NGX_OK ? ngx_http_mlist_spread_step(r, spread) : rc;
}


static ngx_int_t
ngx_http_mlist_spread_step(ngx_http_request_t *r, void *state)
{
    ngx_http_mlist_spread_t *spread = state;

    ngx_int_t              rc;
    ngx_http_mlist_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);

    rc = ngx_http_mlist_spread_work(r, ctx, spread);

    /* who pushes is shown the message only */

    if (rc >= NGX_HTTP_BAD_REQUEST && ctx->message.len == 0) {
        ctx->message = ctx->detail;
    }

    return rc;
}


static ngx_int_t
ngx_http_mlist_spread_work(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_spread_t *spread)
{
    ngx_int_t  rc;

    switch (spread->state) {

    case NGX_HTTP_MLIST_SPREAD_READING:
        return ngx_http_mlist_spread_look(r, ctx, spread);

    case NGX_HTTP_MLIST_SPREAD_RESOLVING:
        return ngx_http_mlist_spread_resolve(r, ctx, spread);

    case NGX_HTTP_MLIST_SPREAD_COPYING:
        return ngx_http_mlist_spread_copy(r, ctx, spread);

    default: /* NGX_HTTP_MLIST_SPREAD_PUTTING */
        rc = ngx_http_mlist_put_step(r, ctx, &spread->put);

        return rc == NGX_OK ? ngx_http_mlist_spread_pass(r, ctx, spread) : rc;
    }
}


/* The body is there: what kind of thing it is. */

static ngx_int_t
ngx_http_mlist_spread_look(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_spread_t *spread)
{
    ngx_str_t   type;
    mlist_rc_e  rc;

    static ngx_str_t  disguised = ngx_string("its mediaType is a manifest's, "
                                             "its Content-Type is not");

    ngx_str_null(&type);

    if (r->headers_in.content_type) {
        type = r->headers_in.content_type->value;
    }

    spread->copy.type = mlist_media_parse(ngx_http_mlist_view(&type));
    spread->spot.type = type;
    spread->spot.body = ctx->body->bytes;

    rc = mlist_spread_disguised(spread->copy.type,
                                ngx_http_mlist_view(&spread->spot.body));

    if (rc != MLIST_OK) {
        return (rc == MLIST_NOMEM)
               ? NGX_ERROR : ngx_http_mlist_spread_invalid(ctx, &disguised);
    }

    return ngx_http_mlist_spread_parse(r, ctx, spread);
}


static ngx_int_t
ngx_http_mlist_spread_parse(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_spread_t *spread)
{
    mlist_rc_e                rc;
    mlist_manifest_t          m;
    ngx_http_mlist_target_t  *target;

    rc = mlist_manifest_parse(spread->copy.type,
                              ngx_http_mlist_view(&spread->spot.body), &m);

    if (rc != MLIST_OK) {
        return ngx_http_mlist_spread_malformed(r, ctx, spread, rc);
    }

    json_decref(m.doc);

    if (m.kind == MLIST_MANIFEST_OTHER) {
        return ngx_http_mlist_spread_pass(r, ctx, spread);
    }

    if (mlist_digest_compute(ngx_http_mlist_view(&spread->spot.body),
                             &spread->spot.digest)
        != MLIST_OK)
    {
        return NGX_ERROR;
    }

    target = &spread->target;

    spread->anybody.registry = target->registry;
    spread->anybody.label = target->source ? target->source->label
                                           : target->registry->host;
    spread->spot.target = *target;
    spread->spot.state = NGX_HTTP_MLIST_SPOT_FETCHED;
    spread->part.source = &spread->anybody;
    spread->part.spot = &spread->spot;
    spread->part.unkept = 1;

    spread->state = NGX_HTTP_MLIST_SPREAD_RESOLVING;

    return ngx_http_mlist_spread_resolve(r, ctx, spread);
}


static ngx_int_t
ngx_http_mlist_spread_malformed(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_spread_t *spread, mlist_rc_e rc)
{
    u_char      *p;
    ngx_str_t    detail;
    const char  *type, *text;

    static const char  format[] = "expected a body of type %s, it is: %s";

    if (rc == MLIST_NOMEM) {
        return NGX_ERROR;
    }

    type = mlist_media_text(spread->copy.type);
    text = mlist_rc_text(rc);

    detail.data = ngx_pnalloc(r->pool, sizeof(format) + ngx_strlen(type)
                                       + ngx_strlen(text));
    if (detail.data == NULL) {
        return NGX_ERROR;
    }

    p = ngx_sprintf(detail.data, format, type, text);
    detail.len = p - detail.data;

    return ngx_http_mlist_spread_invalid(ctx, &detail);
}


static ngx_int_t
ngx_http_mlist_spread_resolve(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_spread_t *spread)
{
    ngx_int_t               rc;
    ngx_http_mlist_part_t  *part;

    part = &spread->part;

    rc = ngx_http_mlist_part_step(r, part);

    if (rc != NGX_OK) {
        return rc;
    }

    if (part->state == NGX_HTTP_MLIST_PART_FAILED) {
        return ngx_http_mlist_spread_blame(r, ctx, spread);
    }

    if (part->kind == MLIST_PART_ARTIFACT) {
        return ngx_http_mlist_spread_pass(r, ctx, spread);
    }

    rc = ngx_http_mlist_place_find(r, ctx, spread->target.registry,
                                   &part->json, &spread->put.places);

    if (rc != NGX_OK) {
        return rc;
    }

    spread->put.registry = spread->target.registry;
    spread->put.type = spread->spot.type;
    spread->put.body = spread->spot.body;

    spread->copy.from = spread->target;
    spread->copy.label = spread->anybody.label;
    spread->copy.body = spread->spot.body;

    spread->state = NGX_HTTP_MLIST_SPREAD_COPYING;

    return ngx_http_mlist_spread_copy(r, ctx, spread);
}


/* Where name= spells another name, all that is named has to be there too. */

static ngx_int_t
ngx_http_mlist_spread_copy(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_spread_t *spread)
{
    ngx_int_t                rc;
    ngx_uint_t               i;
    ngx_http_mlist_place_t  *place;

    place = spread->put.places->elts;

    for (i = spread->copied; i < spread->put.places->nelts; i++) {

        spread->copied = i;

        if (mlist_str_eq(ngx_http_mlist_view(&place[i].name),
                         ngx_http_mlist_view(&spread->target.name)))
        {
            continue;
        }

        if (!mlist_str_eq(ngx_http_mlist_view(&place[i].name),
                          ngx_http_mlist_view(&spread->copy.to)))
        {
            ngx_http_mlist_copy_to(&spread->copy, &place[i].name);
        }

        rc = ngx_http_mlist_copy_step(r, ctx, &spread->copy);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    spread->state = NGX_HTTP_MLIST_SPREAD_PUTTING;

    return ngx_http_mlist_spread_work(r, ctx, spread);
}


/* Is it the client who names what is not so, or does the registry fail? */

static ngx_int_t
ngx_http_mlist_spread_blame(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_spread_t *spread)
{
    mlist_want_t            *want;
    ngx_http_mlist_blame_t  *blame;
    ngx_http_mlist_fetch_t  *fetch;

    blame = &spread->part.blame;
    fetch = blame->fetch;

    want = ngx_http_mlist_spread_want(spread, &fetch);

    if (blame->fetch) {
        return ngx_http_mlist_spread_blame_fetch(r, ctx, spread, want);
    }

    if (want == NULL
        || mlist_digest_verify(ngx_http_mlist_view(&fetch->body),
                               &want->digest)
           != MLIST_MISMATCH)
    {
        return ngx_http_mlist_spread_invalid(ctx, &blame->reason);
    }

    return ngx_http_mlist_failure_answer_bad(r, ctx, &spread->anybody.label,
                                             &blame->reason);
}


static ngx_int_t
ngx_http_mlist_spread_blame_fetch(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_spread_t *spread,
    mlist_want_t *want)
{
    ngx_http_mlist_fetch_t  *fetch;

    static ngx_str_t  longer = ngx_string("what it names is larger than it "
                                          "says");

    fetch = spread->part.blame.fetch;

    if (ngx_http_mlist_failure_verdict(fetch) == NGX_DECLINED && want) {
        return ngx_http_mlist_failure_unknown(r, ctx, &spread->target.name,
                                              &want->digest);
    }

    if (fetch->state == NGX_HTTP_MLIST_FETCH_TOO_LARGE) {
        return ngx_http_mlist_spread_invalid(ctx, &longer);
    }

    return ngx_http_mlist_failure_answer(r, ctx, fetch,
                                         &spread->anybody.label);
}


/* The want whose fetch it is; without one, the first that came in vain. */

static mlist_want_t *
ngx_http_mlist_spread_want(ngx_http_mlist_spread_t *spread,
    ngx_http_mlist_fetch_t **fetch)
{
    ngx_uint_t               i;
    mlist_want_t            *want;
    ngx_http_mlist_part_t   *part;
    ngx_http_mlist_fetch_t  *got;

    part = &spread->part;

    for (i = 0; i < mlist_resolve_nwants(part->resolve); i++) {
        want = mlist_resolve_want(part->resolve, i);
        got = part->fetches[i];

        if (got == NULL) {
            continue;
        }

        if (*fetch == got
            || (*fetch == NULL
                && !want->fed
                && ngx_http_mlist_fetch_done(got)
                && ngx_http_mlist_failure_verdict(got) == NGX_OK))
        {
            *fetch = got;
            return want;
        }
    }

    return NULL;
}


static ngx_int_t
ngx_http_mlist_spread_invalid(ngx_http_mlist_ctx_t *ctx, ngx_str_t *detail)
{
    return ngx_http_mlist_send_error(ctx, NGX_HTTP_BAD_REQUEST,
                                     MLIST_ERR_MANIFEST_INVALID, NULL,
                                     detail);
}


/* The client's own request: to the first of the places, or as it stands. */

static ngx_int_t
ngx_http_mlist_spread_pass(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_spread_t *spread)
{
    ngx_http_mlist_place_t   *place;
    ngx_http_mlist_target_t   target;

    target = spread->target;

    if (spread->put.places) {
        place = spread->put.places->elts;

        target.name = place->name;
        target.source = place->source;
        ctx->spelled_tag = place->tag;
        ctx->source = place->source->label;
    }

    if (ngx_http_mlist_drop_watch(r, ctx) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_mlist_pass_write(r, ctx, &target);
}

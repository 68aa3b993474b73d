/*
 * Referrers: see ngx_http_mlist_referrers.h.
 */


#include "ngx_http_mlist_referrers.h"
#include "ngx_http_mlist_failure.h"
#include "ngx_http_mlist_fetch.h"
#include "ngx_http_mlist_page.h"
#include "ngx_http_mlist_push.h"
#include "ngx_http_mlist_send.h"
#include "ngx_http_mlist_spot.h"
#include "ngx_http_mlist_target.h"
#include "../core/mlist_referrers.h"


#define NGX_HTTP_MLIST_REFERRERS_PAGES  128     /* of one registry */


typedef struct {
    ngx_http_mlist_target_t   *target;
    ngx_str_t                  url;        /* that is asked, but the query */
    ngx_http_mlist_fetch_t    *fetch;      /* of the latest page */
    ngx_array_t                pages;      /* of ngx_str_t */
    size_t                     size;       /* of them all */
    ngx_http_mlist_failure_t   failure;
    unsigned                   tag:1;      /* it is the tag that is asked */
    unsigned                   done:1;
    unsigned                   failed:1;
    unsigned                   push:1;     /* what is pushed goes there */
} ngx_http_mlist_referrers_place_t;


typedef struct {
    ngx_http_mlist_referrers_place_t  *places;  /* one a target */
    ngx_uint_t                         nplaces;
    ngx_uint_t                         others;  /* not where pushes go */
    mlist_str_t                        type;    /* "": all */
    char                               text[MLIST_REFERRERS_TYPE_MAX];
} ngx_http_mlist_referrers_t;


static ngx_int_t ngx_http_mlist_referrers_ask_all(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_referrers_t *refs,
    ngx_array_t *targets, ngx_uint_t push);
static ngx_int_t ngx_http_mlist_referrers_ask(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_referrers_t *refs,
    ngx_http_mlist_referrers_place_t *place);
static ngx_int_t ngx_http_mlist_referrers_ask_tag(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_referrers_place_t *place);
static ngx_int_t ngx_http_mlist_referrers_fetch(ngx_http_request_t *r,
    ngx_http_mlist_referrers_place_t *place, ngx_str_t *url);
static ngx_int_t ngx_http_mlist_referrers_resume(ngx_http_request_t *r,
    void *state);
static ngx_int_t ngx_http_mlist_referrers_answered(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_referrers_place_t *place);
static ngx_uint_t ngx_http_mlist_referrers_no_api(ngx_uint_t status);
static ngx_int_t ngx_http_mlist_referrers_page(ngx_http_request_t *r,
    ngx_http_mlist_referrers_place_t *place);
static ngx_uint_t ngx_http_mlist_referrers_good(
    ngx_http_mlist_referrers_place_t *place, ngx_str_t *reason);
static ngx_int_t ngx_http_mlist_referrers_next(ngx_http_request_t *r,
    ngx_http_mlist_referrers_place_t *place);
static ngx_int_t ngx_http_mlist_referrers_bad(ngx_http_request_t *r,
    ngx_http_mlist_referrers_place_t *place, ngx_str_t *reason);
static ngx_int_t ngx_http_mlist_referrers_answer(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_referrers_t *refs);
static ngx_int_t ngx_http_mlist_referrers_merge(ngx_http_request_t *r,
    ngx_http_mlist_referrers_t *refs, mlist_referrers_t *merged,
    ngx_http_mlist_referrers_place_t **bad);
static ngx_uint_t ngx_http_mlist_referrers_by_tag(
    ngx_http_mlist_referrers_t *refs);
static ngx_int_t ngx_http_mlist_referrers_send(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_referrers_t *refs,
    mlist_referrers_t *merged);


ngx_int_t
ngx_http_mlist_referrers_start(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx)
{
    ngx_uint_t                   push;
    ngx_array_t                 *targets;
    ngx_http_mlist_referrers_t  *refs;

    static ngx_str_t  malformed = ngx_string("artifactType is no media type");

    refs = ngx_pcalloc(r->pool, sizeof(ngx_http_mlist_referrers_t));
    if (refs == NULL) {
        return NGX_ERROR;
    }

    if (mlist_referrers_type(ngx_http_mlist_view(&r->args), refs->text,
                             &refs->type)
        != MLIST_OK)
    {
        return ngx_http_mlist_send_error(ctx, NGX_HTTP_BAD_REQUEST,
                                         MLIST_ERR_UNSUPPORTED, &malformed,
                                         NULL);
    }

    targets = ngx_http_mlist_push_places(r, ctx, &push);
    if (targets == NULL) {
        return NGX_ERROR;
    }

    if (targets->nelts == 0) {
        return ngx_http_mlist_send_error(ctx, NGX_HTTP_NOT_FOUND,
                                         MLIST_ERR_NAME_UNKNOWN, NULL,
                                         &ctx->name);
    }

    if (ngx_http_mlist_referrers_ask_all(r, ctx, refs, targets, push)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ctx->state = refs;
    ctx->resume = ngx_http_mlist_referrers_resume;

    return NGX_AGAIN;
}


static ngx_int_t
ngx_http_mlist_referrers_ask_all(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_referrers_t *refs,
    ngx_array_t *targets, ngx_uint_t push)
{
    ngx_uint_t                         i;
    ngx_http_mlist_target_t           *target;
    ngx_http_mlist_referrers_place_t  *place;

    refs->nplaces = targets->nelts;
    refs->places = ngx_pcalloc(r->pool, refs->nplaces
                                  * sizeof(ngx_http_mlist_referrers_place_t));
    if (refs->places == NULL) {
        return NGX_ERROR;
    }

    target = targets->elts;

    for (i = 0; i < refs->nplaces; i++) {
        place = &refs->places[i];
        place->target = &target[i];
        place->push = (i == push);

        if (ngx_array_init(&place->pages, r->pool, 1, sizeof(ngx_str_t))
            != NGX_OK
            || ngx_http_mlist_referrers_ask(r, ctx, refs, place) != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/* All else of the client's query stays here. */

static ngx_int_t
ngx_http_mlist_referrers_ask(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_referrers_t *refs, ngx_http_mlist_referrers_place_t *place)
{
    u_char     *p;
    ngx_str_t   url;

    if (ngx_http_mlist_target_url(r, place->target->registry,
                                  &place->target->name, "referrers",
                                  &ctx->reference, &place->url)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    url.data = ngx_pnalloc(r->pool,
                           place->url.len + MLIST_REFERRERS_QUERY_MAX);
    if (url.data == NULL) {
        return NGX_ERROR;
    }

    p = ngx_cpymem(url.data, place->url.data, place->url.len);
    url.len = place->url.len + mlist_referrers_query(refs->type, (char *) p);

    return ngx_http_mlist_referrers_fetch(r, place, &url);
}


static ngx_int_t
ngx_http_mlist_referrers_ask_tag(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_referrers_place_t *place)
{
    u_char          text[MLIST_REFERRERS_TAG_MAX];
    ngx_str_t       tag;
    mlist_digest_t  subject;

    if (mlist_digest_parse(ctx->route.reference, &subject) != MLIST_OK) {
        return NGX_ERROR;
    }

    tag.data = text;
    tag.len = mlist_referrers_tag(&subject, (char *) text);

    place->tag = 1;

    if (ngx_http_mlist_target_url(r, place->target->registry,
                                  &place->target->name, "manifests", &tag,
                                  &place->url)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_mlist_referrers_fetch(r, place, &place->url);
}


static ngx_int_t
ngx_http_mlist_referrers_fetch(ngx_http_request_t *r,
    ngx_http_mlist_referrers_place_t *place, ngx_str_t *url)
{
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    /* the body of the page before lives in its own */

    place->fetch = ngx_pcalloc(r->pool, sizeof(ngx_http_mlist_fetch_t));
    if (place->fetch == NULL) {
        return NGX_ERROR;
    }

    place->fetch->url = *url;
    place->fetch->registry = place->target->registry;
    place->fetch->sources = ngx_http_mlist_target_sources(r, place->target);
    place->fetch->max = mlcf->max_manifest_size - place->size;

    return ngx_http_mlist_fetch_start(r, place->fetch);
}


static ngx_int_t
ngx_http_mlist_referrers_resume(ngx_http_request_t *r, void *state)
{
    ngx_int_t                          rc;
    ngx_uint_t                         i, waiting;
    ngx_http_mlist_ctx_t              *ctx;
    ngx_http_mlist_referrers_t        *refs;
    ngx_http_mlist_referrers_place_t  *place;

    refs = state;
    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);
    waiting = 0;

    for (i = 0; i < refs->nplaces; i++) {
        place = &refs->places[i];

        if (place->done) {
            continue;
        }

        if (!ngx_http_mlist_fetch_done(place->fetch)) {
            waiting = 1;
            continue;
        }

        rc = ngx_http_mlist_referrers_answered(r, ctx, place);

        if (rc == NGX_ERROR) {
            return NGX_ERROR;
        }

        waiting |= (rc == NGX_AGAIN);
        place->done = (rc != NGX_AGAIN);
        place->failed = (rc == NGX_DECLINED);
    }

    return waiting ? NGX_AGAIN
                   : ngx_http_mlist_referrers_answer(r, ctx, refs);
}


/*
 * NGX_OK: nothing more is to be asked there; NGX_AGAIN: something is asked;
 * NGX_DECLINED: it failed, as place->failure says; NGX_ERROR.
 */

static ngx_int_t
ngx_http_mlist_referrers_answered(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_referrers_place_t *place)
{
    ngx_http_mlist_fetch_t  *fetch;

    fetch = place->fetch;

    if (fetch->state == NGX_HTTP_MLIST_FETCH_ANSWERED) {

        if (fetch->status == NGX_HTTP_OK) {
            return ngx_http_mlist_referrers_page(r, place);
        }

        if (place->tag && fetch->status == NGX_HTTP_NOT_FOUND) {
            return NGX_OK;
        }

        if (!place->tag
            && place->pages.nelts == 0
            && ngx_http_mlist_referrers_no_api(fetch->status))
        {
            return ngx_http_mlist_referrers_ask_tag(r, ctx, place) == NGX_OK
                       ? NGX_AGAIN : NGX_ERROR;
        }
    }

    return ngx_http_mlist_failure_describe(r, fetch,
                                  ngx_http_mlist_target_label(place->target),
                                  &place->failure)
           == NGX_OK
               ? NGX_DECLINED : NGX_ERROR;
}


/* A registry with the API never answers 404. */

static ngx_uint_t
ngx_http_mlist_referrers_no_api(ngx_uint_t status)
{
    return status == NGX_HTTP_NOT_FOUND
           || status == NGX_HTTP_NOT_ALLOWED
           || status == NGX_HTTP_NOT_IMPLEMENTED;
}


/* The same of a page. */

static ngx_int_t
ngx_http_mlist_referrers_page(ngx_http_request_t *r,
    ngx_http_mlist_referrers_place_t *place)
{
    ngx_str_t  *page, reason;

    if (!ngx_http_mlist_referrers_good(place, &reason)) {
        return ngx_http_mlist_referrers_bad(r, place, &reason);
    }

    page = ngx_array_push(&place->pages);
    if (page == NULL) {
        return NGX_ERROR;
    }

    *page = place->fetch->body;
    place->size += page->len;

    return place->tag ? NGX_OK : ngx_http_mlist_referrers_next(r, place);
}


static ngx_uint_t
ngx_http_mlist_referrers_good(ngx_http_mlist_referrers_place_t *place,
    ngx_str_t *reason)
{
    mlist_digest_t           digest;
    ngx_http_mlist_fetch_t  *fetch;

    fetch = place->fetch;

    if (!ngx_http_mlist_spot_plain(fetch, reason)) {
        return 0;
    }

    if (mlist_media_parse(ngx_http_mlist_view(&fetch->type))
        != MLIST_MEDIA_OCI_INDEX)
    {
        ngx_str_set(reason, "its referrers are no OCI image index");
        return 0;
    }

    if (place->tag
        && fetch->digest.len
        && (mlist_digest_parse(ngx_http_mlist_view(&fetch->digest), &digest)
            != MLIST_OK
            || mlist_digest_verify(ngx_http_mlist_view(&fetch->body), &digest)
               != MLIST_OK))
    {
        ngx_str_set(reason, "its referrers have not the digest that it says");
        return 0;
    }

    return 1;
}


static ngx_int_t
ngx_http_mlist_referrers_next(ngx_http_request_t *r,
    ngx_http_mlist_referrers_place_t *place)
{
    ngx_str_t  url;

    static ngx_str_t  elsewhere = ngx_string("the Link of its referrers leads "
                                             "elsewhere");
    static ngx_str_t  too_many = ngx_string("its referrers have too many "
                                            "pages");

    switch (ngx_http_mlist_page_next(r, place->fetch, &place->url, &url)) {

    case NGX_OK:
        break;

    case NGX_DONE:
        return NGX_OK;

    case NGX_DECLINED:
        return ngx_http_mlist_referrers_bad(r, place, &elsewhere);

    default:
        return NGX_ERROR;
    }

    if (place->pages.nelts == NGX_HTTP_MLIST_REFERRERS_PAGES) {
        return ngx_http_mlist_referrers_bad(r, place, &too_many);
    }

    return ngx_http_mlist_referrers_fetch(r, place, &url) == NGX_OK
               ? NGX_AGAIN : NGX_ERROR;
}


static ngx_int_t
ngx_http_mlist_referrers_bad(ngx_http_request_t *r,
    ngx_http_mlist_referrers_place_t *place, ngx_str_t *reason)
{
    return ngx_http_mlist_failure_bad(r,
                                  ngx_http_mlist_target_label(place->target),
                                  reason, &place->failure)
           == NGX_OK
               ? NGX_DECLINED : NGX_ERROR;
}


static ngx_int_t
ngx_http_mlist_referrers_answer(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_referrers_t *refs)
{
    ngx_int_t                          rc;
    ngx_uint_t                         i;
    mlist_referrers_t                  merged;
    ngx_http_mlist_referrers_place_t  *bad;

    static ngx_str_t  by_tag = ngx_string("the registry that is pushed to "
                                          "has no referrers API, use the "
                                          "referrers tag schema");

    for (i = 0; i < refs->nplaces; i++) {

        if (refs->places[i].failed) {
            return ngx_http_mlist_failure_send(r, ctx,
                                               &refs->places[i].failure);
        }
    }

    rc = NGX_ERROR;
    bad = NULL;

    if (mlist_referrers_init(&merged) == MLIST_OK) {
        rc = ngx_http_mlist_referrers_merge(r, refs, &merged, &bad);
    }

    if (rc == NGX_OK && ngx_http_mlist_referrers_by_tag(refs)) {
        rc = ngx_http_mlist_send_error(ctx, NGX_HTTP_NOT_FOUND,
                                       MLIST_ERR_UNSUPPORTED, &by_tag, NULL);

    } else if (rc == NGX_OK) {
        rc = ngx_http_mlist_referrers_send(r, ctx, refs, &merged);

    } else if (rc == NGX_DECLINED) {
        rc = ngx_http_mlist_failure_send(r, ctx, &bad->failure);
    }

    mlist_referrers_free(&merged);

    return rc;
}


/* NGX_OK; NGX_DECLINED: *bad answered with what is no good; NGX_ERROR. */

static ngx_int_t
ngx_http_mlist_referrers_merge(ngx_http_request_t *r,
    ngx_http_mlist_referrers_t *refs, mlist_referrers_t *merged,
    ngx_http_mlist_referrers_place_t **bad)
{
    u_char                            *p;
    ngx_str_t                         *page, reason;
    ngx_uint_t                         i, j, n;
    mlist_rc_e                         rc;
    ngx_http_mlist_referrers_place_t  *place;

    rc = MLIST_OK;
    place = refs->places;

    for (i = 0; i < refs->nplaces && rc == MLIST_OK; i++) {
        place = &refs->places[i];
        page = place->pages.elts;
        n = mlist_referrers_count(merged);

        for (j = 0; j < place->pages.nelts && rc == MLIST_OK; j++) {
            rc = mlist_referrers_add(merged, ngx_http_mlist_view(&page[j]),
                                     refs->type);
        }

        if (!place->push) {
            refs->others += mlist_referrers_count(merged) - n;
        }
    }

    if (rc == MLIST_OK) {
        return NGX_OK;
    }

    if (rc == MLIST_NOMEM) {
        return NGX_ERROR;
    }

    reason.data = ngx_pnalloc(r->pool, sizeof("its referrers: ") - 1
                                       + ngx_strlen(mlist_rc_text(rc)));
    if (reason.data == NULL) {
        return NGX_ERROR;
    }

    p = ngx_sprintf(reason.data, "its referrers: %s", mlist_rc_text(rc));
    reason.len = p - reason.data;
    *bad = place;

    return ngx_http_mlist_referrers_bad(r, place, &reason);
}


/*
 * A client that pushes what refers to something takes a 200 for the API, and
 * leaves it to the registry to list it.  Where that has none, the client is
 * to keep the tag, and reads it here too; unless that would be less than all.
 */

static ngx_uint_t
ngx_http_mlist_referrers_by_tag(ngx_http_mlist_referrers_t *refs)
{
    ngx_uint_t  i;

    for (i = 0; i < refs->nplaces; i++) {
        if (refs->places[i].push && refs->places[i].tag) {
            return refs->others == 0;
        }
    }

    return 0;
}


static ngx_int_t
ngx_http_mlist_referrers_send(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_referrers_t *refs,
    mlist_referrers_t *merged)
{
    char       *text;
    size_t      len;
    ngx_str_t   type, body;

    static ngx_str_t  filters = ngx_string("artifactType");

    if (mlist_referrers_write(merged, &text, &len) != MLIST_OK) {
        return NGX_ERROR;
    }

    body.len = len;
    body.data = ngx_pnalloc(r->pool, len);

    if (body.data) {
        ngx_memcpy(body.data, text, len);
    }

    free(text);

    if (body.data == NULL
        || (refs->type.len
            && ngx_http_mlist_send_header(r, "OCI-Filters-Applied", &filters)
               != NGX_OK))
    {
        return NGX_ERROR;
    }

    type.data = (u_char *) mlist_media_text(MLIST_MEDIA_OCI_INDEX);
    type.len = ngx_strlen(type.data);

    return ngx_http_mlist_send_text(r, ctx, &type, &body);
}

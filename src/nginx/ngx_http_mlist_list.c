/*
 * A read by a tag that is synthesized: see ngx_http_mlist_list.h.
 */


#include "ngx_http_mlist_list.h"
#include "ngx_http_mlist_ask.h"
#include "ngx_http_mlist_browse.h"
#include "ngx_http_mlist_build.h"
#include "ngx_http_mlist_choose.h"
#include "ngx_http_mlist_conf.h"
#include "ngx_http_mlist_doc.h"
#include "ngx_http_mlist_failure.h"
#include "ngx_http_mlist_flight.h"
#include "ngx_http_mlist_gather.h"
#include "ngx_http_mlist_grant.h"
#include "ngx_http_mlist_pass.h"
#include "ngx_http_mlist_send.h"
#include "ngx_http_mlist_tag.h"
#include "ngx_http_mlist_target.h"


typedef enum {
    NGX_HTTP_MLIST_LIST_READING = 0,   /* what is known */
    NGX_HTTP_MLIST_LIST_WAITING        /* for a flight */
} ngx_http_mlist_list_e;


typedef struct {
    ngx_http_mlist_list_e      state;
    ngx_http_mlist_tag_t       tag;
    uint64_t                   drop;          /* its last one */
    u_char                    *key;           /* of the list, in "tag" */
    ngx_http_mlist_store_op_t  op;
    ngx_http_mlist_wait_t      wait;
    ngx_http_mlist_choice_t    choice;
} ngx_http_mlist_list_t;


static ngx_int_t ngx_http_mlist_list_resume(ngx_http_request_t *r,
    void *state);
static ngx_http_mlist_status_e ngx_http_mlist_list_known(
    ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_list_t *list) MLIST_HOT;
static ngx_uint_t ngx_http_mlist_list_granted(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_tag_t *tag);
static ngx_int_t ngx_http_mlist_list_read(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_list_t *list) MLIST_HOT;
static uint32_t ngx_http_mlist_list_sources(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx);
static ngx_int_t ngx_http_mlist_list_wait(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_list_t *list);
static void ngx_http_mlist_list_ask(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_list_t *list,
    ngx_http_mlist_flight_ask_t *ask);
static ngx_int_t ngx_http_mlist_list_busy(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx);
static ngx_int_t ngx_http_mlist_list_landed(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_list_t *list);
static ngx_uint_t ngx_http_mlist_list_may_see(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx);
static ngx_int_t ngx_http_mlist_list_artifact(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_verdict_t *verdict);
static ngx_int_t ngx_http_mlist_list_nowhere(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_verdict_t *verdict);


ngx_int_t
ngx_http_mlist_list_start(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx)
{
    ngx_http_mlist_list_t  *list;

    list = ngx_pcalloc(r->pool, sizeof(ngx_http_mlist_list_t));
    if (list == NULL) {
        return NGX_ERROR;
    }

    if (ctx->tries == 0) {
        ngx_http_mlist_gather_accept(r, &ctx->accept);
    }

    list->choice.want = ngx_http_mlist_choose_want(&ctx->accept);

    ctx->state = list;
    ctx->resume = ngx_http_mlist_list_resume;

    if (ngx_http_mlist_tag_look(r, ctx, &list->tag, &list->drop) == NGX_OK) {
        list->choice.status = ngx_http_mlist_list_known(r, ctx, list);

        if (list->choice.status != NGX_HTTP_MLIST_STATUS_NONE) {
            return ngx_http_mlist_list_read(r, ctx, list);
        }
    }

    return ngx_http_mlist_list_wait(r, ctx, list);
}


static ngx_int_t
ngx_http_mlist_list_resume(ngx_http_request_t *r, void *state)
{
    ngx_http_mlist_ctx_t   *ctx;
    ngx_http_mlist_list_t  *list;

    list = state;
    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);

    if (list->state == NGX_HTTP_MLIST_LIST_READING) {
        return ngx_http_mlist_list_read(r, ctx, list);
    }

    if (list->wait.flight) {
        return NGX_AGAIN;
    }

    return ngx_http_mlist_list_landed(r, ctx, list);
}


/*
 * HIT or UPDATING where what is known may be the answer, else NONE.  What is
 * known to be outdated, rather than only old, is not given out.
 */

static ngx_http_mlist_status_e
ngx_http_mlist_list_known(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_list_t *list)
{
    mlist_media_e               type;
    ngx_http_mlist_tag_t       *tag;
    ngx_http_mlist_loc_conf_t  *mlcf;

    tag = &list->tag;
    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    list->op.name = ctx->name;

    switch (list->choice.want) {

    case NGX_HTTP_MLIST_WANT_DOCKER:
        type = MLIST_MEDIA_DOCKER_LIST;
        break;

    case NGX_HTTP_MLIST_WANT_OCI:
        type = MLIST_MEDIA_OCI_INDEX;
        break;

    default:
        type = tag->last.type;
    }

    list->op.digest = ngx_http_mlist_tag_digest(&tag->last, type);
    list->key = ngx_http_mlist_tag_list_key(tag, type);

    if (tag->artifact
        || list->op.digest.len == 0
        || !ngx_http_mlist_list_granted(r, ctx, tag))
    {
        return NGX_HTTP_MLIST_STATUS_NONE;
    }

    if (ngx_http_mlist_tag_fresh(r, tag, list->drop)) {
        return NGX_HTTP_MLIST_STATUS_HIT;
    }

    return (mlcf->use_stale & NGX_HTTP_MLIST_STALE_UPDATING)
           && !tag->unsettled
           && list->drop <= tag->number
               ? NGX_HTTP_MLIST_STATUS_UPDATING : NGX_HTTP_MLIST_STATUS_NONE;
}


static ngx_uint_t
ngx_http_mlist_list_granted(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_tag_t *tag)
{
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    return mlcf->auth == NGX_HTTP_MLIST_AUTH_NGINX
           || ngx_http_mlist_grant_known(r, &ctx->name,
                                         ngx_http_mlist_list_sources(r, ctx)
                                         & ~tag->last.missing);
}


static ngx_int_t
ngx_http_mlist_list_read(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_list_t *list)
{
    ngx_int_t                     rc;
    ngx_http_mlist_choice_t      *choice;
    ngx_http_mlist_flight_ask_t   ask;

    choice = &list->choice;

    rc = list->op.asked ? NGX_DECLINED
                        : ngx_http_mlist_doc_cached(r, &list->op, list->key);

    if (rc == NGX_DECLINED) {
        rc = ngx_http_mlist_doc_get(r, &list->op);
    }

    if (rc == NGX_AGAIN) {
        return NGX_AGAIN;
    }

    /*
     * A store that fails is no reason not to ask the sources; and where it has
     * lost the list a flight tells it again that this is the tag's last one.
     */

    if (rc != NGX_OK || list->op.gone) {
        return ngx_http_mlist_list_wait(r, ctx, list);
    }

    choice->doc = list->op.doc;
    choice->own = ngx_http_mlist_tag_digest(&list->tag.last,
                                            list->tag.last.type);
    choice->missing = list->tag.last.missing;

    if (choice->want == NGX_HTTP_MLIST_WANT_CHILD) {

        /* its parts may tell what its bytes do not */

        rc = ngx_http_mlist_choose_find(r, choice);

        if (rc == NGX_ERROR) {
            return NGX_ERROR;
        }

        if (rc == NGX_DECLINED && list->tag.verbatim) {
            return ngx_http_mlist_list_wait(r, ctx, list);
        }
    }

    if (choice->status == NGX_HTTP_MLIST_STATUS_UPDATING) {

        choice->failed = ngx_http_mlist_list_sources(r, ctx);

        ngx_http_mlist_list_ask(r, ctx, list, &ask);

        /* a child is chosen of the list that is kept: no other flight */

        if (ask.want == NGX_HTTP_MLIST_WANT_CHILD) {
            ask.want = NGX_HTTP_MLIST_WANT_OWN;
        }

        if (ngx_http_mlist_flight_background(r, &ask) == NGX_ERROR) {
            return NGX_ERROR;
        }
    }

    return ngx_http_mlist_choose_answer(r, ctx, choice);
}


/* The sources that are asked for the request's name: bits (1 << index). */

static uint32_t
ngx_http_mlist_list_sources(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx)
{
    uint32_t                    bits;
    ngx_uint_t                  i;
    ngx_http_mlist_source_t    *source;
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    source = mlcf->sources->elts;
    bits = 0;

    for (i = 0; i < mlcf->sources->nelts; i++) {
        if (ngx_http_mlist_conf_serves(&source[i], &ctx->name)) {
            bits |= (uint32_t) 1 << i;
        }
    }

    return bits;
}


static ngx_int_t
ngx_http_mlist_list_wait(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_list_t *list)
{
    ngx_int_t                    rc;
    ngx_http_mlist_flight_ask_t  ask;

    list->state = NGX_HTTP_MLIST_LIST_WAITING;

    ngx_http_mlist_list_ask(r, ctx, list, &ask);

    rc = ngx_http_mlist_flight_join(r, &ask, &list->wait);

    return rc == NGX_BUSY ? ngx_http_mlist_list_busy(r, ctx) : rc;
}


static void
ngx_http_mlist_list_ask(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_list_t *list, ngx_http_mlist_flight_ask_t *ask)
{
    ask->name = ctx->name;
    ask->reference = ctx->reference;
    ask->want = list->choice.want;
    ask->start = ngx_http_mlist_build_start;
    ask->loc_conf = r->loc_conf;
    ask->phase = ctx->phase;
    ask->foreign = 0;
}


ngx_int_t
ngx_http_mlist_list_refresh(ngx_http_request_t *r, ngx_int_t phase,
    void **loc_conf, ngx_str_t *name, ngx_str_t *tag)
{
    ngx_http_mlist_flight_ask_t  ask;

    ask.name = *name;
    ask.reference = *tag;
    ask.want = NGX_HTTP_MLIST_WANT_OWN;
    ask.start = ngx_http_mlist_build_start;
    ask.loc_conf = loc_conf;
    ask.phase = phase;
    ask.foreign = 1;

    return ngx_http_mlist_flight_background(r, &ask);
}


static ngx_int_t
ngx_http_mlist_list_busy(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx)
{
    static ngx_str_t  one = ngx_string("1");
    static ngx_str_t  full = ngx_string("too many tags are asked for at "
                                        "once");

    if (ngx_http_mlist_send_header(r, "Retry-After", &one) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_mlist_send_error(ctx, NGX_HTTP_SERVICE_UNAVAILABLE,
                                     MLIST_ERR_UNAVAILABLE, &full, NULL);
}


static ngx_int_t
ngx_http_mlist_list_landed(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_list_t *list)
{
    ngx_http_mlist_choice_t   *choice;
    ngx_http_mlist_verdict_t  *verdict;

    verdict = list->wait.verdict;

    if (verdict == NULL) {
        return NGX_ERROR;
    }

    switch (verdict->kind) {

    case NGX_HTTP_MLIST_VERDICT_LIST:
        choice = &list->choice;

        choice->doc = verdict->doc;
        choice->own = verdict->own;
        choice->part = verdict->part;
        choice->status = verdict->status;
        choice->missing = verdict->missing;
        choice->failed = verdict->failed;

        return ngx_http_mlist_choose_answer(r, ctx, choice);

    case NGX_HTTP_MLIST_VERDICT_ARTIFACT:
        return ngx_http_mlist_list_artifact(r, ctx, verdict);

    case NGX_HTTP_MLIST_VERDICT_NOWHERE:
        return ngx_http_mlist_list_nowhere(r, ctx, verdict);

    default: /* NGX_HTTP_MLIST_VERDICT_FAILED */

        if (verdict->failure.status == 0) {
            return NGX_ERROR;
        }

        if (verdict->failure.status >= NGX_HTTP_INTERNAL_SERVER_ERROR
            && ngx_http_mlist_browse_is(r, ctx)
            && ngx_http_mlist_list_may_see(r, ctx))
        {
            return ngx_http_mlist_browse(r, ctx, verdict->failure.status);
        }

        return ngx_http_mlist_failure_send(r, ctx, &verdict->failure);
    }
}


/*
 * Who is asked for a password is to see nothing else, nor who is not: a
 * source that failed has judged nobody.  A page shows what all of them said.
 */

static ngx_uint_t
ngx_http_mlist_list_may_see(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx)
{
    uint64_t  all;

    all = ((uint64_t) 1 << ctx->conf->sources->nelts) - 1;

    return ngx_http_mlist_grant_known(r, &ctx->name, (uint32_t) all);
}


static ngx_int_t
ngx_http_mlist_list_artifact(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_verdict_t *verdict)
{
    ngx_str_t                   url;
    ngx_http_mlist_source_t    *source;
    ngx_http_mlist_target_t     target;
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    source = mlcf->sources->elts;
    source += verdict->source;

    target.registry = source->registry;
    target.source = source;

    if (ngx_http_mlist_target_name(r, source, &ctx->name, &target.name)
        != NGX_OK
        || ngx_http_mlist_target_url(r, target.registry, &target.name,
                                     "manifests", &verdict->digest, &url)
           != NGX_OK
        || ngx_http_mlist_choose_labels(r, verdict->missing, &ctx->missing)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    ctx->digest = verdict->digest;
    ctx->kind = NGX_HTTP_MLIST_KIND_MANIFEST;
    ctx->status = NGX_HTTP_MLIST_STATUS_PASS;

    if (ngx_http_mlist_browse_is(r, ctx)) {
        return ngx_http_mlist_browse(r, ctx, NGX_HTTP_OK);
    }

    return ngx_http_mlist_pass_read(r, ctx, &target, &url, 1);
}


/* No source has it: the tag as it stands, where that was not asked yet. */

static ngx_int_t
ngx_http_mlist_list_nowhere(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_verdict_t *verdict)
{
    ngx_int_t                   rc;
    ngx_uint_t                  i;
    ngx_array_t                *absent;
    ngx_http_mlist_source_t    *source;
    ngx_http_mlist_target_t    *target;
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    if (ngx_http_mlist_choose_labels(r, verdict->missing, &ctx->missing)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    absent = ngx_array_create(r->pool, mlcf->sources->nelts,
                              sizeof(ngx_http_mlist_target_t));
    if (absent == NULL) {
        return NGX_ERROR;
    }

    source = mlcf->sources->elts;

    for (i = 0; i < mlcf->sources->nelts; i++) {

        if (!(verdict->absent & (uint32_t) 1 << i)) {
            continue;
        }

        target = ngx_array_push(absent);
        if (target == NULL) {
            return NGX_ERROR;
        }

        target->registry = source[i].registry;
        target->source = &source[i];

        rc = ngx_http_mlist_target_name(r, &source[i], &ctx->name,
                                        &target->name);

        if (rc != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return ngx_http_mlist_ask_tag(r, ctx, absent);
}

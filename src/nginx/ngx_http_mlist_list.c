/*
 * A read by a tag that is synthesized: see ngx_http_mlist_list.h.
 */


#include "ngx_http_mlist_list.h"
#include "ngx_http_mlist_ask.h"
#include "ngx_http_mlist_choose.h"
#include "ngx_http_mlist_compose.h"
#include "ngx_http_mlist_doc.h"
#include "ngx_http_mlist_failure.h"
#include "ngx_http_mlist_gather.h"
#include "ngx_http_mlist_judge.h"
#include "ngx_http_mlist_list_state.h"
#include "ngx_http_mlist_send.h"


/* How many children of a source are learned; others are asked for. */
#define NGX_HTTP_MLIST_LIST_LEARN  64


static ngx_int_t ngx_http_mlist_list_resume(ngx_http_request_t *r,
    void *state);
static ngx_int_t ngx_http_mlist_list_asking(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_list_t *list);
static ngx_int_t ngx_http_mlist_list_step_parts(ngx_http_request_t *r,
    ngx_http_mlist_list_t *list);
static ngx_int_t ngx_http_mlist_list_parts(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_list_t *list);
static ngx_int_t ngx_http_mlist_list_unchanged(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_list_t *list);
static ngx_int_t ngx_http_mlist_list_build(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_list_t *list);
static ngx_int_t ngx_http_mlist_list_verbatim(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_list_t *list);
static ngx_int_t ngx_http_mlist_list_keep(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_list_t *list);
static ngx_int_t ngx_http_mlist_list_get(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_list_t *list,
    ngx_str_t *digest);
static ngx_int_t ngx_http_mlist_list_keeping(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_list_t *list);
static ngx_int_t ngx_http_mlist_list_learn(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_list_t *list);


ngx_int_t
ngx_http_mlist_list_start(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx)
{
    ngx_int_t               rc;
    ngx_uint_t              i;
    ngx_http_mlist_list_t  *list;

    list = ngx_pcalloc(r->pool, sizeof(ngx_http_mlist_list_t));
    if (list == NULL) {
        return NGX_ERROR;
    }

    if (ngx_http_mlist_gather_sources(r, ctx, list) != NGX_OK) {
        return NGX_ERROR;
    }

    if (ctx->tries == 0) {
        ngx_http_mlist_gather_accept(r, &ctx->accept);
    }

    list->accept = ctx->accept;

    rc = ngx_http_mlist_tag_get(r, ctx, &list->tag);

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    list->known = (rc == NGX_OK);

    /* where nothing is known a GET tells at once what is needed anyway */

    for (i = 0; i < list->nspots; i++) {
        if (ngx_http_mlist_spot_ask(r, &list->spots[i], list->known)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    ctx->state = list;
    ctx->resume = ngx_http_mlist_list_resume;

    return ngx_http_mlist_list_resume(r, list);
}


static ngx_int_t
ngx_http_mlist_list_resume(ngx_http_request_t *r, void *state)
{
    ngx_http_mlist_ctx_t   *ctx;
    ngx_http_mlist_list_t  *list;

    list = state;
    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);

    switch (list->state) {

    case NGX_HTTP_MLIST_LIST_ASKING:
        return ngx_http_mlist_list_asking(r, ctx, list);

    case NGX_HTTP_MLIST_LIST_PARTS:
        return ngx_http_mlist_list_parts(r, ctx, list);

    case NGX_HTTP_MLIST_LIST_VERBATIM:
        return ngx_http_mlist_list_verbatim(r, ctx, list);

    default: /* NGX_HTTP_MLIST_LIST_KEEPING */
        return ngx_http_mlist_list_keeping(r, ctx, list);
    }
}


static ngx_int_t
ngx_http_mlist_list_asking(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_list_t *list)
{
    u_char      observed[NGX_HTTP_MLIST_KEY_SIZE];
    ngx_int_t   rc;
    ngx_uint_t  i, waiting;

    waiting = 0;

    for (i = 0; i < list->nspots; i++) {

        rc = ngx_http_mlist_spot_step(r, &list->spots[i]);

        if (rc == NGX_ERROR) {
            return NGX_ERROR;
        }

        if (rc == NGX_AGAIN) {
            waiting = 1;
        }
    }

    /* of a tag not known before everything is needed, so why wait */

    if (!list->known
        && ngx_http_mlist_list_step_parts(r, list) == NGX_ERROR)
    {
        return NGX_ERROR;
    }

    if (waiting) {
        return NGX_AGAIN;
    }

    ngx_memcpy(observed, list->tag.observed, NGX_HTTP_MLIST_KEY_SIZE);

    if (ngx_http_mlist_tag_observe(r, list->spots, list->nspots, &list->tag)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    list->state = NGX_HTTP_MLIST_LIST_PARTS;

    rc = ngx_http_mlist_judge_failed(r, ctx, list);

    if (rc != NGX_OK) {
        return rc;
    }

    if (list->known
        && ngx_memcmp(observed, list->tag.observed, NGX_HTTP_MLIST_KEY_SIZE)
           == 0)
    {
        rc = ngx_http_mlist_list_unchanged(r, ctx, list);

        if (rc != NGX_DONE) {
            return rc;
        }

    } else if (list->known) {
        list->tag.missing = 0;
        list->tag.artifact = 0;
        list->tag.docker_len = 0;
        list->tag.oci_len = 0;
    }

    return ngx_http_mlist_list_parts(r, ctx, list);
}


/* Steps the parts of the sources that have the tag. */

static ngx_int_t
ngx_http_mlist_list_step_parts(ngx_http_request_t *r,
    ngx_http_mlist_list_t *list)
{
    ngx_int_t   rc;
    ngx_uint_t  i, waiting;

    waiting = 0;

    for (i = 0; i < list->nparts; i++) {

        if (!ngx_http_mlist_gather_present(&list->parts[i])) {
            continue;
        }

        rc = ngx_http_mlist_part_step(r, &list->parts[i]);

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
ngx_http_mlist_list_parts(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_list_t *list)
{
    ngx_int_t   rc;
    ngx_uint_t  i, present;

    present = 0;

    for (i = 0; i < list->nparts; i++) {
        present += ngx_http_mlist_gather_present(&list->parts[i]);
    }

    if (present == 0) {
        rc = ngx_http_mlist_judge_failed(r, ctx, list);

        return rc == NGX_OK ? ngx_http_mlist_judge_nowhere(r, ctx, list) : rc;
    }

    if (ngx_http_mlist_list_step_parts(r, list) == NGX_ERROR) {
        return NGX_ERROR;
    }

    rc = ngx_http_mlist_judge_failed(r, ctx, list);

    if (rc != NGX_OK) {
        return rc;
    }

    /* an answer waits for all that is under way: see fetch */

    if (ctx->running) {
        return NGX_AGAIN;
    }

    rc = ngx_http_mlist_judge_artifact(r, ctx, list);

    return rc == NGX_DONE ? ngx_http_mlist_list_build(r, ctx, list) : rc;
}


/* NGX_DONE: the list has to be built; else what the phase handler returns. */

static ngx_int_t
ngx_http_mlist_list_unchanged(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_list_t *list)
{
    ngx_int_t  rc;
    ngx_str_t  digest;

    if (list->tag.artifact) {
        return ngx_http_mlist_judge_artifact(r, ctx, list);
    }

    digest = ngx_http_mlist_tag_digest(&list->tag, list->tag.type);
    digest = ngx_http_mlist_tag_digest(&list->tag,
                             ngx_http_mlist_choose_wanted(r, list, &digest));

    if (digest.len == 0) {
        return NGX_DONE;
    }

    rc = ngx_http_mlist_list_get(r, ctx, list, &digest);

    if (rc == NGX_DECLINED) {
        return NGX_DONE;
    }

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    if (list->child) {

        /* its parts may tell what its bytes do not */

        rc = ngx_http_mlist_choose_find(r, list);

        if (rc != NGX_OK) {
            return rc == NGX_DECLINED ? NGX_DONE : NGX_ERROR;
        }
    }

    ctx->status = NGX_HTTP_MLIST_STATUS_REVALIDATED;

    return ngx_http_mlist_choose_answer(r, ctx, list);
}


static ngx_int_t
ngx_http_mlist_list_build(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_list_t *list)
{
    ngx_int_t                   rc;
    mlist_media_e               wanted;
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    rc = ngx_http_mlist_compose(r, list->parts, list->nparts, mlcf->type,
                                &list->composed);

    if (rc == NGX_OK) {
        list->tag.type = list->composed.doc.type;
        list->tag.missing = list->composed.missing;

        wanted = ngx_http_mlist_choose_wanted(r, list,
                                            &list->composed.doc.digest);

        if (wanted != list->composed.doc.type) {
            rc = ngx_http_mlist_compose(r, list->parts, list->nparts,
                                        wanted == MLIST_MEDIA_OCI_INDEX
                                            ? MLIST_TYPE_OCI
                                            : MLIST_TYPE_DOCKER,
                                        &list->composed);
        }
    }

    switch (rc) {

    case NGX_OK:
        ctx->status = NGX_HTTP_MLIST_STATUS_MISS;
        return ngx_http_mlist_list_verbatim(r, ctx, list);

    case NGX_DECLINED:
        return ngx_http_mlist_judge_nowhere(r, ctx, list);

    case NGX_ABORT:
        return ngx_http_mlist_failure_bad(r, ctx, &list->parts[0].source->label,
                                          &list->composed.reason);

    default:
        return NGX_ERROR;
    }
}


static ngx_int_t
ngx_http_mlist_list_verbatim(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_list_t *list)
{
    ngx_int_t               rc;
    ngx_http_mlist_spot_t  *spot;

    spot = list->composed.verbatim;
    list->doc = list->composed.doc;

    if (spot == NULL) {
        return ngx_http_mlist_list_keep(r, ctx, list);
    }

    if (spot->state == NGX_HTTP_MLIST_SPOT_PRESENT) {

        rc = ngx_http_mlist_list_get(r, ctx, list, &list->doc.digest);

        if (rc == NGX_ERROR) {
            return NGX_ERROR;
        }

        if (rc == NGX_OK) {
            return ngx_http_mlist_list_keep(r, ctx, list);
        }

        if (ngx_http_mlist_spot_fetch(r, spot) != NGX_OK) {
            return NGX_ERROR;
        }

        list->state = NGX_HTTP_MLIST_LIST_VERBATIM;
    }

    rc = ngx_http_mlist_spot_step(r, spot);

    if (rc != NGX_OK) {
        return rc;
    }

    rc = ngx_http_mlist_judge_failed(r, ctx, list);

    if (rc != NGX_OK) {
        return rc;
    }

    list->doc.body = spot->body;

    return ngx_http_mlist_list_keep(r, ctx, list);
}


static ngx_int_t
ngx_http_mlist_list_get(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_list_t *list, ngx_str_t *digest)
{
    ngx_int_t  rc;

    ngx_memzero(&list->op, sizeof(ngx_http_mlist_store_op_t));

    list->op.name = ctx->name;
    list->op.digest = *digest;

    rc = ngx_http_mlist_doc_get(r, &list->op);

    if (rc == NGX_OK) {
        list->doc = list->op.doc;
    }

    return rc;
}


/* Its digest goes out only when the list is where it can be read again. */

static ngx_int_t
ngx_http_mlist_list_keep(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_list_t *list)
{
    list->state = NGX_HTTP_MLIST_LIST_KEEPING;

    ngx_memzero(&list->op, sizeof(ngx_http_mlist_store_op_t));

    list->op.name = ctx->name;
    list->op.doc = list->doc;

    return ngx_http_mlist_list_keeping(r, ctx, list);
}


static ngx_int_t
ngx_http_mlist_list_keeping(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_list_t *list)
{
    ngx_int_t  rc;

    static ngx_str_t  full = ngx_string("the store could not take the list");

    rc = ngx_http_mlist_doc_keep(r, &list->op);

    if (rc == NGX_AGAIN) {
        return NGX_AGAIN;
    }

    if (rc != NGX_OK) {
        return ngx_http_mlist_send_error(ctx, NGX_HTTP_SERVICE_UNAVAILABLE,
                                         MLIST_ERR_UNAVAILABLE, &full, NULL);
    }

    ngx_http_mlist_tag_note(&list->tag, list->doc.type, &list->doc.digest);
    ngx_http_mlist_tag_set(r, ctx, &list->tag);

    if (list->ntargets > 1
        && ngx_http_mlist_list_learn(r, ctx, list) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_mlist_choose_answer(r, ctx, list);
}


/* Who has which child is known, so nobody need be asked for it. */

static ngx_int_t
ngx_http_mlist_list_learn(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_list_t *list)
{
    size_t                  n;
    ngx_str_t               digest;
    ngx_uint_t              i, j;
    mlist_digest_t         *digests;
    ngx_http_mlist_part_t  *part;

    digests = ngx_palloc(r->pool, NGX_HTTP_MLIST_LIST_LEARN
                                  * sizeof(mlist_digest_t));
    if (digests == NULL) {
        return NGX_ERROR;
    }

    /* the last one that is noted counts, and that is to be the first */

    for (i = list->nparts; i--; /* void */) {
        part = &list->parts[i];

        if (part->state != NGX_HTTP_MLIST_PART_READY
            || mlist_index_children(ngx_http_mlist_view(&part->json), digests,
                                    NGX_HTTP_MLIST_LIST_LEARN, &n)
               != MLIST_OK)
        {
            continue;
        }

        for (j = 0; j < n; j++) {
            digest = ngx_http_mlist_ngx_str(mlist_digest_str(&digests[j]));

            ngx_http_mlist_ask_learn(r, &ctx->name, &digest, 0,
                                     part->spot->index);
        }
    }

    return NGX_OK;
}

/*
 * A read by a tag that is synthesized: see ngx_http_mlist_list.h.
 */


#include "ngx_http_mlist_list.h"
#include "ngx_http_mlist_ask.h"
#include "ngx_http_mlist_compose.h"
#include "ngx_http_mlist_conf.h"
#include "ngx_http_mlist_doc.h"
#include "ngx_http_mlist_failure.h"
#include "ngx_http_mlist_part.h"
#include "ngx_http_mlist_pass.h"
#include "ngx_http_mlist_send.h"
#include "ngx_http_mlist_spot.h"
#include "ngx_http_mlist_tag.h"


typedef enum {
    NGX_HTTP_MLIST_LIST_ASKING = 0,    /* the spots */
    NGX_HTTP_MLIST_LIST_PARTS,         /* what has to be fetched */
    NGX_HTTP_MLIST_LIST_VERBATIM,      /* a shared index's own bytes */
    NGX_HTTP_MLIST_LIST_KEEPING,       /* the store writes */
    NGX_HTTP_MLIST_LIST_KEPT
} ngx_http_mlist_list_e;


typedef struct {
    ngx_http_mlist_list_e      state;

    ngx_http_mlist_spot_t     *spots;      /* each distinct one once */
    ngx_uint_t                 nspots;
    ngx_http_mlist_part_t     *parts;      /* one a source, in order */
    ngx_uint_t                 nparts;

    ngx_http_mlist_tag_t       tag;        /* what goes into the zone */
    mlist_accept_t             accept;
    ngx_http_mlist_compose_t   composed;
    ngx_http_mlist_doc_t       doc;        /* being kept */
    ngx_int_t                  kept;       /* what the store said */

    unsigned                   known:1;    /* the tag was in the zone */
    unsigned                   child:1;    /* the client takes no list */
} ngx_http_mlist_list_t;


static ngx_int_t ngx_http_mlist_list_sources(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_list_t *list);
static ngx_http_mlist_spot_t *ngx_http_mlist_list_spot(
    ngx_http_mlist_list_t *list, ngx_http_mlist_target_t *target,
    ngx_str_t *tag);
static void ngx_http_mlist_list_accept(ngx_http_request_t *r,
    mlist_accept_t *accept);
static ngx_int_t ngx_http_mlist_list_resume(ngx_http_request_t *r,
    void *state);
static ngx_int_t ngx_http_mlist_list_asking(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_list_t *list);
static ngx_int_t ngx_http_mlist_list_step_parts(ngx_http_request_t *r,
    ngx_http_mlist_list_t *list);
static ngx_int_t ngx_http_mlist_list_parts(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_list_t *list);
static ngx_int_t ngx_http_mlist_list_failed(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_list_t *list);
static ngx_http_mlist_blame_t *ngx_http_mlist_list_blame(
    ngx_http_mlist_part_t *part);
static ngx_uint_t ngx_http_mlist_list_present(ngx_http_mlist_part_t *part);
static ngx_int_t ngx_http_mlist_list_nowhere(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_list_t *list);
static ngx_int_t ngx_http_mlist_list_unchanged(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_list_t *list);
static ngx_int_t ngx_http_mlist_list_artifact(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_list_t *list);
static ngx_int_t ngx_http_mlist_list_mixed(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_part_t *image,
    ngx_http_mlist_part_t *artifact);
static ngx_int_t ngx_http_mlist_list_build(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_list_t *list);
static ngx_int_t ngx_http_mlist_list_verbatim(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_list_t *list);
static mlist_media_e ngx_http_mlist_list_wanted(ngx_http_request_t *r,
    ngx_http_mlist_list_t *list, ngx_str_t *digest);
static ngx_int_t ngx_http_mlist_list_keep(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_list_t *list);
static void ngx_http_mlist_list_stored(ngx_http_request_t *r, void *data,
    ngx_int_t rc);
static ngx_int_t ngx_http_mlist_list_kept(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_list_t *list);
static ngx_int_t ngx_http_mlist_list_answer(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_list_t *list);
static ngx_int_t ngx_http_mlist_list_child(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_list_t *list);
static ngx_int_t ngx_http_mlist_list_missing(ngx_http_request_t *r,
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

    if (ngx_http_mlist_list_sources(r, ctx, list) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_http_mlist_list_accept(r, &list->accept);

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
ngx_http_mlist_list_sources(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_list_t *list)
{
    ngx_int_t                   rc, index;
    ngx_str_t                   tag, name;
    ngx_uint_t                  i;
    ngx_array_t                *targets;
    ngx_http_mlist_part_t      *part;
    ngx_http_mlist_source_t    *source;
    ngx_http_mlist_target_t    *target;
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    list->spots = ngx_pcalloc(r->pool, mlcf->sources->nelts
                                       * sizeof(ngx_http_mlist_spot_t));
    list->parts = ngx_pcalloc(r->pool, mlcf->sources->nelts
                                       * sizeof(ngx_http_mlist_part_t));
    targets = ngx_http_mlist_target_list(r, &ctx->name);

    if (list->spots == NULL || list->parts == NULL || targets == NULL) {
        return NGX_ERROR;
    }

    source = mlcf->sources->elts;
    target = targets->elts;

    for (i = 0; i < mlcf->sources->nelts; i++) {

        if (!ngx_http_mlist_conf_serves(&source[i], &ctx->name)) {
            continue;
        }

        part = &list->parts[list->nparts++];
        part->source = &source[i];
        part->index = i;

        rc = ngx_http_mlist_target_name(r, &source[i], &ctx->name, &name);

        if (rc == NGX_OK) {
            rc = ngx_http_mlist_target_tag(r, &source[i], &ctx->reference,
                                           &tag);
        }

        if (rc == NGX_ERROR) {
            return NGX_ERROR;
        }

        if (rc == NGX_DECLINED) {
            continue;
        }

        index = ngx_http_mlist_target_find(targets, source[i].registry,
                                           &name);

        part->spot = ngx_http_mlist_list_spot(list, &target[index], &tag);
        part->spot->index = index;
    }

    return NGX_OK;
}


static ngx_http_mlist_spot_t *
ngx_http_mlist_list_spot(ngx_http_mlist_list_t *list,
    ngx_http_mlist_target_t *target, ngx_str_t *tag)
{
    ngx_uint_t              i;
    ngx_http_mlist_spot_t  *spot;

    for (i = 0; i < list->nspots; i++) {
        spot = &list->spots[i];

        if (spot->target.registry == target->registry
            && spot->target.name.data == target->name.data
            && spot->tag.len == tag->len
            && ngx_memcmp(spot->tag.data, tag->data, tag->len) == 0)
        {
            return spot;
        }
    }

    spot = &list->spots[list->nspots++];
    spot->target = *target;
    spot->tag = *tag;

    return spot;
}


/* $http_accept has only the first line before nginx 1.23. */

static void
ngx_http_mlist_list_accept(ngx_http_request_t *r, mlist_accept_t *accept)
{
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    mlist_accept_init(accept);

    for (part = &r->headers_in.headers.part; part; part = part->next) {

        for (h = part->elts; h < (ngx_table_elt_t *) part->elts + part->nelts;
             h++)
        {
            if (h->key.len == sizeof("Accept") - 1
                && ngx_strncasecmp(h->key.data, (u_char *) "Accept",
                                   h->key.len)
                   == 0)
            {
                mlist_accept_add(accept, ngx_http_mlist_view(&h->value));
            }
        }
    }
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

    case NGX_HTTP_MLIST_LIST_KEPT:
        return ngx_http_mlist_list_kept(r, ctx, list);

    default: /* NGX_HTTP_MLIST_LIST_KEEPING */
        return NGX_AGAIN;
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

    rc = ngx_http_mlist_list_failed(r, ctx, list);

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

        if (!ngx_http_mlist_list_present(&list->parts[i])) {
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


static ngx_uint_t
ngx_http_mlist_list_present(ngx_http_mlist_part_t *part)
{
    return part->spot
           && part->spot->state != NGX_HTTP_MLIST_SPOT_ASKING
           && part->spot->state != NGX_HTTP_MLIST_SPOT_ABSENT
           && (part->spot->state != NGX_HTTP_MLIST_SPOT_FAILED
               || part->state != NGX_HTTP_MLIST_PART_NONE);
}


static ngx_int_t
ngx_http_mlist_list_parts(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_list_t *list)
{
    ngx_int_t   rc;
    ngx_uint_t  i, present;

    present = 0;

    for (i = 0; i < list->nparts; i++) {
        present += ngx_http_mlist_list_present(&list->parts[i]);
    }

    if (present == 0) {
        rc = ngx_http_mlist_list_failed(r, ctx, list);

        return rc == NGX_OK ? ngx_http_mlist_list_nowhere(r, ctx, list) : rc;
    }

    if (ngx_http_mlist_list_step_parts(r, list) == NGX_ERROR) {
        return NGX_ERROR;
    }

    rc = ngx_http_mlist_list_failed(r, ctx, list);

    if (rc != NGX_OK) {
        return rc;
    }

    /* an answer waits for all that is under way: see fetch */

    if (ctx->running) {
        return NGX_AGAIN;
    }

    rc = ngx_http_mlist_list_artifact(r, ctx, list);

    return rc == NGX_DONE ? ngx_http_mlist_list_build(r, ctx, list) : rc;
}


/* NGX_OK: nothing failed so far; else what the phase handler returns. */

static ngx_int_t
ngx_http_mlist_list_failed(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_list_t *list)
{
    ngx_uint_t                  i;
    ngx_http_mlist_part_t      *part;
    ngx_http_mlist_blame_t     *blame, *b;
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    part = NULL;
    blame = NULL;

    for (i = 0; i < list->nparts; i++) {

        b = ngx_http_mlist_list_blame(&list->parts[i]);

        if (b == NULL) {
            continue;
        }

        /* of several failures a challenge is the one to be told */

        if (blame == NULL
            || (mlcf->auth == NGX_HTTP_MLIST_AUTH_REGISTRY
                && b->fetch
                && b->fetch->status == NGX_HTTP_UNAUTHORIZED
                && (blame->fetch == NULL
                    || blame->fetch->status != NGX_HTTP_UNAUTHORIZED)))
        {
            part = &list->parts[i];
            blame = b;
        }
    }

    if (blame == NULL) {
        return NGX_OK;
    }

    if (ctx->running) {
        return NGX_AGAIN;
    }

    if (blame->fetch) {
        return ngx_http_mlist_failure_answer(r, ctx, blame->fetch,
                                             &part->source->label);
    }

    return ngx_http_mlist_failure_bad(r, ctx, &part->source->label,
                                      &blame->reason);
}


static ngx_http_mlist_blame_t *
ngx_http_mlist_list_blame(ngx_http_mlist_part_t *part)
{
    if (part->spot && part->spot->state == NGX_HTTP_MLIST_SPOT_FAILED) {
        return &part->spot->blame;
    }

    return part->state == NGX_HTTP_MLIST_PART_FAILED ? &part->blame : NULL;
}


/* No source has it: the tag as it stands, where that was not asked yet. */

static ngx_int_t
ngx_http_mlist_list_nowhere(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_list_t *list)
{
    ngx_uint_t                i;
    ngx_array_t              *absent;
    ngx_http_mlist_spot_t    *spot;
    ngx_http_mlist_target_t  *target;

    if (ngx_http_mlist_list_missing(r, ctx, list) != NGX_OK) {
        return NGX_ERROR;
    }

    absent = ngx_array_create(r->pool, list->nspots + 1,
                              sizeof(ngx_http_mlist_target_t));
    if (absent == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < list->nspots; i++) {
        spot = &list->spots[i];

        if (spot->state == NGX_HTTP_MLIST_SPOT_ABSENT
            && spot->tag.len == ctx->reference.len
            && ngx_memcmp(spot->tag.data, ctx->reference.data, spot->tag.len)
               == 0)
        {
            target = ngx_array_push(absent);
            if (target == NULL) {
                return NGX_ERROR;
            }

            *target = spot->target;
        }
    }

    return ngx_http_mlist_ask_tag(r, ctx, absent);
}


/* NGX_DONE: the list has to be built; else what the phase handler returns. */

static ngx_int_t
ngx_http_mlist_list_unchanged(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_list_t *list)
{
    ngx_int_t  rc;
    ngx_str_t  digest;

    if (list->tag.artifact) {
        return ngx_http_mlist_list_artifact(r, ctx, list);
    }

    digest = ngx_http_mlist_tag_digest(&list->tag, list->tag.type);
    digest = ngx_http_mlist_tag_digest(&list->tag,
                             ngx_http_mlist_list_wanted(r, list, &digest));

    if (digest.len == 0) {
        return NGX_DONE;
    }

    rc = ngx_http_mlist_doc_get(r, &ctx->name, &digest, &list->doc);

    if (rc == NGX_DECLINED) {
        return NGX_DONE;
    }

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    ctx->status = NGX_HTTP_MLIST_STATUS_REVALIDATED;

    return ngx_http_mlist_list_answer(r, ctx, list);
}


/* NGX_DONE: it is no artifact; else what the phase handler returns. */

static ngx_int_t
ngx_http_mlist_list_artifact(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_list_t *list)
{
    ngx_str_t               digest, url;
    ngx_uint_t              i;
    ngx_http_mlist_part_t  *part, *image, *artifact;

    image = NULL;
    artifact = NULL;

    for (i = 0; i < list->nparts; i++) {
        part = &list->parts[i];

        if (!ngx_http_mlist_list_present(part)) {
            continue;
        }

        if (list->tag.artifact || part->kind == MLIST_PART_ARTIFACT) {
            artifact = artifact ? artifact : part;

        } else {
            image = image ? image : part;
        }
    }

    if (artifact == NULL) {
        return NGX_DONE;
    }

    if (image) {
        return ngx_http_mlist_list_mixed(r, ctx, image, artifact);
    }

    digest = ngx_http_mlist_ngx_str(mlist_digest_str(&artifact->spot->digest));

    if (ngx_http_mlist_target_url(r, artifact->spot->target.registry,
                                  &artifact->spot->target.name, "manifests",
                                  &digest, &url)
        != NGX_OK
        || ngx_http_mlist_list_missing(r, ctx, list) != NGX_OK)
    {
        return NGX_ERROR;
    }

    list->tag.artifact = 1;
    ngx_http_mlist_tag_set(r, ctx, &list->tag);

    ctx->digest = digest;
    ctx->kind = NGX_HTTP_MLIST_KIND_MANIFEST;
    ctx->status = NGX_HTTP_MLIST_STATUS_PASS;

    return ngx_http_mlist_pass_read(r, ctx, &artifact->spot->target, &url, 1);
}


static ngx_int_t
ngx_http_mlist_list_mixed(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_part_t *image, ngx_http_mlist_part_t *artifact)
{
    u_char     *p;
    ngx_str_t   reason;

    reason.data = ngx_pnalloc(r->pool,
                              sizeof("it holds an artifact, but source \"\" "
                                     "holds an image under this tag") - 1
                              + image->source->label.len);
    if (reason.data == NULL) {
        return NGX_ERROR;
    }

    p = ngx_sprintf(reason.data, "it holds an artifact, but source \"%V\" "
                    "holds an image under this tag", &image->source->label);
    reason.len = p - reason.data;

    return ngx_http_mlist_failure_bad(r, ctx, &artifact->source->label,
                                      &reason);
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

        wanted = ngx_http_mlist_list_wanted(r, list,
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
        return ngx_http_mlist_list_nowhere(r, ctx, list);

    case NGX_ABORT:
        return ngx_http_mlist_failure_bad(r, ctx, &list->parts[0].source->label,
                                          &list->composed.reason);

    default:
        return NGX_ERROR;
    }
}


/*
 * Which of the two types this client is given; with "child" set, from the
 * list's own, whose digest is "digest" or not known.  If-None-Match is
 * looked at before Accept.
 */

static mlist_media_e
ngx_http_mlist_list_wanted(ngx_http_request_t *r,
    ngx_http_mlist_list_t *list, ngx_str_t *digest)
{
    mlist_media_e   own;
    mlist_accept_e  choice;

    own = list->tag.type;

    list->child = 0;

    if (digest->len && ngx_http_mlist_send_matches(r, digest)) {
        return own;
    }

    choice = mlist_accept_choose(&list->accept, own);

    if (choice == MLIST_ACCEPT_OTHER_LIST) {
        return own == MLIST_MEDIA_OCI_INDEX ? MLIST_MEDIA_DOCKER_LIST
                                            : MLIST_MEDIA_OCI_INDEX;
    }

    list->child = (choice != MLIST_ACCEPT_LIST);

    return own;
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

        rc = ngx_http_mlist_doc_get(r, &ctx->name, &list->doc.digest,
                                    &list->doc);

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

    rc = ngx_http_mlist_list_failed(r, ctx, list);

    if (rc != NGX_OK) {
        return rc;
    }

    list->doc.body = spot->body;

    return ngx_http_mlist_list_keep(r, ctx, list);
}


/* Its digest goes out only when the list is where it can be read again. */

static ngx_int_t
ngx_http_mlist_list_keep(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_list_t *list)
{
    list->state = NGX_HTTP_MLIST_LIST_KEEPING;

    list->kept = ngx_http_mlist_doc_keep(r, &ctx->name, &list->doc,
                                         ngx_http_mlist_list_stored, list);

    if (list->kept == NGX_AGAIN) {
        return NGX_AGAIN;
    }

    return ngx_http_mlist_list_kept(r, ctx, list);
}


static void
ngx_http_mlist_list_stored(ngx_http_request_t *r, void *data, ngx_int_t rc)
{
    ngx_http_mlist_list_t  *list = data;

    list->kept = rc;
    list->state = NGX_HTTP_MLIST_LIST_KEPT;

    r->write_event_handler = ngx_http_core_run_phases;

    (void) ngx_http_post_request(r, NULL);
}


static ngx_int_t
ngx_http_mlist_list_kept(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_list_t *list)
{
    size_t           n, max;
    ngx_str_t        digest;
    ngx_uint_t       i, j;
    mlist_digest_t  *digests;

    static ngx_str_t  full = ngx_string("the store could not take the list");

    if (list->kept != NGX_OK) {
        return ngx_http_mlist_send_error(ctx, NGX_HTTP_SERVICE_UNAVAILABLE,
                                         MLIST_ERR_UNAVAILABLE, &full, NULL);
    }

    ngx_http_mlist_tag_note(&list->tag, list->doc.type, &list->doc.digest);
    ngx_http_mlist_tag_set(r, ctx, &list->tag);

    /* who has which child is known, so nobody need be asked for it */

    max = 64;

    digests = ngx_palloc(r->pool, max * sizeof(mlist_digest_t));
    if (digests == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < list->nparts; i++) {

        if (list->parts[i].state != NGX_HTTP_MLIST_PART_READY
            || list->parts[i].spot->target.source == NULL
            || mlist_index_children(ngx_http_mlist_view(&list->parts[i].json),
                                    digests, max, &n)
               != MLIST_OK)
        {
            continue;
        }

        for (j = 0; j < n; j++) {
            digest = ngx_http_mlist_ngx_str(mlist_digest_str(&digests[j]));

            ngx_http_mlist_ask_learn(r, &ctx->name, &digest, 0,
                                     list->parts[i].spot->index);
        }
    }

    return ngx_http_mlist_list_answer(r, ctx, list);
}


static ngx_int_t
ngx_http_mlist_list_answer(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_list_t *list)
{
    if (ngx_http_mlist_list_missing(r, ctx, list) != NGX_OK) {
        return NGX_ERROR;
    }

    ctx->digest = list->doc.digest;
    ctx->platforms = list->doc.platforms;

    if (list->child) {
        return ngx_http_mlist_list_child(r, ctx, list);
    }

    return ngx_http_mlist_send_doc(r, ctx, &list->doc, 1);
}


/* A client that takes no list is given the default platform's child. */

static ngx_int_t
ngx_http_mlist_list_child(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_list_t *list)
{
    mlist_rc_e                  rc;
    ngx_str_t                   text, detail, digest;
    mlist_media_e               type;
    mlist_digest_t             *child;
    mlist_platform_t            platform;
    ngx_http_mlist_loc_conf_t  *mlcf;

    static ngx_str_t  no_list = ngx_string("this tag is a manifest list, "
                                          "which Accept does not name");

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    ngx_str_null(&text);

    if (mlcf->default_platform
        && ngx_http_complex_value(r, mlcf->default_platform, &text) != NGX_OK)
    {
        return NGX_ERROR;
    }

    detail.data = (u_char *) mlist_media_text(list->doc.type);
    detail.len = ngx_strlen(detail.data);

    child = ngx_palloc(r->pool, sizeof(mlist_digest_t));
    if (child == NULL) {
        return NGX_ERROR;
    }

    rc = MLIST_NOT_FOUND;

    if (mlist_platform_parse(ngx_http_mlist_view(&text), &platform)
        == MLIST_OK)
    {
        rc = mlist_index_find(ngx_http_mlist_view(&list->doc.body), &platform,
                              child, &type);
    }

    if (rc == MLIST_NOMEM) {
        return NGX_ERROR;
    }

    if (rc == MLIST_OK) {

        if (mlist_accept_takes(&list->accept, type)) {
            digest = ngx_http_mlist_ngx_str(mlist_digest_str(child));
            ctx->digest = digest;

            return ngx_http_mlist_ask_digest(r, ctx, &digest, 0);
        }

        detail.data = (u_char *) mlist_media_text(type);
        detail.len = ngx_strlen(detail.data);
    }

    return ngx_http_mlist_send_error(ctx, NGX_HTTP_NOT_FOUND,
                                     MLIST_ERR_MANIFEST_UNKNOWN, &no_list,
                                     &detail);
}


/* $mlist_missing: the labels of the sources without the tag. */

static ngx_int_t
ngx_http_mlist_list_missing(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_list_t *list)
{
    u_char                 *p;
    size_t                  len;
    ngx_uint_t              i, pass;
    ngx_http_mlist_part_t  *part;

    len = 0;
    p = NULL;

    for (pass = 0; pass < 2; pass++) {

        for (i = 0; i < list->nparts; i++) {
            part = &list->parts[i];

            if (ngx_http_mlist_list_present(part)
                && !(list->tag.missing & (uint32_t) 1 << part->index))
            {
                continue;
            }

            if (pass == 0) {
                len += part->source->label.len + 1;
                continue;
            }

            if (p != ctx->missing.data) {
                *p++ = ',';
            }

            p = ngx_cpymem(p, part->source->label.data,
                           part->source->label.len);
        }

        if (pass == 0) {
            p = ngx_pnalloc(r->pool, len + 1);
            if (p == NULL) {
                return NGX_ERROR;
            }

            ctx->missing.data = p;
        }
    }

    ctx->missing.len = p - ctx->missing.data;

    return NGX_OK;
}

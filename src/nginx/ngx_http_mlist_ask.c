/*
 * Who has it: see ngx_http_mlist_ask.h.
 */


#include "ngx_http_mlist_ask.h"
#include "ngx_http_mlist_failure.h"
#include "ngx_http_mlist_fetch.h"
#include "ngx_http_mlist_pass.h"
#include "ngx_http_mlist_push.h"
#include "ngx_http_mlist_route.h"
#include "ngx_http_mlist_send.h"


typedef enum {
    NGX_HTTP_MLIST_ASK_DIGEST,
    NGX_HTTP_MLIST_ASK_TAG,
    NGX_HTTP_MLIST_ASK_PING
} ngx_http_mlist_ask_e;


typedef struct {
    ngx_http_mlist_ask_e      what;
    unsigned                  blob:1;
    ngx_str_t                 reference;  /* digest or tag */
    ngx_array_t              *targets;    /* of ngx_http_mlist_target_t */
    ngx_http_mlist_fetch_t   *fetches;    /* one a target */
} ngx_http_mlist_ask_t;


static ngx_array_t *ngx_http_mlist_ask_pushed(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx);
static ngx_int_t ngx_http_mlist_ask_learned(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_ask_t *ask);
static ngx_int_t ngx_http_mlist_ask_pass(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_ask_t *ask, ngx_uint_t i);
static ngx_int_t ngx_http_mlist_ask_all(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_ask_t *ask);
static ngx_int_t ngx_http_mlist_ask_url(ngx_http_request_t *r,
    ngx_http_mlist_ask_t *ask, ngx_http_mlist_target_t *target,
    ngx_str_t *url);
static ngx_int_t ngx_http_mlist_ask_resume(ngx_http_request_t *r,
    void *state);
static ngx_int_t ngx_http_mlist_ask_ping_push(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_ask_t *ask);
static ngx_int_t ngx_http_mlist_ask_pinged(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_ask_t *ask);
static ngx_int_t ngx_http_mlist_ask_unknown(ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_ask_t *ask);
static ngx_array_t *ngx_http_mlist_ask_tag_targets(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_array_t *absent);


ngx_int_t
ngx_http_mlist_ask_digest(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_str_t *digest, ngx_uint_t blob)
{
    ngx_int_t              rc;
    ngx_uint_t             push;
    ngx_http_mlist_ask_t  *ask;

    ask = ngx_pcalloc(r->pool, sizeof(ngx_http_mlist_ask_t));
    if (ask == NULL) {
        return NGX_ERROR;
    }

    ask->what = NGX_HTTP_MLIST_ASK_DIGEST;
    ask->blob = blob ? 1 : 0;
    ask->reference = *digest;

    ask->targets = blob && r->method == NGX_HTTP_HEAD
                       ? ngx_http_mlist_ask_pushed(r, ctx)
                       : ngx_http_mlist_push_places(r, ctx, &push);
    if (ask->targets == NULL) {
        return NGX_ERROR;
    }

    if (ask->targets->nelts == 0) {
        return ngx_http_mlist_ask_unknown(ctx, ask);
    }

    if (ask->targets->nelts == 1) {
        return ngx_http_mlist_ask_pass(r, ctx, ask, 0);
    }

    rc = ngx_http_mlist_ask_learned(r, ctx, ask);

    if (rc != NGX_OK) {
        return rc;
    }

    return ngx_http_mlist_ask_all(r, ctx, ask);
}


/*
 * A pushing client skips what HEAD finds, so that only what is where it
 * pushes to may be found; where nothing is pushed to, all places.
 */

static ngx_array_t *
ngx_http_mlist_ask_pushed(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx)
{
    ngx_int_t                 rc;
    ngx_array_t              *targets;
    ngx_http_mlist_target_t  *target, push;

    rc = ngx_http_mlist_push_target(r, ctx, &push);

    if (rc == NGX_DECLINED) {
        return ngx_http_mlist_target_list(r, &ctx->name);
    }

    if (rc == NGX_ERROR) {
        return NULL;
    }

    targets = ngx_array_create(r->pool, 1, sizeof(ngx_http_mlist_target_t));
    if (targets == NULL) {
        return NULL;
    }

    target = ngx_array_push(targets);
    if (target == NULL) {
        return NULL;
    }

    *target = push;

    return targets;
}


/* NGX_OK: nothing is known; else what the phase handler is to return. */

static ngx_int_t
ngx_http_mlist_ask_learned(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_ask_t *ask)
{
    u_char                     *key;
    ngx_int_t                   rc;
    ngx_uint_t                  i;
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    /*
     * With proxy_intercept_errors the 404 of a route that is wrong by now
     * would be the client's answer before a filter sees it.
     */

    if (ctx->tries || mlcf->intercept) {
        return NGX_OK;
    }

    key = ngx_palloc(r->pool, NGX_HTTP_MLIST_KEY_SIZE);
    if (key == NULL) {
        return NGX_ERROR;
    }

    rc = ngx_http_mlist_route_get(r, &ctx->name, &ask->reference, ask->blob,
                                  ask->targets, &i, key);

    if (rc == NGX_DECLINED) {
        return NGX_OK;
    }

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    ctx->learned = 1;
    ctx->route_key = key;

    return ngx_http_mlist_ask_pass(r, ctx, ask, i);
}


static ngx_int_t
ngx_http_mlist_ask_pass(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_ask_t *ask, ngx_uint_t i)
{
    ngx_str_t                 url;
    ngx_http_mlist_target_t  *target;

    target = ask->targets->elts;
    target += i;

    if (ngx_http_mlist_ask_url(r, ask, target, &url) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_mlist_pass_read(r, ctx, target, &url, !ask->blob);
}


static ngx_int_t
ngx_http_mlist_ask_all(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_ask_t *ask)
{
    ngx_uint_t                i;
    ngx_http_mlist_fetch_t   *fetch;
    ngx_http_mlist_target_t  *target;

    ask->fetches = ngx_pcalloc(r->pool, ask->targets->nelts
                                        * sizeof(ngx_http_mlist_fetch_t));
    if (ask->fetches == NULL) {
        return NGX_ERROR;
    }

    target = ask->targets->elts;

    for (i = 0; i < ask->targets->nelts; i++) {
        fetch = &ask->fetches[i];

        if (ngx_http_mlist_ask_url(r, ask, &target[i], &fetch->url) != NGX_OK)
        {
            return NGX_ERROR;
        }

        fetch->registry = target[i].registry;
        fetch->sources = ngx_http_mlist_target_sources(r, &target[i]);
        fetch->blob = ask->blob;
        fetch->head = (ask->what != NGX_HTTP_MLIST_ASK_PING);
        fetch->max = ngx_pagesize;

        if (ngx_http_mlist_fetch_start(r, fetch) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    ctx->state = ask;
    ctx->resume = ngx_http_mlist_ask_resume;

    return NGX_AGAIN;
}


static ngx_int_t
ngx_http_mlist_ask_url(ngx_http_request_t *r, ngx_http_mlist_ask_t *ask,
    ngx_http_mlist_target_t *target, ngx_str_t *url)
{
    if (ask->what == NGX_HTTP_MLIST_ASK_PING) {
        url->len = target->registry->url.len + sizeof("/v2/") - 1;
        url->data = ngx_pnalloc(r->pool, url->len);
        if (url->data == NULL) {
            return NGX_ERROR;
        }

        ngx_sprintf(url->data, "%V/v2/", &target->registry->url);

        return NGX_OK;
    }

    return ngx_http_mlist_target_url(r, target->registry, &target->name,
                                     ask->blob ? "blobs" : "manifests",
                                     &ask->reference, url);
}


static ngx_int_t
ngx_http_mlist_ask_resume(ngx_http_request_t *r, void *state)
{
    ngx_int_t                   rc;
    ngx_uint_t                  i;
    ngx_http_mlist_ctx_t       *ctx;
    ngx_http_mlist_ask_t       *ask;
    ngx_http_mlist_fetch_t     *failed;
    ngx_http_mlist_target_t    *target;

    ask = state;
    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);

    for (i = 0; i < ask->targets->nelts; i++) {
        if (!ngx_http_mlist_fetch_done(&ask->fetches[i])) {
            return NGX_AGAIN;
        }
    }

    if (ask->what == NGX_HTTP_MLIST_ASK_PING) {
        return ngx_http_mlist_ask_pinged(r, ctx, ask);
    }

    target = ask->targets->elts;
    failed = NULL;

    for (i = 0; i < ask->targets->nelts; i++) {

        rc = ngx_http_mlist_failure_verdict(&ask->fetches[i]);

        if (rc == NGX_OK) {

            if (ask->what == NGX_HTTP_MLIST_ASK_DIGEST) {
                ngx_http_mlist_route_found(r, &ctx->name, &ask->reference,
                                           ask->blob, ask->targets, i);
            }

            return ngx_http_mlist_ask_pass(r, ctx, ask, i);
        }

        if (rc == NGX_ERROR) {

            if (ask->what == NGX_HTTP_MLIST_ASK_TAG) {
                return ngx_http_mlist_failure_answer(r, ctx, &ask->fetches[i],
                                     ngx_http_mlist_target_label(&target[i]));
            }

            /* what a digest names is the same wherever it is found */

            if (failed == NULL) {
                failed = &ask->fetches[i];
            }
        }
    }

    if (failed) {
        return ngx_http_mlist_failure_answer(r, ctx, failed,
                 ngx_http_mlist_target_label(&target[failed - ask->fetches]));
    }

    return ngx_http_mlist_ask_unknown(ctx, ask);
}


static ngx_int_t
ngx_http_mlist_ask_unknown(ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_ask_t *ask)
{
    return ngx_http_mlist_send_error(ctx, NGX_HTTP_NOT_FOUND,
                                     ask->blob ? MLIST_ERR_BLOB_UNKNOWN
                                               : MLIST_ERR_MANIFEST_UNKNOWN,
                                     NULL, &ask->reference);
}


ngx_int_t
ngx_http_mlist_ask_tag(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_array_t *absent)
{
    ngx_http_mlist_ask_t  *ask;

    ask = ngx_pcalloc(r->pool, sizeof(ngx_http_mlist_ask_t));
    if (ask == NULL) {
        return NGX_ERROR;
    }

    ask->what = NGX_HTTP_MLIST_ASK_TAG;
    ask->reference = ctx->reference;

    ask->targets = ngx_http_mlist_ask_tag_targets(r, ctx, absent);
    if (ask->targets == NULL) {
        return NGX_ERROR;
    }

    if (ask->targets->nelts == 0) {
        return ngx_http_mlist_ask_unknown(ctx, ask);
    }

    ctx->status = NGX_HTTP_MLIST_STATUS_PASS;

    if (ask->targets->nelts == 1) {
        return ngx_http_mlist_ask_pass(r, ctx, ask, 0);
    }

    return ngx_http_mlist_ask_all(r, ctx, ask);
}


/* Those that "absent" does not name: see ngx_http_mlist_ask_tag(). */

static ngx_array_t *
ngx_http_mlist_ask_tag_targets(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_array_t *absent)
{
    ngx_uint_t                i, push, rank;
    ngx_array_t              *all, *targets;
    ngx_http_mlist_target_t  *target, *t;

    all = ngx_http_mlist_push_places(r, ctx, &push);
    if (all == NULL) {
        return NULL;
    }

    targets = ngx_array_create(r->pool, all->nelts + 1,
                               sizeof(ngx_http_mlist_target_t));
    if (targets == NULL) {
        return NULL;
    }

    target = all->elts;

    for (rank = 0; rank < 3; rank++) {

        for (i = 0; i < all->nelts; i++) {

            if ((i == push ? 0 : target[i].registry == ctx->push ? 1 : 2)
                != rank
                || (absent
                    && ngx_http_mlist_target_find(absent, target[i].registry,
                                                  &target[i].name)
                       != NGX_ERROR))
            {
                continue;
            }

            t = ngx_array_push(targets);
            if (t == NULL) {
                return NULL;
            }

            *t = target[i];
        }
    }

    return targets;
}


ngx_int_t
ngx_http_mlist_ask_ping(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx)
{
    ngx_http_mlist_ask_t  *ask;

    ask = ngx_pcalloc(r->pool, sizeof(ngx_http_mlist_ask_t));
    if (ask == NULL) {
        return NGX_ERROR;
    }

    ask->what = NGX_HTTP_MLIST_ASK_PING;

    ask->targets = ngx_http_mlist_target_registries(r);
    if (ask->targets == NULL) {
        return NGX_ERROR;
    }

    if (ngx_http_mlist_ask_ping_push(r, ctx, ask) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_mlist_ask_all(r, ctx, ask);
}


/* A client that pushes learns only here that it has to log in. */

static ngx_int_t
ngx_http_mlist_ask_ping_push(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_ask_t *ask)
{
    ngx_int_t                 rc;
    ngx_http_mlist_target_t  *target, push;

    rc = ngx_http_mlist_push_target(r, ctx, &push);

    if (rc != NGX_OK) {
        return rc == NGX_DECLINED ? NGX_OK : NGX_ERROR;
    }

    ngx_str_null(&push.name);

    if (ngx_http_mlist_target_find(ask->targets, push.registry, &push.name)
        != NGX_ERROR)
    {
        return NGX_OK;
    }

    target = ngx_array_push(ask->targets);
    if (target == NULL) {
        return NGX_ERROR;
    }

    *target = push;

    return NGX_OK;
}


static ngx_int_t
ngx_http_mlist_ask_pinged(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_ask_t *ask)
{
    ngx_uint_t                i;
    ngx_http_mlist_fetch_t   *fetch;
    ngx_http_mlist_target_t  *target;

    target = ask->targets->elts;

    for (i = 0; i < ask->targets->nelts; i++) {
        fetch = &ask->fetches[i];

        if (fetch->state != NGX_HTTP_MLIST_FETCH_ANSWERED
            || fetch->status != NGX_HTTP_OK)
        {
            return ngx_http_mlist_failure_answer(r, ctx, fetch,
                                     ngx_http_mlist_target_label(&target[i]));
        }
    }

    return ngx_http_mlist_send_ping(r, ctx);
}

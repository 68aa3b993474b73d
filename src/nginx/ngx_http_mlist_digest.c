/*
 * A read of a manifest by digest: see ngx_http_mlist_digest.h.
 */


#include "ngx_http_mlist_digest.h"
#include "ngx_http_mlist_ask.h"
#include "ngx_http_mlist_doc.h"
#include "ngx_http_mlist_failure.h"
#include "ngx_http_mlist_fetch.h"
#include "ngx_http_mlist_grant.h"
#include "ngx_http_mlist_route.h"
#include "ngx_http_mlist_send.h"
#include "ngx_http_mlist_target.h"


/* How many children are tried until a source knows one. */
#define NGX_HTTP_MLIST_DIGEST_CHILDREN  16


typedef struct {
    ngx_http_mlist_doc_t      doc;
    ngx_array_t              *targets;   /* of ngx_http_mlist_target_t */
    ngx_http_mlist_fetch_t   *fetches;   /* one a target, for one child */
    mlist_digest_t            children[NGX_HTTP_MLIST_DIGEST_CHILDREN];
    size_t                    n;
    ngx_uint_t                i;         /* the child that is asked for */
} ngx_http_mlist_digest_check_t;


static ngx_int_t ngx_http_mlist_digest_look(ngx_http_request_t *r,
    void *state);
static ngx_int_t ngx_http_mlist_digest_check(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_doc_t *doc);
static ngx_int_t ngx_http_mlist_digest_ask(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_digest_check_t *check);
static ngx_int_t ngx_http_mlist_digest_resume(ngx_http_request_t *r,
    void *state);


ngx_int_t
ngx_http_mlist_digest_start(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx)
{
    ngx_http_mlist_store_op_t  *op;

    ctx->kind = NGX_HTTP_MLIST_KIND_MANIFEST;
    ctx->digest = ctx->reference;

    op = ngx_pcalloc(r->pool, sizeof(ngx_http_mlist_store_op_t));
    if (op == NULL) {
        return NGX_ERROR;
    }

    op->name = ctx->name;
    op->digest = ctx->reference;

    ctx->state = op;
    ctx->resume = ngx_http_mlist_digest_look;

    return ngx_http_mlist_digest_look(r, op);
}


static ngx_int_t
ngx_http_mlist_digest_look(ngx_http_request_t *r, void *state)
{
    ngx_int_t                   rc;
    ngx_http_mlist_ctx_t       *ctx;
    ngx_http_mlist_store_op_t  *op;

    static ngx_str_t  unread = ngx_string("the store could not be read");

    op = state;
    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);

    rc = op->asked ? NGX_DECLINED : ngx_http_mlist_doc_cached(r, op);

    if (rc == NGX_DECLINED) {

        /* nobody need look in the store for what is known to be a child */

        rc = ngx_http_mlist_route_knows(r, ctx, &ctx->reference)
                 ? NGX_DECLINED : ngx_http_mlist_doc_get(r, op);
    }

    if (rc == NGX_AGAIN) {
        return NGX_AGAIN;
    }

    if (rc == NGX_ERROR) {

        /* what cannot be looked for may be there all the same */

        return ngx_http_mlist_send_error(ctx, NGX_HTTP_SERVICE_UNAVAILABLE,
                                         MLIST_ERR_UNAVAILABLE, &unread,
                                         NULL);
    }

    if (rc == NGX_DECLINED) {
        return ngx_http_mlist_ask_digest(r, ctx, &ctx->reference, 0);
    }

    ctx->kind = NGX_HTTP_MLIST_KIND_LIST;
    ctx->status = NGX_HTTP_MLIST_STATUS_HIT;

    if (!ngx_http_mlist_grant_known(r, &ctx->name, 0)) {
        return ngx_http_mlist_digest_check(r, ctx, &op->doc);
    }

    return ngx_http_mlist_send_doc(r, ctx, &op->doc, 0);
}


static ngx_int_t
ngx_http_mlist_digest_check(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_doc_t *doc)
{
    ngx_http_mlist_digest_check_t  *check;

    check = ngx_pcalloc(r->pool, sizeof(ngx_http_mlist_digest_check_t));
    if (check == NULL) {
        return NGX_ERROR;
    }

    check->doc = *doc;

    check->targets = ngx_http_mlist_target_list(r, &ctx->name);
    if (check->targets == NULL) {
        return NGX_ERROR;
    }

    if (mlist_index_children(ngx_http_mlist_view(&doc->body), check->children,
                             NGX_HTTP_MLIST_DIGEST_CHILDREN, &check->n)
        != MLIST_OK)
    {
        return NGX_ERROR;
    }

    ctx->state = check;
    ctx->resume = ngx_http_mlist_digest_resume;

    return ngx_http_mlist_digest_ask(r, ctx, check);
}


/* Asks all targets for the child check->i with the client's credentials. */

static ngx_int_t
ngx_http_mlist_digest_ask(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_digest_check_t *check)
{
    ngx_str_t                 digest;
    ngx_uint_t                i;
    ngx_http_mlist_fetch_t   *fetch;
    ngx_http_mlist_target_t  *target;

    if (check->i == check->n) {

        /* it names no child that a source knows: a source is to be asked */

        ctx->kind = NGX_HTTP_MLIST_KIND_MANIFEST;
        ctx->status = NGX_HTTP_MLIST_STATUS_NONE;

        return ngx_http_mlist_ask_digest(r, ctx, &ctx->reference, 0);
    }

    check->fetches = ngx_pcalloc(r->pool, check->targets->nelts
                                          * sizeof(ngx_http_mlist_fetch_t));
    if (check->fetches == NULL) {
        return NGX_ERROR;
    }

    digest = ngx_http_mlist_ngx_str(
                                mlist_digest_str(&check->children[check->i]));
    target = check->targets->elts;

    for (i = 0; i < check->targets->nelts; i++) {
        fetch = &check->fetches[i];

        if (ngx_http_mlist_target_url(r, target[i].registry, &target[i].name,
                                      "manifests", &digest, &fetch->url)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        fetch->registry = target[i].registry;
        fetch->head = 1;

        if (ngx_http_mlist_fetch_start(r, fetch) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_AGAIN;
}


static ngx_int_t
ngx_http_mlist_digest_resume(ngx_http_request_t *r, void *state)
{
    ngx_int_t                       rc;
    ngx_uint_t                      i, found, refused;
    ngx_http_mlist_ctx_t           *ctx;
    ngx_http_mlist_fetch_t         *failed;
    ngx_http_mlist_target_t        *target;
    ngx_http_mlist_digest_check_t  *check;

    check = state;
    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);

    if (ctx->running) {
        return NGX_AGAIN;
    }

    failed = NULL;
    found = 0;
    refused = 0;

    for (i = 0; i < check->targets->nelts; i++) {

        rc = ngx_http_mlist_failure_verdict(&check->fetches[i]);

        if (rc == NGX_OK) {
            found = 1;
        }

        if (rc == NGX_ERROR) {
            failed = failed ? failed : &check->fetches[i];
            refused |= (ngx_http_mlist_failure_stale(r, &check->fetches[i])
                        == 0);
        }
    }

    if (found) {

        /* what one source accepts is no grant where another refuses */

        if (!refused) {
            ngx_http_mlist_grant_note(r, &ctx->name,
                                      check->targets->nelts == 1
                                          ? (uint32_t) -1 : 0);
        }

        return ngx_http_mlist_send_doc(r, ctx, &check->doc, 0);
    }

    if (failed) {
        target = check->targets->elts;

        return ngx_http_mlist_failure_answer(r, ctx, failed,
                 ngx_http_mlist_target_label(
                                       &target[failed - check->fetches]));
    }

    /* gone from its registry, or never this client's: the next one tells */

    check->i++;

    return ngx_http_mlist_digest_ask(r, ctx, check);
}

/*
 * Manifests by digest: see ngx_http_mlist_digest.h.
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
    ngx_http_mlist_digest_list_pt   list;
    ngx_http_mlist_digest_none_pt   none;
    ngx_http_mlist_store_op_t       op;
    ngx_array_t                    *targets;  /* of
                                               ngx_http_mlist_target_t */
    ngx_http_mlist_fetch_t         *fetches;  /* one a target, for one child */
    mlist_digest_t                  children[NGX_HTTP_MLIST_DIGEST_CHILDREN];
    size_t                          n;
    ngx_uint_t                      i;        /* the child that is asked
                                               for */
} ngx_http_mlist_digest_find_t;


static ngx_int_t ngx_http_mlist_digest_send(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_doc_t *doc);
static ngx_int_t ngx_http_mlist_digest_pass(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx);
static ngx_int_t ngx_http_mlist_digest_look(ngx_http_request_t *r,
    void *state);
static ngx_int_t ngx_http_mlist_digest_check(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_digest_find_t *find);
static ngx_int_t ngx_http_mlist_digest_ask(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_digest_find_t *find);
static ngx_int_t ngx_http_mlist_digest_resume(ngx_http_request_t *r,
    void *state);


ngx_int_t
ngx_http_mlist_digest_start(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx)
{
    ctx->kind = NGX_HTTP_MLIST_KIND_MANIFEST;
    ctx->digest = ctx->reference;

    return ngx_http_mlist_digest_find(r, ctx, ngx_http_mlist_digest_send,
                                      ngx_http_mlist_digest_pass);
}


static ngx_int_t
ngx_http_mlist_digest_send(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_doc_t *doc)
{
    ctx->status = NGX_HTTP_MLIST_STATUS_HIT;

    return ngx_http_mlist_send_doc(r, ctx, doc, 0);
}


static ngx_int_t
ngx_http_mlist_digest_pass(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx)
{
    ctx->kind = NGX_HTTP_MLIST_KIND_MANIFEST;

    return ngx_http_mlist_ask_digest(r, ctx, &ctx->reference, 0);
}


ngx_int_t
ngx_http_mlist_digest_find(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_digest_list_pt list, ngx_http_mlist_digest_none_pt none)
{
    ngx_http_mlist_digest_find_t  *find;

    find = ngx_pcalloc(r->pool, sizeof(ngx_http_mlist_digest_find_t));
    if (find == NULL) {
        return NGX_ERROR;
    }

    find->list = list;
    find->none = none;
    find->op.name = ctx->name;
    find->op.digest = ctx->reference;

    ctx->state = find;
    ctx->resume = ngx_http_mlist_digest_look;

    return ngx_http_mlist_digest_look(r, find);
}


static ngx_int_t
ngx_http_mlist_digest_look(ngx_http_request_t *r, void *state)
{
    ngx_int_t                      rc;
    ngx_http_mlist_ctx_t          *ctx;
    ngx_http_mlist_store_op_t     *op;
    ngx_http_mlist_digest_find_t  *find;

    static ngx_str_t  unread = ngx_string("the store could not be read");

    find = state;
    op = &find->op;
    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);

    rc = op->asked ? NGX_DECLINED : ngx_http_mlist_doc_cached(r, op, NULL);

    if (rc == NGX_DECLINED) {

        /*
         * Nobody need look in the store for what is known to be a child; but
         * what is deleted is deleted there too.
         */

        rc = r->method != NGX_HTTP_DELETE
             && ngx_http_mlist_route_knows(r, ctx, &ctx->reference)
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
        return find->none(r, ctx);
    }

    ctx->kind = NGX_HTTP_MLIST_KIND_LIST;

    if (!ngx_http_mlist_grant_known(r, &ctx->name, 0)) {
        return ngx_http_mlist_digest_check(r, ctx, find);
    }

    return find->list(r, ctx, &op->doc);
}


static ngx_int_t
ngx_http_mlist_digest_check(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_digest_find_t *find)
{
    find->targets = ngx_http_mlist_target_list(r, &ctx->name);
    if (find->targets == NULL) {
        return NGX_ERROR;
    }

    if (mlist_index_children(ngx_http_mlist_view(&find->op.doc.body),
                             find->children, NGX_HTTP_MLIST_DIGEST_CHILDREN,
                             &find->n)
        != MLIST_OK)
    {
        return NGX_ERROR;
    }

    ctx->resume = ngx_http_mlist_digest_resume;

    return ngx_http_mlist_digest_ask(r, ctx, find);
}


/* Asks all targets for the child find->i with the client's credentials. */

static ngx_int_t
ngx_http_mlist_digest_ask(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_digest_find_t *find)
{
    ngx_str_t                 digest;
    ngx_uint_t                i;
    ngx_http_mlist_fetch_t   *fetch;
    ngx_http_mlist_target_t  *target;

    if (find->i == find->n) {

        /* it names no child that a source knows: a source is to be asked */

        return find->none(r, ctx);
    }

    find->fetches = ngx_pcalloc(r->pool, find->targets->nelts
                                          * sizeof(ngx_http_mlist_fetch_t));
    if (find->fetches == NULL) {
        return NGX_ERROR;
    }

    digest = ngx_http_mlist_ngx_str(
                                mlist_digest_str(&find->children[find->i]));
    target = find->targets->elts;

    for (i = 0; i < find->targets->nelts; i++) {
        fetch = &find->fetches[i];

        if (ngx_http_mlist_target_url(r, target[i].registry, &target[i].name,
                                      "manifests", &digest, &fetch->url)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        fetch->registry = target[i].registry;
        fetch->sources = ngx_http_mlist_target_sources(r, &target[i]);
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
    ngx_int_t                      rc;
    ngx_uint_t                     i, found, refused;
    ngx_http_mlist_ctx_t          *ctx;
    ngx_http_mlist_fetch_t        *failed;
    ngx_http_mlist_target_t       *target;
    ngx_http_mlist_digest_find_t  *find;

    find = state;
    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);

    if (ctx->running) {
        return NGX_AGAIN;
    }

    failed = NULL;
    found = 0;
    refused = 0;

    for (i = 0; i < find->targets->nelts; i++) {

        rc = ngx_http_mlist_failure_verdict(&find->fetches[i]);

        if (rc == NGX_OK) {
            found = 1;
        }

        if (rc == NGX_ERROR) {
            failed = failed ? failed : &find->fetches[i];
            refused |= (ngx_http_mlist_failure_stale(r, &find->fetches[i])
                        == 0);
        }
    }

    if (found) {

        /* what one source accepts is no grant where another refuses */

        if (!refused) {
            ngx_http_mlist_grant_note(r, &ctx->name,
                                      find->targets->nelts == 1
                                          ? (uint32_t) -1 : 0);
        }

        return find->list(r, ctx, &find->op.doc);
    }

    if (failed) {
        target = find->targets->elts;

        return ngx_http_mlist_failure_answer(r, ctx, failed,
                 ngx_http_mlist_target_label(
                                       &target[failed - find->fetches]));
    }

    /* gone from its registry, or never this client's: the next one tells */

    find->i++;

    return ngx_http_mlist_digest_ask(r, ctx, find);
}

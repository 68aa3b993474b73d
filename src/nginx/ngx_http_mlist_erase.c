/*
 * The DELETE of a synthesized list: see ngx_http_mlist_erase.h.
 */


#include "ngx_http_mlist_erase.h"
#include "ngx_http_mlist_doc.h"
#include "ngx_http_mlist_drop.h"
#include "ngx_http_mlist_failure.h"
#include "ngx_http_mlist_fetch.h"
#include "ngx_http_mlist_push.h"
#include "ngx_http_mlist_send.h"


#define NGX_HTTP_MLIST_ERASE_TRIES  40
#define NGX_HTTP_MLIST_ERASE_PAUSE  50     /* milliseconds */


typedef enum {
    NGX_HTTP_MLIST_ERASE_ASKED = 0,      /* DELETE at the push registry */
    NGX_HTTP_MLIST_ERASE_LOOKED,         /* HEAD, as it deletes nothing */
    NGX_HTTP_MLIST_ERASE_REMOVING        /* from zone and store */
} ngx_http_mlist_erase_e;


typedef struct {
    ngx_http_mlist_erase_e      state;
    ngx_http_mlist_target_t     target;
    ngx_http_mlist_fetch_t     *fetch;
    ngx_http_mlist_store_op_t   op;
    ngx_event_t                 timer;   /* until it is tried again */
    ngx_uint_t                  tries;
} ngx_http_mlist_erase_t;


static ngx_int_t ngx_http_mlist_erase_list(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_doc_t *doc);
static ngx_int_t ngx_http_mlist_erase_nobody(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_erase_t *erase);
static ngx_int_t ngx_http_mlist_erase_fetch(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_erase_t *erase,
    ngx_http_mlist_erase_e state);
static ngx_int_t ngx_http_mlist_erase_resume(ngx_http_request_t *r,
    void *state);
static ngx_int_t ngx_http_mlist_erase_asked(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_erase_t *erase);
static ngx_int_t ngx_http_mlist_erase_never(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_erase_t *erase);
static ngx_int_t ngx_http_mlist_erase_looked(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_erase_t *erase);
static ngx_int_t ngx_http_mlist_erase_failed(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_erase_t *erase);
static ngx_int_t ngx_http_mlist_erase_remove(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_erase_t *erase);
static ngx_int_t ngx_http_mlist_erase_later(ngx_http_request_t *r,
    ngx_http_mlist_erase_t *erase);
static void ngx_http_mlist_erase_again(ngx_event_t *ev);
static void ngx_http_mlist_erase_cleanup(void *data);


ngx_int_t
ngx_http_mlist_erase_start(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_digest_none_pt none)
{
    return ngx_http_mlist_digest_find(r, ctx, ngx_http_mlist_erase_list,
                                      none);
}


static ngx_int_t
ngx_http_mlist_erase_list(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_doc_t *doc)
{
    ngx_int_t                   rc;
    ngx_http_mlist_erase_t     *erase;
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    erase = ngx_pcalloc(r->pool, sizeof(ngx_http_mlist_erase_t));
    if (erase == NULL) {
        return NGX_ERROR;
    }

    erase->op.name = ctx->name;
    erase->op.digest = ctx->reference;
    erase->op.max = ngx_max(mlcf->max_manifest_size, doc->body.len);

    ctx->state = erase;
    ctx->resume = ngx_http_mlist_erase_resume;

    rc = ngx_http_mlist_push_target(r, ctx, &erase->target);

    if (rc == NGX_DECLINED) {
        return ngx_http_mlist_erase_nobody(r, ctx, erase);
    }

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    ctx->spelled = erase->target.name;

    if (ngx_http_mlist_drop_watch(r, ctx) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_mlist_erase_fetch(r, ctx, erase,
                                      NGX_HTTP_MLIST_ERASE_ASKED);
}


static ngx_int_t
ngx_http_mlist_erase_nobody(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_erase_t *erase)
{
    ngx_http_mlist_loc_conf_t  *mlcf;

    static ngx_str_t  nobody = ngx_string("without a registry to push to "
                                          "nobody can say who may delete");

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    if (mlcf->auth == NGX_HTTP_MLIST_AUTH_NGINX) {
        return ngx_http_mlist_erase_remove(r, ctx, erase);
    }

    return ngx_http_mlist_send_not_allowed(ctx,
                                           NGX_HTTP_GET|NGX_HTTP_HEAD,
                                           &nobody, NULL);
}


static ngx_int_t
ngx_http_mlist_erase_fetch(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_erase_t *erase, ngx_http_mlist_erase_e state)
{
    ngx_http_mlist_fetch_t  *fetch;

    fetch = ngx_pcalloc(r->pool, sizeof(ngx_http_mlist_fetch_t));
    if (fetch == NULL
        || ngx_http_mlist_target_url(r, erase->target.registry,
                                     &erase->target.name, "manifests",
                                     &ctx->reference, &fetch->url)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    fetch->registry = erase->target.registry;

    if (state == NGX_HTTP_MLIST_ERASE_ASKED) {
        ngx_str_set(&fetch->method, "DELETE");

    } else {
        fetch->head = 1;
    }

    erase->fetch = fetch;
    erase->state = state;

    return ngx_http_mlist_fetch_start(r, fetch) == NGX_OK ? NGX_AGAIN
                                                          : NGX_ERROR;
}


static ngx_int_t
ngx_http_mlist_erase_resume(ngx_http_request_t *r, void *state)
{
    ngx_http_mlist_ctx_t    *ctx;
    ngx_http_mlist_erase_t  *erase;

    erase = state;
    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);

    if (erase->state != NGX_HTTP_MLIST_ERASE_REMOVING
        && !ngx_http_mlist_fetch_done(erase->fetch))
    {
        return NGX_AGAIN;
    }

    switch (erase->state) {

    case NGX_HTTP_MLIST_ERASE_ASKED:
        return ngx_http_mlist_erase_asked(r, ctx, erase);

    case NGX_HTTP_MLIST_ERASE_LOOKED:
        return ngx_http_mlist_erase_looked(r, ctx, erase);

    default: /* NGX_HTTP_MLIST_ERASE_REMOVING */
        return ngx_http_mlist_erase_remove(r, ctx, erase);
    }
}


static ngx_int_t
ngx_http_mlist_erase_asked(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_erase_t *erase)
{
    ngx_http_mlist_fetch_t  *fetch;

    fetch = erase->fetch;

    ngx_http_mlist_drop_answered(r, ctx, fetch->status);

    if (ngx_http_mlist_failure_written(fetch)) {
        return ngx_http_mlist_erase_remove(r, ctx, erase);
    }

    if (fetch->state == NGX_HTTP_MLIST_FETCH_ANSWERED) {

        if (fetch->status == NGX_HTTP_NOT_FOUND) {
            return ngx_http_mlist_erase_remove(r, ctx, erase);
        }

        if (fetch->status == NGX_HTTP_NOT_ALLOWED
            || fetch->status == NGX_HTTP_BAD_REQUEST
            || fetch->status == NGX_HTTP_NOT_IMPLEMENTED)
        {
            return ngx_http_mlist_erase_never(r, ctx, erase);
        }
    }

    return ngx_http_mlist_erase_failed(r, ctx, erase);
}


/*
 * The registry deletes nothing.  What is not there is not its, but neither has
 * it said who may delete: one who may only read is answered so too.
 */

static ngx_int_t
ngx_http_mlist_erase_never(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_erase_t *erase)
{
    ngx_http_mlist_loc_conf_t  *mlcf;

    static ngx_str_t  never = ngx_string("the registry to push to deletes "
                                         "nothing, and does not say who may");

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    if (mlcf->auth == NGX_HTTP_MLIST_AUTH_NGINX) {
        return ngx_http_mlist_erase_fetch(r, ctx, erase,
                                          NGX_HTTP_MLIST_ERASE_LOOKED);
    }

    return ngx_http_mlist_send_not_allowed(ctx,
                                           NGX_HTTP_GET|NGX_HTTP_HEAD,
                                           &never, NULL);
}


static ngx_int_t
ngx_http_mlist_erase_looked(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_erase_t *erase)
{
    ngx_int_t  rc;

    static ngx_str_t  stays = ngx_string("the registry to push to has it and "
                                         "does not delete it");

    rc = ngx_http_mlist_failure_verdict(erase->fetch);

    if (rc == NGX_DECLINED) {
        return ngx_http_mlist_erase_remove(r, ctx, erase);
    }

    if (rc == NGX_OK) {
        return ngx_http_mlist_send_not_allowed(ctx,
                                               NGX_HTTP_GET|NGX_HTTP_HEAD,
                                               &stays, NULL);
    }

    return ngx_http_mlist_erase_failed(r, ctx, erase);
}


static ngx_int_t
ngx_http_mlist_erase_failed(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_erase_t *erase)
{
    return ngx_http_mlist_failure_answer(r, ctx, erase->fetch,
                                 ngx_http_mlist_target_label(&erase->target));
}


static ngx_int_t
ngx_http_mlist_erase_remove(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_erase_t *erase)
{
    ngx_int_t  rc;

    static ngx_str_t  kept = ngx_string("the registry of the store does not "
                                        "delete it");
    static ngx_str_t  failed = ngx_string("it could not be removed from the "
                                          "store");

    erase->state = NGX_HTTP_MLIST_ERASE_REMOVING;

    rc = ngx_http_mlist_doc_remove(r, &erase->op);

    if (rc == NGX_BUSY && erase->tries < NGX_HTTP_MLIST_ERASE_TRIES) {
        return ngx_http_mlist_erase_later(r, erase);
    }

    switch (rc) {

    case NGX_OK:
        ngx_log_error(NGX_LOG_INFO, r->connection->log, 0,
                      "mlist DELETE of the list \"%V@%V\"", &ctx->name,
                      &ctx->reference);

        return ngx_http_mlist_send_accepted(r, ctx);

    case NGX_AGAIN:
        return NGX_AGAIN;

    case NGX_DECLINED:
        return ngx_http_mlist_send_not_allowed(ctx,
                                               NGX_HTTP_GET|NGX_HTTP_HEAD,
                                               &kept, NULL);

    default: /* NGX_BUSY, NGX_ERROR */
        return ngx_http_mlist_send_error(ctx, NGX_HTTP_SERVICE_UNAVAILABLE,
                                         MLIST_ERR_UNAVAILABLE, &failed,
                                         NULL);
    }
}


/* Others have its lock, too, and not for long. */

static ngx_int_t
ngx_http_mlist_erase_later(ngx_http_request_t *r,
    ngx_http_mlist_erase_t *erase)
{
    ngx_http_cleanup_t  *cln;

    if (erase->tries++ == 0) {

        cln = ngx_http_cleanup_add(r, 0);
        if (cln == NULL) {
            return NGX_ERROR;
        }

        cln->handler = ngx_http_mlist_erase_cleanup;
        cln->data = erase;

        erase->timer.handler = ngx_http_mlist_erase_again;
        erase->timer.data = r;
        erase->timer.log = r->connection->log;
    }

    ngx_add_timer(&erase->timer, NGX_HTTP_MLIST_ERASE_PAUSE);

    return NGX_AGAIN;
}


static void
ngx_http_mlist_erase_again(ngx_event_t *ev)
{
    ngx_connection_t    *c;
    ngx_http_request_t  *r;

    r = ev->data;
    c = r->connection;

    ngx_http_set_log_request(c->log, r);

    r->write_event_handler = ngx_http_core_run_phases;
    ngx_http_core_run_phases(r);

    ngx_http_run_posted_requests(c);
}


static void
ngx_http_mlist_erase_cleanup(void *data)
{
    ngx_http_mlist_erase_t *erase = data;

    if (erase->timer.timer_set) {
        ngx_del_timer(&erase->timer);
    }
}

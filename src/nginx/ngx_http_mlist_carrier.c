/*
 * A flight's carrier: see ngx_http_mlist_carrier.h.
 */


#include "ngx_http_mlist_carrier.h"


static ngx_int_t ngx_http_mlist_carrier_uri(ngx_http_request_t *r,
    ngx_http_mlist_flight_ask_t *ask, ngx_str_t *uri);
static ngx_int_t ngx_http_mlist_carrier_started(ngx_http_request_t *r,
    void *state);
static ngx_int_t ngx_http_mlist_carrier_stopped(ngx_http_request_t *r,
    void *state);
static ngx_int_t ngx_http_mlist_carrier_content(ngx_http_request_t *r);
static ngx_int_t ngx_http_mlist_carrier_landed(ngx_http_request_t *r,
    void *data, ngx_int_t rc);


ngx_int_t
ngx_http_mlist_carrier_start(ngx_http_request_t *r,
    ngx_http_mlist_flight_ask_t *ask, ngx_http_mlist_flight_t *flight,
    ngx_http_request_t **carrier)
{
    ngx_str_t                    uri;
    ngx_http_request_t          *sr;
    ngx_http_mlist_ctx_t        *ctx;
    ngx_http_post_subrequest_t  *ps;

    ctx = ngx_pcalloc(r->pool, sizeof(ngx_http_mlist_ctx_t));
    ps = ngx_palloc(r->pool, sizeof(ngx_http_post_subrequest_t));
    if (ctx == NULL || ps == NULL) {
        return NGX_ERROR;
    }

    ps->handler = ngx_http_mlist_carrier_landed;
    ps->data = ctx;

    if (ngx_http_mlist_carrier_uri(r, ask, &uri) != NGX_OK
        || ngx_http_subrequest(r, &uri, NULL, &sr, ps,
                               NGX_HTTP_SUBREQUEST_CLONE
                               |NGX_HTTP_SUBREQUEST_BACKGROUND)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    /* a clone is in the phase and location that its parent is in by now */

    sr->phase_handler = ask->phase;

    if (sr->loc_conf != ask->loc_conf) {
        sr->loc_conf = ask->loc_conf;
        ngx_http_update_location_config(sr);
    }

    if (ask->foreign) {

        /* who has it begun is not who may read it */

        sr->headers_in.authorization = NULL;
    }

    ctx->conf = ngx_http_get_module_loc_conf(sr, ngx_http_mlist_module);
    ctx->name = ask->name;
    ctx->reference = ask->reference;
    ctx->kind = NGX_HTTP_MLIST_KIND_LIST;
    ctx->flight = flight;
    ctx->start = ask->start;
    ctx->resume = ngx_http_mlist_carrier_started;

    ngx_http_set_ctx(sr, ctx, ngx_http_mlist_module);

    *carrier = sr;

    return NGX_OK;
}


/* A request of another location has another path: logs name the tag's. */

static ngx_int_t
ngx_http_mlist_carrier_uri(ngx_http_request_t *r,
    ngx_http_mlist_flight_ask_t *ask, ngx_str_t *uri)
{
    u_char  *p;

    if (!ask->foreign) {
        *uri = r->uri;
        return NGX_OK;
    }

    uri->len = sizeof("/v2/") - 1 + ask->name.len + sizeof("/manifests/") - 1
               + ask->reference.len;

    uri->data = ngx_pnalloc(r->pool, uri->len);
    if (uri->data == NULL) {
        return NGX_ERROR;
    }

    p = ngx_sprintf(uri->data, "/v2/%V/manifests/%V", &ask->name,
                    &ask->reference);
    uri->len = p - uri->data;

    return NGX_OK;
}


static ngx_int_t
ngx_http_mlist_carrier_started(ngx_http_request_t *r, void *state)
{
    ngx_http_mlist_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);

    return ctx->start(r, ctx->flight);
}


ngx_int_t
ngx_http_mlist_carrier_end(ngx_http_request_t *r)
{
    ngx_http_mlist_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);

    /* a fetch that is done wakes its parent */

    if (ctx->running) {
        return NGX_AGAIN;
    }

    r->content_handler = ngx_http_mlist_carrier_content;

    return NGX_OK;
}


/*
 * nginx ends the request, but puts that off while a thread is at work for
 * it; other carriers of the request may be woken meanwhile.
 */

void
ngx_http_mlist_carrier_stop(ngx_http_request_t *r)
{
    ngx_http_mlist_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);

    ctx->flight = NULL;
    ctx->resume = ngx_http_mlist_carrier_stopped;
}


static ngx_int_t
ngx_http_mlist_carrier_stopped(ngx_http_request_t *r, void *state)
{
    return ngx_http_mlist_carrier_end(r);
}


static ngx_int_t
ngx_http_mlist_carrier_content(ngx_http_request_t *r)
{
    return NGX_OK;
}


/* The carrier is done: a request whose client has left ends with it. */

static ngx_int_t
ngx_http_mlist_carrier_landed(ngx_http_request_t *r, void *data, ngx_int_t rc)
{
    ngx_http_mlist_ctx_t *ctx = data;

    if (ctx->left) {
        r->connection->error = 1;
    }

    return NGX_OK;
}

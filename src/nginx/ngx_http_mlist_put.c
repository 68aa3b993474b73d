/*
 * One manifest at several places: see ngx_http_mlist_put.h.
 */


#include "ngx_http_mlist_put.h"
#include "ngx_http_mlist_drop.h"
#include "ngx_http_mlist_failure.h"
#include "ngx_http_mlist_fetch.h"
#include "ngx_http_mlist_send.h"
#include "ngx_http_mlist_target.h"


static ngx_int_t ngx_http_mlist_put_next(ngx_http_request_t *r,
    ngx_http_mlist_put_t *put);
static ngx_http_mlist_place_t *ngx_http_mlist_put_place(
    ngx_http_mlist_put_t *put);
static ngx_uint_t ngx_http_mlist_put_refused(ngx_http_mlist_put_t *put);
static ngx_int_t ngx_http_mlist_put_failed(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_put_t *put);
static ngx_int_t ngx_http_mlist_put_describe(ngx_http_request_t *r,
    ngx_http_mlist_put_t *put, ngx_http_mlist_failure_t *failure);
static ngx_int_t ngx_http_mlist_put_where(ngx_http_request_t *r,
    ngx_http_mlist_put_t *put, ngx_str_t *detail);
static void ngx_http_mlist_put_cleanup(void *data);


ngx_int_t
ngx_http_mlist_put_step(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_put_t *put)
{
    ngx_http_cleanup_t       *cln;
    ngx_http_mlist_fetch_t   *fetch;
    ngx_http_mlist_place_t   *place;

    fetch = put->fetch;

    if (put->request == NULL) {
        cln = ngx_http_cleanup_add(r, 0);
        if (cln == NULL) {
            return NGX_ERROR;
        }

        put->request = r;

        cln->handler = ngx_http_mlist_put_cleanup;
        cln->data = put;
    }

    if (fetch) {

        if (!ngx_http_mlist_fetch_done(fetch)) {
            return NGX_AGAIN;
        }

        place = ngx_http_mlist_put_place(put);

        put->open = 0;

        if (!ngx_http_mlist_put_refused(put)) {
            ngx_http_mlist_drop_put(r, &place->name, &place->tag);
        }

        if (!ngx_http_mlist_failure_written(fetch)) {
            return ngx_http_mlist_put_failed(r, ctx, put);
        }

        put->done++;
        put->fetch = NULL;
    }

    return ngx_http_mlist_put_next(r, put);
}


static ngx_int_t
ngx_http_mlist_put_next(ngx_http_request_t *r, ngx_http_mlist_put_t *put)
{
    ngx_http_mlist_fetch_t  *fetch;
    ngx_http_mlist_place_t  *place;

    if (put->done + 1 >= put->places->nelts) {
        return NGX_OK;
    }

    fetch = ngx_pcalloc(r->pool, sizeof(ngx_http_mlist_fetch_t));
    if (fetch == NULL) {
        return NGX_ERROR;
    }

    place = ngx_http_mlist_put_place(put);

    if (ngx_http_mlist_target_url(r, put->registry, &place->name, "manifests",
                                  &place->tag, &fetch->url)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    fetch->registry = put->registry;
    ngx_str_set(&fetch->method, "PUT");
    fetch->send = put->body;
    fetch->send_type = put->type;

    put->fetch = fetch;
    put->open = 1;

    return ngx_http_mlist_fetch_start(r, fetch) == NGX_OK ? NGX_AGAIN
                                                          : NGX_ERROR;
}


/* The one that is next, or under way. */

static ngx_http_mlist_place_t *
ngx_http_mlist_put_place(ngx_http_mlist_put_t *put)
{
    ngx_http_mlist_place_t  *place;

    place = put->places->elts;

    return &place[put->done + 1];
}


/* 1 if the registry has said that it did not take it. */

static ngx_uint_t
ngx_http_mlist_put_refused(ngx_http_mlist_put_t *put)
{
    return put->fetch->state == NGX_HTTP_MLIST_FETCH_ANSWERED
           && put->fetch->status >= NGX_HTTP_SPECIAL_RESPONSE
           && put->fetch->status < NGX_HTTP_INTERNAL_SERVER_ERROR;
}


static ngx_int_t
ngx_http_mlist_put_failed(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_put_t *put)
{
    ngx_http_mlist_failure_t  *failure;

    failure = ngx_palloc(r->pool, sizeof(ngx_http_mlist_failure_t));

    if (failure == NULL
        || ngx_http_mlist_put_describe(r, put, failure) != NGX_OK
        || ngx_http_mlist_put_where(r, put, &failure->detail) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_mlist_failure_send(r, ctx, failure);
}


/* What a registry refuses is told as it is: the manifest is the client's. */

static ngx_int_t
ngx_http_mlist_put_describe(ngx_http_request_t *r, ngx_http_mlist_put_t *put,
    ngx_http_mlist_failure_t *failure)
{
    ngx_uint_t               status;
    ngx_http_mlist_place_t  *place;

    place = ngx_http_mlist_put_place(put);

    if (ngx_http_mlist_failure_describe(r, put->fetch, &place->source->label,
                                        failure)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    status = put->fetch->status;

    if (ngx_http_mlist_put_refused(put)
        && status >= NGX_HTTP_BAD_REQUEST
        && status != NGX_HTTP_UNAUTHORIZED
        && status != NGX_HTTP_FORBIDDEN
        && status != NGX_HTTP_TOO_MANY_REQUESTS)
    {
        failure->status = status;
        failure->error = status == NGX_HTTP_BAD_REQUEST
                             ? MLIST_ERR_MANIFEST_INVALID
                             : mlist_error_of_status(status);
    }

    return NGX_OK;
}


/* Adds to the detail what of it is done, and what is not. */

static ngx_int_t
ngx_http_mlist_put_where(ngx_http_request_t *r, ngx_http_mlist_put_t *put,
    ngx_str_t *detail)
{
    u_char                  *p, *data;
    size_t                   len;
    ngx_uint_t               i;
    ngx_http_mlist_place_t  *place;

    place = put->places->elts;
    len = detail->len + sizeof("; put already: ; not put: ");

    for (i = 0; i < put->places->nelts; i++) {
        len += place[i].name.len + place[i].tag.len + sizeof(":, ");
    }

    data = ngx_pnalloc(r->pool, len);
    if (data == NULL) {
        return NGX_ERROR;
    }

    p = ngx_sprintf(data, "%V%s", detail,
                    put->done ? "; put already: " : "");

    for (i = 1; i <= put->done; i++) {
        p = ngx_sprintf(p, "%s%V:%V", i > 1 ? ", " : "", &place[i].name,
                        &place[i].tag);
    }

    p = ngx_sprintf(p, "; not put: %V:%V", &place[0].name, &place[0].tag);

    for (i = put->done + 1; i < put->places->nelts; i++) {
        p = ngx_sprintf(p, ", %V:%V", &place[i].name, &place[i].tag);
    }

    detail->data = data;
    detail->len = p - data;

    return NGX_OK;
}


/* A PUT that nobody saw the end of may have been one. */

static void
ngx_http_mlist_put_cleanup(void *data)
{
    ngx_http_mlist_put_t *put = data;

    ngx_http_mlist_place_t  *place;

    if (put->open) {
        place = ngx_http_mlist_put_place(put);

        ngx_http_mlist_drop_put(put->request, &place->name, &place->tag);
    }
}

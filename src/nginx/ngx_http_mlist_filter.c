/*
 * The filters: see ngx_http_mlist_filter.h.
 */


#include "ngx_http_mlist_filter.h"
#include "ngx_http_mlist_answer.h"
#include "ngx_http_mlist_drop.h"
#include "ngx_http_mlist_failure.h"
#include "ngx_http_mlist_follow.h"
#include "ngx_http_mlist_handler.h"
#include "ngx_http_mlist_header.h"
#include "ngx_http_mlist_login_request.h"
#include "ngx_http_mlist_proxy.h"
#include "ngx_http_mlist_write.h"
#include "ngx_http_mlist_zone.h"


/*
 * A status that no response has and no error_page can name: by it an answer
 * of a registry is dropped, and the phases are run again from ours.
 */
#define NGX_HTTP_MLIST_AGAIN  998


static ngx_int_t ngx_http_mlist_filter_header(ngx_http_request_t *r) MLIST_HOT;
static ngx_int_t ngx_http_mlist_filter_body(ngx_http_request_t *r,
    ngx_chain_t *in);
static void ngx_http_mlist_filter_challenge(ngx_http_request_t *r);
static ngx_uint_t ngx_http_mlist_filter_upstream(ngx_http_request_t *r);
static ngx_uint_t ngx_http_mlist_filter_valid(ngx_http_request_t *r);
static ngx_int_t ngx_http_mlist_filter_refuse(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx);
static ngx_uint_t ngx_http_mlist_filter_outdated(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx);
static ngx_int_t ngx_http_mlist_filter_forget(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx);
static ngx_int_t ngx_http_mlist_filter_drop(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx);
static ngx_int_t ngx_http_mlist_filter_restart(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx);
static void ngx_http_mlist_filter_again(ngx_http_request_t *r);
static ngx_int_t ngx_http_mlist_filter_passed(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx);
static ngx_int_t ngx_http_mlist_filter_error(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx);
static ngx_int_t ngx_http_mlist_filter_allow(ngx_http_request_t *r,
    ngx_uint_t methods);


static ngx_http_output_header_filter_pt  ngx_http_next_header_filter;
static ngx_http_output_body_filter_pt    ngx_http_next_body_filter;


ngx_int_t
ngx_http_mlist_filter_init(ngx_conf_t *cf)
{
    ngx_http_next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = ngx_http_mlist_filter_header;

    ngx_http_next_body_filter = ngx_http_top_body_filter;
    ngx_http_top_body_filter = ngx_http_mlist_filter_body;

    return NGX_OK;
}


static ngx_int_t
ngx_http_mlist_filter_header(ngx_http_request_t *r)
{
    ngx_int_t                   rc;
    ngx_http_mlist_ctx_t       *ctx;
    ngx_http_mlist_loc_conf_t  *mlcf;

    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);

    if (ctx && ctx->fetch) {

        /* nothing of a fetch goes to the client */

        r->header_sent = 1;

        return ngx_http_mlist_answer_header(r, ctx->fetch);
    }

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    if (r == r->main && ngx_http_mlist_proxy_guards(r)) {
        ngx_http_mlist_filter_challenge(r);
    }

    if (r != r->main || !mlcf->active) {
        return ngx_http_next_header_filter(r);
    }

    if (ctx && ctx->restart) {
        return ngx_http_mlist_filter_restart(r, ctx);
    }

    if (ctx && ctx->passed && !ngx_http_mlist_filter_valid(r)) {
        return ngx_http_mlist_filter_refuse(r, ctx);
    }

    if (ctx && ctx->passed && ngx_http_mlist_filter_upstream(r)) {
        rc = ngx_http_mlist_login_answer(r, ctx);

        if (rc != NGX_DECLINED) {
            return rc == NGX_OK ? ngx_http_mlist_filter_drop(r, ctx) : rc;
        }
    }

    if (ctx && ctx->writing) {
        ngx_http_mlist_drop_answered(r, ctx, ngx_http_mlist_filter_upstream(r)
                                      ? r->upstream->headers_in.status_n : 0);
    }

    if (ctx && ctx->passed && ngx_http_mlist_filter_upstream(r)) {

        if (ngx_http_mlist_filter_outdated(r, ctx)) {
            return ngx_http_mlist_filter_forget(r, ctx);
        }

        rc = ngx_http_mlist_follow_answer(r, ctx);

        if (rc != NGX_DECLINED) {
            return rc == NGX_OK ? ngx_http_mlist_filter_drop(r, ctx) : rc;
        }

        rc = ngx_http_mlist_filter_passed(r, ctx);

    } else if (r->err_status >= NGX_HTTP_BAD_REQUEST
               && !ngx_http_mlist_filter_upstream(r))
    {
        ctx = ngx_http_mlist_handler_ctx(r);
        rc = ctx ? ngx_http_mlist_filter_error(r, ctx) : NGX_ERROR;

    } else {
        rc = NGX_OK;
    }

    return rc == NGX_OK ? ngx_http_next_header_filter(r) : rc;
}


static ngx_int_t
ngx_http_mlist_filter_body(ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_buf_t             *b;
    ngx_chain_t           *cl, out;
    ngx_http_mlist_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);

    if (ctx == NULL || in == NULL) {
        return ngx_http_next_body_filter(r, in);
    }

    if (ctx->fetch) {
        ngx_http_mlist_answer_body(r, ctx->fetch, in);
        return NGX_OK;
    }

    if (ctx->dropping) {
        return NGX_DONE;
    }

    if (ctx->error_body.len == 0) {
        return ngx_http_next_body_filter(r, in);
    }

    /* nginx's page is replaced as a whole */

    for (cl = in; cl; cl = cl->next) {
        cl->buf->pos = cl->buf->last;
    }

    b = ngx_calloc_buf(r->pool);
    if (b == NULL) {
        return NGX_ERROR;
    }

    b->pos = ctx->error_body.data;
    b->last = ctx->error_body.data + ctx->error_body.len;
    b->memory = 1;
    b->last_buf = 1;
    b->last_in_chain = 1;

    ngx_str_null(&ctx->error_body);

    out.buf = b;
    out.next = NULL;

    return ngx_http_next_body_filter(r, &out);
}


/*
 * Drops a source's challenges, which would ask for the credentials of this
 * front.  proxy_intercept_errors hands them on to whatever error_page leads
 * to, so it is not the location that tells them but where they come from.
 */

static void
ngx_http_mlist_filter_challenge(ngx_http_request_t *r)
{
    ngx_list_t       *from, *to;
    ngx_table_elt_t  *h, *u;

    static ngx_str_t  name = ngx_string("www-authenticate");

    from = &r->upstream->headers_in.headers;
    to = &r->headers_out.headers;

    for (u = ngx_http_mlist_header_next(from, &name, NULL);
         u;
         u = ngx_http_mlist_header_next(from, &name, u))
    {
        for (h = ngx_http_mlist_header_next(to, &name, NULL);
             h;
             h = ngx_http_mlist_header_next(to, &name, h))
        {
            if (h->value.data == u->value.data) {
                h->hash = 0;

                if (r->headers_out.www_authenticate == h) {
                    r->headers_out.www_authenticate = NULL;
                }
            }
        }
    }
}


/* 1 while what is sent is what an upstream answers, not nginx itself. */

static ngx_uint_t
ngx_http_mlist_filter_upstream(ngx_http_request_t *r)
{
    return r->upstream
           && (r->upstream->cleanup || r->cached)
           && r->upstream->headers_in.status_n;
}


/*
 * 0 for what is no final HTTP answer.  Without a status line it is HTTP/0.9
 * for nginx, which would hand its bytes to the client as they are, without a
 * header of ours before them.
 */

static ngx_uint_t
ngx_http_mlist_filter_valid(ngx_http_request_t *r)
{
    ngx_http_upstream_t  *u;

    u = r->upstream;

    if (u == NULL || (u->cleanup == NULL && !r->cached)) {
        return 1;
    }

    return u->headers_in.status_n >= NGX_HTTP_OK
           && u->headers_in.status_n < 600;
}


/* A 502 in its place, as where nothing was sent. */

static ngx_int_t
ngx_http_mlist_filter_refuse(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx)
{
    ngx_str_t  *source;

    static ngx_str_t  reason = ngx_string("it gave no answer of HTTP");

    ngx_http_mlist_answer_interim(r->upstream);

    r->http_version = ctx->http_version;
    ctx->passed = 0;

    ngx_http_clean_header(r);

    source = ctx->source.len || ctx->registry == NULL ? &ctx->source
                                                      : &ctx->registry->url;

    return ngx_http_mlist_failure_answer_bad(r, ctx, source, &reason);
}


static ngx_uint_t
ngx_http_mlist_filter_outdated(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx)
{
    return ctx->learned
           && ctx->tries == 0
           && r->upstream->headers_in.status_n == NGX_HTTP_NOT_FOUND
           && (r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD));
}


/* The registry has not what it had. */

static ngx_int_t
ngx_http_mlist_filter_forget(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx)
{
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    ngx_http_mlist_zone_delete(mlcf->main->zone, NGX_HTTP_MLIST_ZONE_ROUTE,
                               ctx->route_key);

    return ngx_http_mlist_filter_drop(r, ctx);
}


/*
 * The upstream is finalised with a status of our own, which brings us back
 * here through nginx's special response.
 */

static ngx_int_t
ngx_http_mlist_filter_drop(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx)
{
    ctx->restart = 1;

    ngx_http_clean_header(r);

    return NGX_HTTP_MLIST_AGAIN;
}


static ngx_int_t
ngx_http_mlist_filter_restart(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx)
{
    ctx->restart = 0;
    ctx->dropping = 1;
    ctx->learned = 0;
    ctx->passed = 0;

    if (ctx->resume == NULL) {
        ctx->tries++;

        ngx_str_null(&ctx->upstream);
        ngx_str_null(&ctx->source);
    }

    ngx_http_clean_header(r);

    r->err_status = 0;
    r->error_page = 0;

#if (NGX_HTTP_CACHE)
    r->cached = 0;

    /* what a redirect leads to is kept as what was asked for */

    if (ctx->resume) {
        r->cache = NULL;
    }
#endif

    /* NGX_DONE below gives one reference back */

    r->main->count++;

    r->phase_handler = ctx->phase;
    r->write_event_handler = ngx_http_mlist_filter_again;

    if (ngx_http_post_request(r, NULL) != NGX_OK) {
        return NGX_ERROR;
    }

    return NGX_DONE;
}


static void
ngx_http_mlist_filter_again(ngx_http_request_t *r)
{
    ngx_http_mlist_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);

    ctx->dropping = 0;

    r->write_event_handler = ngx_http_core_run_phases;

    ngx_http_core_run_phases(r);
}


static ngx_int_t
ngx_http_mlist_filter_passed(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx)
{
    static ngx_str_t  cookie = ngx_string("set-cookie");
    static ngx_str_t  location = ngx_string("location");

    /* bytes and lengths are the registry's */

    r->gzip_tested = 1;
    r->gzip_ok = 0;

    ngx_http_mlist_header_hide_out(r, &cookie);

    if (ctx->follow) {
        ngx_http_mlist_header_hide_out(r, &location);
    }

    /* or absolute_redirect puts this front's listen port into it */

    r->headers_out.location = NULL;

    return ctx->spelled.len ? ngx_http_mlist_write_answered(r, ctx) : NGX_OK;
}


static ngx_int_t
ngx_http_mlist_filter_error(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx)
{
    size_t         len;
    ngx_str_t      api;
    mlist_error_e  error;

    error = ctx->has_error ? ctx->error : mlist_error_of_status(r->err_status);

    len = mlist_error_json(error, ngx_http_mlist_view(&ctx->message),
                           ngx_http_mlist_view(&ctx->detail), NULL, 0);

    ctx->error_body.data = ngx_pnalloc(r->pool, len);
    if (ctx->error_body.data == NULL) {
        return NGX_ERROR;
    }

    ctx->error_body.len = mlist_error_json(error,
                                           ngx_http_mlist_view(&ctx->message),
                                           ngx_http_mlist_view(&ctx->detail),
                                           (char *) ctx->error_body.data,
                                           len);

    ngx_str_set(&r->headers_out.content_type,
                "application/json; charset=utf-8");
    r->headers_out.content_type_len = sizeof("application/json") - 1;
    r->headers_out.content_type_lowcase = NULL;

    ngx_http_clear_content_length(r);
    r->headers_out.content_length_n = ctx->error_body.len;

    r->gzip_tested = 1;
    r->gzip_ok = 0;

    ngx_str_set(&api, "registry/2.0");

    if (ngx_http_mlist_header_push(&r->headers_out.headers,
                                   "Docker-Distribution-Api-Version", &api)
        == NULL)
    {
        return NGX_ERROR;
    }

    return r->err_status == NGX_HTTP_NOT_ALLOWED && ctx->allow
               ? ngx_http_mlist_filter_allow(r, ctx->allow) : NGX_OK;
}


static ngx_int_t
ngx_http_mlist_filter_allow(ngx_http_request_t *r, ngx_uint_t methods)
{
    u_char      *p;
    ngx_str_t    value;
    ngx_uint_t   i;

    static const struct {
        ngx_uint_t   method;
        const char  *name;
    } names[] = {
        { NGX_HTTP_GET, "GET" },
        { NGX_HTTP_HEAD, "HEAD" },
        { NGX_HTTP_POST, "POST" },
        { NGX_HTTP_PUT, "PUT" },
        { NGX_HTTP_PATCH, "PATCH" },
        { NGX_HTTP_DELETE, "DELETE" }
    };

    value.data = ngx_pnalloc(r->pool,
                             sizeof("GET, HEAD, POST, PUT, PATCH, DELETE"));
    if (value.data == NULL) {
        return NGX_ERROR;
    }

    p = value.data;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (methods & names[i].method) {
            p = ngx_sprintf(p, "%s%s", p == value.data ? "" : ", ",
                            names[i].name);
        }
    }

    value.len = p - value.data;

    return ngx_http_mlist_header_push(&r->headers_out.headers, "Allow", &value)
           == NULL ? NGX_ERROR : NGX_OK;
}

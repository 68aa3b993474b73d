/*
 * mlist_status: the directive, and which way a request goes.  See
 * ngx_http_mlist_status.h.
 */


#include "ngx_http_mlist_status.h"
#include "ngx_http_mlist_body.h"
#include "ngx_http_mlist_conf.h"
#include "ngx_http_mlist_drop.h"
#include "ngx_http_mlist_form.h"
#include "ngx_http_mlist_guard.h"
#include "ngx_http_mlist_header.h"


#define NGX_HTTP_MLIST_STATUS_BODY  4096


static ngx_int_t ngx_http_mlist_status_server(ngx_conf_t *cf);
static ngx_int_t ngx_http_mlist_status_begin(ngx_http_request_t *r);
static ngx_int_t ngx_http_mlist_status_post(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx);
static ngx_uint_t ngx_http_mlist_status_foreign(ngx_http_request_t *r);
static ngx_int_t ngx_http_mlist_status_posted(ngx_http_request_t *r,
    void *state);


char *
ngx_http_mlist_status_set(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_mlist_loc_conf_t *mlcf = conf;

    ngx_http_mlist_main_conf_t  *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_mlist_module);
    mcf->watched = 1;

    return ngx_http_mlist_conf_mark(cf, &mlcf->status);
}


ngx_int_t
ngx_http_mlist_status_merge(ngx_conf_t *cf, ngx_http_mlist_loc_conf_t *prev,
    ngx_http_mlist_loc_conf_t *conf)
{
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    ngx_http_mlist_conf_mark_merge(clcf, &prev->status, &conf->status);

    if (conf->status.on && (clcf->handler || conf->notify.on)) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"mlist_status\" in location \"%V\", which has %s, in "
                      "%s:%ui", &clcf->name,
                      conf->notify.on ? "\"mlist_notify\"" : "another handler",
                      conf->status.file, conf->status.line);
        return NGX_ERROR;
    }

    return conf->status.on ? ngx_http_mlist_status_server(cf) : NGX_OK;
}


/* Notes that the server has such a location. */

static ngx_int_t
ngx_http_mlist_status_server(ngx_conf_t *cf)
{
    void                       **server;
    ngx_http_mlist_main_conf_t  *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_mlist_module);

    if (mcf->pages == NULL) {
        mcf->pages = ngx_array_create(cf->pool, 4, sizeof(void *));
        if (mcf->pages == NULL) {
            return NGX_ERROR;
        }
    }

    server = ngx_array_push(mcf->pages);
    if (server == NULL) {
        return NGX_ERROR;
    }

    *server = ngx_http_conf_get_module_srv_conf(cf, ngx_http_core_module);

    return NGX_OK;
}


ngx_int_t
ngx_http_mlist_status_handler(ngx_http_request_t *r)
{
    ngx_int_t              rc;
    ngx_http_mlist_ctx_t  *ctx;

    static ngx_str_t  methods = ngx_string("GET, HEAD, POST");

    /* access rules are not asked about a subrequest */

    if (r != r->main) {
        return NGX_HTTP_FORBIDDEN;
    }

    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);

    if (ctx && ctx->resume) {
        rc = ctx->resume(r, ctx->state);

        if (rc != NGX_AGAIN) {
            ctx->resume = NULL;
        }

        return rc;
    }

    if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD|NGX_HTTP_POST))) {
        return ngx_http_mlist_header_push(&r->headers_out.headers, "Allow",
                                          &methods)
                   ? NGX_HTTP_NOT_ALLOWED : NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_mlist_status_begin(r);
}


static ngx_int_t
ngx_http_mlist_status_begin(ngx_http_request_t *r)
{
    ngx_int_t               rc;
    ngx_http_mlist_ctx_t   *ctx;
    ngx_http_mlist_form_t  *form;

    ctx = ngx_pcalloc(r->pool, sizeof(ngx_http_mlist_ctx_t));
    form = ngx_pcalloc(r->pool, sizeof(ngx_http_mlist_form_t));

    if (ctx == NULL || form == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    form->status = NGX_HTTP_OK;
    form->home = 1;

    ctx->state = form;

    ngx_http_set_ctx(r, ctx, ngx_http_mlist_module);

    rc = ngx_http_mlist_form_choose(r, form);

    if (rc == NGX_OK) {
        rc = ngx_http_mlist_form_tag(r, &r->args, form);
    }

    if (rc != NGX_OK) {
        return rc;
    }

    if (r->method == NGX_HTTP_POST) {
        return ngx_http_mlist_status_post(r, ctx);
    }

    r->content_handler = ngx_http_mlist_form_send;

    return NGX_OK;
}


static ngx_int_t
ngx_http_mlist_status_post(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx)
{
    ngx_int_t                   rc;
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    if (!ngx_http_mlist_guard_is(mlcf)) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "mlist_status: a POST is refused where no access "
                      "control lets it through");
        return NGX_HTTP_FORBIDDEN;
    }

    if (ngx_http_mlist_status_foreign(r)) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "mlist_status: a POST from a page of another site is "
                      "refused");
        return NGX_HTTP_FORBIDDEN;
    }

    ctx->resume = ngx_http_mlist_status_posted;

    rc = ngx_http_mlist_body_read(r, ctx, NGX_HTTP_MLIST_STATUS_BODY);

    if (rc == NGX_AGAIN) {
        return NGX_AGAIN;
    }

    ctx->resume = NULL;

    return rc == NGX_OK ? ngx_http_mlist_status_posted(r, ctx->state) : rc;
}


/* A browser sends a user's password wherever a page has it post. */

static ngx_uint_t
ngx_http_mlist_status_foreign(ngx_http_request_t *r)
{
    ngx_str_t         host;
    ngx_list_t       *headers;
    ngx_table_elt_t  *site, *origin;

    static ngx_str_t  site_name = ngx_string("sec-fetch-site");
    static ngx_str_t  origin_name = ngx_string("origin");

    headers = &r->headers_in.headers;

    site = ngx_http_mlist_header_next(headers, &site_name, NULL);

    if (site) {
        return (site->value.len != sizeof("same-origin") - 1
                || ngx_memcmp(site->value.data, "same-origin",
                              site->value.len)
                   != 0)
               && (site->value.len != sizeof("none") - 1
                   || ngx_memcmp(site->value.data, "none", site->value.len)
                      != 0);
    }

    origin = ngx_http_mlist_header_next(headers, &origin_name, NULL);

    if (origin == NULL) {
        return 0;
    }

    if (r->headers_in.host == NULL) {
        return 1;
    }

    /* http://host or https://host, as the request has it */

    host = r->headers_in.host->value;

    return origin->value.len < host.len + 3
           || ngx_strncmp(origin->value.data + origin->value.len
                          - host.len - 3, "://", 3)
              != 0
           || ngx_strncasecmp(origin->value.data + origin->value.len
                              - host.len, host.data, host.len)
              != 0;
}


static ngx_int_t
ngx_http_mlist_status_posted(ngx_http_request_t *r, void *state)
{
    ngx_int_t               rc;
    ngx_http_mlist_ctx_t   *ctx;
    ngx_http_mlist_form_t  *form;

    form = state;
    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);

    rc = ngx_http_mlist_form_tag(r, &ctx->body->bytes, form);

    if (rc != NGX_OK) {
        return rc;
    }

    if (form->name.len == 0) {
        return NGX_HTTP_BAD_REQUEST;
    }

    rc = ngx_http_mlist_drop_tag(r, &form->name, &form->tag);

    if (rc == NGX_DECLINED) {
        return NGX_HTTP_NOT_FOUND;
    }

    if (rc != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    form->dropped = 1;

    r->content_handler = ngx_http_mlist_form_send;

    return NGX_OK;
}

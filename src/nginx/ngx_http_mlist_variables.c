/*
 * The $mlist_* variables, as a table.  They only show what other rooms know;
 * for a child all but $mlist_upstream speak of the client's request.
 * Called by module (preconfiguration), and by nginx for a value.
 */

#include "ngx_http_mlist_handler.h"
#include "ngx_http_mlist_variables.h"


static ngx_int_t ngx_http_mlist_variables_upstream(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_mlist_variables_status(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_mlist_variables_kind(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_mlist_variables_route(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_mlist_variables_text(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_mlist_variables_mutable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_mlist_variables_value(ngx_http_variable_value_t *v,
    ngx_str_t *value);


static ngx_http_variable_t  ngx_http_mlist_variables[] = {

    { ngx_string("mlist_upstream"), NULL,
      ngx_http_mlist_variables_upstream, 0,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("mlist_cache_status"), NULL,
      ngx_http_mlist_variables_status, 0,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("mlist_kind"), NULL,
      ngx_http_mlist_variables_kind, 0,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("mlist_name"), NULL,
      ngx_http_mlist_variables_route,
      offsetof(ngx_http_mlist_ctx_t, route.name),
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("mlist_reference"), NULL,
      ngx_http_mlist_variables_route,
      offsetof(ngx_http_mlist_ctx_t, route.reference),
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("mlist_digest"), NULL,
      ngx_http_mlist_variables_text,
      offsetof(ngx_http_mlist_ctx_t, digest),
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("mlist_platforms"), NULL,
      ngx_http_mlist_variables_text,
      offsetof(ngx_http_mlist_ctx_t, platforms),
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("mlist_missing"), NULL,
      ngx_http_mlist_variables_text,
      offsetof(ngx_http_mlist_ctx_t, missing),
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("mlist_source"), NULL,
      ngx_http_mlist_variables_text,
      offsetof(ngx_http_mlist_ctx_t, source),
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("mlist_mutable"), NULL,
      ngx_http_mlist_variables_mutable, 0,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

      ngx_http_null_variable
};


/* In the order of ngx_http_mlist_status_e. */
static ngx_str_t  ngx_http_mlist_variables_statuses[] = {
    ngx_null_string,
    ngx_string("MISS"),
    ngx_string("HIT"),
    ngx_string("REVALIDATED"),
    ngx_string("STALE"),
    ngx_string("UPDATING"),
    ngx_string("PARTIAL"),
    ngx_string("PASS")
};

/* In the order of ngx_http_mlist_kind_e. */
static ngx_str_t  ngx_http_mlist_variables_kinds[] = {
    ngx_null_string,
    ngx_string("ping"),
    ngx_string("list"),
    ngx_string("manifest"),
    ngx_string("blob"),
    ngx_string("tags"),
    ngx_string("catalog"),
    ngx_string("referrers"),
    ngx_string("upload")
};


ngx_int_t
ngx_http_mlist_variables_add(ngx_conf_t *cf)
{
    ngx_http_variable_t  *var, *v;

    for (v = ngx_http_mlist_variables; v->name.len; v++) {

        var = ngx_http_add_variable(cf, &v->name, v->flags);
        if (var == NULL) {
            return NGX_ERROR;
        }

        var->get_handler = v->get_handler;
        var->data = v->data;
    }

    return NGX_OK;
}


ngx_str_t *
ngx_http_mlist_variables_kind_text(ngx_http_mlist_kind_e kind)
{
    return &ngx_http_mlist_variables_kinds[kind];
}


ngx_str_t *
ngx_http_mlist_variables_status_text(ngx_http_mlist_status_e status)
{
    return &ngx_http_mlist_variables_statuses[status];
}


static ngx_int_t
ngx_http_mlist_variables_upstream(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_http_mlist_ctx_t       *ctx;
    ngx_http_mlist_loc_conf_t  *mlcf;

    /* of this very request: each child goes to a registry of its own */

    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);

    if (ctx != NULL && ctx->upstream.len) {
        return ngx_http_mlist_variables_value(v, &ctx->upstream);
    }

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    /* a log format may name it too, and that is no error */

    if (mlcf->active && !r->header_sent) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "$mlist_upstream is empty: it is for \"proxy_pass\" and "
                      "requests of the registry API only");
    }

    v->not_found = 1;

    return NGX_OK;
}


static ngx_int_t
ngx_http_mlist_variables_status(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_str_t             *value;
    ngx_http_mlist_ctx_t  *ctx;

    ctx = ngx_http_mlist_handler_ctx(r->main);

    value = ctx == NULL ? NULL
                        : ngx_http_mlist_variables_status_text(ctx->status);

    return ngx_http_mlist_variables_value(v, value);
}


static ngx_int_t
ngx_http_mlist_variables_kind(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_str_t             *value;
    ngx_http_mlist_ctx_t  *ctx;

    ctx = ngx_http_mlist_handler_ctx(r->main);

    value = ctx == NULL ? NULL
                        : ngx_http_mlist_variables_kind_text(ctx->kind);

    return ngx_http_mlist_variables_value(v, value);
}


static ngx_int_t
ngx_http_mlist_variables_route(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_str_t              value;
    ngx_http_mlist_ctx_t  *ctx;

    ctx = ngx_http_mlist_handler_ctx(r->main);

    if (ctx == NULL) {
        return ngx_http_mlist_variables_value(v, NULL);
    }

    value = ngx_http_mlist_ngx_str(*(mlist_str_t *) ((char *) ctx + data));

    return ngx_http_mlist_variables_value(v, &value);
}


static ngx_int_t
ngx_http_mlist_variables_text(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_str_t             *value;
    ngx_http_mlist_ctx_t  *ctx;

    ctx = ngx_http_mlist_handler_ctx(r->main);

    value = ctx == NULL ? NULL : (ngx_str_t *) ((char *) ctx + data);

    return ngx_http_mlist_variables_value(v, value);
}


static ngx_int_t
ngx_http_mlist_variables_mutable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_http_mlist_ctx_t       *ctx;
    ngx_http_mlist_loc_conf_t  *mlcf;

    static ngx_str_t  one = ngx_string("1");

    ctx = ngx_http_mlist_handler_ctx(r->main);

    if (ctx == NULL) {
        return ngx_http_mlist_variables_value(v, NULL);
    }

    mlcf = ngx_http_get_module_loc_conf(r->main, ngx_http_mlist_module);

    /* what only a registry may give out must not come from a cache */

    if (mlcf->auth == NGX_HTTP_MLIST_AUTH_NGINX
        && (r->main->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))
        && (ctx->route.kind == MLIST_ROUTE_DIGEST
            || ctx->route.kind == MLIST_ROUTE_BLOB))
    {
        return ngx_http_mlist_variables_value(v, NULL);
    }

    return ngx_http_mlist_variables_value(v, &one);
}


static ngx_int_t
ngx_http_mlist_variables_value(ngx_http_variable_value_t *v, ngx_str_t *value)
{
    if (value == NULL || value->len == 0) {
        v->not_found = 1;
        return NGX_OK;
    }

    v->len = value->len;
    v->valid = 1;
    v->no_cacheable = 0;
    v->not_found = 0;
    v->data = value->data;

    return NGX_OK;
}

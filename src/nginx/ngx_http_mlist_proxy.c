/*
 * What is known of nginx's proxy module and asked of it.  Here is the only
 * knowledge of its insides: that its location configuration begins with the
 * upstream's.  It changes no request.  Called by module (watch), conf (apply)
 * and filter (guards).
 */

#include "ngx_http_mlist_proxy.h"
#include "ngx_http_mlist_watch.h"


static void ngx_http_mlist_proxy_pass(ngx_conf_t *cf, ngx_str_t *name);
static ngx_uint_t ngx_http_mlist_proxy_is_ours(ngx_str_t *value);
static ngx_int_t ngx_http_mlist_proxy_guard(ngx_conf_t *cf,
    ngx_http_upstream_conf_t *ucf);


extern ngx_module_t  ngx_http_proxy_module;


ngx_int_t
ngx_http_mlist_proxy_watch(ngx_conf_t *cf)
{
    ngx_int_t  rc;

    rc = ngx_http_mlist_watch(cf, "proxy_pass", ngx_http_mlist_proxy_pass);

    if (rc == NGX_DECLINED) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "ngx_http_mlist_module found no \"proxy_pass\"");
    }

    return rc == NGX_OK ? NGX_OK : NGX_ERROR;
}


static void
ngx_http_mlist_proxy_pass(ngx_conf_t *cf, ngx_str_t *name)
{
    ngx_str_t                  *value;
    ngx_http_core_loc_conf_t   *clcf;
    ngx_http_mlist_loc_conf_t  *mlcf;

    value = cf->args->elts;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    mlcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_mlist_module);

    mlcf->proxied = ngx_http_mlist_proxy_is_ours(&value[1]);
    mlcf->proxy_handler = clcf->handler;
    mlcf->proxy_file = cf->conf_file->file.name.data;
    mlcf->proxy_line = cf->conf_file->line;
}


static ngx_uint_t
ngx_http_mlist_proxy_is_ours(ngx_str_t *value)
{
    ngx_uint_t  i;

    static ngx_str_t  forms[] = {
        ngx_string("$mlist_upstream"),
        ngx_string("${mlist_upstream}")
    };

    /* names of variables have no case */

    for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {

        if (value->len == forms[i].len
            && ngx_strncasecmp(value->data, forms[i].data, value->len) == 0)
        {
            return 1;
        }
    }

    return 0;
}


ngx_int_t
ngx_http_mlist_proxy_apply(ngx_conf_t *cf, ngx_http_mlist_loc_conf_t *mlcf)
{
    ngx_http_upstream_conf_t  *ucf;

    /*
     * ngx_http_proxy_loc_conf_t is private up to nginx 1.29, but its first
     * member is ngx_http_upstream_conf_t in all versions since 0.8; it
     * belongs to this location alone, and was merged before this module's,
     * since filters come after handlers in nginx's list of modules
     */

    ucf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_proxy_module);

    if (ucf->store > 0 || ucf->store_lengths) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"proxy_store\" contradicts \"proxy_pass "
                      "$mlist_upstream\" in %s:%ui",
                      mlcf->proxy_file, mlcf->proxy_line);
        return NGX_ERROR;
    }

    if (!ucf->pass_request_headers) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"proxy_pass_request_headers off\" contradicts "
                      "\"proxy_pass $mlist_upstream\" in %s:%ui",
                      mlcf->proxy_file, mlcf->proxy_line);
        return NGX_ERROR;
    }

    ucf->ignore_headers |= NGX_HTTP_UPSTREAM_IGN_XA_REDIRECT
                           |NGX_HTTP_UPSTREAM_IGN_XA_EXPIRES
                           |NGX_HTTP_UPSTREAM_IGN_XA_LIMIT_RATE
                           |NGX_HTTP_UPSTREAM_IGN_XA_BUFFERING
                           |NGX_HTTP_UPSTREAM_IGN_XA_CHARSET;

    mlcf->intercept = ucf->intercept_errors ? 1 : 0;

    return mlcf->auth == NGX_HTTP_MLIST_AUTH_NGINX
               ? ngx_http_mlist_proxy_guard(cf, ucf) : NGX_OK;
}


/* Where an error page answers, all that is left of a location is this. */

static ngx_int_t
ngx_http_mlist_proxy_guard(ngx_conf_t *cf, ngx_http_upstream_conf_t *ucf)
{
    ngx_http_upstream_conf_t    **guarded;
    ngx_http_mlist_main_conf_t   *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_mlist_module);

    if (mcf->guarded == NULL) {
        mcf->guarded = ngx_array_create(cf->pool, 4,
                                        sizeof(ngx_http_upstream_conf_t *));
        if (mcf->guarded == NULL) {
            return NGX_ERROR;
        }
    }

    guarded = ngx_array_push(mcf->guarded);
    if (guarded == NULL) {
        return NGX_ERROR;
    }

    *guarded = ucf;

    return NGX_OK;
}


ngx_uint_t
ngx_http_mlist_proxy_guards(ngx_http_request_t *r)
{
    ngx_uint_t                    i;
    ngx_http_upstream_conf_t    **guarded;
    ngx_http_mlist_main_conf_t   *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_mlist_module);

    if (r->upstream == NULL || mcf->guarded == NULL) {
        return 0;
    }

    guarded = mcf->guarded->elts;

    for (i = 0; i < mcf->guarded->nelts; i++) {
        if (guarded[i] == r->upstream->conf) {
            return 1;
        }
    }

    return 0;
}

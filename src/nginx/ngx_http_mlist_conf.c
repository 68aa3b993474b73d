/*
 * The configuration: create, merge, and what is derived where a location is
 * active.  It refuses what cannot work together.  The setters are in
 * conf_set and source.  It never looks at a request.  Called by module.
 */

#include "ngx_http_mlist_conf.h"
#include "ngx_http_mlist_guard.h"
#include "ngx_http_mlist_login.h"
#include "ngx_http_mlist_notify.h"
#include "ngx_http_mlist_proxy.h"
#include "ngx_http_mlist_push_conf.h"
#include "ngx_http_mlist_registry.h"
#include "ngx_http_mlist_sources.h"
#include "ngx_http_mlist_status.h"
#include "ngx_http_mlist_zone.h"


#define NGX_HTTP_MLIST_ZONE_SIZE          (16 * 1024 * 1024)
#define NGX_HTTP_MLIST_MANIFEST_SIZE      (4 * 1024 * 1024)
#define NGX_HTTP_MLIST_DEFAULT_PLATFORM   "linux/amd64"
#define NGX_HTTP_MLIST_VALID              0
#define NGX_HTTP_MLIST_FLIGHTS            512


/* What the level itself says, before it inherits. */
typedef struct {
    ngx_array_t  *sources;             /* NULL: none */
    ngx_uint_t    htpasswd;
    ngx_uint_t    logins;
    ngx_uint_t    pass;
    ngx_uint_t    location;
} ngx_http_mlist_conf_own_t;


static void ngx_http_mlist_conf_merge_flights(
    ngx_http_mlist_loc_conf_t *prev, ngx_http_mlist_loc_conf_t *conf);
static ngx_int_t ngx_http_mlist_conf_merge_platform(ngx_conf_t *cf,
    ngx_http_mlist_loc_conf_t *prev, ngx_http_mlist_loc_conf_t *conf);
static void ngx_http_mlist_conf_merge_off(ngx_http_mlist_loc_conf_t *prev,
    ngx_http_mlist_loc_conf_t *conf, ngx_http_mlist_conf_own_t *own);
static void ngx_http_mlist_conf_merge_auth(ngx_http_mlist_loc_conf_t *prev,
    ngx_http_mlist_loc_conf_t *conf);
static void ngx_http_mlist_conf_merge_proxied(ngx_conf_t *cf,
    ngx_http_mlist_loc_conf_t *prev, ngx_http_mlist_loc_conf_t *conf,
    ngx_http_mlist_conf_own_t *own);
static ngx_uint_t ngx_http_mlist_conf_is_location(ngx_conf_t *cf,
    ngx_http_mlist_loc_conf_t *conf);
static ngx_int_t ngx_http_mlist_conf_check(ngx_conf_t *cf,
    ngx_http_mlist_loc_conf_t *conf, ngx_http_mlist_conf_own_t *own);
static void ngx_http_mlist_conf_warn(ngx_conf_t *cf,
    ngx_http_mlist_loc_conf_t *conf, ngx_http_mlist_conf_own_t *own);
static ngx_int_t ngx_http_mlist_conf_derive(ngx_conf_t *cf,
    ngx_http_mlist_loc_conf_t *conf);
static ngx_int_t ngx_http_mlist_conf_activate(ngx_conf_t *cf,
    ngx_http_mlist_loc_conf_t *conf);


void *
ngx_http_mlist_conf_create_main(ngx_conf_t *cf)
{
    ngx_http_mlist_main_conf_t  *mcf;

    mcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_mlist_main_conf_t));
    if (mcf == NULL) {
        return NULL;
    }

    mcf->zone_size = NGX_CONF_UNSET_SIZE;

    if (ngx_array_init(&mcf->registries, cf->pool, 4,
                       sizeof(ngx_http_mlist_registry_t *))
        != NGX_OK
        || ngx_array_init(&mcf->active, cf->pool, 4,
                          sizeof(ngx_http_mlist_active_t))
           != NGX_OK)
    {
        return NULL;
    }

    return mcf;
}


char *
ngx_http_mlist_conf_init_main(ngx_conf_t *cf, void *conf)
{
    ngx_http_mlist_main_conf_t *mcf = conf;

    ngx_conf_init_size_value(mcf->zone_size, NGX_HTTP_MLIST_ZONE_SIZE);

    if (!mcf->used) {
        return NGX_CONF_OK;
    }

    if (ngx_http_mlist_registry_check_resolve(cf, mcf) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    mcf->zone = ngx_http_mlist_zone_add(cf, mcf->zone_size);

    return mcf->zone == NULL ? NGX_CONF_ERROR : NGX_CONF_OK;
}


void *
ngx_http_mlist_conf_create_loc(ngx_conf_t *cf)
{
    ngx_uint_t                  i;
    ngx_http_mlist_loc_conf_t  *conf;

    conf = ngx_pcalloc(cf->pool, sizeof(ngx_http_mlist_loc_conf_t));
    if (conf == NULL) {
        return NULL;
    }

    conf->off = NGX_CONF_UNSET;
    conf->sources = NGX_CONF_UNSET_PTR;
    conf->names = NGX_CONF_UNSET_PTR;
    conf->tags = NGX_CONF_UNSET_PTR;
    conf->auth = NGX_CONF_UNSET_UINT;
    conf->auth_named = NGX_CONF_UNSET_UINT;
    conf->htpasswd = NGX_CONF_UNSET_PTR;
    conf->store = NGX_CONF_UNSET_PTR;
    conf->logins = NGX_CONF_UNSET_PTR;
    conf->authorization = NGX_CONF_UNSET;
    conf->type = NGX_CONF_UNSET_UINT;
    conf->default_platform = NGX_CONF_UNSET_PTR;
    conf->attestations = NGX_CONF_UNSET;
    conf->verify = NGX_CONF_UNSET;
    conf->max_manifest_size = NGX_CONF_UNSET_SIZE;
    conf->valid = NGX_CONF_UNSET;
    conf->flights = NGX_CONF_UNSET;
    conf->publish = NGX_CONF_UNSET;
    conf->redirect = NGX_CONF_UNSET_UINT;
    conf->push_named = NGX_CONF_UNSET_PTR;
    conf->proxied = NGX_CONF_UNSET;
    conf->notify.on = NGX_CONF_UNSET;
    conf->status.on = NGX_CONF_UNSET;

    for (i = 0; i < NGX_HTTP_MLIST_GUARDS; i++) {
        conf->guards[i] = NGX_CONF_UNSET;
    }

    return conf;
}


char *
ngx_http_mlist_conf_merge_loc(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_http_mlist_loc_conf_t *prev = parent;
    ngx_http_mlist_loc_conf_t *conf = child;

    ngx_http_mlist_conf_own_t  own;

    own.location = ngx_http_mlist_conf_is_location(cf, conf);
    own.sources = conf->sources != NGX_CONF_UNSET_PTR ? conf->sources : NULL;
    own.logins = own.location && conf->logins != NGX_CONF_UNSET_PTR;
    own.htpasswd = conf->htpasswd != NGX_CONF_UNSET_PTR
                   && conf->htpasswd != NULL;

    ngx_http_mlist_conf_merge_off(prev, conf, &own);
    ngx_http_mlist_conf_merge_auth(prev, conf);
    ngx_http_mlist_conf_merge_proxied(cf, prev, conf, &own);
    ngx_http_mlist_conf_merge_flights(prev, conf);
    ngx_http_mlist_guard_merge(prev, conf);
    ngx_http_mlist_login_merge(prev, conf);

    ngx_conf_merge_ptr_value(conf->sources, prev->sources, NULL);
    ngx_conf_merge_ptr_value(conf->names, prev->names, NULL);
    ngx_conf_merge_ptr_value(conf->tags, prev->tags, NULL);
    ngx_conf_merge_ptr_value(conf->store, prev->store, NULL);
    ngx_conf_merge_uint_value(conf->type, prev->type, MLIST_TYPE_AUTO);
    ngx_conf_merge_value(conf->attestations, prev->attestations, 1);
    ngx_conf_merge_value(conf->verify, prev->verify, 0);
    ngx_conf_merge_uint_value(conf->redirect, prev->redirect, 0);
    ngx_conf_merge_ptr_value(conf->push_named, prev->push_named,
                             NGX_CONF_UNSET_PTR);
    ngx_conf_merge_size_value(conf->max_manifest_size,
                              prev->max_manifest_size,
                              NGX_HTTP_MLIST_MANIFEST_SIZE);

    conf->main = ngx_http_conf_get_module_main_conf(cf,
                                                    ngx_http_mlist_module);

    if (ngx_http_mlist_conf_merge_platform(cf, prev, conf) != NGX_OK
        || ngx_http_mlist_conf_check(cf, conf, &own) != NGX_OK
        || ngx_http_mlist_notify_merge(cf, prev, conf) != NGX_OK
        || ngx_http_mlist_status_merge(cf, prev, conf) != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    conf->active = conf->sources != NULL && conf->proxied == 1 && !conf->off;

    ngx_http_mlist_conf_warn(cf, conf, &own);

    if (!conf->active) {
        return NGX_CONF_OK;
    }

    return ngx_http_mlist_conf_derive(cf, conf) == NGX_OK
           && ngx_http_mlist_login_check(cf, conf, own.logins) == NGX_OK
               ? NGX_CONF_OK : NGX_CONF_ERROR;
}


/* When the sources are asked, and what becomes of what they say. */

static void
ngx_http_mlist_conf_merge_flights(ngx_http_mlist_loc_conf_t *prev,
    ngx_http_mlist_loc_conf_t *conf)
{
    ngx_conf_merge_sec_value(conf->valid, prev->valid, NGX_HTTP_MLIST_VALID);
    ngx_conf_merge_bitmask_value(conf->use_stale, prev->use_stale,
                                 NGX_CONF_BITMASK_SET
                                 |NGX_HTTP_MLIST_STALE_ERROR
                                 |NGX_HTTP_MLIST_STALE_TIMEOUT);
    ngx_conf_merge_value(conf->flights, prev->flights,
                         NGX_HTTP_MLIST_FLIGHTS);
    ngx_conf_merge_value(conf->publish, prev->publish, 0);
}


static ngx_int_t
ngx_http_mlist_conf_merge_platform(ngx_conf_t *cf,
    ngx_http_mlist_loc_conf_t *prev, ngx_http_mlist_loc_conf_t *conf)
{
    if (conf->default_platform != NGX_CONF_UNSET_PTR) {
        return NGX_OK;
    }

    if (prev->default_platform != NGX_CONF_UNSET_PTR) {
        conf->default_platform = prev->default_platform;
        return NGX_OK;
    }

    conf->default_platform = ngx_pcalloc(cf->pool,
                                         sizeof(ngx_http_complex_value_t));
    if (conf->default_platform == NULL) {
        return NGX_ERROR;
    }

    ngx_str_set(&conf->default_platform->value,
                NGX_HTTP_MLIST_DEFAULT_PLATFORM);

    return NGX_OK;
}


/* A level with sources of its own is on, whatever is around it. */

static void
ngx_http_mlist_conf_merge_off(ngx_http_mlist_loc_conf_t *prev,
    ngx_http_mlist_loc_conf_t *conf, ngx_http_mlist_conf_own_t *own)
{
    if (conf->off == NGX_CONF_UNSET && own->sources) {
        conf->off = 0;
    }

    ngx_conf_merge_value(conf->off, prev->off, 0);
}


/* The innermost of mlist_auth and mlist_htpasswd wins. */

static void
ngx_http_mlist_conf_merge_auth(ngx_http_mlist_loc_conf_t *prev,
    ngx_http_mlist_loc_conf_t *conf)
{
    if (conf->htpasswd == NGX_CONF_UNSET_PTR
        && conf->auth_named == NGX_HTTP_MLIST_AUTH_REGISTRY)
    {
        conf->htpasswd = NULL;
    }

    ngx_conf_merge_ptr_value(conf->htpasswd, prev->htpasswd, NULL);
    ngx_conf_merge_uint_value(conf->auth_named, prev->auth_named,
                              NGX_HTTP_MLIST_AUTH_REGISTRY);

    conf->auth = conf->htpasswd ? NGX_HTTP_MLIST_AUTH_NGINX
                                : conf->auth_named;
}


static void
ngx_http_mlist_conf_merge_proxied(ngx_conf_t *cf,
    ngx_http_mlist_loc_conf_t *prev, ngx_http_mlist_loc_conf_t *conf,
    ngx_http_mlist_conf_own_t *own)
{
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (conf->proxied == 1 && clcf->handler != conf->proxy_handler) {
        conf->proxied = 0;
    }

    own->pass = conf->proxied == 1;

    /*
     * "if" and "limit_except" go on with the handler of the location around
     * them; the proxy module has set it in "limit_except" by now
     */

    if (conf->proxied == NGX_CONF_UNSET
        && prev->proxied == 1
        && clcf->noname
        && (clcf->handler == NULL || clcf->handler == prev->proxy_handler))
    {
        conf->proxied = 1;
        conf->proxy_handler = prev->proxy_handler;
        conf->proxy_file = prev->proxy_file;
        conf->proxy_line = prev->proxy_line;
    }
}


/* 0 for the level of a server{}. */

static ngx_uint_t
ngx_http_mlist_conf_is_location(ngx_conf_t *cf,
    ngx_http_mlist_loc_conf_t *conf)
{
    ngx_http_core_srv_conf_t  *cscf;

    cscf = ngx_http_conf_get_module_srv_conf(cf, ngx_http_core_module);

    return cscf->ctx->loc_conf[ngx_http_mlist_module.ctx_index] != conf;
}


static ngx_int_t
ngx_http_mlist_conf_check(ngx_conf_t *cf, ngx_http_mlist_loc_conf_t *conf,
    ngx_http_mlist_conf_own_t *own)
{
    ngx_http_mlist_source_t   *source;
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (own->sources && own->location && !own->pass) {
        source = own->sources->elts;

        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"mlist_source\" needs \"proxy_pass $mlist_upstream\" "
                      "in location \"%V\"%s in %s:%ui", &clcf->name,
                      clcf->handler ? ", which has another handler," : "",
                      source->file, source->line);
        return NGX_ERROR;
    }

    if (own->pass && conf->off) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"proxy_pass $mlist_upstream\" contradicts "
                      "\"mlist off\" in location \"%V\" in %s:%ui",
                      &clcf->name, conf->proxy_file, conf->proxy_line);
        return NGX_ERROR;
    }

    if (own->pass && conf->sources == NULL) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"proxy_pass $mlist_upstream\" needs \"mlist_source\" "
                      "in location \"%V\" in %s:%ui",
                      &clcf->name, conf->proxy_file, conf->proxy_line);
        return NGX_ERROR;
    }

    return NGX_OK;
}


static void
ngx_http_mlist_conf_warn(ngx_conf_t *cf, ngx_http_mlist_loc_conf_t *conf,
    ngx_http_mlist_conf_own_t *own)
{
    ngx_http_core_loc_conf_t  *clcf;

    if (conf->active && own->pass && conf->store == NULL) {
        ngx_log_error(NGX_LOG_WARN, cf->log, 0,
                      "without \"mlist_store\" the digests of synthesized "
                      "lists are lost with the shared memory, in %s:%ui",
                      conf->proxy_file, conf->proxy_line);
    }

    if (!conf->active && !conf->notify.on && !conf->status.on
        && own->location && own->htpasswd)
    {
        clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

        ngx_log_error(NGX_LOG_WARN, cf->log, 0,
                      "\"mlist_htpasswd\" protects nothing in location "
                      "\"%V\", which has no \"proxy_pass "
                      "$mlist_upstream\"", &clcf->name);
    }
}


static ngx_int_t
ngx_http_mlist_conf_derive(ngx_conf_t *cf, ngx_http_mlist_loc_conf_t *conf)
{
    if (ngx_http_mlist_sources_label(cf, conf->sources) != NGX_OK
        || ngx_http_mlist_sources_registries(cf, conf) != NGX_OK
        || ngx_http_mlist_push_conf_derive(cf, conf) != NGX_OK
        || ngx_http_mlist_sources_check(cf, conf) != NGX_OK
        || ngx_http_mlist_sources_fingerprint(cf, conf) != NGX_OK
        || ngx_http_mlist_conf_activate(cf, conf) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_mlist_proxy_apply(cf, conf);
}


static ngx_int_t
ngx_http_mlist_conf_activate(ngx_conf_t *cf, ngx_http_mlist_loc_conf_t *conf)
{
    ngx_http_mlist_active_t  *active;

    active = ngx_array_push(&conf->main->active);
    if (active == NULL) {
        return NGX_ERROR;
    }

    active->conf = conf;
    active->loc_conf = ((ngx_http_conf_ctx_t *) cf->ctx)->loc_conf;
    active->server = ngx_http_conf_get_module_srv_conf(cf,
                                                       ngx_http_core_module);

    return NGX_OK;
}

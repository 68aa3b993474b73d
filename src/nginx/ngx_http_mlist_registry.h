/*
 * Registries: one object for each URL that sources, mlist_push and stores
 * name, in all of http{}.  All but the last works at configuration time only.
 * Called by source, conf, push_conf, login, store_remote, and by push at run
 * time.
 */

#ifndef _NGX_HTTP_MLIST_REGISTRY_H_INCLUDED_
#define _NGX_HTTP_MLIST_REGISTRY_H_INCLUDED_


#include "ngx_http_mlist.h"


/* A "resolve" for directives that have none: what is known, or 0. */
#define NGX_HTTP_MLIST_REGISTRY_EITHER  2

/*
 * The registry of a URL, the one that is known already or a new one.  Its
 * host is resolved when nginx starts (unless it is the name of an
 * upstream{}), or with "resolve" at run time.  NULL on error (logged at
 * emerg, for the directive that is read), also if the URL is there with
 * another "resolve".
 */
ngx_http_mlist_registry_t *ngx_http_mlist_registry_get(ngx_conf_t *cf,
    ngx_str_t *text, ngx_uint_t resolve);

/*
 * What a URL means, by itself: it is not resolved, and not the registry of
 * that URL for others.  NULL on error (logged at emerg).
 */
ngx_http_mlist_registry_t *ngx_http_mlist_registry_parse(ngx_conf_t *cf,
    ngx_str_t *text, ngx_uint_t resolve);

/* The one that others have for that URL so far; or NULL. */
ngx_http_mlist_registry_t *ngx_http_mlist_registry_known(
    ngx_http_mlist_main_conf_t *mcf, ngx_http_mlist_registry_t *registry);

/*
 * After the whole configuration is read: refuses "resolve" for a host that
 * an upstream{} or a proxy_pass has resolved at start, since nginx would
 * take that one.  NGX_OK or NGX_ERROR (logged at emerg).
 */
ngx_int_t ngx_http_mlist_registry_check_resolve(ngx_conf_t *cf,
    ngx_http_mlist_main_conf_t *mcf);

/*
 * The registry that a source or a mlist_push names by "url", NULL if there is
 * none.  Neither case nor a "/" at the end nor the scheme's own port makes a
 * difference, but what is written alike comes first.
 */
ngx_http_mlist_registry_t *ngx_http_mlist_registry_find(
    ngx_http_mlist_main_conf_t *mcf, ngx_str_t *url);


#endif /* _NGX_HTTP_MLIST_REGISTRY_H_INCLUDED_ */

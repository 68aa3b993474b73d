/*
 * Targets: where a request's name may be found, as registry and spelled
 * name, each distinct one once, in the order of the sources; and the URLs of
 * what is there.  It asks nobody.  Called by list, ask, handler,
 * catalog, walk, fold, referrers, push.
 */

#ifndef _NGX_HTTP_MLIST_TARGET_H_INCLUDED_
#define _NGX_HTTP_MLIST_TARGET_H_INCLUDED_


#include "ngx_http_mlist.h"


typedef struct {
    ngx_http_mlist_registry_t  *registry;
    ngx_http_mlist_source_t    *source;    /* the first one of this target;
                                              NULL: pushes alone go there */
    ngx_str_t                   name;      /* as spelled there */
} ngx_http_mlist_target_t;


/*
 * The targets of "name" in the location of "r": an array in r->pool, empty
 * where no source serves the name.  NULL if memory is short.
 */
ngx_array_t *ngx_http_mlist_target_list(ngx_http_request_t *r,
    ngx_str_t *name);

/* What a target is called in logs and errors; it lives for ever. */
ngx_str_t *ngx_http_mlist_target_label(ngx_http_mlist_target_t *target);

/* The source of a target as fetch->sources has it; 0: pushes alone. */
uint32_t ngx_http_mlist_target_sources(ngx_http_request_t *r,
    ngx_http_mlist_target_t *target);

/*
 * A target for each registry of the location's sources, without a name.  NULL
 * if memory is short.
 */
ngx_array_t *ngx_http_mlist_target_registries(ngx_http_request_t *r);

/* The index of a target in an array of them, or NGX_ERROR if it has none. */
ngx_int_t ngx_http_mlist_target_find(ngx_array_t *targets,
    ngx_http_mlist_registry_t *registry, ngx_str_t *name);

/*
 * How "source" spells a valid name or tag, in r->pool.  NGX_OK; NGX_DECLINED:
 * that would be no valid name (tag), or a store's, so nothing is there;
 * NGX_ERROR.
 */
ngx_int_t ngx_http_mlist_target_name(ngx_http_request_t *r,
    ngx_http_mlist_source_t *source, ngx_str_t *name, ngx_str_t *spelled);
ngx_int_t ngx_http_mlist_target_tag(ngx_http_request_t *r,
    ngx_http_mlist_source_t *source, ngx_str_t *tag, ngx_str_t *spelled);

/*
 * <registry>/v2/<name>/<what>/<reference>, "what" being "manifests", "blobs"
 * and the like; all parts are valid, so nothing needs escaping.
 * NGX_OK or NGX_ERROR.
 */
ngx_int_t ngx_http_mlist_target_url(ngx_http_request_t *r,
    ngx_http_mlist_registry_t *registry, ngx_str_t *name, const char *what,
    ngx_str_t *reference, ngx_str_t *url);


#endif /* _NGX_HTTP_MLIST_TARGET_H_INCLUDED_ */

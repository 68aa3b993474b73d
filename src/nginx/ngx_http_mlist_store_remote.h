/*
 * Stores in registries: which there are, and that nobody is served from
 * them.  It works at configuration time, but for one question.  Called by
 * store, conf_set, conf, target and fold.
 */

#ifndef _NGX_HTTP_MLIST_STORE_REMOTE_H_INCLUDED_
#define _NGX_HTTP_MLIST_STORE_REMOTE_H_INCLUDED_


#include "ngx_http_mlist.h"


#define NGX_HTTP_MLIST_STORE_REPOSITORY  "mlist-store"


typedef struct {
    ngx_http_mlist_registry_t  *registry;
    ngx_str_t                   name;      /* of its repository */
    ngx_str_t                   id;        /* URL of the repository */
} ngx_http_mlist_store_remote_t;


/* 1 if a value of mlist_store is a URL, else 0: a directory. */
ngx_uint_t ngx_http_mlist_store_remote_is_url(ngx_str_t *value);

/*
 * The store that http(s)://HOST[:PORT][/REPOSITORY] names, at configuration
 * time; one object per repository.  NULL on error (logged at emerg).
 */
ngx_http_mlist_store_remote_t *ngx_http_mlist_store_remote_add(
    ngx_conf_t *cf, ngx_str_t *url);

/*
 * 1 if a store of this configuration has that repository name, at whatever
 * registry: it is served to nobody, nor asked for at any source.
 */
ngx_uint_t ngx_http_mlist_store_remote_is(ngx_http_mlist_main_conf_t *mmcf,
    ngx_str_t *name) MLIST_HOT;


#endif /* _NGX_HTTP_MLIST_STORE_REMOTE_H_INCLUDED_ */

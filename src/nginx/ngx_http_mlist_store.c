/*
 * What kind of store it is: see ngx_http_mlist_store.h.
 */

#include "ngx_http_mlist_store.h"
#include "ngx_http_mlist_stats.h"
#include "ngx_http_mlist_store_dir.h"
#include "ngx_http_mlist_store_erase.h"
#include "ngx_http_mlist_store_image.h"
#include "ngx_http_mlist_store_last.h"
#include "ngx_http_mlist_store_list.h"
#include "ngx_http_mlist_store_remote.h"
#include "ngx_http_mlist_store_tag.h"


struct ngx_http_mlist_store_s {
    ngx_str_t                       id;
    ngx_http_mlist_store_dir_t     *dir;      /* NULL: it is "remote" */
    ngx_http_mlist_store_remote_t  *remote;
};


ngx_http_mlist_registry_t *
ngx_http_mlist_store_registry(ngx_http_mlist_store_t *store)
{
    return store->remote ? store->remote->registry : NULL;
}


ngx_http_mlist_store_t *
ngx_http_mlist_store_add(ngx_conf_t *cf, ngx_str_t *value, ngx_uint_t n)
{
    ngx_http_mlist_store_t  *store;

    store = ngx_pcalloc(cf->pool, sizeof(ngx_http_mlist_store_t));
    if (store == NULL) {
        return NULL;
    }

    if (ngx_http_mlist_store_remote_is_url(value)) {

        if (n > 1) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "\"mlist_store %V\" takes no parameter "
                               "\"%V\"", &value[0], &value[1]);
            return NULL;
        }

        store->remote = ngx_http_mlist_store_remote_add(cf, value);
        if (store->remote == NULL) {
            return NULL;
        }

        store->id = store->remote->id;

        return store;
    }

    store->dir = ngx_http_mlist_store_dir_add(cf, value, n);
    if (store->dir == NULL) {
        return NULL;
    }

    store->id = store->dir->path;

    return store;
}


ngx_str_t *
ngx_http_mlist_store_id(ngx_http_mlist_store_t *store)
{
    return &store->id;
}


ngx_int_t
ngx_http_mlist_store_get(ngx_http_request_t *r, ngx_http_mlist_store_t *store,
    ngx_http_mlist_store_op_t *op)
{
    return ngx_http_mlist_stats_store(r, store->dir
               ? ngx_http_mlist_store_list_get(r, store->dir, op)
               : ngx_http_mlist_store_image_get(r, store->remote, op));
}


ngx_int_t
ngx_http_mlist_store_put(ngx_http_request_t *r, ngx_http_mlist_store_t *store,
    ngx_http_mlist_store_op_t *op)
{
    return ngx_http_mlist_stats_store(r, store->dir
               ? ngx_http_mlist_store_list_put(r, store->dir, op)
               : ngx_http_mlist_store_image_put(r, store->remote, op));
}


ngx_int_t
ngx_http_mlist_store_remove(ngx_http_request_t *r,
    ngx_http_mlist_store_t *store, ngx_http_mlist_store_op_t *op)
{
    return ngx_http_mlist_stats_store(r, store->dir
               ? ngx_http_mlist_store_list_remove(r, store->dir, op)
               : ngx_http_mlist_store_erase(r, store->remote, op));
}


ngx_int_t
ngx_http_mlist_store_last_get(ngx_http_request_t *r,
    ngx_http_mlist_store_t *store, ngx_http_mlist_store_op_t *op)
{
    return ngx_http_mlist_stats_store(r, store->dir
               ? ngx_http_mlist_store_tag_get(r, store->dir, op)
               : ngx_http_mlist_store_last_read(r, store->remote, op));
}


ngx_int_t
ngx_http_mlist_store_last_put(ngx_http_request_t *r,
    ngx_http_mlist_store_t *store, ngx_http_mlist_store_op_t *op)
{
    return ngx_http_mlist_stats_store(r, store->dir
               ? ngx_http_mlist_store_tag_put(r, store->dir, op)
               : ngx_http_mlist_store_last_write(r, store->remote, op));
}


ngx_int_t
ngx_http_mlist_store_touch(ngx_http_mlist_store_t *store, ngx_str_t *name,
    ngx_str_t *digest, u_char *key)
{
    /* nothing that a registry has under a tag is removed by itself */

    return store->dir ? ngx_http_mlist_store_list_touch(store->dir, name,
                                                        digest, key)
                      : NGX_OK;
}

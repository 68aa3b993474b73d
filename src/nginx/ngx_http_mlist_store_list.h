/*
 * Lists in a directory store, by repository name and digest, verified when
 * they are read.  It never decides what is stored, and a path is made of
 * nothing but the configuration and hex digits.  Called by store
 * and store_tag.
 */

#ifndef _NGX_HTTP_MLIST_STORE_LIST_H_INCLUDED_
#define _NGX_HTTP_MLIST_STORE_LIST_H_INCLUDED_


#include "ngx_http_mlist_store.h"
#include "ngx_http_mlist_store_dir.h"
#include "ngx_http_mlist_store_file.h"


/* As in store; get and remove are never NGX_AGAIN. */
ngx_int_t ngx_http_mlist_store_list_get(ngx_http_request_t *r,
    ngx_http_mlist_store_dir_t *dir, ngx_http_mlist_store_op_t *op);
ngx_int_t ngx_http_mlist_store_list_put(ngx_http_request_t *r,
    ngx_http_mlist_store_dir_t *dir, ngx_http_mlist_store_op_t *op);
ngx_int_t ngx_http_mlist_store_list_remove(ngx_http_request_t *r,
    ngx_http_mlist_store_dir_t *dir, ngx_http_mlist_store_op_t *op);

/*
 * Fills in where the list of that name and digest is; from a thread, too.
 * NGX_OK or NGX_ERROR (not logged).
 */
ngx_int_t ngx_http_mlist_store_list_name(ngx_http_mlist_store_dir_t *dir,
    ngx_str_t *name, ngx_str_t *digest, ngx_http_mlist_store_file_t *f);

/* As in store. */
ngx_int_t ngx_http_mlist_store_list_touch(ngx_http_mlist_store_dir_t *dir,
    ngx_str_t *name, ngx_str_t *digest, u_char *key) MLIST_HOT;


#endif /* _NGX_HTTP_MLIST_STORE_LIST_H_INCLUDED_ */

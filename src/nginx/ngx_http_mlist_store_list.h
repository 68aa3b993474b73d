/*
 * Lists in a directory store, by repository name and digest, verified when
 * they are read.  It never decides what is stored, and a path is made of
 * nothing but the configuration and hex digits.  Called by store only.
 */

#ifndef _NGX_HTTP_MLIST_STORE_LIST_H_INCLUDED_
#define _NGX_HTTP_MLIST_STORE_LIST_H_INCLUDED_


#include "ngx_http_mlist_store.h"
#include "ngx_http_mlist_store_dir.h"


/* As in store; get is never NGX_AGAIN. */
ngx_int_t ngx_http_mlist_store_list_get(ngx_http_request_t *r,
    ngx_http_mlist_store_dir_t *dir, ngx_http_mlist_store_op_t *op);
ngx_int_t ngx_http_mlist_store_list_put(ngx_http_request_t *r,
    ngx_http_mlist_store_dir_t *dir, ngx_http_mlist_store_op_t *op);


#endif /* _NGX_HTTP_MLIST_STORE_LIST_H_INCLUDED_ */

/*
 * What is the last complete list of a tag, in a directory store: a record
 * per tag, verified when it is read; of two writers the one with the larger
 * number wins, in whatever process and order they come.  Called by store.
 */

#ifndef _NGX_HTTP_MLIST_STORE_TAG_H_INCLUDED_
#define _NGX_HTTP_MLIST_STORE_TAG_H_INCLUDED_


#include "ngx_http_mlist_store.h"
#include "ngx_http_mlist_store_dir.h"


/* As in store; get is never NGX_AGAIN. */
ngx_int_t ngx_http_mlist_store_tag_get(ngx_http_request_t *r,
    ngx_http_mlist_store_dir_t *dir, ngx_http_mlist_store_op_t *op);
ngx_int_t ngx_http_mlist_store_tag_put(ngx_http_request_t *r,
    ngx_http_mlist_store_dir_t *dir, ngx_http_mlist_store_op_t *op);


#endif /* _NGX_HTTP_MLIST_STORE_TAG_H_INCLUDED_ */

/*
 * Lists by repository name and digest in a store's registry, as images of
 * one repository that any number of nginx share.  What an image looks like is
 * the core's business (mlist_keep).  Nothing that a client's request carries
 * goes to the registry: no header of it, and no credentials.  Called by
 * store.
 */

#ifndef _NGX_HTTP_MLIST_STORE_IMAGE_H_INCLUDED_
#define _NGX_HTTP_MLIST_STORE_IMAGE_H_INCLUDED_


#include "ngx_http_mlist_store.h"
#include "ngx_http_mlist_store_remote.h"


/*
 * The two operations on lists, as store.h has them, NGX_BUSY excepted; each
 * takes the same "op" until it has returned something else than NGX_AGAIN.
 * The requests to the registry, where nothing fails: get 1 for a miss, else
 * 2; put 1 if the list is there, else 6, in 4 rounds; these once more where
 * the registry refuses the manifest.
 */
ngx_int_t ngx_http_mlist_store_image_get(ngx_http_request_t *r,
    ngx_http_mlist_store_remote_t *remote, ngx_http_mlist_store_op_t *op);
ngx_int_t ngx_http_mlist_store_image_put(ngx_http_request_t *r,
    ngx_http_mlist_store_remote_t *remote, ngx_http_mlist_store_op_t *op);


#endif /* _NGX_HTTP_MLIST_STORE_IMAGE_H_INCLUDED_ */

/*
 * The blobs of a copy: mounted from one repository of a registry into
 * another, never read.  Called by copy.
 */

#ifndef _NGX_HTTP_MLIST_COPY_BLOB_H_INCLUDED_
#define _NGX_HTTP_MLIST_COPY_BLOB_H_INCLUDED_


#include "ngx_http_mlist_copy.h"


/* Begins to mount the blob that the i-th item is.  NGX_OK or NGX_ERROR. */
ngx_int_t ngx_http_mlist_copy_blob_mount(ngx_http_request_t *r,
    ngx_http_mlist_copy_t *copy, ngx_uint_t i);

/*
 * The fetch of that job is done.  Where the registry has begun an upload
 * instead (distribution-spec v1.1.1, "Mounting a blob from another
 * repository"), that is cancelled and copy->unmounted is set.  NGX_OK: the
 * job is done, or goes on with another fetch; NGX_ERROR; else the status to
 * be returned.
 */
ngx_int_t ngx_http_mlist_copy_blob_mounted(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_copy_t *copy, ngx_uint_t i);

/*
 * Asks whether what was not mounted is there at all, which tells whose fault
 * it is.  NGX_AGAIN or NGX_ERROR.
 */
ngx_int_t ngx_http_mlist_copy_blob_ask(ngx_http_request_t *r,
    ngx_http_mlist_copy_t *copy);

/* The status to be returned, the error noted; NGX_AGAIN or NGX_ERROR. */
ngx_int_t ngx_http_mlist_copy_blob_asked(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_copy_t *copy);


#endif /* _NGX_HTTP_MLIST_COPY_BLOB_H_INCLUDED_ */

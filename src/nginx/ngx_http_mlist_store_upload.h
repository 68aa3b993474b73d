/*
 * One blob uploaded to the registry of a store, by POST and PUT.  It decides
 * nothing, and sends no byte to where the registry's Location does not name
 * the registry.  Called by store_image.
 */

#ifndef _NGX_HTTP_MLIST_STORE_UPLOAD_H_INCLUDED_
#define _NGX_HTTP_MLIST_STORE_UPLOAD_H_INCLUDED_


#include "ngx_http_mlist_store_fetch.h"


typedef enum {
    NGX_HTTP_MLIST_STORE_UPLOAD_NEW = 0,
    NGX_HTTP_MLIST_STORE_UPLOAD_POST,
    NGX_HTTP_MLIST_STORE_UPLOAD_PUT,
    NGX_HTTP_MLIST_STORE_UPLOAD_DONE,
    NGX_HTTP_MLIST_STORE_UPLOAD_FAILED
} ngx_http_mlist_store_upload_e;


/* Zeroed by the caller but for bytes and digest; in r->pool. */
typedef struct {
    ngx_str_t                      bytes;
    mlist_digest_t                 digest;
    ngx_http_mlist_store_upload_e  state;
    ngx_http_mlist_fetch_t         fetch;
} ngx_http_mlist_store_upload_t;


/*
 * NGX_AGAIN (call again when r's phases are run again), NGX_OK: the registry
 * has the blob; NGX_ERROR (logged).  Both last for ever.
 */
ngx_int_t ngx_http_mlist_store_upload_step(ngx_http_request_t *r,
    ngx_http_mlist_store_remote_t *remote,
    ngx_http_mlist_store_upload_t *upload);


#endif /* _NGX_HTTP_MLIST_STORE_UPLOAD_H_INCLUDED_ */

/*
 * A list removed from a store's registry: by the digest of its image, since
 * registries need not delete by tag.  Called by store.
 */

#ifndef _NGX_HTTP_MLIST_STORE_ERASE_H_INCLUDED_
#define _NGX_HTTP_MLIST_STORE_ERASE_H_INCLUDED_


#include "ngx_http_mlist_store.h"
#include "ngx_http_mlist_store_remote.h"


/* ngx_http_mlist_store_remove(), NGX_BUSY excepted, in 2 requests. */
ngx_int_t ngx_http_mlist_store_erase(ngx_http_request_t *r,
    ngx_http_mlist_store_remote_t *remote, ngx_http_mlist_store_op_t *op);


#endif /* _NGX_HTTP_MLIST_STORE_ERASE_H_INCLUDED_ */

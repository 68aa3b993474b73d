/*
 * What is kept of a tag, its last complete list, in a store's registry: an
 * image whose layer is that list's bytes, so that the registry keeps them as
 * long as this tag.  Called by store.
 *
 * A registry has no compare-and-swap: of two that write at the same instant
 * the later one may win, with the smaller number.
 */

#ifndef _NGX_HTTP_MLIST_STORE_LAST_H_INCLUDED_
#define _NGX_HTTP_MLIST_STORE_LAST_H_INCLUDED_


#include "ngx_http_mlist_store.h"
#include "ngx_http_mlist_store_remote.h"


/*
 * The two operations on tags, as store.h has them, NGX_BUSY excepted; each
 * takes the same "op" until it has returned something else than NGX_AGAIN.
 * The list must have been put before; op->name is needed to find it.  The
 * requests to the registry, where nothing fails: last_get 1; last_put 3, or
 * 2 if op->doc is the list or the tag's last list was the same one, or 1 if
 * what is there has a larger number.
 */
ngx_int_t ngx_http_mlist_store_last_read(ngx_http_request_t *r,
    ngx_http_mlist_store_remote_t *remote, ngx_http_mlist_store_op_t *op);
ngx_int_t ngx_http_mlist_store_last_write(ngx_http_request_t *r,
    ngx_http_mlist_store_remote_t *remote, ngx_http_mlist_store_op_t *op);


#endif /* _NGX_HTTP_MLIST_STORE_LAST_H_INCLUDED_ */

/*
 * Lists by repository name and digest: zone before store.  A list belongs to
 * its name and its store, not to the sources that it was made of; without a
 * store to its name and sources.  Called by list, digest and erase.
 */

#ifndef _NGX_HTTP_MLIST_DOC_H_INCLUDED_
#define _NGX_HTTP_MLIST_DOC_H_INCLUDED_


#include "ngx_http_mlist.h"
#include "ngx_http_mlist_store.h"


/*
 * Sets op->doc to the list of op->name and op->digest, in r->pool; op->max
 * is set here.  NGX_OK; NGX_DECLINED: there is none; NGX_AGAIN and NGX_ERROR
 * as ngx_http_mlist_store_get().  What only the zone still has is put into
 * the store again; op->gone tells.
 */
ngx_int_t ngx_http_mlist_doc_get(ngx_http_request_t *r,
    ngx_http_mlist_store_op_t *op);

/*
 * The same from the zone alone: NGX_OK, NGX_DECLINED (doc_get then asks the
 * store alone), or NGX_ERROR.  op->gone tells that the store has it no more.
 * "key" is the list's (see key), where the caller has it, or NULL.
 */
ngx_int_t ngx_http_mlist_doc_cached(ngx_http_request_t *r,
    ngx_http_mlist_store_op_t *op, u_char *key) MLIST_HOT;

/*
 * What a list's value in the zone says: all of "doc" but its digest, as views
 * into "value".
 */
void ngx_http_mlist_doc_view(ngx_str_t *value, ngx_http_mlist_doc_t *doc)
    MLIST_HOT;

/*
 * Keeps the list op->doc of op->name, so that its digest may be announced.
 * NGX_OK, NGX_AGAIN, NGX_BUSY or NGX_ERROR as ngx_http_mlist_store_put().  A
 * zone that is too small for it is no error.
 */
ngx_int_t ngx_http_mlist_doc_keep(ngx_http_request_t *r,
    ngx_http_mlist_store_op_t *op);

/*
 * Removes the list of op->name and op->digest from zone and store.  Returns
 * as ngx_http_mlist_store_remove().
 */
ngx_int_t ngx_http_mlist_doc_remove(ngx_http_request_t *r,
    ngx_http_mlist_store_op_t *op);


#endif /* _NGX_HTTP_MLIST_DOC_H_INCLUDED_ */

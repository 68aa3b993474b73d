/*
 * One request to the registry of a store: what is common to all of them, and
 * what an answer without the wanted status means.  Called by store_upload,
 * store_image and store_last.
 */

#ifndef _NGX_HTTP_MLIST_STORE_FETCH_H_INCLUDED_
#define _NGX_HTTP_MLIST_STORE_FETCH_H_INCLUDED_


#include "ngx_http_mlist_fetch.h"
#include "ngx_http_mlist_store_remote.h"

#include "../core/mlist_keep.h"
#include "../core/mlist_kept.h"


/*
 * Zeroes "fetch" and aims it at <repository>/<what>/<reference>, without any
 * credentials of a client; the caller may set more and starts it.
 * NGX_OK or NGX_ERROR.
 */
ngx_int_t ngx_http_mlist_store_fetch_aim(ngx_http_request_t *r,
    ngx_http_mlist_store_remote_t *remote, ngx_http_mlist_fetch_t *fetch,
    const char *what, ngx_str_t *reference);

/* Starts it.  This and the next two return NGX_AGAIN or NGX_ERROR. */
ngx_int_t ngx_http_mlist_store_fetch_start(ngx_http_request_t *r,
    ngx_http_mlist_fetch_t *fetch);

/* Reads the manifest that a tag names, with "head" only its header. */
ngx_int_t ngx_http_mlist_store_fetch_manifest(ngx_http_request_t *r,
    ngx_http_mlist_store_remote_t *remote, ngx_http_mlist_fetch_t *fetch,
    const char *tag, ngx_uint_t head);

/* Writes an image's manifest under a tag. */
ngx_int_t ngx_http_mlist_store_fetch_tag(ngx_http_request_t *r,
    ngx_http_mlist_store_remote_t *remote, ngx_http_mlist_fetch_t *fetch,
    const char *tag, mlist_keep_image_t *image);

/*
 * What came of a read.  NGX_AGAIN: nothing yet; NGX_OK: a 200; NGX_DECLINED:
 * a 404; NGX_ABORT: more bytes than are ever stored (logged by the caller);
 * NGX_ERROR: anything else, which is no answer to the question (logged).
 */
ngx_int_t ngx_http_mlist_store_fetch_read(ngx_http_request_t *r,
    ngx_http_mlist_fetch_t *fetch);

/* The same of a write: NGX_AGAIN; NGX_OK: 2xx; NGX_ERROR: all else. */
ngx_int_t ngx_http_mlist_store_fetch_written(ngx_http_request_t *r,
    ngx_http_mlist_fetch_t *fetch);

/* Logs why what a read has brought is not used; NULL: it is too large. */
void ngx_http_mlist_store_fetch_unfit(ngx_http_request_t *r,
    ngx_http_mlist_fetch_t *fetch, mlist_kept_problem_t *problem);


#endif /* _NGX_HTTP_MLIST_STORE_FETCH_H_INCLUDED_ */

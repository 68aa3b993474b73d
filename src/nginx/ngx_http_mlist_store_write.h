/*
 * One write to a directory store, by the store's thread: handed over, waited
 * for, logged where it fails.  It decides nothing.  Called by store_list and
 * store_last.
 */

#ifndef _NGX_HTTP_MLIST_STORE_WRITE_H_INCLUDED_
#define _NGX_HTTP_MLIST_STORE_WRITE_H_INCLUDED_


#include "ngx_http_mlist_store_dir.h"
#include "ngx_http_mlist_store_file.h"


/* Zeroed by the caller, in r->pool; "file" says what is to be written. */
typedef struct {
    ngx_http_mlist_store_file_t    file;
    ngx_http_mlist_store_file_t   *touch[2]; /* first touched; may be NULL */

    ngx_int_t                      rc;       /* of the thread */
    ngx_uint_t                     done;     /* unsigned  done:1; */
} ngx_http_mlist_store_write_t;


/*
 * NGX_AGAIN: the phases of "r" are run again when it is done; else as
 * ngx_http_mlist_store_file_write() (logged), or NGX_BUSY.
 */
ngx_int_t ngx_http_mlist_store_write_start(ngx_http_request_t *r,
    ngx_http_mlist_store_dir_t *dir, ngx_http_mlist_store_write_t *write);

/* What came of it: NGX_AGAIN until it is done. */
ngx_int_t ngx_http_mlist_store_write_result(
    ngx_http_mlist_store_write_t *write);


#endif /* _NGX_HTTP_MLIST_STORE_WRITE_H_INCLUDED_ */

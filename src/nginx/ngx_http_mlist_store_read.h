/*
 * One file of a directory store, read as a whole, and what becomes of one
 * that is damaged.  It never decides whether it is.  Not called from a
 * thread.  Called by store_list and
 * store_tag.
 */

#ifndef _NGX_HTTP_MLIST_STORE_READ_H_INCLUDED_
#define _NGX_HTTP_MLIST_STORE_READ_H_INCLUDED_


#include "ngx_http_mlist_store_file.h"
#include "../core/mlist_stored.h"


typedef struct {
    ngx_http_mlist_store_file_t    file;
    ngx_log_t                     *log;
    size_t                         max;      /* bytes of a file */
    time_t                         touch;    /* seconds after which a use
                                              is noted again */
    ngx_str_t                      bytes;    /* out */
    ngx_uint_t                     damaged;  /* out: unsigned  damaged:1; */

    ngx_str_t                      path;     /* for the log, in "buf" */
    u_char                         buf[NGX_MAX_PATH];
} ngx_http_mlist_store_read_t;


/*
 * Reads the file that read->file names into "pool".  NGX_OK; NGX_DECLINED:
 * there is none (what stands in its place and is no file is logged and
 * removed by then); NGX_ABORT: it has more than read->max bytes (not
 * logged); NGX_ERROR (logged).
 */
ngx_int_t ngx_http_mlist_store_read(ngx_pool_t *pool,
    ngx_http_mlist_store_read_t *read);

/* Logs why the file is not to be believed and removes it: NGX_DECLINED. */
ngx_int_t ngx_http_mlist_store_read_damaged(
    ngx_http_mlist_store_read_t *read, mlist_stored_problem_t *problem);


#endif /* _NGX_HTTP_MLIST_STORE_READ_H_INCLUDED_ */

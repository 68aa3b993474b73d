/*
 * Small files that people edit while nginx runs: read whole, once, and told
 * whether they have changed.  It never looks into one, nor logs.  Called by
 * passwd, users and secret.
 */

#ifndef _NGX_HTTP_MLIST_FILE_H_INCLUDED_
#define _NGX_HTTP_MLIST_FILE_H_INCLUDED_


#include "ngx_http_mlist.h"


/* What tells one state of a file from another. */
typedef struct {
    ngx_file_uniq_t              uniq;
    off_t                        size;
    time_t                       mtime;
    ngx_uint_t                   nsec;      /* of mtime, where the system has
                                               it */
    time_t                       ctime;
} ngx_http_mlist_file_stat_t;


typedef struct {
    ngx_pool_t                  *pool;      /* owns all that is here */
    ngx_http_mlist_file_stat_t   stat;
    u_char                      *data;      /* one more byte is there */
    size_t                       size;
    unsigned                     moving:1;  /* changed while being read */
} ngx_http_mlist_file_t;


/* Why a file could not be read. */
typedef struct {
    ngx_err_t                    err;
    const char                  *what;      /* "cannot be opened" and the
                                               like */
} ngx_http_mlist_file_error_t;


void ngx_http_mlist_file_stat(ngx_file_info_t *fi,
    ngx_http_mlist_file_stat_t *st);

/* 1 if nothing tells the two apart, else 0. */
ngx_uint_t ngx_http_mlist_file_same(ngx_http_mlist_file_stat_t *a,
    ngx_http_mlist_file_stat_t *b);

/*
 * 1 if what was read at "time" as "a" is what is there now as "b": it is the
 * same, and was at rest when it was read; or it was read this second.
 */
ngx_uint_t ngx_http_mlist_file_current(ngx_http_mlist_file_stat_t *a,
    time_t time, ngx_http_mlist_file_stat_t *b);

/*
 * Reads a regular file "path" (NUL-terminated) of at most 1 MB; NULL and
 * *error if that fails.  The caller destroys what he got.
 */
ngx_http_mlist_file_t *ngx_http_mlist_file_read(ngx_str_t *path,
    ngx_log_t *log, ngx_http_mlist_file_error_t *error);

/* Wipes and frees. */
void ngx_http_mlist_file_destroy(ngx_http_mlist_file_t *file);


#endif /* _NGX_HTTP_MLIST_FILE_H_INCLUDED_ */

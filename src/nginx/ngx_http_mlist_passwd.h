/*
 * The content of an htpasswd file: reading and parsing it, once.  It never
 * decides which content counts.  Called by users.
 */

#ifndef _NGX_HTTP_MLIST_PASSWD_H_INCLUDED_
#define _NGX_HTTP_MLIST_PASSWD_H_INCLUDED_


#include "ngx_http_mlist_users.h"


/* What tells one state of a file from another. */
typedef struct {
    ngx_file_uniq_t         uniq;
    off_t                   size;
    time_t                  mtime;
    ngx_uint_t              nsec;      /* of mtime, where the system has it */
    time_t                  ctime;
} ngx_http_mlist_passwd_stat_t;


typedef struct {
    ngx_pool_t                    *pool;       /* owns all that is here */
    ngx_http_mlist_passwd_stat_t   stat;
    u_char                        *data;
    size_t                         size;

    ngx_http_mlist_user_t         *users;      /* sorted, each name once */
    ngx_uint_t                     nusers;
    ngx_http_mlist_user_t          dummy;      /* the most expensive one */
    ngx_uint_t                     cost;       /* its bcrypt cost, or 0 */

    ngx_uint_t                     malformed;  /* lines */
    unsigned                       cut:1;      /* ends within a line */
    unsigned                       moving:1;   /* changed while being read */
} ngx_http_mlist_passwd_t;


/* Why a file could not be read. */
typedef struct {
    ngx_err_t               err;
    const char             *what;      /* "cannot be opened" and the like */
} ngx_http_mlist_passwd_error_t;


void ngx_http_mlist_passwd_stat(ngx_file_info_t *fi,
    ngx_http_mlist_passwd_stat_t *st);

/* 1 if nothing tells the two apart, else 0. */
ngx_uint_t ngx_http_mlist_passwd_same(ngx_http_mlist_passwd_stat_t *a,
    ngx_http_mlist_passwd_stat_t *b);

/*
 * Reads the file "path" (NUL-terminated); NULL and *error if that fails.
 * The caller destroys what he got.
 */
ngx_http_mlist_passwd_t *ngx_http_mlist_passwd_read(ngx_str_t *path,
    ngx_log_t *log, ngx_http_mlist_passwd_error_t *error);

/* Wipes and frees; NULL is fine. */
void ngx_http_mlist_passwd_destroy(ngx_http_mlist_passwd_t *passwd);


#endif /* _NGX_HTTP_MLIST_PASSWD_H_INCLUDED_ */

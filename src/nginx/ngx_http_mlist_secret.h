/*
 * Password files of mlist_login: the password is the first line.  It never
 * says where a password goes.  Called by login.
 *
 * The file is looked at (stat) each time the password is wanted, and read
 * again when it has changed.  What cannot be read then, or has no password,
 * changes nothing: what was read before counts still, which is logged once.
 */

#ifndef _NGX_HTTP_MLIST_SECRET_H_INCLUDED_
#define _NGX_HTTP_MLIST_SECRET_H_INCLUDED_


#include "ngx_http_mlist.h"


typedef struct ngx_http_mlist_secret_s  ngx_http_mlist_secret_t;


/*
 * Reads the file "path" (NUL-terminated) at configuration time.  NULL if it
 * cannot be read or has no password (logged at emerg).
 */
ngx_http_mlist_secret_t *ngx_http_mlist_secret_add(ngx_conf_t *cf,
    ngx_str_t *path);

/* The password as it is now; the view is valid until the next call. */
ngx_str_t ngx_http_mlist_secret_get(ngx_http_mlist_secret_t *secret,
    ngx_log_t *log);

ngx_str_t *ngx_http_mlist_secret_path(ngx_http_mlist_secret_t *secret);


#endif /* _NGX_HTTP_MLIST_SECRET_H_INCLUDED_ */

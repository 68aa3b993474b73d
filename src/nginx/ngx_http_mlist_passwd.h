/*
 * One htpasswd file: read and parsed, once.  It never decides which content
 * counts.  Called by users.
 */

#ifndef _NGX_HTTP_MLIST_PASSWD_H_INCLUDED_
#define _NGX_HTTP_MLIST_PASSWD_H_INCLUDED_


#include "ngx_http_mlist_file.h"
#include "../core/mlist_passwd.h"


typedef struct {
    ngx_http_mlist_file_t         *file;       /* its pool owns all of it */
    mlist_passwd_t                 content;
} ngx_http_mlist_passwd_t;


/*
 * Reads the file "path" (NUL-terminated); NULL and *error if that fails.
 * The caller destroys what he got.
 */
ngx_http_mlist_passwd_t *ngx_http_mlist_passwd_read(ngx_str_t *path,
    ngx_log_t *log, ngx_http_mlist_file_error_t *error);

/* Wipes and frees; NULL is fine. */
void ngx_http_mlist_passwd_destroy(ngx_http_mlist_passwd_t *passwd);


#endif /* _NGX_HTTP_MLIST_PASSWD_H_INCLUDED_ */

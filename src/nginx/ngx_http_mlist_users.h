/*
 * The users of one htpasswd file, kept in memory and read again when the
 * file changes.  It never checks a password.  Called by auth.
 *
 * The file is looked at (stat) for every request, so that a change counts
 * with the next one.  What looks half-written does not: the previous content
 * stays until the file is whole again, for at most 5 seconds.  Then what is
 * there counts, so that a file emptied on purpose lets nobody in for long.
 * Half-written looks a file that, other than the previous one,
 *   - has no user at all, or more malformed lines;
 *   - does not end with a line feed, unless its last line is plainly whole;
 *   - changes while it is read, is gone or cannot be read.
 * Of a file that is still gone or unreadable after that time nothing is
 * known: all requests fail (500) until it can be read.  If a worker may not
 * even look at it (a directory closed to its user), what was read at start
 * stays until the next reload.  All that is logged, once.
 */

#ifndef _NGX_HTTP_MLIST_USERS_H_INCLUDED_
#define _NGX_HTTP_MLIST_USERS_H_INCLUDED_


#include "ngx_http_mlist.h"


typedef struct ngx_http_mlist_users_s  ngx_http_mlist_users_t;


typedef struct {
    ngx_str_t   hash;        /* NUL-terminated */
    ngx_str_t   rest;        /* all of the line after "name:" */
} ngx_http_mlist_user_t;


/*
 * Reads the file "path" (NUL-terminated) at configuration time.  NULL if it
 * cannot be read, is no regular file or is larger than 1 MB (logged at emerg).
 */
ngx_http_mlist_users_t *ngx_http_mlist_users_add(ngx_conf_t *cf,
    ngx_str_t *path);

/*
 * Looks a user up.  NGX_OK: *user is his line.  NGX_DECLINED: there is no
 * such user, and *user is a line that takes as long to check as the most
 * expensive one of the file; it must not let anybody in.  Its hash is empty
 * if the file has no users.  NGX_ERROR: it is not known who the users are
 * (logged).  What *user points to is valid until the next call.
 */
ngx_int_t ngx_http_mlist_users_find(ngx_http_mlist_users_t *users,
    ngx_log_t *log, ngx_str_t *name, ngx_http_mlist_user_t *user);

ngx_str_t *ngx_http_mlist_users_path(ngx_http_mlist_users_t *users);


#endif /* _NGX_HTTP_MLIST_USERS_H_INCLUDED_ */

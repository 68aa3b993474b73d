/*
 * The directories of a directory store, opened one by one, so that no
 * symbolic link below the store's own directory is ever followed, and the
 * locks by which several processes agree.  It knows no file's content, never
 * allocates or logs, and may be called from a thread.  Called by store_file,
 * store_walk and store_manager.
 */

#ifndef _NGX_HTTP_MLIST_STORE_PLACE_H_INCLUDED_
#define _NGX_HTTP_MLIST_STORE_PLACE_H_INCLUDED_


#include "ngx_http_mlist_store_file.h"


#define NGX_HTTP_MLIST_STORE_VERSION   "v1"


/*
 * Opens the directory that the NULL-terminated path leads to from the root,
 * making what is missing if "create"; -1 on error, as the functions below,
 * which then set f->call, f->what and f->err.
 */
int ngx_http_mlist_store_place_open(ngx_http_mlist_store_file_t *f,
    const char **path, ngx_uint_t create);

/*
 * Opens the directory in which the file stands; f->what is f->name on error
 * if it is that one which cannot be opened.
 */
int ngx_http_mlist_store_place_fan_out(ngx_http_mlist_store_file_t *f,
    ngx_uint_t create);

/* Removes what stands in place of that directory and is none. */
ngx_int_t ngx_http_mlist_store_place_clear(ngx_http_mlist_store_file_t *f);

/* Opens the directory of temporary files, making it if need be. */
int ngx_http_mlist_store_place_temps(ngx_http_mlist_store_file_t *f);

/*
 * Locks the file's directory and all others of its first digits: "how" is
 * that of flock(), and close() of what is returned ends it.  Who puts a list
 * there, or relies on one, holds it shared, who removes one or compares
 * before a write, alone.
 */
int ngx_http_mlist_store_place_lock(ngx_http_mlist_store_file_t *f, int how);

/* Syncs a directory; NGX_OK or NGX_ERROR (errno). */
ngx_int_t ngx_http_mlist_store_place_sync(int dir);

/*
 * Removes what killed processes left among the temporary files; what cannot
 * be removed stays, as it harms nobody.
 */
void ngx_http_mlist_store_place_sweep(int temps);

/* The same of the store's own ones, where there are any. */
void ngx_http_mlist_store_place_sweep_all(ngx_http_mlist_store_file_t *f);

/* Notes in "f" what failed; errno is the reason. */
void ngx_http_mlist_store_place_failed(ngx_http_mlist_store_file_t *f,
    const char *call, const char *what);


#endif /* _NGX_HTTP_MLIST_STORE_PLACE_H_INCLUDED_ */

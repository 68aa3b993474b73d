/*
 * All files of one kind in a directory store, one after another, in no
 * order.  It opens no file.  Called by store_manager.
 */

#ifndef _NGX_HTTP_MLIST_STORE_WALK_H_INCLUDED_
#define _NGX_HTTP_MLIST_STORE_WALK_H_INCLUDED_


#include "ngx_http_mlist_store_file.h"


typedef struct {
    ngx_http_mlist_store_file_t    file;      /* the one that was found */
    int                            fd;        /* its directory's; not open
                                               is -1 */
    DIR                           *entries;   /* NULL: not open */
    ngx_uint_t                     digits;    /* of the directory, 0..256 */
} ngx_http_mlist_store_walk_t;


/* Begins; "walk" may be anything that is not open. */
void ngx_http_mlist_store_walk_start(ngx_http_mlist_store_walk_t *walk,
    const char *root, const char *kind);

/*
 * One step.  NGX_OK: there is a file, walk->file in walk->fd; NGX_AGAIN:
 * there was none to be found in this step; NGX_DONE: there are no more;
 * NGX_ERROR: a directory cannot be read, walk->file says why (the next step
 * goes on with the next one).
 */
ngx_int_t ngx_http_mlist_store_walk_next(ngx_http_mlist_store_walk_t *walk);

/* Closes what is open. */
void ngx_http_mlist_store_walk_end(ngx_http_mlist_store_walk_t *walk);


#endif /* _NGX_HTTP_MLIST_STORE_WALK_H_INCLUDED_ */

/*
 * Directories of stores: which there are, and at configuration time that
 * they can be used.  Called by store; the object is passed on to store_list.
 *
 * DIR/format says which format the directory has: "mlist-store 1".
 * DIR/v1/lists/<2 hex>/<64 hex> are the lists, the hex being the SHA-256 of
 * "name\ndigest"; each file holds a text header (format, name, media type,
 * digest, size, platforms), an empty line and the list's bytes.  They are
 * written in DIR/v1/tmp, synced, renamed, and their directory is synced.
 * DIR/v1/tags/<2 hex>/<64 hex> are tags' records, the hex being the tag's
 * key; see mlist_last.  A file's modification time is when it was last used.
 * DIR/v1/locks/<2 hex> are empty: see store_place.
 * All but DIR/format belong to the workers' user, mode 0600 and 0700, so
 * that nginx processes which share a directory have to share that user.
 */

#ifndef _NGX_HTTP_MLIST_STORE_DIR_H_INCLUDED_
#define _NGX_HTTP_MLIST_STORE_DIR_H_INCLUDED_


#include "ngx_http_mlist.h"
#include "ngx_http_mlist_thread.h"


typedef struct ngx_http_mlist_store_round_s  ngx_http_mlist_store_round_t;

struct ngx_http_mlist_store_dir_s {
    ngx_http_mlist_store_dir_t  *next;      /* in the main configuration */
    ngx_str_t                    path;      /* NUL-terminated */
    ngx_http_mlist_thread_t     *thread;    /* writes */
    time_t                       inactive;  /* s; 0: never */
    off_t                        max_size;  /* bytes; 0: unlimited */
    time_t                       touch;     /* seconds after which a use
                                             is noted again */
    ngx_http_mlist_held_t       *held;      /* told to stats; or NULL */
    u_char                      *file;      /* where it is configured first */
    ngx_uint_t                   line;

    /* of this process */
    ngx_uint_t                   swept;     /* unsigned  swept:1; */
    uint64_t                    *used;      /* see store_list; NULL: none */
    ngx_http_mlist_store_round_t  *round;   /* see store_manager; the same */
};


/*
 * Sets up the directory that value[0] names (relative to nginx's prefix), at
 * configuration time, the other n - 1 values being parameters of it: makes
 * it, but not its parents, checks or writes DIR/format, and has nginx give
 * it to the workers' user as it does with cache paths; no other path of the
 * configuration may have that name and another owner.  One object per
 * directory in all of http{}.  NULL on error (logged at emerg).
 */
ngx_http_mlist_store_dir_t *ngx_http_mlist_store_dir_add(ngx_conf_t *cf,
    ngx_str_t *value, ngx_uint_t n);


#endif /* _NGX_HTTP_MLIST_STORE_DIR_H_INCLUDED_ */

/*
 * The store: synthesized lists by repository name and digest, in a directory
 * that outlives nginx and that several nginx may share.  It never decides
 * what is stored, and nothing of a client's or source's making becomes part
 * of a path.  Called by list and digest.
 *
 * DIR/format says which format the directory has: "mlist-store 1".
 * DIR/v1/lists/<2 hex>/<64 hex> are the lists, the hex being the SHA-256 of
 * "name\ndigest"; each file holds a text header (format, name, media type,
 * digest, size, platforms), an empty line and the list's bytes.  They are
 * written in DIR/v1/tmp, synced, renamed, and their directory is synced.
 * All but DIR/format belong to the workers' user, mode 0600 and 0700, so
 * that nginx processes which share a directory have to share that user.
 */

#ifndef _NGX_HTTP_MLIST_STORE_H_INCLUDED_
#define _NGX_HTTP_MLIST_STORE_H_INCLUDED_


#include "ngx_http_mlist.h"


/* One list, as it is kept in zone and store and sent to clients. */
struct ngx_http_mlist_doc_s {
    mlist_media_e   type;        /* DOCKER_LIST or OCI_INDEX */
    ngx_str_t       digest;      /* sha256:... */
    ngx_str_t       platforms;
    ngx_str_t       body;
};


/*
 * "rc": NGX_OK or NGX_ERROR (logged).  Not called where the request was
 * terminated meanwhile.
 */
typedef void (*ngx_http_mlist_store_pt)(ngx_http_request_t *r, void *data,
    ngx_int_t rc);


/*
 * Sets up a store in the directory "dir" (mlist_store DIR; relative to
 * nginx's prefix), at configuration time: makes the directory, but not its
 * parents, checks or writes DIR/format, and has nginx give the directory to
 * the workers' user as it does with cache paths (ngx_add_path).  One object
 * per directory in all of http{}.  NULL on error (logged at emerg).
 */
ngx_http_mlist_store_t *ngx_http_mlist_store_add(ngx_conf_t *cf,
    ngx_str_t *dir);

/* The identity of a store, for zone keys. */
ngx_str_t *ngx_http_mlist_store_id(ngx_http_mlist_store_t *store);

/*
 * Reads a list into r->pool.  Name, digest and bytes are verified; a damaged
 * file is logged at error, removed and taken as a miss.  A list larger than
 * "max" bytes stays where it is and is NGX_ERROR: it may be a pin from
 * before mlist_max_manifest_size was lowered.
 * NGX_OK, NGX_DECLINED (a miss), or NGX_ERROR (logged).
 */
ngx_int_t ngx_http_mlist_store_get(ngx_http_request_t *r,
    ngx_http_mlist_store_t *store, ngx_str_t *name, ngx_str_t *digest,
    size_t max, ngx_http_mlist_doc_t *doc);

/*
 * Writes a list.  NGX_OK: it is there (it was already, verified as by get,
 * or it was written at once); NGX_AGAIN: "handler" is called once, from the
 * event loop, with r->main->blocked held until then; NGX_BUSY: too many
 * writes wait; NGX_ERROR: it could not be written (logged).  "name" and
 * "doc" and what they point to must live until then (in r->pool).
 */
ngx_int_t ngx_http_mlist_store_put(ngx_http_request_t *r,
    ngx_http_mlist_store_t *store, ngx_str_t *name,
    ngx_http_mlist_doc_t *doc, ngx_http_mlist_store_pt handler, void *data);


#endif /* _NGX_HTTP_MLIST_STORE_H_INCLUDED_ */

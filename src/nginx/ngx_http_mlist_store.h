/*
 * The store: synthesized lists by repository name and digest, and what is
 * the last complete list of a tag, where they outlive nginx and where
 * several nginx may share them.  It decides nothing but where that is.
 * Called by conf_set (add), doc, and those that work on a tag.
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


/* What is kept of a tag: its last complete list. */
typedef struct {
    uint64_t        number;      /* of the flight that made it, see zone */
    uint32_t        type;        /* mlist_media_e of the list's own type */
    uint32_t        missing;     /* bit (1 << index of source) */
    u_char          docker_len;  /* 0: never built */
    u_char          oci_len;     /* the same */
    u_char          docker[MLIST_DIGEST_MAX];
    u_char          oci[MLIST_DIGEST_MAX];
} ngx_http_mlist_last_t;


/*
 * One operation, in r->pool, zeroed by the caller but for what goes in; it
 * goes to the same function until that has returned something else than
 * NGX_AGAIN.
 */
typedef struct {
    ngx_str_t                name;    /* in of all but last_get */
    ngx_str_t                digest;  /* in of get */
    size_t                   max;     /* in of get: bytes of a list */
    ngx_http_mlist_doc_t     doc;     /* in of put, out of get */

    u_char                   key[NGX_HTTP_MLIST_KEY_SIZE];
                                      /* in of last_get and last_put: the
                                       tag's, see tag */
    ngx_http_mlist_last_t    last;    /* in of last_put, out of last_get */

    void                    *state;   /* of the kind of store */
    unsigned                 asked:1; /* of doc: the zone was asked */
    unsigned                 gone:1;  /* out of doc's get: the store had lost
                                       what the zone has, the tag's record
                                       too, perhaps */
} ngx_http_mlist_store_op_t;


/* The registry that it is in; NULL: it is a directory. */
ngx_http_mlist_registry_t *ngx_http_mlist_store_registry(
    ngx_http_mlist_store_t *store);

/*
 * The store of mlist_store's "n" values, at configuration time: value[0]
 * names it, the others are its parameters.  All that name one directory or
 * repository share it.  NULL on error (logged at emerg).
 */
ngx_http_mlist_store_t *ngx_http_mlist_store_add(ngx_conf_t *cf,
    ngx_str_t *value, ngx_uint_t n);

/* The identity of a store, for zone keys. */
ngx_str_t *ngx_http_mlist_store_id(ngx_http_mlist_store_t *store);

/*
 * The functions below may return NGX_AGAIN: then r's phases are run again,
 * and the caller calls again with the same operation.  It may do so before
 * there is an answer, too.  "r" may be a subrequest.
 */

/*
 * Reads a list into r->pool.  Name, digest and bytes are verified; what is
 * damaged in a directory is logged at error, removed and taken as a miss; in
 * a registry it is NGX_ERROR, since it may be so on the way.  A list larger
 * than op->max stays where it is and is NGX_ERROR: it may be a pin from
 * before mlist_max_manifest_size was lowered.
 * NGX_OK, NGX_DECLINED (a miss), NGX_AGAIN, or NGX_ERROR (logged).
 */
ngx_int_t ngx_http_mlist_store_get(ngx_http_request_t *r,
    ngx_http_mlist_store_t *store, ngx_http_mlist_store_op_t *op);

/*
 * Writes a list.  NGX_OK: it is there, durably, and verified as by get if
 * it was there before; NGX_AGAIN; NGX_BUSY: too many writes wait; NGX_ERROR:
 * it could not be written (logged).
 */
ngx_int_t ngx_http_mlist_store_put(ngx_http_request_t *r,
    ngx_http_mlist_store_t *store, ngx_http_mlist_store_op_t *op);

/*
 * Reads what is the last complete list of the tag of op->key.  Returns as
 * get does.
 */
ngx_int_t ngx_http_mlist_store_last_get(ngx_http_request_t *r,
    ngx_http_mlist_store_t *store, ngx_http_mlist_store_op_t *op);

/*
 * Notes the last complete list of the tag of op->key.  Returns as put does,
 * or NGX_DECLINED: what is there has a larger number and stays.  A number
 * that is more than 60 s in the future stays in nobody's way.
 */
ngx_int_t ngx_http_mlist_store_last_put(ngx_http_request_t *r,
    ngx_http_mlist_store_t *store, ngx_http_mlist_store_op_t *op);

/*
 * Removes the list of op->name and op->digest.  NGX_OK: it is not there (any
 * more); NGX_AGAIN; NGX_DECLINED: a registry deletes nothing; NGX_BUSY: it is
 * being written or relied on just now; NGX_ERROR (logged).
 */
ngx_int_t ngx_http_mlist_store_remove(ngx_http_request_t *r,
    ngx_http_mlist_store_t *store, ngx_http_mlist_store_op_t *op);

/*
 * To be told of each list that is served from elsewhere than the store, so
 * that it is not removed there as one that nobody uses.  Cheap: it mostly
 * remembers that it was told.  NGX_OK, or NGX_DECLINED: the store has no
 * such list any more, and it has to be put again.  "key" is the list's key
 * in the zone.
 */
ngx_int_t ngx_http_mlist_store_touch(ngx_http_mlist_store_t *store,
    ngx_str_t *name, ngx_str_t *digest, u_char *key) MLIST_HOT;


#endif /* _NGX_HTTP_MLIST_STORE_H_INCLUDED_ */

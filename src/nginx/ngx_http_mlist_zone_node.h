/*
 * The nodes of the zone: how a value lies in shared memory, what that takes,
 * and who has to go when memory is short.  It never looks for a key and
 * never touches the mutex: every function here is called with it held.
 * Called by zone only.
 *
 * A value is a chain of pieces, the first of them in one allocation with the
 * node.  No allocation is larger than half a page: the slab allocator serves
 * those from any free page, so that a large value never has to wait for
 * neighbouring pages.
 */

#ifndef _NGX_HTTP_MLIST_ZONE_NODE_H_INCLUDED_
#define _NGX_HTTP_MLIST_ZONE_NODE_H_INCLUDED_


#include "ngx_http_mlist_zone.h"


#define NGX_HTTP_MLIST_ZONE_SECRET   32
#define NGX_HTTP_MLIST_ZONE_PAGES    8     /* of the smallest zone */


typedef struct ngx_http_mlist_zone_piece_s  ngx_http_mlist_zone_piece_t;

struct ngx_http_mlist_zone_piece_s {
    ngx_http_mlist_zone_piece_t   *next;
    uint32_t                       len;
    u_char                         data[1];
};


typedef struct {
    ngx_rbtree_node_t              rb;       /* rb.data: the kind */
    ngx_queue_t                    queue;
    time_t                         expires;  /* 0: never */
    uint64_t                       number;   /* 0: not in any order */
    u_char                         key[NGX_HTTP_MLIST_KEY_SIZE];
    ngx_http_mlist_zone_piece_t    piece;    /* the first; must be last */
} ngx_http_mlist_zone_node_t;


/* The root of the segment. */
typedef struct {
    ngx_rbtree_t                   rbtree;
    ngx_rbtree_node_t              sentinel;

    /* by kind: the nodes, the newest first, and the slabs they take */
    ngx_queue_t                    queues[NGX_HTTP_MLIST_ZONE_KINDS];
    size_t                         used[NGX_HTTP_MLIST_ZONE_KINDS];

    size_t                         size;     /* bytes for nodes */
    u_char                         secret[NGX_HTTP_MLIST_ZONE_SECRET];

    uint64_t                       number;   /* the last one drawn */
    ngx_uint_t                     ndrops;   /* a power of two */
    uint64_t                      *drops;    /* by hash of key: the number of
                                              the last drop */
} ngx_http_mlist_zone_shared_t;


struct ngx_http_mlist_zone_s {
    ngx_http_mlist_zone_shared_t  *shared;
    ngx_slab_pool_t               *pool;
};


/*
 * Makes a node of the concatenation of "n" pieces, evicting others as
 * ngx_http_mlist_zone_set() promises.  It is in its kind's queue as the
 * newest; the caller fills in key and expiry and puts it into the tree.
 * NULL: it did not fit.
 */
ngx_http_mlist_zone_node_t *ngx_http_mlist_zone_node_create(
    ngx_http_mlist_zone_t *zone, ngx_http_mlist_zone_kind_e kind,
    ngx_str_t *pieces, ngx_uint_t n);

/*
 * Takes a node out of tree and queue and frees it.  Returns how many bytes
 * of slabs that gave.
 */
size_t ngx_http_mlist_zone_node_remove(ngx_http_mlist_zone_t *zone,
    ngx_http_mlist_zone_node_t *node);

/* Removes a few of the oldest nodes of a kind if they have expired. */
void ngx_http_mlist_zone_node_expire(ngx_http_mlist_zone_t *zone,
    ngx_http_mlist_zone_kind_e kind, time_t now);

/* The hash of a key, which is rb.key of its node. */
ngx_rbtree_key_t ngx_http_mlist_zone_node_hash(u_char *key);

/* The length of a node's value. */
size_t ngx_http_mlist_zone_node_len(ngx_http_mlist_zone_node_t *node);

/* Copies a node's value to "p", which has room for all of it. */
void ngx_http_mlist_zone_node_copy(ngx_http_mlist_zone_node_t *node,
    u_char *p);


#endif /* _NGX_HTTP_MLIST_ZONE_NODE_H_INCLUDED_ */

/*
 * The nodes of the zone: how a value lies in shared memory and what that
 * takes.  It never looks for a key and never touches the mutex: every
 * function here but ngx_http_mlist_zone_node_value() is called with it held.
 * Called by zone and zone_room only.
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


/* Such an entry ends: "when" is the second, else a number. */
#define NGX_HTTP_MLIST_ZONE_ENDS     ((uint64_t) 1 << 63)


typedef struct ngx_http_mlist_zone_piece_s  ngx_http_mlist_zone_piece_t;

struct ngx_http_mlist_zone_piece_s {
    ngx_http_mlist_zone_piece_t   *next;
    uint16_t                       len;      /* less than a page */
    u_char                         kind;     /* of the first */
    u_char                         data[1];
};


typedef struct ngx_http_mlist_zone_node_s  ngx_http_mlist_zone_node_t;

/* Small: with a route's value it takes 64 bytes. */
struct ngx_http_mlist_zone_node_s {
    ngx_http_mlist_zone_node_t    *next;     /* in its place in the index */
    ngx_queue_t                    queue;
    uint64_t                       when;     /* it ends, or its number in the
                                              order, or of a list the last
                                              number when it was used; 0:
                                              neither */
    u_char                         key[NGX_HTTP_MLIST_ZONE_KEY];
    ngx_http_mlist_zone_piece_t    piece;    /* the first; must be last */
};


/* The root of the segment. */
typedef struct {
    /* the index, by hash of key */
    ngx_uint_t                     nplaces;  /* a power of two */
    ngx_http_mlist_zone_node_t   **places;

    /* by kind: the nodes, the newest first, and the slabs they take */
    ngx_queue_t                    queues[NGX_HTTP_MLIST_ZONE_KINDS];
    size_t                         used[NGX_HTTP_MLIST_ZONE_KINDS];

    ngx_uint_t                     count[NGX_HTTP_MLIST_ZONE_KINDS];
    ngx_uint_t                     evicted[NGX_HTTP_MLIST_ZONE_KINDS];

    size_t                         size;     /* bytes for nodes */
    u_char                         secret[NGX_HTTP_MLIST_ZONE_SECRET];

    uint64_t                       number;   /* the last one drawn */
    uint64_t                       wide;     /* of the last drop of many */
    ngx_uint_t                     ndrops;   /* a power of two */
    uint64_t                      *drops;    /* by hash of key: the number of
                                              the last drop */
    ngx_http_mlist_stats_t        *stats;
} ngx_http_mlist_zone_shared_t;


struct ngx_http_mlist_zone_s {
    ngx_http_mlist_zone_shared_t  *shared;
    ngx_slab_pool_t               *pool;
    ngx_http_mlist_main_conf_t    *main;
};


/* What is to be stored. */
typedef struct {
    ngx_http_mlist_zone_kind_e     kind;
    ngx_str_t                     *pieces;
    size_t                         len;      /* of all of them */
    size_t                         need;     /* bytes that the slabs take */
    size_t                         budget;   /* bytes that may be evicted */
    ngx_uint_t                     turn;     /* pieces that may be, in this
                                              hold of the mutex */
} ngx_http_mlist_zone_value_t;


/* Fills in the value that is the concatenation of "n" pieces. */
void ngx_http_mlist_zone_node_value(ngx_http_mlist_zone_value_t *value,
    ngx_http_mlist_zone_kind_e kind, ngx_str_t *pieces, ngx_uint_t n);

/*
 * Makes a node of a value, evicting others as ngx_http_mlist_zone_set()
 * promises.  It is in its kind's queue as the newest; the caller fills in
 * "when" and puts it into the index.  NGX_OK; NGX_DECLINED: it did not fit;
 * NGX_AGAIN: enough was evicted for one hold of the mutex, which is to be
 * released before the next call.
 */
ngx_int_t ngx_http_mlist_zone_node_create(ngx_http_mlist_zone_t *zone,
    ngx_http_mlist_zone_value_t *value, ngx_http_mlist_zone_node_t **made);

/* A node becomes the newest of its kind. */
void ngx_http_mlist_zone_node_used(ngx_http_mlist_zone_t *zone,
    ngx_http_mlist_zone_node_t *node) MLIST_HOT;

/*
 * Takes a node out of index and queue and frees it.  Returns how many bytes
 * of slabs that gave.
 */
size_t ngx_http_mlist_zone_node_remove(ngx_http_mlist_zone_t *zone,
    ngx_http_mlist_zone_node_t *node);

/* Removes a few of the oldest nodes of a kind if they have expired. */
void ngx_http_mlist_zone_node_expire(ngx_http_mlist_zone_t *zone,
    ngx_http_mlist_zone_kind_e kind, time_t now);

/* 1 if it has ended by "now", else 0. */
ngx_uint_t ngx_http_mlist_zone_node_ended(ngx_http_mlist_zone_node_t *node,
    time_t now);

/* Its number in the order over all workers; 0: it is in none. */
uint64_t ngx_http_mlist_zone_node_number(ngx_http_mlist_zone_node_t *node);

/* The length of a node's value. */
size_t ngx_http_mlist_zone_node_len(ngx_http_mlist_zone_node_t *node)
    MLIST_HOT;

/* Copies a node's value to "p", which has room for all of it. */
void ngx_http_mlist_zone_node_copy(ngx_http_mlist_zone_node_t *node,
    u_char *p) MLIST_HOT;


#endif /* _NGX_HTTP_MLIST_ZONE_NODE_H_INCLUDED_ */

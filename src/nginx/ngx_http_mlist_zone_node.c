/*
 * The nodes of the zone: allocation, layout, eviction.  It owns no state but
 * what lies in the segment, and never touches the mutex or a key.  Called by
 * zone only, with the mutex held.
 */

#include "ngx_http_mlist_zone_node.h"
#include "ngx_http_mlist_zone_index.h"


#define NGX_HTTP_MLIST_ZONE_RESERVE  16    /* a kind's: 1/16 of the zone */
#define NGX_HTTP_MLIST_ZONE_SPLIT    256   /* smaller slabs stay whole */
#define NGX_HTTP_MLIST_ZONE_EXPIRE   2     /* old nodes looked at */

#define NGX_HTTP_MLIST_ZONE_PIECE_HEAD                                        \
    offsetof(ngx_http_mlist_zone_piece_t, data)

#define NGX_HTTP_MLIST_ZONE_NODE_HEAD                                         \
    (offsetof(ngx_http_mlist_zone_node_t, piece)                              \
     + NGX_HTTP_MLIST_ZONE_PIECE_HEAD)


/* What is to be stored, and how far it has been copied. */
typedef struct {
    ngx_http_mlist_zone_kind_e     kind;
    ngx_str_t                     *pieces;
    size_t                         offset;   /* in pieces[0] */
    size_t                         rest;     /* bytes still to be copied */
    size_t                         need;     /* bytes that the slabs take */
    size_t                         budget;   /* bytes that may be evicted */
} ngx_http_mlist_zone_value_t;


static ngx_int_t ngx_http_mlist_zone_node_room(ngx_http_mlist_zone_t *zone,
    ngx_http_mlist_zone_value_t *value);
static ngx_http_mlist_zone_node_t *ngx_http_mlist_zone_node_build(
    ngx_http_mlist_zone_t *zone, ngx_http_mlist_zone_value_t *value);
static void ngx_http_mlist_zone_node_fill(ngx_http_mlist_zone_piece_t *piece,
    size_t len, ngx_http_mlist_zone_value_t *value);
static void *ngx_http_mlist_zone_node_alloc(ngx_http_mlist_zone_t *zone,
    ngx_http_mlist_zone_value_t *value, size_t size);
static ngx_int_t ngx_http_mlist_zone_node_evict(ngx_http_mlist_zone_t *zone,
    ngx_uint_t kind, ngx_http_mlist_zone_value_t *value);
static ngx_uint_t ngx_http_mlist_zone_node_victim(ngx_http_mlist_zone_t *zone,
    ngx_http_mlist_zone_value_t *value);
static size_t ngx_http_mlist_zone_node_free(ngx_http_mlist_zone_t *zone,
    ngx_http_mlist_zone_node_t *node);
static size_t ngx_http_mlist_zone_node_slab(size_t size);
static size_t ngx_http_mlist_zone_node_piece(size_t size);
static size_t ngx_http_mlist_zone_node_need(size_t len);


ngx_http_mlist_zone_node_t *
ngx_http_mlist_zone_node_create(ngx_http_mlist_zone_t *zone,
    ngx_http_mlist_zone_kind_e kind, ngx_str_t *pieces, ngx_uint_t n)
{
    ngx_uint_t                     i;
    ngx_http_mlist_zone_node_t    *node;
    ngx_http_mlist_zone_value_t    value;
    ngx_http_mlist_zone_shared_t  *shared;

    shared = zone->shared;

    value.kind = kind;
    value.pieces = pieces;
    value.offset = 0;
    value.rest = 0;

    for (i = 0; i < n; i++) {
        value.rest += pieces[i].len;
    }

    value.need = ngx_http_mlist_zone_node_need(value.rest);
    value.budget = 2 * value.need + NGX_HTTP_MLIST_ZONE_PAGES * ngx_pagesize;

    if (ngx_http_mlist_zone_node_room(zone, &value) != NGX_OK) {
        return NULL;
    }

    node = ngx_http_mlist_zone_node_build(zone, &value);
    if (node == NULL) {
        return NULL;
    }

    node->piece.kind = (u_char) kind;

    ngx_queue_insert_head(&shared->queues[kind], &node->queue);
    shared->used[kind] += value.need;
    shared->count[kind]++;

    return node;
}


size_t
ngx_http_mlist_zone_node_remove(ngx_http_mlist_zone_t *zone,
    ngx_http_mlist_zone_node_t *node)
{
    size_t      size;
    ngx_uint_t  kind;

    kind = node->piece.kind;

    ngx_http_mlist_zone_index_remove(zone->shared, node);
    ngx_queue_remove(&node->queue);

    size = ngx_http_mlist_zone_node_free(zone, node);

    zone->shared->used[kind] -= size;
    zone->shared->count[kind]--;

    return size;
}


void
ngx_http_mlist_zone_node_expire(ngx_http_mlist_zone_t *zone,
    ngx_http_mlist_zone_kind_e kind, time_t now)
{
    ngx_uint_t                   i;
    ngx_queue_t                 *queue;
    ngx_http_mlist_zone_node_t  *node;

    queue = &zone->shared->queues[kind];

    for (i = 0; i < NGX_HTTP_MLIST_ZONE_EXPIRE; i++) {

        if (ngx_queue_empty(queue)) {
            return;
        }

        node = ngx_queue_data(ngx_queue_last(queue),
                              ngx_http_mlist_zone_node_t, queue);

        if (!ngx_http_mlist_zone_node_ended(node, now)) {
            return;
        }

        (void) ngx_http_mlist_zone_node_remove(zone, node);
    }
}


ngx_uint_t
ngx_http_mlist_zone_node_ended(ngx_http_mlist_zone_node_t *node, time_t now)
{
    return (node->when & NGX_HTTP_MLIST_ZONE_ENDS)
           && (node->when & ~NGX_HTTP_MLIST_ZONE_ENDS) <= (uint64_t) now;
}


uint64_t
ngx_http_mlist_zone_node_number(ngx_http_mlist_zone_node_t *node)
{
    return (node->when & NGX_HTTP_MLIST_ZONE_ENDS) ? 0 : node->when;
}


size_t
ngx_http_mlist_zone_node_len(ngx_http_mlist_zone_node_t *node)
{
    size_t                        len;
    ngx_http_mlist_zone_piece_t  *piece;

    len = 0;

    for (piece = &node->piece; piece; piece = piece->next) {
        len += piece->len;
    }

    return len;
}


void
ngx_http_mlist_zone_node_copy(ngx_http_mlist_zone_node_t *node, u_char *p)
{
    ngx_http_mlist_zone_piece_t  *piece;

    for (piece = &node->piece; piece; piece = piece->next) {
        p = ngx_cpymem(p, piece->data, piece->len);
    }
}


/*
 * What is stored of one kind and all later ones must leave the reserves of
 * the earlier kinds free.  That these kinds have their own is seen to by the
 * same rule when a later kind is stored.
 */

static ngx_int_t
ngx_http_mlist_zone_node_room(ngx_http_mlist_zone_t *zone,
    ngx_http_mlist_zone_value_t *value)
{
    size_t                         limit, used;
    ngx_uint_t                     i;
    ngx_http_mlist_zone_shared_t  *shared;

    shared = zone->shared;
    limit = shared->size;

    if (value->kind > NGX_HTTP_MLIST_ZONE_NEGATIVE) {
        limit -= (value->kind - NGX_HTTP_MLIST_ZONE_NEGATIVE)
                 * (shared->size / NGX_HTTP_MLIST_ZONE_RESERVE);
    }

    if (value->need > limit) {
        return NGX_DECLINED;
    }

    for ( ;; ) {

        used = 0;

        for (i = value->kind; i < NGX_HTTP_MLIST_ZONE_KINDS; i++) {
            used += shared->used[i];
        }

        if (used + value->need <= limit) {
            return NGX_OK;
        }

        if (ngx_http_mlist_zone_node_evict(zone, value->kind, value)
            != NGX_OK)
        {
            return NGX_DECLINED;
        }
    }
}


/* The value in a node that is in no index and no queue yet, or NULL. */

static ngx_http_mlist_zone_node_t *
ngx_http_mlist_zone_node_build(ngx_http_mlist_zone_t *zone,
    ngx_http_mlist_zone_value_t *value)
{
    size_t                         head, size;
    ngx_http_mlist_zone_node_t    *node;
    ngx_http_mlist_zone_piece_t  **next, *piece;

    head = NGX_HTTP_MLIST_ZONE_NODE_HEAD;
    size = ngx_http_mlist_zone_node_piece(head + value->rest);

    node = ngx_http_mlist_zone_node_alloc(zone, value, size);
    if (node == NULL) {
        return NULL;
    }

    ngx_http_mlist_zone_node_fill(&node->piece, size - head, value);

    next = &node->piece.next;
    head = NGX_HTTP_MLIST_ZONE_PIECE_HEAD;

    while (value->rest) {

        size = ngx_http_mlist_zone_node_piece(head + value->rest);

        piece = ngx_http_mlist_zone_node_alloc(zone, value, size);
        if (piece == NULL) {
            (void) ngx_http_mlist_zone_node_free(zone, node);
            return NULL;
        }

        ngx_http_mlist_zone_node_fill(piece, size - head, value);

        *next = piece;
        next = &piece->next;
    }

    return node;
}


/* Copies the next bytes of the value, at most "len", into the piece. */

static void
ngx_http_mlist_zone_node_fill(ngx_http_mlist_zone_piece_t *piece,
    size_t len, ngx_http_mlist_zone_value_t *value)
{
    u_char  *p;
    size_t   n;

    len = ngx_min(len, value->rest);

    piece->next = NULL;
    piece->len = (uint16_t) len;

    value->rest -= len;

    p = piece->data;

    while (len) {
        n = ngx_min(len, value->pieces->len - value->offset);

        p = ngx_cpymem(p, value->pieces->data + value->offset, n);

        len -= n;
        value->offset += n;

        if (value->offset == value->pieces->len) {
            value->pieces++;
            value->offset = 0;
        }
    }
}


static void *
ngx_http_mlist_zone_node_alloc(ngx_http_mlist_zone_t *zone,
    ngx_http_mlist_zone_value_t *value, size_t size)
{
    void        *p;
    ngx_uint_t   victim;

    for ( ;; ) {

        p = ngx_slab_alloc_locked(zone->pool, size);
        if (p) {
            return p;
        }

        victim = ngx_http_mlist_zone_node_victim(zone, value);

        if (ngx_http_mlist_zone_node_evict(zone, victim, value) != NGX_OK) {
            return NULL;
        }
    }
}


static ngx_int_t
ngx_http_mlist_zone_node_evict(ngx_http_mlist_zone_t *zone,
    ngx_uint_t kind, ngx_http_mlist_zone_value_t *value)
{
    size_t                       size;
    ngx_queue_t                 *queue;
    ngx_http_mlist_zone_node_t  *node;

    queue = &zone->shared->queues[kind];

    if (value->budget == 0 || ngx_queue_empty(queue)) {
        return NGX_DECLINED;
    }

    node = ngx_queue_data(ngx_queue_last(queue), ngx_http_mlist_zone_node_t,
                          queue);

    size = ngx_http_mlist_zone_node_remove(zone, node);

    zone->shared->evicted[kind]++;

    value->budget -= ngx_min(size, value->budget);

    return NGX_OK;
}


/* The kind that is next to lose an entry for the value. */

static ngx_uint_t
ngx_http_mlist_zone_node_victim(ngx_http_mlist_zone_t *zone,
    ngx_http_mlist_zone_value_t *value)
{
    size_t                         reserve;
    ngx_uint_t                     i, kind;
    ngx_http_mlist_zone_shared_t  *shared;

    kind = value->kind;
    shared = zone->shared;
    reserve = shared->size / NGX_HTTP_MLIST_ZONE_RESERVE;

    for (i = 0; i < kind; i++) {
        if (shared->used[i] > reserve) {
            return i;
        }
    }

    if (!ngx_queue_empty(&shared->queues[kind])) {
        return kind;
    }

    for (i = 0; i < kind; i++) {
        if (!ngx_queue_empty(&shared->queues[i])) {
            return i;
        }
    }

    /*
     * In a very small zone the reserve may be there, but in pages that have
     * slabs of other sizes.
     */

    for (i = kind + 1; i < NGX_HTTP_MLIST_ZONE_KINDS; i++) {
        if (shared->used[i] > reserve && value->need <= reserve) {
            return i;
        }
    }

    return kind;
}


/* Returns how many bytes of slabs that gave. */

static size_t
ngx_http_mlist_zone_node_free(ngx_http_mlist_zone_t *zone,
    ngx_http_mlist_zone_node_t *node)
{
    size_t                        size;
    ngx_http_mlist_zone_piece_t  *piece, *next;

    size = ngx_http_mlist_zone_node_slab(NGX_HTTP_MLIST_ZONE_NODE_HEAD
                                         + node->piece.len);

    for (piece = node->piece.next; piece; piece = next) {
        next = piece->next;

        size += ngx_http_mlist_zone_node_slab(NGX_HTTP_MLIST_ZONE_PIECE_HEAD
                                              + piece->len);

        ngx_slab_free_locked(zone->pool, piece);
    }

    ngx_slab_free_locked(zone->pool, node);

    return size;
}


/* What the slab allocator takes for "size" bytes, at most half a page. */

static size_t
ngx_http_mlist_zone_node_slab(size_t size)
{
    size_t  slab;

    for (slab = sizeof(uintptr_t); slab < size; slab <<= 1) { /* void */ }

    return slab;
}


/*
 * The size of the next allocation where "size" bytes are left, the head of
 * the piece included.  It is always a whole slab: where more than a quarter
 * of one would stay empty, half of it is taken and the rest goes on in
 * smaller pieces.
 */

static size_t
ngx_http_mlist_zone_node_piece(size_t size)
{
    size_t  slab;

    if (size >= ngx_pagesize / 2) {
        return ngx_pagesize / 2;
    }

    slab = ngx_http_mlist_zone_node_slab(size);

    if (slab >= NGX_HTTP_MLIST_ZONE_SPLIT && size <= slab / 4 * 3) {
        return slab / 2;
    }

    return slab;
}


/* What all pieces of a value of "len" bytes take. */

static size_t
ngx_http_mlist_zone_node_need(size_t len)
{
    size_t  head, need, size;

    need = 0;
    head = NGX_HTTP_MLIST_ZONE_NODE_HEAD;

    for ( ;; ) {
        size = ngx_http_mlist_zone_node_piece(head + len);
        need += size;

        if (head + len <= size) {
            return need;
        }

        len -= size - head;
        head = NGX_HTTP_MLIST_ZONE_PIECE_HEAD;
    }
}

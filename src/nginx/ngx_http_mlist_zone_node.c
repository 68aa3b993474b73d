/*
 * The nodes of the zone: allocation and layout.  It owns no state but what
 * lies in the segment, and never touches the mutex or a key.  Called by zone
 * and zone_room only, with the mutex held.
 */

#include "ngx_http_mlist_zone_node.h"
#include "ngx_http_mlist_zone_index.h"
#include "ngx_http_mlist_zone_room.h"


#define NGX_HTTP_MLIST_ZONE_SPLIT    256   /* smaller slabs stay whole */
#define NGX_HTTP_MLIST_ZONE_EXPIRE   2     /* old nodes looked at */

#define NGX_HTTP_MLIST_ZONE_PIECE_HEAD                                        \
    offsetof(ngx_http_mlist_zone_piece_t, data)

#define NGX_HTTP_MLIST_ZONE_NODE_HEAD                                         \
    (offsetof(ngx_http_mlist_zone_node_t, piece)                              \
     + NGX_HTTP_MLIST_ZONE_PIECE_HEAD)


/* How far a value has been copied. */
typedef struct {
    ngx_str_t                     *piece;
    size_t                         offset;   /* in it */
    size_t                         rest;     /* bytes still to be copied */
} ngx_http_mlist_zone_from_t;


static ngx_int_t ngx_http_mlist_zone_node_build(ngx_http_mlist_zone_t *zone,
    ngx_http_mlist_zone_value_t *value, ngx_http_mlist_zone_node_t **made);
static void ngx_http_mlist_zone_node_fill(ngx_http_mlist_zone_piece_t *piece,
    size_t len, ngx_http_mlist_zone_from_t *from);
static ngx_int_t ngx_http_mlist_zone_node_alloc(ngx_http_mlist_zone_t *zone,
    ngx_http_mlist_zone_value_t *value, size_t size, void **p);
static size_t ngx_http_mlist_zone_node_free(ngx_http_mlist_zone_t *zone,
    ngx_http_mlist_zone_node_t *node);
static size_t ngx_http_mlist_zone_node_slab(size_t size);
static size_t ngx_http_mlist_zone_node_piece(size_t size);
static size_t ngx_http_mlist_zone_node_need(size_t len);


void
ngx_http_mlist_zone_node_value(ngx_http_mlist_zone_value_t *value,
    ngx_http_mlist_zone_kind_e kind, ngx_str_t *pieces, ngx_uint_t n)
{
    ngx_uint_t  i;

    value->kind = kind;
    value->pieces = pieces;
    value->len = 0;

    for (i = 0; i < n; i++) {
        value->len += pieces[i].len;
    }

    value->need = ngx_http_mlist_zone_node_need(value->len);
    value->budget = 2 * value->need + NGX_HTTP_MLIST_ZONE_PAGES * ngx_pagesize;
}


ngx_int_t
ngx_http_mlist_zone_node_create(ngx_http_mlist_zone_t *zone,
    ngx_http_mlist_zone_value_t *value, ngx_http_mlist_zone_node_t **made)
{
    ngx_int_t                      rc;
    ngx_http_mlist_zone_node_t    *node;
    ngx_http_mlist_zone_shared_t  *shared;

    shared = zone->shared;

    rc = ngx_http_mlist_zone_room_make(zone, value);

    if (rc != NGX_OK) {
        return rc;
    }

    rc = ngx_http_mlist_zone_node_build(zone, value, &node);

    if (rc != NGX_OK) {
        return rc;
    }

    node->piece.kind = (u_char) value->kind;

    ngx_queue_insert_head(&shared->queues[value->kind], &node->queue);
    shared->used[value->kind] += value->need;
    shared->count[value->kind]++;

    *made = node;

    return NGX_OK;
}


void
ngx_http_mlist_zone_node_used(ngx_http_mlist_zone_t *zone,
    ngx_http_mlist_zone_node_t *node)
{
    ngx_http_mlist_zone_shared_t  *shared;

    shared = zone->shared;

    ngx_queue_remove(&node->queue);
    ngx_queue_insert_head(&shared->queues[node->piece.kind], &node->queue);

    if (node->piece.kind == NGX_HTTP_MLIST_ZONE_LIST) {
        node->when = shared->number;
    }
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
 * The value in a node that is in no index and no queue yet.  NGX_OK;
 * NGX_AGAIN, NGX_DECLINED: nothing is left of it.
 */

static ngx_int_t
ngx_http_mlist_zone_node_build(ngx_http_mlist_zone_t *zone,
    ngx_http_mlist_zone_value_t *value, ngx_http_mlist_zone_node_t **made)
{
    void                          *p;
    size_t                         head, size;
    ngx_int_t                      rc;
    ngx_http_mlist_zone_from_t     from;
    ngx_http_mlist_zone_node_t    *node;
    ngx_http_mlist_zone_piece_t  **next, *piece;

    from.piece = value->pieces;
    from.offset = 0;
    from.rest = value->len;

    head = NGX_HTTP_MLIST_ZONE_NODE_HEAD;
    size = ngx_http_mlist_zone_node_piece(head + from.rest);

    rc = ngx_http_mlist_zone_node_alloc(zone, value, size, &p);
    if (rc != NGX_OK) {
        return rc;
    }

    node = p;
    ngx_http_mlist_zone_node_fill(&node->piece, size - head, &from);

    next = &node->piece.next;
    head = NGX_HTTP_MLIST_ZONE_PIECE_HEAD;

    while (from.rest) {

        size = ngx_http_mlist_zone_node_piece(head + from.rest);

        rc = ngx_http_mlist_zone_node_alloc(zone, value, size, &p);
        if (rc != NGX_OK) {
            (void) ngx_http_mlist_zone_node_free(zone, node);
            return rc;
        }

        piece = p;
        ngx_http_mlist_zone_node_fill(piece, size - head, &from);

        *next = piece;
        next = &piece->next;
    }

    *made = node;

    return NGX_OK;
}


/* Copies the next bytes of the value, at most "len", into the piece. */

static void
ngx_http_mlist_zone_node_fill(ngx_http_mlist_zone_piece_t *piece,
    size_t len, ngx_http_mlist_zone_from_t *from)
{
    u_char  *p;
    size_t   n;

    len = ngx_min(len, from->rest);

    piece->next = NULL;
    piece->len = (uint16_t) len;

    from->rest -= len;

    p = piece->data;

    while (len) {
        n = ngx_min(len, from->piece->len - from->offset);

        p = ngx_cpymem(p, from->piece->data + from->offset, n);

        len -= n;
        from->offset += n;

        if (from->offset == from->piece->len) {
            from->piece++;
            from->offset = 0;
        }
    }
}


static ngx_int_t
ngx_http_mlist_zone_node_alloc(ngx_http_mlist_zone_t *zone,
    ngx_http_mlist_zone_value_t *value, size_t size, void **p)
{
    ngx_int_t  rc;

    for ( ;; ) {

        *p = ngx_slab_alloc_locked(zone->pool, size);
        if (*p) {
            return NGX_OK;
        }

        rc = ngx_http_mlist_zone_room_evict(zone, value);
        if (rc != NGX_OK) {
            return rc;
        }
    }
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

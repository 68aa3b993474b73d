/*
 * Who has to go: see ngx_http_mlist_zone_room.h.
 */


#include "ngx_http_mlist_zone_room.h"


#define NGX_HTTP_MLIST_ZONE_RESERVE  16    /* a kind's: 1/16 of the zone */
#define NGX_HTTP_MLIST_ZONE_SHARE    6     /* of tags, in place of lists */
#define NGX_HTTP_MLIST_ZONE_TURN     256   /* pieces evicted in one hold */


static ngx_int_t ngx_http_mlist_zone_room_limit(ngx_http_mlist_zone_t *zone,
    ngx_http_mlist_zone_value_t *value);
static ngx_int_t ngx_http_mlist_zone_room_pages(ngx_http_mlist_zone_t *zone,
    ngx_http_mlist_zone_value_t *value);
static ngx_int_t ngx_http_mlist_zone_room_take(ngx_http_mlist_zone_t *zone,
    ngx_uint_t kind, ngx_http_mlist_zone_value_t *value);
static ngx_uint_t ngx_http_mlist_zone_room_victim(
    ngx_http_mlist_zone_t *zone, ngx_http_mlist_zone_value_t *value);
static ngx_uint_t ngx_http_mlist_zone_room_older(
    ngx_http_mlist_zone_shared_t *shared, ngx_uint_t kind);
static ngx_http_mlist_zone_node_t *ngx_http_mlist_zone_room_oldest(
    ngx_http_mlist_zone_shared_t *shared, ngx_uint_t kind);
static size_t ngx_http_mlist_zone_room_reserve(
    ngx_http_mlist_zone_shared_t *shared);


ngx_int_t
ngx_http_mlist_zone_room_make(ngx_http_mlist_zone_t *zone,
    ngx_http_mlist_zone_value_t *value)
{
    ngx_int_t  rc;

    value->turn = NGX_HTTP_MLIST_ZONE_TURN;

    rc = ngx_http_mlist_zone_room_limit(zone, value);

    return rc == NGX_OK ? ngx_http_mlist_zone_room_pages(zone, value) : rc;
}


/*
 * What is stored of one kind and all later ones must leave the reserves of
 * the earlier kinds free.  That these kinds have their own is seen to by the
 * same rule when a later kind is stored.
 */

static ngx_int_t
ngx_http_mlist_zone_room_limit(ngx_http_mlist_zone_t *zone,
    ngx_http_mlist_zone_value_t *value)
{
    size_t                         limit, used;
    ngx_int_t                      rc;
    ngx_uint_t                     i;
    ngx_http_mlist_zone_shared_t  *shared;

    shared = zone->shared;
    limit = shared->size;

    if (value->kind > NGX_HTTP_MLIST_ZONE_NEGATIVE) {
        limit -= (value->kind - NGX_HTTP_MLIST_ZONE_NEGATIVE)
                 * ngx_http_mlist_zone_room_reserve(shared);
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

        rc = ngx_http_mlist_zone_room_take(zone,
                  ngx_http_mlist_zone_room_older(shared, value->kind), value);

        if (rc != NGX_OK) {
            return rc;
        }
    }
}


/*
 * A value of many pages is not begun before there are as many: what was made
 * of it would have to be given back with the mutex.
 */

static ngx_int_t
ngx_http_mlist_zone_room_pages(ngx_http_mlist_zone_t *zone,
    ngx_http_mlist_zone_value_t *value)
{
    ngx_int_t   rc;
    ngx_uint_t  pages;

    pages = value->need / ngx_pagesize;

    if (pages <= NGX_HTTP_MLIST_ZONE_PAGES) {
        return NGX_OK;
    }

    rc = NGX_OK;

    while (rc == NGX_OK && zone->pool->pfree < pages) {
        rc = ngx_http_mlist_zone_room_evict(zone, value);
    }

    /* halves of pages that are not free may do as well */

    return rc == NGX_AGAIN ? NGX_AGAIN : NGX_OK;
}


ngx_int_t
ngx_http_mlist_zone_room_evict(ngx_http_mlist_zone_t *zone,
    ngx_http_mlist_zone_value_t *value)
{
    return ngx_http_mlist_zone_room_take(zone,
                           ngx_http_mlist_zone_room_victim(zone, value),
                           value);
}


static ngx_int_t
ngx_http_mlist_zone_room_take(ngx_http_mlist_zone_t *zone, ngx_uint_t kind,
    ngx_http_mlist_zone_value_t *value)
{
    size_t                       size;
    ngx_uint_t                   pieces;
    ngx_http_mlist_zone_node_t  *node;

    node = ngx_http_mlist_zone_room_oldest(zone->shared, kind);

    if (value->budget == 0 || node == NULL) {
        return NGX_DECLINED;
    }

    if (value->turn == 0) {
        return NGX_AGAIN;
    }

    size = ngx_http_mlist_zone_node_remove(zone, node);
    pieces = 1 + size / (ngx_pagesize / 2);

    zone->shared->evicted[kind]++;

    value->budget -= ngx_min(size, value->budget);
    value->turn -= ngx_min(pieces, value->turn);

    return NGX_OK;
}


/* The kind that is next to lose an entry for the value. */

static ngx_uint_t
ngx_http_mlist_zone_room_victim(ngx_http_mlist_zone_t *zone,
    ngx_http_mlist_zone_value_t *value)
{
    size_t                         reserve;
    ngx_uint_t                     i, kind;
    ngx_http_mlist_zone_shared_t  *shared;

    kind = value->kind;
    shared = zone->shared;
    reserve = ngx_http_mlist_zone_room_reserve(shared);

    for (i = 0; i < kind; i++) {
        if (shared->used[i] > reserve) {
            return ngx_http_mlist_zone_room_older(shared, i);
        }
    }

    if (!ngx_queue_empty(&shared->queues[kind])) {
        return ngx_http_mlist_zone_room_older(shared, kind);
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


/*
 * Where a tag was to go, a list that was not used since the tag was asked
 * for goes in its place, until tags have their share: what a list says may be
 * asked for by its digest long after its tag, and is nowhere else without a
 * store.  All other kinds are cheaper than any list.
 */

static ngx_uint_t
ngx_http_mlist_zone_room_older(ngx_http_mlist_zone_shared_t *shared,
    ngx_uint_t kind)
{
    ngx_http_mlist_zone_node_t  *list, *tag;

    if (kind != NGX_HTTP_MLIST_ZONE_TAG
        || shared->used[NGX_HTTP_MLIST_ZONE_TAG]
           > shared->size / NGX_HTTP_MLIST_ZONE_SHARE
        || shared->used[NGX_HTTP_MLIST_ZONE_LIST]
           <= ngx_http_mlist_zone_room_reserve(shared))
    {
        return kind;
    }

    tag = ngx_http_mlist_zone_room_oldest(shared, NGX_HTTP_MLIST_ZONE_TAG);
    list = ngx_http_mlist_zone_room_oldest(shared, NGX_HTTP_MLIST_ZONE_LIST);

    if (tag && list && list->when < ngx_http_mlist_zone_node_number(tag)) {
        return NGX_HTTP_MLIST_ZONE_LIST;
    }

    return kind;
}


static ngx_http_mlist_zone_node_t *
ngx_http_mlist_zone_room_oldest(ngx_http_mlist_zone_shared_t *shared,
    ngx_uint_t kind)
{
    ngx_queue_t  *queue;

    queue = &shared->queues[kind];

    return ngx_queue_empty(queue)
           ? NULL
           : ngx_queue_data(ngx_queue_last(queue), ngx_http_mlist_zone_node_t,
                            queue);
}


static size_t
ngx_http_mlist_zone_room_reserve(ngx_http_mlist_zone_shared_t *shared)
{
    return shared->size / NGX_HTTP_MLIST_ZONE_RESERVE;
}

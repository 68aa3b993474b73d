/*
 * The order over all workers: see ngx_http_mlist_zone.h (draw, drop, dropped)
 * and ngx_http_mlist_zone_order.h.
 */


#include "ngx_http_mlist_zone_order.h"


/* A drop's slot for so many bytes of the zone. */
#define NGX_HTTP_MLIST_ZONE_DROP  512


static uint64_t ngx_http_mlist_zone_order_draw_locked(
    ngx_http_mlist_zone_shared_t *shared, uint64_t now);
static uint64_t ngx_http_mlist_zone_order_now(void);


ngx_int_t
ngx_http_mlist_zone_order_init(ngx_http_mlist_zone_shared_t *shared,
    ngx_slab_pool_t *pool, size_t size)
{
    shared->ndrops = 1;

    while (2 * shared->ndrops <= size / NGX_HTTP_MLIST_ZONE_DROP) {
        shared->ndrops *= 2;
    }

    shared->drops = ngx_slab_calloc(pool, shared->ndrops * sizeof(uint64_t));

    return shared->drops == NULL ? NGX_ERROR : NGX_OK;
}


uint64_t
ngx_http_mlist_zone_draw(ngx_http_mlist_zone_t *zone)
{
    uint64_t  number, now;

    now = ngx_http_mlist_zone_order_now();

    ngx_shmtx_lock(&zone->pool->mutex);

    number = ngx_http_mlist_zone_order_draw_locked(zone->shared, now);

    ngx_shmtx_unlock(&zone->pool->mutex);

    return number;
}


void
ngx_http_mlist_zone_drop(ngx_http_mlist_zone_t *zone,
    u_char key[NGX_HTTP_MLIST_KEY_SIZE], ngx_uint_t wide)
{
    uint64_t  number, now;

    now = ngx_http_mlist_zone_order_now();

    ngx_shmtx_lock(&zone->pool->mutex);

    number = ngx_http_mlist_zone_order_draw_locked(zone->shared, now);

    *ngx_http_mlist_zone_order_slot(zone->shared, key) = number;

    if (wide) {
        zone->shared->wide = number;
    }

    ngx_shmtx_unlock(&zone->pool->mutex);
}


uint64_t
ngx_http_mlist_zone_dropped(ngx_http_mlist_zone_t *zone, u_char **keys,
    ngx_uint_t n)
{
    uint64_t    number, last;
    ngx_uint_t  i;

    last = 0;

    ngx_shmtx_lock(&zone->pool->mutex);

    for (i = 0; i < n; i++) {
        number = *ngx_http_mlist_zone_order_slot(zone->shared, keys[i]);
        last = ngx_max(last, number);
    }

    ngx_shmtx_unlock(&zone->pool->mutex);

    return last;
}


static uint64_t
ngx_http_mlist_zone_order_draw_locked(ngx_http_mlist_zone_shared_t *shared,
    uint64_t now)
{
    shared->number = ngx_max(shared->number + 1, now);

    return shared->number;
}


/* Not nginx's cached time: two processes may share a store. */

static uint64_t
ngx_http_mlist_zone_order_now(void)
{
    struct timeval  tv;

    ngx_gettimeofday(&tv);

    return (uint64_t) tv.tv_sec * 1000000 + tv.tv_usec;
}


uint64_t *
ngx_http_mlist_zone_order_slot(ngx_http_mlist_zone_shared_t *shared,
    u_char *key)
{
    uint64_t  hash;

    ngx_memcpy(&hash, key, sizeof(uint64_t));

    return &shared->drops[hash & (shared->ndrops - 1)];
}

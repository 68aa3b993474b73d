/*
 * The zone: values by kind and key in one shared memory segment.  It owns
 * the segment and its mutex; how values lie in it is the matter of zone_node,
 * how they are found that of zone_index.  It never looks into a value, and
 * never logs or allocates from a pool with the mutex held.  Called by list,
 * digest, auth.
 */

#include "ngx_http_mlist_zone.h"
#include "ngx_http_mlist_stats.h"
#include "ngx_http_mlist_zone_index.h"
#include "ngx_http_mlist_zone_node.h"
#include "ngx_http_mlist_zone_order.h"

#include <openssl/evp.h>
#include <openssl/rand.h>


#define NGX_HTTP_MLIST_ZONE_TRIES  4     /* looks at one value */
#define NGX_HTTP_MLIST_ZONE_GUESS  4096  /* bytes; most values have less */


static ngx_int_t ngx_http_mlist_zone_init(ngx_shm_zone_t *shm_zone,
    void *data);
static ngx_int_t ngx_http_mlist_zone_create(ngx_shm_zone_t *shm_zone,
    ngx_http_mlist_zone_t *zone);
static ngx_int_t ngx_http_mlist_zone_store(ngx_http_mlist_zone_t *zone,
    ngx_http_mlist_zone_kind_e kind, u_char *key, ngx_str_t *pieces,
    ngx_uint_t n, time_t ttl, uint64_t number);
static ngx_int_t ngx_http_mlist_zone_make_locked(ngx_http_mlist_zone_t *zone,
    ngx_http_mlist_zone_value_t *value, u_char *key, time_t ttl,
    uint64_t number);
static ngx_http_mlist_zone_node_t *ngx_http_mlist_zone_find_locked(
    ngx_http_mlist_zone_t *zone, ngx_http_mlist_zone_kind_e kind,
    u_char *key, time_t now);


ngx_http_mlist_zone_t *
ngx_http_mlist_zone_add(ngx_conf_t *cf, size_t size)
{
    ngx_str_t               name = ngx_string("mlist");
    ngx_shm_zone_t         *shm_zone;
    ngx_http_mlist_zone_t  *zone;

    if (size < NGX_HTTP_MLIST_ZONE_PAGES * ngx_pagesize) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "mlist_zone of %uz bytes is too small, "
                      "at least %uz are needed", size,
                      (size_t) (NGX_HTTP_MLIST_ZONE_PAGES * ngx_pagesize));
        return NULL;
    }

    zone = ngx_pcalloc(cf->pool, sizeof(ngx_http_mlist_zone_t));
    if (zone == NULL) {
        return NULL;
    }

    shm_zone = ngx_shared_memory_add(cf, &name, size, &ngx_http_mlist_module);
    if (shm_zone == NULL) {
        return NULL;
    }

    zone->main = ngx_http_conf_get_module_main_conf(cf,
                                                    ngx_http_mlist_module);

    shm_zone->init = ngx_http_mlist_zone_init;
    shm_zone->data = zone;

    return zone;
}


static ngx_int_t
ngx_http_mlist_zone_init(ngx_shm_zone_t *shm_zone, void *data)
{
    ngx_http_mlist_zone_t  *ozone = data;

    ngx_slab_pool_t               *pool;
    ngx_http_mlist_zone_t         *zone;
    ngx_http_mlist_zone_shared_t  *shared;

    zone = shm_zone->data;
    pool = (ngx_slab_pool_t *) shm_zone->shm.addr;

    zone->pool = pool;

    if (ozone) {
        zone->shared = ozone->shared;

    } else if (shm_zone->shm.exists) {
        zone->shared = pool->data;

    } else {
        return ngx_http_mlist_zone_create(shm_zone, zone);
    }

    shared = zone->shared;

    return ngx_http_mlist_stats_init(zone->main, pool, shm_zone->shm.size,
                                     &shared->stats);
}


static ngx_int_t
ngx_http_mlist_zone_create(ngx_shm_zone_t *shm_zone,
    ngx_http_mlist_zone_t *zone)
{
    ngx_uint_t                     i;
    ngx_slab_pool_t               *pool;
    ngx_http_mlist_zone_shared_t  *shared;

    pool = zone->pool;

    shared = ngx_slab_calloc(pool, sizeof(ngx_http_mlist_zone_shared_t));
    if (shared == NULL) {
        return NGX_ERROR;
    }

    if (RAND_bytes(shared->secret, NGX_HTTP_MLIST_ZONE_SECRET) != 1) {
        ngx_log_error(NGX_LOG_EMERG, shm_zone->shm.log, 0,
                      "RAND_bytes() failed, no secret for the mlist zone");
        return NGX_ERROR;
    }

    for (i = 0; i < NGX_HTTP_MLIST_ZONE_KINDS; i++) {
        ngx_queue_init(&shared->queues[i]);
    }

    if (ngx_http_mlist_zone_order_init(shared, pool, shm_zone->shm.size)
        != NGX_OK
        || ngx_http_mlist_zone_index_init(shared, pool, shm_zone->shm.size)
           != NGX_OK
        || ngx_http_mlist_stats_init(zone->main, pool, shm_zone->shm.size,
                                     &shared->stats)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    shared->size = pool->pfree * ngx_pagesize;

    /* a full zone is no fault: it is its usual state */
    pool->log_nomem = 0;
    pool->data = shared;

    zone->shared = shared;

    return NGX_OK;
}


ngx_int_t
ngx_http_mlist_zone_get(ngx_http_mlist_zone_t *zone,
    ngx_http_mlist_zone_kind_e kind, u_char key[NGX_HTTP_MLIST_KEY_SIZE],
    ngx_pool_t *pool, ngx_str_t *value)
{
    u_char                      *p;
    u_char                       guess[NGX_HTTP_MLIST_ZONE_GUESS];
    size_t                       len, size;
    time_t                       now;
    ngx_uint_t                   i;
    ngx_http_mlist_zone_node_t  *node;

    p = guess;
    size = NGX_HTTP_MLIST_ZONE_GUESS;
    now = ngx_time();

    /*
     * The pool may call malloc(), so memory for what is longer is taken
     * between two looks; a value that grows from look to look is a miss in
     * the end.
     */

    for (i = 0; i < NGX_HTTP_MLIST_ZONE_TRIES; i++) {

        ngx_shmtx_lock(&zone->pool->mutex);

        node = ngx_http_mlist_zone_find_locked(zone, kind, key, now);
        if (node == NULL) {
            ngx_shmtx_unlock(&zone->pool->mutex);
            return NGX_DECLINED;
        }

        len = ngx_http_mlist_zone_node_len(node);

        if (len <= size) {
            ngx_http_mlist_zone_node_copy(node, p);
            ngx_http_mlist_zone_node_used(zone, node);
        }

        ngx_shmtx_unlock(&zone->pool->mutex);

        value->data = p;
        value->len = len;

        if (len <= size && p != guess) {
            return NGX_OK;
        }

        value->data = ngx_pnalloc(pool, len ? len : 1);
        if (value->data == NULL) {
            return NGX_ERROR;
        }

        if (len <= size) {
            ngx_memcpy(value->data, p, len);
            return NGX_OK;
        }

        size = len;
        p = value->data;
    }

    return NGX_DECLINED;
}


ngx_int_t
ngx_http_mlist_zone_read(ngx_http_mlist_zone_t *zone,
    ngx_http_mlist_zone_kind_e kind, u_char key[NGX_HTTP_MLIST_KEY_SIZE],
    u_char *value, size_t len, ngx_http_mlist_zone_drops_t *drops)
{
    ngx_int_t                    rc;
    ngx_http_mlist_zone_node_t  *node;

    rc = NGX_DECLINED;

    ngx_shmtx_lock(&zone->pool->mutex);

    node = ngx_http_mlist_zone_find_locked(zone, kind, key, ngx_time());

    if (node && ngx_http_mlist_zone_node_len(node) == len) {
        ngx_http_mlist_zone_node_copy(node, value);
        ngx_http_mlist_zone_node_used(zone, node);
        rc = NGX_OK;
    }

    drops->own = *ngx_http_mlist_zone_order_slot(zone->shared, key);
    drops->wide = zone->shared->wide;

    ngx_shmtx_unlock(&zone->pool->mutex);

    return rc;
}


ngx_int_t
ngx_http_mlist_zone_peek(ngx_http_mlist_zone_t *zone,
    ngx_http_mlist_zone_kind_e kind, u_char *key, u_char *value, size_t size,
    size_t *len)
{
    ngx_int_t                    rc;
    ngx_http_mlist_zone_node_t  *node;

    rc = NGX_DECLINED;

    ngx_shmtx_lock(&zone->pool->mutex);

    node = ngx_http_mlist_zone_find_locked(zone, kind, key, ngx_time());

    if (node) {
        *len = ngx_http_mlist_zone_node_len(node);

        if (*len <= size) {
            ngx_http_mlist_zone_node_copy(node, value);
            rc = NGX_OK;
        }
    }

    ngx_shmtx_unlock(&zone->pool->mutex);

    return rc;
}


ngx_uint_t
ngx_http_mlist_zone_keys(ngx_http_mlist_zone_t *zone,
    ngx_http_mlist_zone_kind_e kind, u_char *keys, ngx_uint_t n)
{
    ngx_uint_t                   i;
    ngx_queue_t                 *queue, *q;
    ngx_http_mlist_zone_node_t  *node;

    queue = &zone->shared->queues[kind];

    ngx_shmtx_lock(&zone->pool->mutex);

    q = ngx_queue_head(queue);

    for (i = 0; i < n && q != ngx_queue_sentinel(queue); i++) {
        node = ngx_queue_data(q, ngx_http_mlist_zone_node_t, queue);

        ngx_memcpy(keys + i * NGX_HTTP_MLIST_ZONE_KEY, node->key,
                   NGX_HTTP_MLIST_ZONE_KEY);

        q = ngx_queue_next(q);
    }

    ngx_shmtx_unlock(&zone->pool->mutex);

    return i;
}


ngx_int_t
ngx_http_mlist_zone_set(ngx_http_mlist_zone_t *zone,
    ngx_http_mlist_zone_kind_e kind, u_char key[NGX_HTTP_MLIST_KEY_SIZE],
    ngx_str_t *pieces, ngx_uint_t n, time_t ttl)
{
    return ngx_http_mlist_zone_store(zone, kind, key, pieces, n, ttl, 0);
}


ngx_int_t
ngx_http_mlist_zone_set_ordered(ngx_http_mlist_zone_t *zone,
    ngx_http_mlist_zone_kind_e kind, u_char key[NGX_HTTP_MLIST_KEY_SIZE],
    ngx_str_t *pieces, ngx_uint_t n, uint64_t number)
{
    return ngx_http_mlist_zone_store(zone, kind, key, pieces, n, 0, number);
}


/* "number" 0: in no order. */

static ngx_int_t
ngx_http_mlist_zone_store(ngx_http_mlist_zone_t *zone,
    ngx_http_mlist_zone_kind_e kind, u_char *key, ngx_str_t *pieces,
    ngx_uint_t n, time_t ttl, uint64_t number)
{
    time_t                        now;
    ngx_int_t                     rc;
    ngx_http_mlist_zone_node_t   *node;
    ngx_http_mlist_zone_value_t   value;

    now = ngx_time();

    ngx_http_mlist_zone_node_value(&value, kind, pieces, n);

    do {
        ngx_shmtx_lock(&zone->pool->mutex);

        node = ngx_http_mlist_zone_find_locked(zone, kind, key, now);

        if (number && node && ngx_http_mlist_zone_node_number(node) > number) {
            ngx_shmtx_unlock(&zone->pool->mutex);
            return NGX_ABORT;
        }

        if (node) {
            (void) ngx_http_mlist_zone_node_remove(zone, node);
        }

        ngx_http_mlist_zone_node_expire(zone, kind, now);

        rc = ngx_http_mlist_zone_make_locked(zone, &value, key, ttl, number);

        ngx_shmtx_unlock(&zone->pool->mutex);

    } while (rc == NGX_AGAIN);

    return rc;
}


/* Where there is nothing under the key; as ngx_http_mlist_zone_node_create. */

static ngx_int_t
ngx_http_mlist_zone_make_locked(ngx_http_mlist_zone_t *zone,
    ngx_http_mlist_zone_value_t *value, u_char *key, time_t ttl,
    uint64_t number)
{
    ngx_int_t                    rc;
    ngx_http_mlist_zone_node_t  *node;

    rc = ngx_http_mlist_zone_node_create(zone, value, &node);

    if (rc != NGX_OK) {
        return rc;
    }

    node->when = ttl ? NGX_HTTP_MLIST_ZONE_ENDS | (uint64_t) (ngx_time() + ttl)
                     : number;

    ngx_http_mlist_zone_index_add(zone->shared, node, key);
    ngx_http_mlist_zone_node_used(zone, node);

    return NGX_OK;
}


ngx_int_t
ngx_http_mlist_zone_claim(ngx_http_mlist_zone_t *zone,
    ngx_http_mlist_zone_kind_e kind, u_char key[NGX_HTTP_MLIST_KEY_SIZE],
    time_t ttl)
{
    ngx_int_t                     rc;
    ngx_str_t                     none;
    ngx_http_mlist_zone_value_t   value;

    ngx_str_null(&none);

    ngx_http_mlist_zone_node_value(&value, kind, &none, 1);

    do {
        ngx_shmtx_lock(&zone->pool->mutex);

        rc = NGX_BUSY;

        if (!ngx_http_mlist_zone_find_locked(zone, kind, key, ngx_time())) {
            rc = ngx_http_mlist_zone_make_locked(zone, &value, key, ttl, 0);
        }

        ngx_shmtx_unlock(&zone->pool->mutex);

    } while (rc == NGX_AGAIN);

    return rc;
}


ngx_int_t
ngx_http_mlist_zone_newest(ngx_http_mlist_zone_t *zone,
    ngx_http_mlist_zone_kind_e kind, u_char key[NGX_HTTP_MLIST_KEY_SIZE],
    uint64_t number)
{
    ngx_uint_t                   outdated;
    ngx_http_mlist_zone_node_t  *node;

    ngx_shmtx_lock(&zone->pool->mutex);

    node = ngx_http_mlist_zone_find_locked(zone, kind, key, ngx_time());
    outdated = (node && ngx_http_mlist_zone_node_number(node) > number)
               || *ngx_http_mlist_zone_order_slot(zone->shared, key) > number;

    ngx_shmtx_unlock(&zone->pool->mutex);

    return outdated ? NGX_ABORT : NGX_OK;
}


void
ngx_http_mlist_zone_delete(ngx_http_mlist_zone_t *zone,
    ngx_http_mlist_zone_kind_e kind, u_char key[NGX_HTTP_MLIST_KEY_SIZE])
{
    ngx_http_mlist_zone_node_t  *node;

    ngx_shmtx_lock(&zone->pool->mutex);

    node = ngx_http_mlist_zone_find_locked(zone, kind, key, ngx_time());
    if (node) {
        (void) ngx_http_mlist_zone_node_remove(zone, node);
    }

    ngx_shmtx_unlock(&zone->pool->mutex);
}


ngx_uint_t
ngx_http_mlist_zone_holds(ngx_http_mlist_zone_t *zone,
    ngx_http_mlist_zone_kind_e kind)
{
    return zone->shared->count[kind] != 0;
}


void
ngx_http_mlist_zone_figures(ngx_http_mlist_zone_t *zone,
    ngx_http_mlist_zone_figures_t *figures)
{
    ngx_uint_t                     i;
    ngx_http_mlist_zone_shared_t  *shared;

    shared = zone->shared;

    figures->size = zone->pool->end - (u_char *) zone->pool;

    ngx_shmtx_lock(&zone->pool->mutex);

    figures->used = figures->size - zone->pool->pfree * ngx_pagesize;

    for (i = 0; i < NGX_HTTP_MLIST_ZONE_KINDS; i++) {
        figures->count[i] = shared->count[i];
        figures->bytes[i] = shared->used[i];
        figures->evicted[i] = shared->evicted[i];
    }

    ngx_shmtx_unlock(&zone->pool->mutex);
}


u_char *
ngx_http_mlist_zone_secret(ngx_http_mlist_zone_t *zone)
{
    return zone->shared->secret;
}


ngx_int_t
ngx_http_mlist_zone_key(ngx_str_t *pieces, ngx_uint_t n,
    u_char key[NGX_HTTP_MLIST_KEY_SIZE])
{
    u_char       len[sizeof(uint64_t)];
    uint64_t     rest;
    ngx_int_t    rc;
    ngx_uint_t   i, j;
    EVP_MD_CTX  *md;

    md = EVP_MD_CTX_new();
    if (md == NULL) {
        return NGX_ERROR;
    }

    rc = EVP_DigestInit_ex(md, EVP_sha256(), NULL) == 1 ? NGX_OK : NGX_ERROR;

    for (i = 0; i < n && rc == NGX_OK; i++) {

        rest = pieces[i].len;

        for (j = 0; j < sizeof(len); j++) {
            len[j] = (u_char) (rest & 0xff);
            rest >>= 8;
        }

        if (EVP_DigestUpdate(md, len, sizeof(len)) != 1
            || EVP_DigestUpdate(md, pieces[i].data, pieces[i].len) != 1)
        {
            rc = NGX_ERROR;
        }
    }

    if (rc == NGX_OK && EVP_DigestFinal_ex(md, key, NULL) != 1) {
        rc = NGX_ERROR;
    }

    EVP_MD_CTX_free(md);

    return rc;
}


static ngx_http_mlist_zone_node_t *
ngx_http_mlist_zone_find_locked(ngx_http_mlist_zone_t *zone,
    ngx_http_mlist_zone_kind_e kind, u_char *key, time_t now)
{
    ngx_http_mlist_zone_node_t  *node;

    node = ngx_http_mlist_zone_index_find(zone->shared, kind, key);

    if (node && ngx_http_mlist_zone_node_ended(node, now)) {
        (void) ngx_http_mlist_zone_node_remove(zone, node);
        return NULL;
    }

    return node;
}

/*
 * What is counted: see ngx_http_mlist_stats.h.
 */


#include "ngx_http_mlist_stats.h"
#include "ngx_http_mlist_gone.h"
#include "ngx_http_mlist_handler.h"
#include "ngx_http_mlist_health.h"
#include "ngx_http_mlist_store_dir.h"


#define NGX_HTTP_MLIST_STATS_LAST  600   /* no status is as large */


static void ngx_http_mlist_stats_stores_locked(
    ngx_http_mlist_main_conf_t *mcf);
static uint64_t ngx_http_mlist_stats_hash(ngx_str_t *path);
static void ngx_http_mlist_stats_cleanup(void *data);
static ngx_http_mlist_ctx_t *ngx_http_mlist_stats_kept(
    ngx_http_request_t *r);
static ngx_uint_t ngx_http_mlist_stats_status(ngx_http_request_t *r);
static void ngx_http_mlist_stats_passed(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_uint_t kept);


/* Where a status is counted; what is not here stands in the first place. */
static const u_char
    ngx_http_mlist_stats_places[NGX_HTTP_MLIST_STATS_LAST] =
{
    [200] = 1, [201] = 2, [202] = 3, [204] = 4, [206] = 5,
    [301] = 6, [302] = 7, [303] = 8, [304] = 9, [307] = 10, [308] = 11,
    [400] = 12, [401] = 13, [403] = 14, [404] = 15, [405] = 16, [406] = 17,
    [408] = 18, [409] = 19, [411] = 20, [412] = 21, [413] = 22, [414] = 23,
    [415] = 24, [416] = 25, [422] = 26, [429] = 27, [444] = 28, [499] = 29,
    [500] = 30, [501] = 31, [502] = 32, [503] = 33, [504] = 34
};


ngx_int_t
ngx_http_mlist_stats_init(ngx_http_mlist_main_conf_t *mcf,
    ngx_slab_pool_t *pool, size_t size, ngx_http_mlist_stats_t **stats)
{
    if (*stats == NULL) {
        *stats = ngx_slab_calloc(pool, sizeof(ngx_http_mlist_stats_t));
        if (*stats == NULL) {
            return NGX_ERROR;
        }

        (*stats)->since = ngx_time();

        if (ngx_http_mlist_health_init(*stats, pool, size) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    mcf->stats = *stats;

    ngx_shmtx_lock(&pool->mutex);

    ngx_http_mlist_health_places_locked(mcf);
    ngx_http_mlist_stats_stores_locked(mcf);

    ngx_shmtx_unlock(&pool->mutex);

    return NGX_OK;
}


/* A directory has its place by its path; another one may have had it. */

static void
ngx_http_mlist_stats_stores_locked(ngx_http_mlist_main_conf_t *mcf)
{
    ngx_uint_t                   i, free;
    ngx_http_mlist_held_t       *held;
    ngx_http_mlist_store_dir_t  *dir, *d;

    held = mcf->stats->held;

    for (i = 0; i < NGX_HTTP_MLIST_STATS_HELD; i++) {
        free = 1;

        for (d = mcf->dirs; d; d = d->next) {
            if (held[i].hash == ngx_http_mlist_stats_hash(&d->path)) {
                d->held = &held[i];
                free = 0;
            }
        }

        if (free) {
            ngx_memzero(&held[i], sizeof(ngx_http_mlist_held_t));
        }
    }

    i = 0;

    for (dir = mcf->dirs; dir; dir = dir->next) {

        while (i < NGX_HTTP_MLIST_STATS_HELD && held[i].hash) {
            i++;
        }

        if (dir->held == NULL && i < NGX_HTTP_MLIST_STATS_HELD) {
            held[i].hash = ngx_http_mlist_stats_hash(&dir->path);
            dir->held = &held[i];
        }
    }
}


static uint64_t
ngx_http_mlist_stats_hash(ngx_str_t *path)
{
    return (uint64_t) path->len << 32
           | ngx_crc32_long(path->data, path->len);
}


void
ngx_http_mlist_stats_held(ngx_http_mlist_held_t *held, ngx_uint_t lists,
    off_t bytes)
{
    if (held) {
        held->lists = lists;
        held->bytes = bytes;
        held->when = ngx_time();
    }
}


ngx_int_t
ngx_http_mlist_stats_keep(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t        *cln;
    ngx_http_mlist_ctx_t      *ctx;
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    if (clcf->error_pages == NULL) {
        return NGX_DECLINED;
    }

    ctx = ngx_http_mlist_handler_ctx(r);
    if (ctx == NULL) {
        return NGX_DECLINED;
    }

    cln = ngx_pool_cleanup_add(r->pool, 0);
    if (cln == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    cln->handler = ngx_http_mlist_stats_cleanup;
    cln->data = ctx;

    return NGX_DECLINED;
}


/* By it the context is found again; the pool frees it. */

static void
ngx_http_mlist_stats_cleanup(void *data)
{
    /* void */
}


/* nginx forgets all contexts where it redirects. */

static ngx_http_mlist_ctx_t *
ngx_http_mlist_stats_kept(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t  *cln;

    if (!r->internal) {
        return NULL;
    }

    for (cln = r->pool->cleanup; cln; cln = cln->next) {
        if (cln->handler == ngx_http_mlist_stats_cleanup) {
            return cln->data;
        }
    }

    return NULL;
}


ngx_int_t
ngx_http_mlist_stats_request(ngx_http_request_t *r)
{
    ngx_uint_t               status, kept;
    ngx_http_mlist_ctx_t    *ctx;
    ngx_http_mlist_stats_t  *stats;

    if (r != r->main) {
        return NGX_OK;
    }

    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);
    kept = 0;

    /* what was refused before it came to us has none yet */

    if (ctx == NULL || !ctx->dispatched) {
        ctx = ngx_http_mlist_handler_ctx(r);

        if (ctx == NULL) {
            ctx = ngx_http_mlist_stats_kept(r);
            kept = 1;
        }

        if (ctx == NULL) {
            return NGX_OK;
        }
    }

    stats = ctx->conf->main->stats;
    status = ngx_http_mlist_stats_status(r);

    (void) ngx_atomic_fetch_add(
           &stats->requests[ctx->kind][ngx_http_mlist_stats_place(status)], 1);
    (void) ngx_atomic_fetch_add(&stats->cache[ctx->status], 1);

    if (ctx->route.kind == MLIST_ROUTE_DIGEST
        && ctx->conf->main->watched
        && (r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))
        && (!kept || status == NGX_HTTP_NOT_FOUND))
    {
        ngx_http_mlist_gone_answered(r, ctx, status);
    }

    if (ctx->from && ctx->passed && status != NGX_HTTP_CLIENT_CLOSED_REQUEST) {
        ngx_http_mlist_stats_passed(r, ctx, kept);
    }

    return NGX_OK;
}


/* As $status has it. */

static ngx_uint_t
ngx_http_mlist_stats_status(ngx_http_request_t *r)
{
    return r->err_status ? r->err_status : r->headers_out.status;
}


/* What the source of a request that was passed on has said last. */

static void
ngx_http_mlist_stats_passed(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_uint_t kept)
{
    ngx_uint_t                  n;
    ngx_http_upstream_state_t  *state;

    if (r->upstream_states == NULL || r->upstream_states->nelts == 0) {
        return;
    }

    state = r->upstream_states->elts;
    n = r->upstream_states->nelts;

    /* what an error_page asks since then stands behind a state of nobody */

    if (kept) {
        for (n = 1; n < r->upstream_states->nelts && state[n].peer; n++) {
            /* void */
        }
    }

    state += n - 1;

    /* a blob takes as long as its client reads it: its header counts */

    if (state->header_time != (ngx_msec_t) -1) {
        ngx_http_mlist_health_note(ctx->conf, ctx->from, state->status,
                                   state->header_time);

    } else if (state->status) {
        ngx_http_mlist_health_note(ctx->conf, ctx->from,
                                   state->status == NGX_HTTP_GATEWAY_TIME_OUT
                                       ? NGX_HTTP_MLIST_HEALTH_TIMEOUT
                                       : NGX_HTTP_MLIST_HEALTH_FAILED,
                                   state->response_time);
    }
}


void
ngx_http_mlist_stats_flight(ngx_http_mlist_loc_conf_t *mlcf)
{
    (void) ngx_atomic_fetch_add(&mlcf->main->stats->flights, 1);
}


void
ngx_http_mlist_stats_joined(ngx_http_mlist_loc_conf_t *mlcf)
{
    (void) ngx_atomic_fetch_add(&mlcf->main->stats->joined, 1);
}


ngx_int_t
ngx_http_mlist_stats_store(ngx_http_request_t *r, ngx_int_t rc)
{
    ngx_http_mlist_main_conf_t  *mcf;

    if (rc == NGX_ERROR) {
        mcf = ngx_http_get_module_main_conf(r, ngx_http_mlist_module);

        (void) ngx_atomic_fetch_add(&mcf->stats->store_errors, 1);
    }

    return rc;
}


ngx_int_t
ngx_http_mlist_stats_auth(ngx_http_mlist_loc_conf_t *mlcf, ngx_int_t rc)
{
    ngx_http_mlist_stats_auth_e  result;

    switch (rc) {

    case NGX_AGAIN:
        return rc;

    case NGX_OK:
        result = NGX_HTTP_MLIST_STATS_ACCEPTED;
        break;

    case NGX_HTTP_UNAUTHORIZED:
        result = NGX_HTTP_MLIST_STATS_REFUSED;
        break;

    case NGX_HTTP_SERVICE_UNAVAILABLE:
        result = NGX_HTTP_MLIST_STATS_BUSY;
        break;

    default:
        result = NGX_HTTP_MLIST_STATS_FAILED;
    }

    (void) ngx_atomic_fetch_add(&mlcf->main->stats->auth[result], 1);

    return rc;
}


ngx_uint_t
ngx_http_mlist_stats_place(ngx_uint_t status)
{
    return status < NGX_HTTP_MLIST_STATS_LAST
               ? ngx_http_mlist_stats_places[status] : 0;
}


ngx_uint_t
ngx_http_mlist_stats_code(ngx_uint_t place)
{
    ngx_uint_t  status;

    for (status = NGX_HTTP_MLIST_STATS_LAST - 1; status; status--) {
        if (place && ngx_http_mlist_stats_places[status] == place) {
            break;
        }
    }

    return status;
}

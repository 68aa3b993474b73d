/*
 * How each source does: see ngx_http_mlist_health.h.
 */


#include "ngx_http_mlist_health.h"
#include "ngx_http_mlist_fetch.h"


/* A source's place for so many bytes of the zone. */
#define NGX_HTTP_MLIST_HEALTH_PLACE  (16 * 1024)
#define NGX_HTTP_MLIST_HEALTH_MIN    4
#define NGX_HTTP_MLIST_HEALTH_MAX    256


static ngx_http_mlist_health_t *ngx_http_mlist_health_find(
    ngx_http_mlist_stats_t *stats, ngx_str_t *label);
static ngx_http_mlist_health_t *ngx_http_mlist_health_take(
    ngx_http_mlist_stats_t *stats, ngx_str_t *label);
static uint64_t ngx_http_mlist_health_hash(ngx_str_t *label);
static ngx_uint_t ngx_http_mlist_health_is_error(
    ngx_http_mlist_loc_conf_t *mlcf, ngx_uint_t answer);
static ngx_uint_t ngx_http_mlist_health_place(ngx_uint_t answer);


ngx_int_t
ngx_http_mlist_health_init(ngx_http_mlist_stats_t *stats,
    ngx_slab_pool_t *pool, size_t size)
{
    ngx_uint_t  n;

    n = size / NGX_HTTP_MLIST_HEALTH_PLACE;
    n = ngx_min(ngx_max(n, NGX_HTTP_MLIST_HEALTH_MIN),
                NGX_HTTP_MLIST_HEALTH_MAX);

    stats->nhealth = n;
    stats->health = ngx_slab_calloc(pool, n * sizeof(ngx_http_mlist_health_t));

    return stats->health == NULL ? NGX_ERROR : NGX_OK;
}


void
ngx_http_mlist_health_places_locked(ngx_http_mlist_main_conf_t *mcf)
{
    ngx_uint_t                i, j, pass;
    ngx_http_mlist_active_t  *active;
    ngx_http_mlist_source_t  *source;

    mcf->stats->cycle++;

    active = mcf->active.elts;

    /* whoever has a place keeps it, before others take what is free */

    for (pass = 0; pass < 2; pass++) {

        for (i = 0; i < mcf->active.nelts; i++) {
            source = active[i].conf->sources->elts;

            for (j = 0; j < active[i].conf->sources->nelts; j++) {
                source[j].health = ngx_http_mlist_health_find(mcf->stats,
                                                         &source[j].label);

                if (source[j].health == NULL && pass) {
                    source[j].health = ngx_http_mlist_health_take(mcf->stats,
                                                         &source[j].label);
                }

                if (source[j].health) {
                    source[j].health->cycle = mcf->stats->cycle;
                    source[j].health_hash = source[j].health->hash;
                }
            }
        }
    }
}


static ngx_http_mlist_health_t *
ngx_http_mlist_health_find(ngx_http_mlist_stats_t *stats, ngx_str_t *label)
{
    size_t                    len;
    uint64_t                  hash;
    ngx_uint_t                i;
    ngx_http_mlist_health_t  *health;

    hash = ngx_http_mlist_health_hash(label);
    len = ngx_min(label->len, NGX_HTTP_MLIST_HEALTH_LABEL);

    for (i = 0; i < stats->nhealth; i++) {
        health = &stats->health[i];

        if (health->hash == hash
            && health->len == len
            && ngx_memcmp(health->label, label->data, len) == 0)
        {
            return health;
        }
    }

    return NULL;
}


/* A free place, or that of a label which the configuration has no more. */

static ngx_http_mlist_health_t *
ngx_http_mlist_health_take(ngx_http_mlist_stats_t *stats, ngx_str_t *label)
{
    ngx_uint_t                i;
    ngx_http_mlist_health_t  *health, *oldest;

    oldest = NULL;

    for (i = 0; i < stats->nhealth; i++) {
        health = &stats->health[i];

        if (health->cycle != stats->cycle
            && (oldest == NULL || health->cycle < oldest->cycle))
        {
            oldest = health;
        }
    }

    if (oldest == NULL) {
        return NULL;
    }

    ngx_memzero(oldest, sizeof(ngx_http_mlist_health_t));

    oldest->hash = ngx_http_mlist_health_hash(label);
    oldest->len = ngx_min(label->len, NGX_HTTP_MLIST_HEALTH_LABEL);

    ngx_memcpy(oldest->label, label->data, oldest->len);

    return oldest;
}


/* Labels are an operator's, so that any hash will do. */

static uint64_t
ngx_http_mlist_health_hash(ngx_str_t *label)
{
    static const unsigned char  key[MLIST_SIPHASH_SIZE];

    uint64_t       hash;
    mlist_str_t    view;
    unsigned char  out[MLIST_SIPHASH_SIZE];

    view = ngx_http_mlist_view(label);

    mlist_siphash(key, &view, 1, out);
    ngx_memcpy(&hash, out, sizeof(uint64_t));

    return hash;
}


void
ngx_http_mlist_health_note(ngx_http_mlist_loc_conf_t *mlcf,
    ngx_http_mlist_source_t *source, ngx_uint_t answer, ngx_msec_t ms)
{
    ngx_http_mlist_health_t  *health;

    health = source->health;

    /* a worker that a reload ends may find its place given to another */

    if (health == NULL || health->hash != source->health_hash) {
        return;
    }

    (void) ngx_atomic_fetch_add(
               &health->answers[ngx_http_mlist_health_place(answer)], 1);
    (void) ngx_atomic_fetch_add(&health->latency[mlist_latency_bucket(ms)],
                                1);
    (void) ngx_atomic_fetch_add(&health->sum, ms);

    health->last = answer;
    health->when = ngx_time();

    if (ngx_http_mlist_health_is_error(mlcf, answer)) {
        health->error = answer;
        health->error_when = health->when;
    }
}


void
ngx_http_mlist_health_fetch(ngx_http_request_t *r,
    ngx_http_mlist_fetch_t *fetch, ngx_uint_t state, ngx_msec_t ms)
{
    ngx_uint_t                  i, answer;
    ngx_http_mlist_source_t    *source;
    ngx_http_mlist_loc_conf_t  *mlcf;

    if (fetch->sources == 0) {
        return;
    }

    switch (state) {

    case NGX_HTTP_MLIST_FETCH_ANSWERED:
        answer = fetch->status;
        break;

    case NGX_HTTP_MLIST_FETCH_TIMEOUT:
        answer = NGX_HTTP_MLIST_HEALTH_TIMEOUT;
        break;

    case NGX_HTTP_MLIST_FETCH_TOO_LARGE:
        answer = NGX_HTTP_MLIST_HEALTH_TOO_LARGE;
        break;

    default:
        answer = NGX_HTTP_MLIST_HEALTH_FAILED;
    }

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    source = mlcf->sources->elts;

    for (i = 0; i < mlcf->sources->nelts; i++) {
        if (fetch->sources & (uint32_t) 1 << i) {
            ngx_http_mlist_health_note(mlcf, &source[i], answer, ms);
        }
    }
}


ngx_uint_t
ngx_http_mlist_health_works(ngx_uint_t answer)
{
    return answer >= NGX_HTTP_OK && answer < NGX_HTTP_INTERNAL_SERVER_ERROR;
}


/* That a client's own credentials are refused is no error of the source. */

static ngx_uint_t
ngx_http_mlist_health_is_error(ngx_http_mlist_loc_conf_t *mlcf,
    ngx_uint_t answer)
{
    if (answer == NGX_HTTP_UNAUTHORIZED || answer == NGX_HTTP_FORBIDDEN) {
        return mlcf->auth == NGX_HTTP_MLIST_AUTH_NGINX;
    }

    return answer == NGX_HTTP_TOO_MANY_REQUESTS
           || !ngx_http_mlist_health_works(answer);
}


static ngx_uint_t
ngx_http_mlist_health_place(ngx_uint_t answer)
{
    return answer >= NGX_HTTP_MLIST_HEALTH_FAILED
           && answer <= NGX_HTTP_MLIST_HEALTH_TOO_LARGE
               ? NGX_HTTP_MLIST_STATS_CODES - 1 + answer
               : ngx_http_mlist_stats_place(answer);
}

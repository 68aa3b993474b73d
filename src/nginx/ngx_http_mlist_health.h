/*
 * How each source does: what it answered, how soon, and what went wrong
 * last, in the zone, by its label, so that it survives reloads and a changed
 * set of sources.  Bounded: as many labels as the zone has places for; those
 * that the configuration names no more make room for new ones.  It never
 * decides whether a source is asked.  Called by stats, fetch and the status
 * rooms.
 */

#ifndef _NGX_HTTP_MLIST_HEALTH_H_INCLUDED_
#define _NGX_HTTP_MLIST_HEALTH_H_INCLUDED_


#include "ngx_http_mlist_stats.h"

#include "../core/mlist_latency.h"


#define NGX_HTTP_MLIST_HEALTH_LABEL    128

/* An answer is a status, or one of these, which no status is. */
#define NGX_HTTP_MLIST_HEALTH_FAILED     1   /* no whole answer */
#define NGX_HTTP_MLIST_HEALTH_TIMEOUT    2
#define NGX_HTTP_MLIST_HEALTH_TOO_LARGE  3

/* and has its place behind those of the statuses */
#define NGX_HTTP_MLIST_HEALTH_ANSWERS                                         \
    (NGX_HTTP_MLIST_STATS_CODES + NGX_HTTP_MLIST_HEALTH_TOO_LARGE)


/* Read without a lock: each number is whole, and they may differ by one. */
struct ngx_http_mlist_health_s {
    ngx_atomic_t  answers[NGX_HTTP_MLIST_HEALTH_ANSWERS];
    ngx_atomic_t  latency[MLIST_LATENCY_BUCKETS];
    ngx_atomic_t  sum;                       /* milliseconds */
    ngx_atomic_t  last;                      /* the last answer, and when, */
    ngx_atomic_t  when;                      /* in seconds; 0: never */
    ngx_atomic_t  error;                     /* the last one that was none */
    ngx_atomic_t  error_when;

    ngx_uint_t    cycle;                     /* the last configuration that
                                              names it */
    uint64_t      hash;                      /* of the whole label */
    size_t        len;                       /* 0: the place is free */
    u_char        label[NGX_HTTP_MLIST_HEALTH_LABEL];  /* as much as fits */
};


/* Makes the places in a zone of "size" bytes.  NGX_OK or NGX_ERROR. */
ngx_int_t ngx_http_mlist_health_init(ngx_http_mlist_stats_t *stats,
    ngx_slab_pool_t *pool, size_t size);

/* Finds all sources of a configuration their places. */
void ngx_http_mlist_health_places_locked(ngx_http_mlist_main_conf_t *mcf);

/* Counts a source's answer, which took "ms". */
void ngx_http_mlist_health_note(ngx_http_mlist_loc_conf_t *mlcf,
    ngx_http_mlist_source_t *source, ngx_uint_t answer, ngx_msec_t ms);

/*
 * Counts how a fetch that was begun "ms" ago has ended, for the sources that
 * it was for (fetch->sources).  "r" is the request of the fetch.
 */
void ngx_http_mlist_health_fetch(ngx_http_request_t *r,
    ngx_http_mlist_fetch_t *fetch, ngx_uint_t state, ngx_msec_t ms);

/* 1 if the answer is that of a registry that works, whatever it says. */
ngx_uint_t ngx_http_mlist_health_works(ngx_uint_t answer);


#endif /* _NGX_HTTP_MLIST_HEALTH_H_INCLUDED_ */

/*
 * What is counted: numbers in the zone, right over workers and reloads, each
 * counted by one atomic addition without any lock.  It never looks at what a
 * number means, and prints nothing.  Called, a line each, by whoever has
 * something to count; read by the status rooms.
 */

#ifndef _NGX_HTTP_MLIST_STATS_H_INCLUDED_
#define _NGX_HTTP_MLIST_STATS_H_INCLUDED_


#include "ngx_http_mlist.h"


/* Statuses that are told apart; the first place is that of all others. */
#define NGX_HTTP_MLIST_STATS_CODES  35

/* Directories of stores that are told apart. */
#define NGX_HTTP_MLIST_STATS_HELD   16


typedef enum {
    NGX_HTTP_MLIST_STATS_ACCEPTED = 0,   /* the password is right */
    NGX_HTTP_MLIST_STATS_REFUSED,
    NGX_HTTP_MLIST_STATS_BUSY,           /* too many wait */
    NGX_HTTP_MLIST_STATS_FAILED,         /* no file, or no memory */
    NGX_HTTP_MLIST_STATS_AUTHS
} ngx_http_mlist_stats_auth_e;


/* What a store's directory held when it was last gone through. */
struct ngx_http_mlist_held_s {
    uint64_t                  hash;      /* of its path; 0: nobody's */
    ngx_atomic_t              lists;
    ngx_atomic_t              bytes;
    ngx_atomic_t              when;      /* in seconds; 0: never */
};


struct ngx_http_mlist_stats_s {
    time_t                    since;     /* all is counted from then on */

    ngx_atomic_t              requests[NGX_HTTP_MLIST_KINDS]
                                      [NGX_HTTP_MLIST_STATS_CODES];
    ngx_atomic_t              cache[NGX_HTTP_MLIST_STATUSES];
    ngx_atomic_t              auth[NGX_HTTP_MLIST_STATS_AUTHS];
    ngx_atomic_t              flights;   /* that began */
    ngx_atomic_t              joined;    /* requests that found one */
    ngx_atomic_t              store_errors;

    ngx_http_mlist_held_t     held[NGX_HTTP_MLIST_STATS_HELD];

    ngx_uint_t                cycle;     /* of the configuration */
    ngx_uint_t                nhealth;
    ngx_http_mlist_health_t  *health;    /* of sources */
};


/*
 * Makes the numbers of a new zone of "size" bytes in "pool", or takes those
 * that are there in *stats; and finds the sources and stores of the
 * configuration their places.  NGX_OK, or NGX_ERROR if the pool has no room.
 */
ngx_int_t ngx_http_mlist_stats_init(ngx_http_mlist_main_conf_t *mcf,
    ngx_slab_pool_t *pool, size_t size, ngx_http_mlist_stats_t **stats);

/*
 * Keeps what a request is for where an error_page may lead it elsewhere; a
 * handler of the PREACCESS phase.
 */
ngx_int_t ngx_http_mlist_stats_keep(ngx_http_request_t *r) MLIST_HOT;

/* Counts a request of this module's; a handler of the LOG phase. */
ngx_int_t ngx_http_mlist_stats_request(ngx_http_request_t *r) MLIST_HOT;

/* A flight begins; a request waits for one that another request has begun. */
void ngx_http_mlist_stats_flight(ngx_http_mlist_loc_conf_t *mlcf);
void ngx_http_mlist_stats_joined(ngx_http_mlist_loc_conf_t *mlcf);

/* Counts what a store's operation has returned: NGX_ERROR.  Returns "rc". */
ngx_int_t ngx_http_mlist_stats_store(ngx_http_request_t *r, ngx_int_t rc);

/*
 * Counts what is answered to credentials: an HTTP status, NGX_OK or
 * NGX_AGAIN, which is not yet one.  Returns "rc".
 */
ngx_int_t ngx_http_mlist_stats_auth(ngx_http_mlist_loc_conf_t *mlcf,
    ngx_int_t rc);

/* A round of the store's manager is at its end; "held" may be NULL. */
void ngx_http_mlist_stats_held(ngx_http_mlist_held_t *held, ngx_uint_t lists,
    off_t bytes);

/* The place of a status, and the status of a place; 0: others. */
ngx_uint_t ngx_http_mlist_stats_place(ngx_uint_t status) MLIST_HOT;
ngx_uint_t ngx_http_mlist_stats_code(ngx_uint_t place);


#endif /* _NGX_HTTP_MLIST_STATS_H_INCLUDED_ */

/*
 * Flights: who waits for whom.  All requests of a worker for one tag (and,
 * with mlist_auth registry, one Authorization) share what one of them asks
 * (spec: "A tag", 10).  It knows nothing of lists: a flight begins by calling
 * back, and ends with a verdict.  Called by list and build.
 *
 * A flight is carried by a background subrequest of one of those who wait.
 * If that one's client leaves, the flight goes on; if nginx ends the request
 * all the same, the next one who waits carries the flight from its beginning.
 * A request that may not share a flight that has begun waits for the one
 * after it, which begins when that one has ended: so a crowd costs two.
 */

#ifndef _NGX_HTTP_MLIST_FLIGHT_H_INCLUDED_
#define _NGX_HTTP_MLIST_FLIGHT_H_INCLUDED_


#include "ngx_http_mlist.h"
#include "ngx_http_mlist_verdict.h"


/* What a flight is to bring, beside the list in its own type. */
typedef enum {
    NGX_HTTP_MLIST_WANT_OWN = 0,
    NGX_HTTP_MLIST_WANT_CHILD,         /* what helps to choose a child */
    NGX_HTTP_MLIST_WANT_DOCKER,        /* the list in this type, in place */
    NGX_HTTP_MLIST_WANT_OCI            /* of its own */
} ngx_http_mlist_want_e;


/*
 * Begins the work in the carrier "r", whose ctx has name and reference; it
 * returns what a phase handler returns and goes on through ctx->resume.
 */
typedef ngx_int_t (*ngx_http_mlist_flight_pt)(ngx_http_request_t *r,
    ngx_http_mlist_flight_t *flight);


typedef struct {
    ngx_str_t                    name;       /* these two live in r->pool */
    ngx_str_t                    reference;
    ngx_http_mlist_want_e        want;
    ngx_http_mlist_flight_pt     start;

    /* r may have been answered, from elsewhere, when its flight begins */

    void                       **loc_conf;   /* that it is asked in */
    ngx_int_t                    phase;      /* index of our phase handler */
    unsigned                     foreign:1;  /* not what "r" came for, nor
                                                with its credentials */
} ngx_http_mlist_flight_ask_t;


/* One who waits; the caller's, in r->pool. */
typedef struct {
    ngx_queue_t                  queue;
    ngx_http_mlist_flight_t     *flight;     /* NULL: it has ended */
    ngx_http_mlist_verdict_t    *verdict;    /* held by r->pool; NULL:
                                              there was no memory */
    ngx_http_request_t          *request;
    ngx_http_mlist_flight_ask_t  ask;
    unsigned                     background:1;
} ngx_http_mlist_wait_t;


struct ngx_http_mlist_flight_s {
    ngx_http_mlist_want_e        want;
    uint64_t                     number;     /* in the zone's order; 0: it
                                                has not begun */
    ngx_msec_t                   asked;      /* when it began */

    /* the room's own */

    ngx_str_node_t               node;       /* in the table, by "key"; not
                                                where it is someone's next */
    u_char                       key[NGX_HTTP_MLIST_KEY_SIZE];

    ngx_queue_t                  waits;      /* of ngx_http_mlist_wait_t */
    ngx_http_mlist_flight_t     *next;       /* begins when this one ends */
    ngx_http_mlist_flight_t     *previous;

    ngx_http_request_t          *owner;      /* whose subrequest carries it;
                                                NULL: nobody's */
    ngx_http_request_t          *carrier;
    ngx_http_cleanup_t          *cleanup;    /* of the owner */

    ngx_event_t                  event;      /* it begins, or has ended */
    ngx_http_mlist_verdict_t    *verdict;
    unsigned                     ended:1;
    unsigned                     lingers:1;
    unsigned                     left:1;     /* the owner's client */
};


/*
 * Joins a flight or begins one.  NGX_AGAIN: once wait->flight is NULL the
 * phases of "r" are run again; NGX_BUSY: mlist_flights tags are asked for
 * already; NGX_ERROR.
 */
ngx_int_t ngx_http_mlist_flight_join(ngx_http_request_t *r,
    ngx_http_mlist_flight_ask_t *ask, ngx_http_mlist_wait_t *wait);

/*
 * Sees to it that the tag is asked for, from now on at the earliest where it
 * was dropped, without waiting for it.  "r" has not been answered yet; its
 * connection is not kept alive.  NGX_OK, NGX_BUSY or NGX_ERROR.
 */
ngx_int_t ngx_http_mlist_flight_background(ngx_http_request_t *r,
    ngx_http_mlist_flight_ask_t *ask);

/*
 * Ends the flight that "r" carries and gives everyone the verdict (NULL: no
 * memory), taking over the caller's hold.  "lingers": the carrier still works
 * afterwards; then an owner whose client has left ends with it, unanswered.
 * The flight is gone then.
 */
void ngx_http_mlist_flight_end(ngx_http_request_t *r,
    ngx_http_mlist_flight_t *flight, ngx_http_mlist_verdict_t *verdict,
    ngx_uint_t lingers);


#endif /* _NGX_HTTP_MLIST_FLIGHT_H_INCLUDED_ */

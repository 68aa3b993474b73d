/*
 * Flights, who waits for whom: see ngx_http_mlist_flight.h.
 */


#include "ngx_http_mlist_flight.h"
#include "ngx_http_mlist_carrier.h"
#include "ngx_http_mlist_share.h"
#include "ngx_http_mlist_stats.h"
#include "ngx_http_mlist_tag.h"
#include "ngx_http_mlist_zone.h"


static ngx_http_mlist_flight_t *ngx_http_mlist_flight_find(u_char *key);
static ngx_http_mlist_flight_t *ngx_http_mlist_flight_create(u_char *key,
    ngx_http_mlist_want_e want);
static void ngx_http_mlist_flight_insert(ngx_http_mlist_flight_t *flight);
static ngx_http_mlist_flight_t *ngx_http_mlist_flight_next(
    ngx_http_mlist_flight_t *flight);
static ngx_int_t ngx_http_mlist_flight_first(ngx_http_request_t *r,
    ngx_http_mlist_loc_conf_t *mlcf, ngx_http_mlist_flight_ask_t *ask,
    u_char *key, ngx_http_mlist_flight_t **flight);
static ngx_int_t ngx_http_mlist_flight_wait(ngx_http_request_t *r,
    ngx_http_mlist_flight_t *flight, ngx_http_mlist_flight_ask_t *ask,
    ngx_http_mlist_wait_t *wait);
static void ngx_http_mlist_flight_left(void *data);

static ngx_int_t ngx_http_mlist_flight_carry(ngx_http_mlist_flight_t *flight,
    ngx_http_request_t *r, ngx_http_mlist_flight_ask_t *ask);
static void ngx_http_mlist_flight_lost(void *data);

static void ngx_http_mlist_flight_event(ngx_event_t *ev);
static void ngx_http_mlist_flight_begin(ngx_http_mlist_flight_t *flight);
static void ngx_http_mlist_flight_deliver(ngx_http_mlist_flight_t *flight);
static void ngx_http_mlist_flight_give(ngx_http_mlist_flight_t *flight,
    ngx_http_mlist_wait_t *wait);
static void ngx_http_mlist_flight_linger(ngx_http_request_t *r);
static void ngx_http_mlist_flight_remove(ngx_http_mlist_flight_t *flight);


/* What is under way in this worker: a request goes with its worker. */

static ngx_rbtree_t       ngx_http_mlist_flights;
static ngx_rbtree_node_t  ngx_http_mlist_flights_sentinel;
static ngx_int_t          ngx_http_mlist_flights_n;


ngx_int_t
ngx_http_mlist_flight_join(ngx_http_request_t *r,
    ngx_http_mlist_flight_ask_t *ask, ngx_http_mlist_wait_t *wait)
{
    u_char                      key[NGX_HTTP_MLIST_KEY_SIZE];
    ngx_int_t                   rc;
    ngx_http_mlist_flight_t    *flight;
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    if (ngx_http_mlist_share_key(r, mlcf, ask, key) != NGX_OK) {
        return NGX_ERROR;
    }

    flight = ngx_http_mlist_flight_find(key);

    if (flight == NULL) {
        rc = ngx_http_mlist_flight_first(r, mlcf, ask, key, &flight);

        if (rc != NGX_OK) {
            return rc;
        }

    } else {

        if (!ngx_http_mlist_share_young(flight, mlcf, ask)) {
            flight = ngx_http_mlist_flight_next(flight);

            if (flight == NULL) {
                return NGX_ERROR;
            }
        }

        ngx_http_mlist_stats_joined(mlcf);

        /* a client that leaves has nothing that others wait for */

        r->read_event_handler = ngx_http_test_reading;
    }

    wait->background = 0;

    return ngx_http_mlist_flight_wait(r, flight, ask, wait) == NGX_OK
               ? NGX_AGAIN : NGX_ERROR;
}


ngx_int_t
ngx_http_mlist_flight_background(ngx_http_request_t *r,
    ngx_http_mlist_flight_ask_t *ask)
{
    u_char                      key[NGX_HTTP_MLIST_KEY_SIZE];
    ngx_int_t                   rc;
    ngx_http_mlist_wait_t      *wait;
    ngx_http_mlist_flight_t    *flight;
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ask->loc_conf[ngx_http_mlist_module.ctx_index];

    if (ngx_http_mlist_share_key(r, mlcf, ask, key) != NGX_OK) {
        return NGX_ERROR;
    }

    flight = ngx_http_mlist_flight_find(key);

    if (flight == NULL) {
        rc = ngx_http_mlist_flight_first(r, mlcf, ask, key, &flight);

        if (rc == NGX_OK) {
            ngx_http_mlist_flight_linger(r);
        }

        return rc;
    }

    if (flight->number == 0
        || flight->next
        || flight->number > ngx_http_mlist_tag_last_drop(mlcf, &ask->name,
                                                         &ask->reference))
    {
        return NGX_OK;
    }

    wait = ngx_palloc(r->pool, sizeof(ngx_http_mlist_wait_t));
    flight = ngx_http_mlist_flight_next(flight);

    if (wait == NULL || flight == NULL) {
        return NGX_ERROR;
    }

    wait->background = 1;

    if (ngx_http_mlist_flight_wait(r, flight, ask, wait) != NGX_OK) {
        return NGX_ERROR;
    }

    /* held until the flight begins or nobody else carries it */

    r->main->count++;
    ngx_http_mlist_flight_linger(r);

    return NGX_OK;
}


static ngx_http_mlist_flight_t *
ngx_http_mlist_flight_find(u_char *key)
{
    ngx_str_t        name;
    ngx_str_node_t  *node;

    if (ngx_http_mlist_flights.root == NULL) {
        ngx_rbtree_init(&ngx_http_mlist_flights,
                        &ngx_http_mlist_flights_sentinel,
                        ngx_str_rbtree_insert_value);
    }

    name.data = key;
    name.len = NGX_HTTP_MLIST_KEY_SIZE;

    node = ngx_str_rbtree_lookup(&ngx_http_mlist_flights, &name,
                                 ngx_crc32_short(name.data, name.len));

    return node ? ngx_rbtree_data(&node->node, ngx_http_mlist_flight_t,
                                  node.node)
                : NULL;
}


static ngx_http_mlist_flight_t *
ngx_http_mlist_flight_create(u_char *key, ngx_http_mlist_want_e want)
{
    ngx_http_mlist_flight_t  *flight;

    flight = ngx_calloc(sizeof(ngx_http_mlist_flight_t), ngx_cycle->log);
    if (flight == NULL) {
        return NULL;
    }

    ngx_memcpy(flight->key, key, NGX_HTTP_MLIST_KEY_SIZE);
    ngx_queue_init(&flight->waits);

    flight->want = want;

    flight->event.handler = ngx_http_mlist_flight_event;
    flight->event.data = flight;
    flight->event.log = ngx_cycle->log;

    return flight;
}


static void
ngx_http_mlist_flight_insert(ngx_http_mlist_flight_t *flight)
{
    flight->node.str.data = flight->key;
    flight->node.str.len = NGX_HTTP_MLIST_KEY_SIZE;
    flight->node.node.key = ngx_crc32_short(flight->key,
                                            NGX_HTTP_MLIST_KEY_SIZE);

    ngx_rbtree_insert(&ngx_http_mlist_flights, &flight->node.node);
    ngx_http_mlist_flights_n++;
}


/* The flight after this one, or NULL if memory is short. */

static ngx_http_mlist_flight_t *
ngx_http_mlist_flight_next(ngx_http_mlist_flight_t *flight)
{
    if (flight->next == NULL) {
        flight->next = ngx_http_mlist_flight_create(flight->key,
                                                    flight->want);

        if (flight->next) {
            flight->next->previous = flight;
        }
    }

    return flight->next;
}


/* Begins the only flight for a key, carried by "r". */

static ngx_int_t
ngx_http_mlist_flight_first(ngx_http_request_t *r,
    ngx_http_mlist_loc_conf_t *mlcf, ngx_http_mlist_flight_ask_t *ask,
    u_char *key, ngx_http_mlist_flight_t **flight)
{
    if (ngx_http_mlist_flights_n >= mlcf->flights) {
        ngx_log_error(NGX_LOG_WARN, r->connection->log, 0,
                      "mlist: %i tags are being asked for, \"mlist_flights\" "
                      "allows no more", ngx_http_mlist_flights_n);
        return NGX_BUSY;
    }

    *flight = ngx_http_mlist_flight_create(key, ask->want);
    if (*flight == NULL) {
        return NGX_ERROR;
    }

    ngx_http_mlist_flight_insert(*flight);

    if (ngx_http_mlist_flight_carry(*flight, r, ask) != NGX_OK) {
        ngx_http_mlist_flight_remove(*flight);
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_mlist_flight_wait(ngx_http_request_t *r,
    ngx_http_mlist_flight_t *flight, ngx_http_mlist_flight_ask_t *ask,
    ngx_http_mlist_wait_t *wait)
{
    ngx_http_cleanup_t  *cln;

    cln = ngx_http_cleanup_add(r, 0);
    if (cln == NULL) {
        return NGX_ERROR;
    }

    cln->handler = ngx_http_mlist_flight_left;
    cln->data = wait;

    wait->flight = flight;
    wait->verdict = NULL;
    wait->request = r;
    wait->ask = *ask;

    ngx_queue_insert_tail(&flight->waits, &wait->queue);

    return NGX_OK;
}


/* One who waits has been ended by nginx. */

static void
ngx_http_mlist_flight_left(void *data)
{
    ngx_http_mlist_wait_t *wait = data;

    ngx_http_mlist_flight_t  *flight;

    flight = wait->flight;

    if (flight == NULL) {
        return;
    }

    ngx_queue_remove(&wait->queue);
    wait->flight = NULL;

    if (flight->previous && ngx_queue_empty(&flight->waits)) {
        ngx_http_mlist_flight_remove(flight);
    }
}


/* Begins a flight as a subrequest of "r". */

static ngx_int_t
ngx_http_mlist_flight_carry(ngx_http_mlist_flight_t *flight,
    ngx_http_request_t *r, ngx_http_mlist_flight_ask_t *ask)
{
    ngx_http_cleanup_t         *cln;
    ngx_http_mlist_loc_conf_t  *mlcf;

    cln = ngx_http_cleanup_add(r->main, 0);
    if (cln == NULL
        || ngx_http_mlist_carrier_start(r, ask, flight, &flight->carrier)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    cln->handler = ngx_http_mlist_flight_lost;
    cln->data = flight;

    mlcf = ngx_http_get_module_loc_conf(flight->carrier,
                                        ngx_http_mlist_module);

    flight->owner = r->main;
    flight->cleanup = cln;
    flight->number = ngx_http_mlist_zone_draw(mlcf->main->zone);
    flight->asked = ngx_current_msec;

    ngx_http_mlist_stats_flight(mlcf);

    return NGX_OK;
}


/* The owner has been ended by nginx, and the carrier with it. */

static void
ngx_http_mlist_flight_lost(void *data)
{
    ngx_http_mlist_flight_t *flight = data;

    ngx_http_mlist_carrier_stop(flight->carrier);

    flight->owner = NULL;
    flight->carrier = NULL;
    flight->cleanup = NULL;
    flight->number = 0;

    ngx_post_event(&flight->event, &ngx_posted_events);
}


void
ngx_http_mlist_flight_end(ngx_http_request_t *r,
    ngx_http_mlist_flight_t *flight, ngx_http_mlist_verdict_t *verdict,
    ngx_uint_t lingers)
{
    ngx_http_mlist_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);

    flight->cleanup->handler = NULL;
    flight->verdict = verdict;
    flight->ended = 1;
    flight->lingers = lingers;
    flight->left = ctx->left;

    ngx_rbtree_delete(&ngx_http_mlist_flights, &flight->node.node);
    ngx_http_mlist_flights_n--;

    if (flight->next) {
        flight->next->previous = NULL;
        ngx_http_mlist_flight_insert(flight->next);
        ngx_post_event(&flight->next->event, &ngx_posted_events);
    }

    ngx_post_event(&flight->event, &ngx_posted_events);
}


static void
ngx_http_mlist_flight_event(ngx_event_t *ev)
{
    ngx_http_mlist_flight_t *flight = ev->data;

    if (flight->ended) {
        ngx_http_mlist_flight_deliver(flight);
        return;
    }

    ngx_http_mlist_flight_begin(flight);
}


/* The first of those who wait carries the flight. */

static void
ngx_http_mlist_flight_begin(ngx_http_mlist_flight_t *flight)
{
    ngx_queue_t            *q;
    ngx_connection_t       *c;
    ngx_http_mlist_wait_t  *wait;

    while (!ngx_queue_empty(&flight->waits)) {

        q = ngx_queue_head(&flight->waits);
        wait = ngx_queue_data(q, ngx_http_mlist_wait_t, queue);

        c = wait->request->connection;

        ngx_http_set_log_request(c->log, wait->request);

        if (ngx_http_mlist_flight_carry(flight, wait->request, &wait->ask)
            != NGX_OK)
        {
            ngx_http_mlist_flight_give(flight, wait);
            continue;
        }

        if (wait->background) {
            ngx_http_mlist_flight_give(flight, wait);

        } else {
            wait->request->read_event_handler = ngx_http_block_reading;
        }

        ngx_http_run_posted_requests(c);

        return;
    }

    ngx_http_mlist_flight_remove(flight);
}


static void
ngx_http_mlist_flight_deliver(ngx_http_mlist_flight_t *flight)
{
    ngx_queue_t  *q;

    /* whoever is woken may end others who wait */

    while (!ngx_queue_empty(&flight->waits)) {
        q = ngx_queue_head(&flight->waits);

        ngx_http_mlist_flight_give(flight,
                             ngx_queue_data(q, ngx_http_mlist_wait_t, queue));
    }

    if (flight->verdict) {
        ngx_http_mlist_verdict_release(flight->verdict);
    }

    ngx_free(flight);
}


/* Lets one who waits go on, with what the flight has brought. */

static void
ngx_http_mlist_flight_give(ngx_http_mlist_flight_t *flight,
    ngx_http_mlist_wait_t *wait)
{
    ngx_connection_t    *c;
    ngx_http_request_t  *r;

    r = wait->request;
    c = r->connection;

    /*
     * clang-analyzer-core.NullDereference is mistaken: what is removed is
     * not the queue's head again
     */

    ngx_queue_remove(&wait->queue);
    wait->flight = NULL;

    ngx_http_set_log_request(c->log, r);

    if (wait->background) {
        ngx_http_finalize_request(r, NGX_DONE);
        ngx_http_run_posted_requests(c);
        return;
    }

    if (flight->verdict
        && ngx_http_mlist_verdict_hold(flight->verdict, r->pool) == NGX_OK)
    {
        wait->verdict = flight->verdict;
    }

    if (flight->lingers && flight->owner == r) {

        if (flight->left) {

            /* an answer that cannot be sent would end the carrier, too */

            r->write_event_handler = ngx_http_request_empty_handler;
            return;
        }

        ngx_http_mlist_flight_linger(r);
    }

    r->read_event_handler = ngx_http_block_reading;
    r->write_event_handler = ngx_http_core_run_phases;

    (void) ngx_http_post_request(r, NULL);

    ngx_http_run_posted_requests(c);
}


/* The client is not to wait for what goes on behind its answer. */

static void
ngx_http_mlist_flight_linger(ngx_http_request_t *r)
{
    ngx_http_mlist_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);

    /* an error_page takes it off the request */

    if (ctx) {
        ctx->lingers = 1;
    }

    r->keepalive = 0;
}


/* A flight that nobody waits for, not begun or not able to. */

static void
ngx_http_mlist_flight_remove(ngx_http_mlist_flight_t *flight)
{
    ngx_http_mlist_flight_t  *next;

    next = flight->next;

    if (flight->event.posted) {
        ngx_delete_posted_event(&flight->event);
    }

    if (flight->previous) {
        flight->previous->next = NULL;

    } else {
        ngx_rbtree_delete(&ngx_http_mlist_flights, &flight->node.node);
        ngx_http_mlist_flights_n--;
    }

    ngx_free(flight);

    if (next) {
        next->previous = NULL;
        ngx_http_mlist_flight_insert(next);
        ngx_post_event(&next->event, &ngx_posted_events);
    }
}

/*
 * The deadlines of internal fetches: see ngx_http_mlist_deadline.h.
 */


#include "ngx_http_mlist_deadline.h"


/* Milliseconds between two looks whether proxy has begun. */
#define NGX_HTTP_MLIST_DEADLINE_LOOK  1000


struct ngx_http_mlist_deadline_s {
    ngx_event_t                 event;
    ngx_http_mlist_fetch_t     *fetch;
    ngx_msec_t                  heard;
    ngx_uint_t                  late;      /* unsigned  late:1; */
};


static void ngx_http_mlist_deadline_handler(ngx_event_t *ev);
static ngx_msec_t ngx_http_mlist_deadline_limit(ngx_http_upstream_t *u);
static void ngx_http_mlist_deadline_cleanup(void *data);


ngx_int_t
ngx_http_mlist_deadline_create(ngx_http_request_t *r,
    ngx_http_mlist_fetch_t *fetch)
{
    ngx_http_cleanup_t         *cln;
    ngx_http_mlist_deadline_t  *deadline;

    if (fetch->deadline) {
        return NGX_OK;
    }

    deadline = ngx_pcalloc(r->pool, sizeof(ngx_http_mlist_deadline_t));
    cln = ngx_http_cleanup_add(r, 0);
    if (deadline == NULL || cln == NULL) {
        return NGX_ERROR;
    }

    deadline->event.handler = ngx_http_mlist_deadline_handler;
    deadline->event.data = deadline;
    deadline->event.log = r->connection->log;
    deadline->fetch = fetch;

    cln->handler = ngx_http_mlist_deadline_cleanup;
    cln->data = deadline;

    fetch->deadline = deadline;

    return NGX_OK;
}


void
ngx_http_mlist_deadline_start(ngx_http_mlist_fetch_t *fetch)
{
    ngx_add_timer(&fetch->deadline->event, NGX_HTTP_MLIST_DEADLINE_LOOK);
}


void
ngx_http_mlist_deadline_clear(ngx_http_mlist_fetch_t *fetch)
{
    ngx_http_mlist_deadline_cleanup(fetch->deadline);
}


void
ngx_http_mlist_deadline_heard(ngx_http_mlist_fetch_t *fetch)
{
    fetch->deadline->late = 0;
    fetch->deadline->heard = ngx_current_msec;
}


ngx_uint_t
ngx_http_mlist_deadline_passed(ngx_http_mlist_fetch_t *fetch)
{
    ngx_msec_t            silence, limit;
    ngx_http_upstream_t  *u;

    u = fetch->request->upstream;

    if (u->length == 0) {
        return 0;
    }

    /* nginx's timers may run out that much earlier */

    silence = ngx_current_msec - fetch->deadline->heard;
    limit = u->conf->read_timeout;
    limit -= ngx_min(limit / 2, NGX_TIMER_LAZY_DELAY);

    return fetch->deadline->late || silence >= limit;
}


static void
ngx_http_mlist_deadline_handler(ngx_event_t *ev)
{
    ngx_msec_t                  limit, spent;
    ngx_event_t                *rev;
    ngx_http_upstream_t        *u;
    ngx_http_mlist_deadline_t  *deadline;

    deadline = ev->data;
    u = deadline->fetch->request->upstream;

    /* a name that is being resolved has a timeout of its own */

    if (u == NULL || u->peer.connection == NULL) {
        ngx_add_timer(ev, NGX_HTTP_MLIST_DEADLINE_LOOK);
        return;
    }

    limit = ngx_http_mlist_deadline_limit(u);
    spent = ngx_current_msec - u->start_time;

    if (spent < limit) {
        ngx_add_timer(ev, limit - spent);
        return;
    }

    ngx_log_error(NGX_LOG_ERR, ev->log, 0,
                  "mlist: \"%V\" was not answered whole within %M ms",
                  &deadline->fetch->url, limit);

    /* proxy may try another server, or be done and take this along */

    deadline->late = 1;
    ngx_add_timer(ev, limit);

    rev = u->peer.connection->read;

    if (rev->timer_set) {
        ngx_del_timer(rev);
    }

    rev->timedout = 1;
    rev->handler(rev);
}


static ngx_msec_t
ngx_http_mlist_deadline_limit(ngx_http_upstream_t *u)
{
    return u->conf->connect_timeout + u->conf->send_timeout
           + u->conf->read_timeout;
}


static void
ngx_http_mlist_deadline_cleanup(void *data)
{
    ngx_http_mlist_deadline_t *deadline = data;

    if (deadline->event.timer_set) {
        ngx_del_timer(&deadline->event);
    }
}

/*
 * Rebuilding tags after an event: see ngx_http_mlist_rebuild.h.
 */


#include "ngx_http_mlist_rebuild.h"
#include "ngx_http_mlist_list.h"
#include "ngx_http_mlist_tag.h"


/* Each is a flight in the request that told of it. */
#define NGX_HTTP_MLIST_REBUILD_MAX  32


typedef struct {
    ngx_http_mlist_active_t  *active;
    ngx_str_t                 name;
    ngx_str_t                 tag;
} ngx_http_mlist_rebuild_tag_t;


struct ngx_http_mlist_rebuild_s {
    ngx_http_request_t       *request;
    ngx_int_t                 phase;
    ngx_array_t               tags;      /* of ngx_http_mlist_rebuild_tag_t */
    ngx_event_t               timer;
    ngx_uint_t                tries;
    unsigned                  full:1;
};


static ngx_http_mlist_rebuild_t *ngx_http_mlist_rebuild_create(
    ngx_http_request_t *r);
static void ngx_http_mlist_rebuild_event(ngx_event_t *ev);
static ngx_uint_t ngx_http_mlist_rebuild_done(ngx_http_request_t *r,
    ngx_http_mlist_rebuild_tag_t *tag);
static void ngx_http_mlist_rebuild_tag(ngx_http_mlist_rebuild_t *rebuild,
    ngx_http_mlist_rebuild_tag_t *tag);
static void ngx_http_mlist_rebuild_cleanup(void *data);


/* In milliseconds; after the last one nothing that was told counts more. */
static ngx_msec_t  ngx_http_mlist_rebuild_delays[] = {
    250, 1000, NGX_HTTP_MLIST_TAG_SETTLE / 1000, 10000
};

#define NGX_HTTP_MLIST_REBUILD_TRIES                                         \
    (sizeof(ngx_http_mlist_rebuild_delays) / sizeof(ngx_msec_t))


ngx_int_t
ngx_http_mlist_rebuild_add(ngx_http_request_t *r,
    ngx_http_mlist_active_t *active, ngx_str_t *name, ngx_str_t *tag)
{
    ngx_uint_t                     i;
    ngx_http_mlist_ctx_t          *ctx;
    ngx_http_mlist_rebuild_t      *rebuild;
    ngx_http_mlist_rebuild_tag_t  *t;

    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);

    if (ctx->rebuild == NULL) {
        ctx->rebuild = ngx_http_mlist_rebuild_create(r);
        if (ctx->rebuild == NULL) {
            return NGX_ERROR;
        }
    }

    rebuild = ctx->rebuild;
    t = rebuild->tags.elts;

    for (i = 0; i < rebuild->tags.nelts; i++) {
        if (t[i].active == active
            && mlist_str_eq(ngx_http_mlist_view(&t[i].name),
                            ngx_http_mlist_view(name))
            && mlist_str_eq(ngx_http_mlist_view(&t[i].tag),
                            ngx_http_mlist_view(tag)))
        {
            return NGX_OK;
        }
    }

    if (i == NGX_HTTP_MLIST_REBUILD_MAX) {

        if (!rebuild->full) {
            rebuild->full = 1;
            ngx_log_error(NGX_LOG_WARN, r->connection->log, 0,
                          "mlist: \"%V:%V\" and others are not built before "
                          "they are pulled: more than %d at once", name, tag,
                          NGX_HTTP_MLIST_REBUILD_MAX);
        }

        return NGX_OK;
    }

    t = ngx_array_push(&rebuild->tags);
    if (t == NULL) {
        return NGX_ERROR;
    }

    t->active = active;
    t->name = *name;
    t->tag = *tag;

    return NGX_OK;
}


static ngx_http_mlist_rebuild_t *
ngx_http_mlist_rebuild_create(ngx_http_request_t *r)
{
    ngx_http_mlist_rebuild_t  *rebuild;

    rebuild = ngx_pcalloc(r->pool, sizeof(ngx_http_mlist_rebuild_t));
    if (rebuild == NULL
        || ngx_array_init(&rebuild->tags, r->pool, 4,
                          sizeof(ngx_http_mlist_rebuild_tag_t))
           != NGX_OK)
    {
        return NULL;
    }

    rebuild->request = r;
    rebuild->phase = r->phase_handler;

    rebuild->timer.handler = ngx_http_mlist_rebuild_event;
    rebuild->timer.data = rebuild;
    rebuild->timer.log = r->connection->log;

    return rebuild;
}


ngx_int_t
ngx_http_mlist_rebuild_start(ngx_http_request_t *r)
{
    ngx_http_cleanup_t    *cln;
    ngx_http_mlist_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);

    if (ctx->rebuild == NULL) {
        return NGX_OK;
    }

    cln = ngx_http_cleanup_add(r, 0);
    if (cln == NULL) {
        return NGX_ERROR;
    }

    cln->handler = ngx_http_mlist_rebuild_cleanup;
    cln->data = ctx->rebuild;

    ctx->lingers = 1;

    r->keepalive = 0;
    r->main->count++;

    ngx_post_event(&ctx->rebuild->timer, &ngx_posted_events);

    return NGX_OK;
}


static void
ngx_http_mlist_rebuild_event(ngx_event_t *ev)
{
    ngx_http_mlist_rebuild_t *rebuild = ev->data;

    ngx_uint_t                     i, n;
    ngx_connection_t              *c;
    ngx_http_request_t            *r;
    ngx_http_mlist_rebuild_tag_t  *tag;

    r = rebuild->request;
    c = r->connection;

    ngx_http_set_log_request(c->log, r);

    tag = rebuild->tags.elts;
    n = 0;

    for (i = 0; i < rebuild->tags.nelts; i++) {
        if (!ngx_http_mlist_rebuild_done(r, &tag[i])) {
            tag[n++] = tag[i];
        }
    }

    rebuild->tags.nelts = n;

    if (n && rebuild->tries < NGX_HTTP_MLIST_REBUILD_TRIES) {

        for (i = 0; i < n; i++) {
            ngx_http_mlist_rebuild_tag(rebuild, &tag[i]);
        }

        ngx_add_timer(ev, ngx_http_mlist_rebuild_delays[rebuild->tries++]);

    } else {
        ngx_http_finalize_request(r, NGX_DONE);
    }

    ngx_http_run_posted_requests(c);
}


/* 1 if the tag has been asked for since the event, and shows it; else 0. */

static ngx_uint_t
ngx_http_mlist_rebuild_done(ngx_http_request_t *r,
    ngx_http_mlist_rebuild_tag_t *tag)
{
    ngx_http_mlist_tag_t  known;

    return ngx_http_mlist_tag_known(tag->active->conf, &tag->name, &tag->tag,
                                    &known)
           == NGX_OK
           && !known.unsettled
           && ngx_http_mlist_tag_last_drop(tag->active->conf, &tag->name,
                                           &tag->tag)
              < known.number;
}


static void
ngx_http_mlist_rebuild_tag(ngx_http_mlist_rebuild_t *rebuild,
    ngx_http_mlist_rebuild_tag_t *tag)
{
    ngx_int_t            rc;
    ngx_http_request_t  *r;

    r = rebuild->request;

    rc = ngx_http_mlist_list_refresh(r, rebuild->phase, tag->active->loc_conf,
                                     &tag->name, &tag->tag);

    if (rc != NGX_OK) {
        ngx_log_error(NGX_LOG_WARN, r->connection->log, 0,
                      "mlist: \"%V:%V\" is not built before it is pulled: %s",
                      &tag->name, &tag->tag,
                      rc == NGX_BUSY ? "mlist_flights are under way"
                                     : "no memory");
    }
}


static void
ngx_http_mlist_rebuild_cleanup(void *data)
{
    ngx_http_mlist_rebuild_t *rebuild = data;

    if (rebuild->timer.timer_set) {
        ngx_del_timer(&rebuild->timer);
    }

    if (rebuild->timer.posted) {
        ngx_delete_posted_event(&rebuild->timer);
    }
}

/*
 * mlist_notify: the directive, and the events of a request to it.
 * What is stale after an event is drop's matter.  See ngx_http_mlist_notify.h.
 */


#include "ngx_http_mlist_notify.h"
#include "ngx_http_mlist_body.h"
#include "ngx_http_mlist_conf.h"
#include "ngx_http_mlist_drop.h"
#include "ngx_http_mlist_guard.h"
#include "ngx_http_mlist_header.h"
#include "ngx_http_mlist_rebuild.h"
#include "ngx_http_mlist_send.h"
#include "ngx_http_mlist_tag.h"
#include "ngx_http_mlist_told.h"

#include "../core/mlist_event.h"


#define NGX_HTTP_MLIST_NOTIFY_BODY  (1024 * 1024)


typedef struct {
    mlist_envelope_t   envelope;
    ngx_array_t        hits;     /* of ngx_http_mlist_hit_t; of one event */
} ngx_http_mlist_notify_t;


static ngx_int_t ngx_http_mlist_notify_merge_own(ngx_conf_t *cf,
    ngx_http_mlist_loc_conf_t *prev, ngx_http_mlist_loc_conf_t *conf,
    ngx_http_core_loc_conf_t *clcf);
static ngx_uint_t ngx_http_mlist_notify_open(ngx_http_core_loc_conf_t *clcf,
    ngx_http_mlist_loc_conf_t *prev, ngx_http_mlist_loc_conf_t *conf);
static ngx_int_t ngx_http_mlist_notify_begin(ngx_http_request_t *r);
static ngx_int_t ngx_http_mlist_notify_work(ngx_http_request_t *r,
    void *state);
static ngx_int_t ngx_http_mlist_notify_parse(ngx_http_request_t *r,
    ngx_http_mlist_notify_t *notify, ngx_str_t *body);
static void ngx_http_mlist_notify_cleanup(void *data);
static ngx_int_t ngx_http_mlist_notify_event(ngx_http_request_t *r,
    ngx_http_mlist_notify_t *notify, mlist_event_t *event);
static void ngx_http_mlist_notify_spare(ngx_http_request_t *r,
    ngx_http_mlist_change_t *change, ngx_array_t *hits, ngx_str_t *digest);
static ngx_int_t ngx_http_mlist_notify_rebuild(ngx_http_request_t *r,
    ngx_array_t *hits);
static ngx_int_t ngx_http_mlist_notify_send(ngx_http_request_t *r);


char *
ngx_http_mlist_notify_set(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_mlist_loc_conf_t *mlcf = conf;

    ngx_http_mlist_main_conf_t  *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_mlist_module);
    mcf->notified = 1;

    return ngx_http_mlist_conf_mark(cf, &mlcf->notify);
}


ngx_int_t
ngx_http_mlist_notify_merge(ngx_conf_t *cf, ngx_http_mlist_loc_conf_t *prev,
    ngx_http_mlist_loc_conf_t *conf)
{
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    ngx_http_mlist_conf_mark_merge(clcf, &prev->notify, &conf->notify);

    return conf->notify.on
               ? ngx_http_mlist_notify_merge_own(cf, prev, conf, clcf)
               : NGX_OK;
}


static ngx_int_t
ngx_http_mlist_notify_merge_own(ngx_conf_t *cf,
    ngx_http_mlist_loc_conf_t *prev, ngx_http_mlist_loc_conf_t *conf,
    ngx_http_core_loc_conf_t *clcf)
{
    if (clcf->handler) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"mlist_notify\" in location \"%V\", which has another "
                      "handler, in %s:%ui", &clcf->name,
                      conf->notify.file, conf->notify.line);
        return NGX_ERROR;
    }

    /* its own limit, since the pushes beside it need a larger one */

    clcf->client_max_body_size = NGX_HTTP_MLIST_NOTIFY_BODY;

    conf->notify_limited = (clcf->limit_except & NGX_HTTP_POST) ? 1 : 0;

    if (ngx_http_mlist_notify_open(clcf, prev, conf)) {
        ngx_log_error(NGX_LOG_WARN, cf->log, 0,
                      "\"mlist_notify\" in location \"%V\" has no access "
                      "control, so that everybody may post events, in %s:%ui",
                      &clcf->name, conf->notify.file, conf->notify.line);
    }

    return NGX_OK;
}


/* 1 if it is this level that decides who may post, and it keeps out nobody. */

static ngx_uint_t
ngx_http_mlist_notify_open(ngx_http_core_loc_conf_t *clcf,
    ngx_http_mlist_loc_conf_t *prev, ngx_http_mlist_loc_conf_t *conf)
{
    if (clcf->internal || ngx_http_mlist_guard_is(conf)) {
        return 0;
    }

    if (clcf->lmt_excpt) {
        return prev->notify_limited;
    }

    return !clcf->noname && !conf->notify_limited;
}


ngx_int_t
ngx_http_mlist_notify_handler(ngx_http_request_t *r)
{
    ngx_int_t              rc;
    ngx_http_mlist_ctx_t  *ctx;

    static ngx_str_t  post = ngx_string("POST");

    /* access rules are not asked about a subrequest */

    if (r != r->main) {
        return NGX_HTTP_FORBIDDEN;
    }

    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);

    if (ctx && ctx->resume) {
        rc = ctx->resume(r, ctx->state);

        if (rc != NGX_AGAIN) {
            ctx->resume = NULL;
        }

        return rc;
    }

    if (r->method != NGX_HTTP_POST) {
        return ngx_http_mlist_header_push(&r->headers_out.headers, "Allow",
                                          &post)
                   ? NGX_HTTP_NOT_ALLOWED : NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_mlist_notify_begin(r);
}


static ngx_int_t
ngx_http_mlist_notify_begin(ngx_http_request_t *r)
{
    ngx_int_t                 rc;
    ngx_http_mlist_ctx_t     *ctx;
    ngx_http_mlist_notify_t  *notify;

    ctx = ngx_pcalloc(r->pool, sizeof(ngx_http_mlist_ctx_t));
    notify = ngx_pcalloc(r->pool, sizeof(ngx_http_mlist_notify_t));

    if (ctx == NULL || notify == NULL
        || ngx_array_init(&notify->hits, r->pool, 8,
                          sizeof(ngx_http_mlist_hit_t))
           != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->state = notify;
    ctx->resume = ngx_http_mlist_notify_work;

    ngx_http_set_ctx(r, ctx, ngx_http_mlist_module);

    rc = ngx_http_mlist_body_read(r, ctx, NGX_HTTP_MLIST_NOTIFY_BODY);

    if (rc == NGX_AGAIN) {
        return NGX_AGAIN;
    }

    ctx->resume = NULL;

    return rc == NGX_OK ? ngx_http_mlist_notify_work(r, notify) : rc;
}


static ngx_int_t
ngx_http_mlist_notify_work(ngx_http_request_t *r, void *state)
{
    size_t                    i;
    ngx_int_t                 rc;
    mlist_event_t             event;
    ngx_http_mlist_ctx_t     *ctx;
    ngx_http_mlist_notify_t  *notify;

    notify = state;

    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);

    rc = ngx_http_mlist_notify_parse(r, notify, &ctx->body->bytes);

    if (rc != NGX_OK) {
        return rc;
    }

    for (i = 0; mlist_event_next(&notify->envelope, &i, &event); /* void */ ) {

        if (ngx_http_mlist_notify_event(r, notify, &event) != NGX_OK) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }
    }

    if (ngx_http_mlist_rebuild_start(r) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    r->content_handler = ngx_http_mlist_notify_send;

    return NGX_OK;
}


/* NGX_OK, or a status. */

static ngx_int_t
ngx_http_mlist_notify_parse(ngx_http_request_t *r,
    ngx_http_mlist_notify_t *notify, ngx_str_t *body)
{
    mlist_rc_e           rc;
    ngx_pool_cleanup_t  *cln;

    cln = ngx_pool_cleanup_add(r->pool, 0);
    if (cln == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = mlist_event_parse(ngx_http_mlist_view(body), &notify->envelope);

    cln->handler = ngx_http_mlist_notify_cleanup;
    cln->data = notify;

    if (rc == MLIST_OK) {
        return NGX_OK;
    }

    if (rc == MLIST_NOMEM) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_log_error(NGX_LOG_WARN, r->connection->log, 0,
                  "mlist_notify refused an envelope of %uz bytes: %s",
                  body->len, mlist_rc_text(rc));

    return NGX_HTTP_BAD_REQUEST;
}


static void
ngx_http_mlist_notify_cleanup(void *data)
{
    ngx_http_mlist_notify_t *notify = data;

    json_decref(notify->envelope.doc);
}


static ngx_int_t
ngx_http_mlist_notify_event(ngx_http_request_t *r,
    ngx_http_mlist_notify_t *notify, mlist_event_t *event)
{
    ngx_str_t                digest;
    ngx_http_mlist_change_t  change;

    change.name = ngx_http_mlist_ngx_str(event->name);
    change.tag = ngx_http_mlist_ngx_str(event->tag);
    ngx_str_null(&change.digest);

    if (event->action == MLIST_EVENT_PUSH) {
        change.what = "push";

        /* what has no tag yet changes none */

        if (change.tag.len == 0) {
            return NGX_OK;
        }

    } else {
        change.what = "delete";

        /* all tags that named it are gone, and which ones is not told */

        if (event->digest.len) {
            change.digest = ngx_http_mlist_ngx_str(event->digest);
            ngx_str_null(&change.tag);
        }
    }

    if (ngx_http_mlist_drop_find(r, &change, &notify->hits) != NGX_OK) {
        return NGX_ERROR;
    }

    if (event->action == MLIST_EVENT_PUSH && event->digest.len) {
        digest = ngx_http_mlist_ngx_str(event->digest);
        ngx_http_mlist_notify_spare(r, &change, &notify->hits, &digest);

        if (notify->hits.nelts
            && ngx_http_mlist_told_note(r, &change.name, &change.tag, &digest)
               != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    ngx_http_mlist_drop_hits(r, &change, &notify->hits);

    return ngx_http_mlist_notify_rebuild(r, &notify->hits);
}


/*
 * Takes out a tag as it stands whose pushed digest is just what it is
 * answered with: our own list, published.  It changes nothing.
 */

static void
ngx_http_mlist_notify_spare(ngx_http_request_t *r,
    ngx_http_mlist_change_t *change, ngx_array_t *hits, ngx_str_t *digest)
{
    ngx_uint_t             i, n;
    ngx_http_mlist_hit_t  *hit;

    hit = hits->elts;
    n = 0;

    for (i = 0; i < hits->nelts; i++) {

        if (hit[i].tag.data != change->tag.data
            || hit[i].tag.len != change->tag.len
            || !ngx_http_mlist_tag_holds(hit[i].active->conf, &hit[i].name,
                                         &hit[i].tag, digest))
        {
            hit[n++] = hit[i];
        }
    }

    hits->nelts = n;
}


/* Published lists are to be new before anybody pulls them. */

static ngx_int_t
ngx_http_mlist_notify_rebuild(ngx_http_request_t *r, ngx_array_t *hits)
{
    ngx_uint_t             i;
    ngx_http_mlist_hit_t  *hit;

    hit = hits->elts;

    for (i = 0; i < hits->nelts; i++) {

        if (!hit[i].active->conf->publish
            || hit[i].active->server
               != ngx_http_get_module_srv_conf(r, ngx_http_core_module)
            || hit[i].tag.len == 0)
        {
            continue;
        }

        if (ngx_http_mlist_rebuild_add(r, hit[i].active, &hit[i].name,
                                       &hit[i].tag)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_mlist_notify_send(ngx_http_request_t *r)
{
    ngx_int_t  rc;

    /* what is there has no date or tag that a condition could be about */

    r->disable_not_modified = 1;

    r->headers_out.status = NGX_HTTP_OK;
    r->headers_out.content_length_n = 0;
    r->header_only = 1;

    rc = ngx_http_send_header(r);

    ngx_http_mlist_send_release(r);

    return rc;
}

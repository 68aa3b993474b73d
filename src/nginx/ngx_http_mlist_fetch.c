/*
 * Internal fetches: see ngx_http_mlist_fetch.h.
 */


#include "ngx_http_mlist_fetch.h"
#include "ngx_http_mlist_answer.h"
#include "ngx_http_mlist_deadline.h"
#include "ngx_http_mlist_header.h"
#include "ngx_http_mlist_health.h"
#include "ngx_http_mlist_inject.h"
#include "ngx_http_mlist_login_fetch.h"
#include "ngx_http_mlist_redirect.h"


#define NGX_HTTP_MLIST_FETCH_HEADERS  4     /* more than any message has */


/* What a child is to send, made before there is a child. */
typedef struct {
    ngx_list_t                headers;
    ngx_table_elt_t          *authorization;
    ngx_http_request_body_t  *body;
} ngx_http_mlist_fetch_message_t;


static ngx_int_t ngx_http_mlist_fetch_message(ngx_http_request_t *r,
    ngx_http_mlist_fetch_t *fetch, ngx_http_mlist_fetch_message_t *message);
static ngx_int_t ngx_http_mlist_fetch_body(ngx_http_request_t *r,
    ngx_http_mlist_fetch_t *fetch, ngx_http_mlist_fetch_message_t *message);
static void ngx_http_mlist_fetch_headers_in(ngx_http_request_t *sr,
    ngx_http_mlist_fetch_t *fetch, ngx_http_mlist_fetch_message_t *message);
static ngx_int_t ngx_http_mlist_fetch_finished(ngx_http_request_t *sr,
    void *data, ngx_int_t rc);
static void ngx_http_mlist_fetch_stay(ngx_http_request_t *sr);


static ngx_str_t  ngx_http_mlist_fetch_get = ngx_string("GET");
static ngx_str_t  ngx_http_mlist_fetch_head = ngx_string("HEAD");


ngx_int_t
ngx_http_mlist_fetch_start(ngx_http_request_t *r,
    ngx_http_mlist_fetch_t *fetch)
{
    ngx_int_t                   rc;
    ngx_http_mlist_ctx_t       *ctx;
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    ngx_str_null(&fetch->authorization);

    if (mlcf->auth == NGX_HTTP_MLIST_AUTH_REGISTRY
        && !fetch->anonymous
        && r->headers_in.authorization)
    {
        fetch->authorization = r->headers_in.authorization->value;
    }

    fetch->hops = 0;

    rc = ngx_http_mlist_login_fetch(r, fetch);

    if (rc == NGX_OK) {
        rc = ngx_http_mlist_fetch_go(r, fetch);

    } else if (rc == NGX_AGAIN) {
        fetch->state = NGX_HTTP_MLIST_FETCH_RUNNING;
        fetch->request = NULL;
    }

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);
    ctx->running++;

    return NGX_OK;
}


void
ngx_http_mlist_fetch_end(ngx_http_request_t *r,
    ngx_http_mlist_fetch_t *fetch, ngx_http_mlist_fetch_e state)
{
    ngx_http_mlist_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);

    fetch->state = state;

    if (fetch->done) {
        fetch->done(r, fetch);
    }

    /* nobody waits where the next one could not start and was answered */

    if (ctx == NULL || ctx->running == 0) {
        return;
    }

    ctx->running--;

    if (ctx->resume == NULL) {
        return;
    }

    /* a background child does not wake its parent */

    r->write_event_handler = ngx_http_core_run_phases;

    (void) ngx_http_post_request(r, NULL);
}


ngx_int_t
ngx_http_mlist_fetch_again(ngx_http_request_t *r,
    ngx_http_mlist_fetch_t *fetch, ngx_str_t *url)
{
    fetch->url = *url;
    fetch->hops++;
    ngx_str_null(&fetch->authorization);
    ngx_str_null(&fetch->credentials);

    return ngx_http_mlist_fetch_go(r, fetch);
}


ngx_uint_t
ngx_http_mlist_fetch_done(ngx_http_mlist_fetch_t *fetch)
{
    return fetch->state > NGX_HTTP_MLIST_FETCH_RUNNING;
}


ngx_int_t
ngx_http_mlist_fetch_go(ngx_http_request_t *r,
    ngx_http_mlist_fetch_t *fetch)
{
    ngx_http_request_t              *sr;
    ngx_http_mlist_ctx_t            *ctx;
    ngx_http_post_subrequest_t      *ps;
    ngx_http_mlist_fetch_message_t   message;

    ctx = ngx_pcalloc(r->pool, sizeof(ngx_http_mlist_ctx_t));
    ps = ngx_palloc(r->pool, sizeof(ngx_http_post_subrequest_t));
    if (ctx == NULL
        || ps == NULL
        || ngx_http_mlist_deadline_create(r, fetch) != NGX_OK
        || ngx_http_mlist_fetch_message(r, fetch, &message) != NGX_OK)
    {
        return NGX_ERROR;
    }

    ctx->fetch = fetch;
    ctx->upstream = fetch->url;
    ctx->credentials = fetch->credentials;

    ps->handler = ngx_http_mlist_fetch_finished;
    ps->data = fetch;

    fetch->status = 0;
    fetch->length = -1;
    fetch->body.len = 0;
    fetch->overflow = 0;
    fetch->broken = 0;

    if (ngx_http_subrequest(r, &r->uri, NULL, &sr, ps,
                            NGX_HTTP_SUBREQUEST_CLONE
                            |NGX_HTTP_SUBREQUEST_BACKGROUND)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    /* the child exists and nginx will run it: nothing may fail any more */

    ngx_http_set_ctx(sr, ctx, ngx_http_mlist_module);

    fetch->state = NGX_HTTP_MLIST_FETCH_RUNNING;
    fetch->request = sr;
    fetch->began = ngx_current_msec;

    /*
     * The bit of a method that proxy_cache never caches, and that proxy sends
     * again over another connection: an upload begun twice costs nothing.
     * What goes on the wire is method_name.
     */
    sr->method = NGX_HTTP_OPTIONS;
    sr->method_name = fetch->method.len ? fetch->method
                      : fetch->head     ? ngx_http_mlist_fetch_head
                                        : ngx_http_mlist_fetch_get;
    sr->header_only = fetch->head;
    sr->valid_unparsed_uri = 0;
    sr->filter_need_in_memory = 1;

    if (fetch->credentials.len) {
        ngx_http_mlist_inject(sr);
    }

    /* an operator's error_page would answer the child in our place */
    sr->error_page = 1;

    ngx_http_mlist_fetch_headers_in(sr, fetch, &message);

    ngx_http_mlist_deadline_start(fetch);

    return NGX_OK;
}


static ngx_int_t
ngx_http_mlist_fetch_message(ngx_http_request_t *r,
    ngx_http_mlist_fetch_t *fetch, ngx_http_mlist_fetch_message_t *message)
{
    static ngx_str_t  accept = ngx_string(NGX_HTTP_MLIST_ACCEPT);

    ngx_list_t  *headers;

    headers = &message->headers;
    message->authorization = NULL;

    if (ngx_list_init(headers, r->pool, NGX_HTTP_MLIST_FETCH_HEADERS,
                      sizeof(ngx_table_elt_t))
        != NGX_OK
        || ngx_http_mlist_fetch_body(r, fetch, message) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (!fetch->blob
        && fetch->method.len == 0
        && ngx_http_mlist_header_push(headers, "Accept", &accept) == NULL)
    {
        return NGX_ERROR;
    }

    if (fetch->authorization.len) {
        message->authorization =
            ngx_http_mlist_header_push(headers, "Authorization",
                                       &fetch->authorization);
        if (message->authorization == NULL) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/* What is sent, as if it had been read from a client. */

static ngx_int_t
ngx_http_mlist_fetch_body(ngx_http_request_t *r,
    ngx_http_mlist_fetch_t *fetch, ngx_http_mlist_fetch_message_t *message)
{
    ngx_buf_t                *b;
    ngx_http_request_body_t  *rb;

    rb = ngx_pcalloc(r->pool, sizeof(ngx_http_request_body_t));
    if (rb == NULL) {
        return NGX_ERROR;
    }

    message->body = rb;

    if (fetch->method.len
        && fetch->send_type.len
        && ngx_http_mlist_header_push(&message->headers, "Content-Type",
                                      &fetch->send_type)
           == NULL)
    {
        return NGX_ERROR;
    }

    if (fetch->method.len == 0 || fetch->send.len == 0) {
        return NGX_OK;
    }

    b = ngx_calloc_buf(r->pool);
    rb->bufs = ngx_alloc_chain_link(r->pool);
    if (b == NULL || rb->bufs == NULL) {
        return NGX_ERROR;
    }

    /* a retry of proxy begins at "start" again */

    b->start = fetch->send.data;
    b->pos = b->start;
    b->last = b->pos + fetch->send.len;
    b->end = b->last;
    b->memory = 1;

    rb->bufs->buf = b;
    rb->bufs->next = NULL;

    return NGX_OK;
}


static void
ngx_http_mlist_fetch_headers_in(ngx_http_request_t *sr,
    ngx_http_mlist_fetch_t *fetch, ngx_http_mlist_fetch_message_t *message)
{
    /* the copied list still grows into the parent's: it needs its own */

    sr->headers_in.headers = message->headers;
    sr->headers_in.headers.last = &sr->headers_in.headers.part;

    sr->headers_in.content_length = NULL;
    sr->headers_in.content_length_n = fetch->method.len
                                      ? (off_t) fetch->send.len : -1;
    sr->headers_in.chunked = 0;
    sr->headers_in.range = NULL;
    sr->headers_in.if_range = NULL;
    sr->headers_in.authorization = message->authorization;

    sr->request_body = message->body;
}


static ngx_int_t
ngx_http_mlist_fetch_finished(ngx_http_request_t *sr, void *data,
    ngx_int_t rc)
{
    ngx_http_mlist_fetch_e   state;
    ngx_http_mlist_fetch_t  *fetch;

    fetch = data;

    /* nginx finalises a child twice where its first rc was a status */

    if (fetch->request != sr
        || fetch->state != NGX_HTTP_MLIST_FETCH_RUNNING)
    {
        return NGX_OK;
    }

    ngx_http_mlist_fetch_stay(sr);
    ngx_http_mlist_deadline_clear(fetch);

    state = ngx_http_mlist_answer_result(sr, fetch, rc);

    ngx_log_debug3(NGX_LOG_DEBUG_HTTP, sr->connection->log, 0,
                   "mlist fetch \"%V\": state %d, status %ui",
                   &fetch->url, state, fetch->status);

    if (state == NGX_HTTP_MLIST_FETCH_ANSWERED) {

        switch (ngx_http_mlist_login_fetch_answer(sr, fetch)) {

        case NGX_OK:
            return NGX_OK;

        case NGX_ERROR:
            state = NGX_HTTP_MLIST_FETCH_FAILED;
            break;

        default:
            break;
        }
    }

    /* where a redirect leads is no source's any more */

    if (fetch->hops == 0) {
        fetch->took = ngx_current_msec - fetch->began;
        ngx_http_mlist_health_fetch(sr, fetch, state, fetch->took);
    }

    if (fetch->follow
        && state == NGX_HTTP_MLIST_FETCH_ANSWERED
        && ngx_http_mlist_redirect_is(fetch->status)
        && ngx_http_mlist_redirect_fetch(sr->parent, fetch) == NGX_OK)
    {
        return NGX_OK;
    }

    ngx_http_mlist_fetch_end(sr->parent, fetch, state);

    /* whatever befell the child is recorded; it is not the client's */

    return NGX_OK;
}


/*
 * A flight is not its owner's alone.  Where that one's client has left, over
 * HTTP/2, nginx would end the request and all its subrequests with the first
 * of these that is finished.  It is told again when the carrier goes on, so
 * that nothing is ever sent over a connection that is no more.
 */

static void
ngx_http_mlist_fetch_stay(ngx_http_request_t *sr)
{
    ngx_http_mlist_ctx_t  *ctx;

    /* a worker that shuts down is to end: whoever waits still carries on */

    if (sr->parent == sr->main || !sr->connection->error || ngx_exiting) {
        return;
    }

    ctx = ngx_http_get_module_ctx(sr->parent, ngx_http_mlist_module);

    ctx->left = 1;
    sr->connection->error = 0;
}

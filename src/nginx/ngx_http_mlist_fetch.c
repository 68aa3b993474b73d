/*
 * Internal fetches: see ngx_http_mlist_fetch.h.
 */


#include "ngx_http_mlist_fetch.h"
#include "ngx_http_mlist_header.h"
#include "ngx_http_mlist_redirect.h"


#define NGX_HTTP_MLIST_FETCH_BUFFER  4096


static ngx_int_t ngx_http_mlist_fetch_create(ngx_http_request_t *r,
    ngx_http_mlist_fetch_t *fetch);
static ngx_int_t ngx_http_mlist_fetch_headers_in(ngx_http_request_t *sr,
    ngx_http_mlist_fetch_t *fetch);
static ngx_int_t ngx_http_mlist_fetch_body_in(ngx_http_request_t *sr,
    ngx_http_mlist_fetch_t *fetch);
static ngx_uint_t ngx_http_mlist_fetch_reads(ngx_http_mlist_fetch_t *fetch,
    ngx_uint_t status);
static ngx_int_t ngx_http_mlist_fetch_finished(ngx_http_request_t *sr,
    void *data, ngx_int_t rc);
static void ngx_http_mlist_fetch_stay(ngx_http_request_t *sr);
static ngx_http_mlist_fetch_e ngx_http_mlist_fetch_result(
    ngx_http_request_t *sr, ngx_http_mlist_fetch_t *fetch, ngx_int_t rc);
static void ngx_http_mlist_fetch_fields(ngx_http_request_t *sr,
    ngx_http_mlist_fetch_t *fetch);
static void ngx_http_mlist_fetch_take(ngx_http_request_t *sr,
    ngx_http_mlist_fetch_t *fetch, u_char *pos, size_t len);
static ngx_int_t ngx_http_mlist_fetch_reserve(ngx_http_request_t *sr,
    ngx_http_mlist_fetch_t *fetch, size_t len);


static ngx_str_t  ngx_http_mlist_fetch_get = ngx_string("GET");
static ngx_str_t  ngx_http_mlist_fetch_head = ngx_string("HEAD");


ngx_int_t
ngx_http_mlist_fetch_start(ngx_http_request_t *r,
    ngx_http_mlist_fetch_t *fetch)
{
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

    if (ngx_http_mlist_fetch_create(r, fetch) != NGX_OK) {
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

    return ngx_http_mlist_fetch_create(r, fetch);
}


ngx_uint_t
ngx_http_mlist_fetch_done(ngx_http_mlist_fetch_t *fetch)
{
    return fetch->state > NGX_HTTP_MLIST_FETCH_RUNNING;
}


static ngx_int_t
ngx_http_mlist_fetch_create(ngx_http_request_t *r,
    ngx_http_mlist_fetch_t *fetch)
{
    ngx_http_request_t          *sr;
    ngx_http_mlist_ctx_t        *ctx;
    ngx_http_post_subrequest_t  *ps;

    ctx = ngx_pcalloc(r->pool, sizeof(ngx_http_mlist_ctx_t));
    ps = ngx_palloc(r->pool, sizeof(ngx_http_post_subrequest_t));
    if (ctx == NULL || ps == NULL) {
        return NGX_ERROR;
    }

    ctx->fetch = fetch;
    ctx->upstream = fetch->url;

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

    /* from here on the child exists and will be finished by nginx */

    ngx_http_set_ctx(sr, ctx, ngx_http_mlist_module);

    fetch->state = NGX_HTTP_MLIST_FETCH_RUNNING;
    fetch->request = sr;

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

    /* an operator's error_page would answer the child in our place */
    sr->error_page = 1;

    if (ngx_http_mlist_fetch_headers_in(sr, fetch) != NGX_OK) {

        /* nobody waits for how it ends */

        fetch->request = NULL;

        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_mlist_fetch_headers_in(ngx_http_request_t *sr,
    ngx_http_mlist_fetch_t *fetch)
{
    static ngx_str_t  accept = ngx_string(NGX_HTTP_MLIST_ACCEPT);

    ngx_list_t  *headers;

    /* the copied list still grows into the parent's: it needs its own */

    headers = &sr->headers_in.headers;

    if (ngx_list_init(headers, sr->pool, 4, sizeof(ngx_table_elt_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    sr->headers_in.content_length = NULL;
    sr->headers_in.content_length_n = -1;
    sr->headers_in.chunked = 0;
    sr->headers_in.range = NULL;
    sr->headers_in.if_range = NULL;
    sr->headers_in.authorization = NULL;

    if (ngx_http_mlist_fetch_body_in(sr, fetch) != NGX_OK) {
        return NGX_ERROR;
    }

    if (!fetch->blob
        && fetch->method.len == 0
        && ngx_http_mlist_header_push(headers, "Accept", &accept) == NULL)
    {
        return NGX_ERROR;
    }

    if (fetch->authorization.len) {
        sr->headers_in.authorization =
            ngx_http_mlist_header_push(headers, "Authorization",
                                       &fetch->authorization);
        if (sr->headers_in.authorization == NULL) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/* What is sent, as if it had been read from a client. */

static ngx_int_t
ngx_http_mlist_fetch_body_in(ngx_http_request_t *sr,
    ngx_http_mlist_fetch_t *fetch)
{
    ngx_buf_t                *b;
    ngx_http_request_body_t  *rb;

    rb = ngx_pcalloc(sr->pool, sizeof(ngx_http_request_body_t));
    if (rb == NULL) {
        return NGX_ERROR;
    }

    sr->request_body = rb;

    if (fetch->method.len == 0) {
        return NGX_OK;
    }

    sr->headers_in.content_length_n = fetch->send.len;

    if (fetch->send_type.len
        && ngx_http_mlist_header_push(&sr->headers_in.headers, "Content-Type",
                                      &fetch->send_type)
           == NULL)
    {
        return NGX_ERROR;
    }

    if (fetch->send.len == 0) {
        return NGX_OK;
    }

    b = ngx_calloc_buf(sr->pool);
    rb->bufs = ngx_alloc_chain_link(sr->pool);
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


/* 1 if the body of an answer of that status is wanted. */

static ngx_uint_t
ngx_http_mlist_fetch_reads(ngx_http_mlist_fetch_t *fetch, ngx_uint_t status)
{
    return !fetch->head && fetch->method.len == 0 && status == NGX_HTTP_OK;
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

    state = ngx_http_mlist_fetch_result(sr, fetch, rc);

    ngx_log_debug3(NGX_LOG_DEBUG_HTTP, sr->connection->log, 0,
                   "mlist fetch \"%V\": state %d, status %ui",
                   &fetch->url, state, fetch->status);

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


/* Only what the registry itself sent counts, never a status of nginx's. */

static ngx_http_mlist_fetch_e
ngx_http_mlist_fetch_result(ngx_http_request_t *sr,
    ngx_http_mlist_fetch_t *fetch, ngx_int_t rc)
{
    ngx_http_upstream_t  *u;

    u = sr->upstream;

    /*
     * status_n is set by the status line alone.  Where the rest of the header
     * then fails, nginx finalises the child with a status of its own; after a
     * whole header it does so only with the registry's, as
     * proxy_intercept_errors has it.
     */

    if (u == NULL
        || u->headers_in.status_n == 0
        || (rc >= NGX_HTTP_SPECIAL_RESPONSE
            && rc != (ngx_int_t) u->headers_in.status_n))
    {
        return rc == NGX_HTTP_GATEWAY_TIME_OUT ? NGX_HTTP_MLIST_FETCH_TIMEOUT
                                               : NGX_HTTP_MLIST_FETCH_FAILED;
    }

    fetch->status = u->headers_in.status_n;
    fetch->length = u->headers_in.content_length_n;

    ngx_http_mlist_fetch_fields(sr, fetch);

    if (fetch->overflow) {
        return NGX_HTTP_MLIST_FETCH_TOO_LARGE;
    }

    /* of all else the status is enough, however its body ended */

    if (ngx_http_mlist_fetch_reads(fetch, fetch->status)
        && (rc == NGX_ERROR
            || fetch->broken
            || (fetch->length >= 0
                && (off_t) fetch->body.len != fetch->length)))
    {
        ngx_log_error(NGX_LOG_ERR, sr->connection->log, 0,
                      "mlist: \"%V\" was cut short: expected %O bytes, "
                      "got %uz", &fetch->url, fetch->length,
                      fetch->body.len);

        return NGX_HTTP_MLIST_FETCH_FAILED;
    }

    return NGX_HTTP_MLIST_FETCH_ANSWERED;
}


static void
ngx_http_mlist_fetch_fields(ngx_http_request_t *sr,
    ngx_http_mlist_fetch_t *fetch)
{
    ngx_str_t        *field;
    ngx_uint_t        i;
    ngx_table_elt_t  *h;

    static struct {
        ngx_str_t  name;
        size_t     offset;
    } fields[] = {
        { ngx_string("content-type"),
          offsetof(ngx_http_mlist_fetch_t, type) },
        { ngx_string("docker-content-digest"),
          offsetof(ngx_http_mlist_fetch_t, digest) },
        { ngx_string("location"),
          offsetof(ngx_http_mlist_fetch_t, location) },
        { ngx_string("www-authenticate"),
          offsetof(ngx_http_mlist_fetch_t, challenge) },
        { ngx_string("retry-after"),
          offsetof(ngx_http_mlist_fetch_t, retry_after) },
        { ngx_string("content-encoding"),
          offsetof(ngx_http_mlist_fetch_t, encoding) },
        { ngx_string("link"), offsetof(ngx_http_mlist_fetch_t, link) }
    };

    for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {

        field = (ngx_str_t *) ((u_char *) fetch + fields[i].offset);

        h = ngx_http_mlist_header_next(&sr->upstream->headers_in.headers,
                                       &fields[i].name, NULL);

        if (h) {
            *field = h->value;

        } else {
            ngx_str_null(field);
        }
    }
}


ngx_int_t
ngx_http_mlist_fetch_header(ngx_http_request_t *sr,
    ngx_http_mlist_fetch_t *fetch)
{
    off_t  length;

    /* nginx's own answer to a child, such as a 502, has no body for us */

    if (sr->upstream == NULL || sr->upstream->headers_in.status_n == 0) {
        sr->header_only = 1;
        return NGX_OK;
    }

    length = sr->upstream->headers_in.content_length_n;

    if (!ngx_http_mlist_fetch_reads(fetch, sr->upstream->headers_in.status_n))
    {
        sr->header_only = 1;
        return NGX_OK;
    }

    if (length > (off_t) fetch->max) {
        fetch->overflow = 1;
        sr->header_only = 1;
        return NGX_OK;
    }

    /* a buffering proxy would read an endless body to disk before we see it */

    sr->upstream->buffering = 0;

    return ngx_http_mlist_fetch_reserve(sr, fetch,
                                        length > 0 ? (size_t) length : 0);
}


void
ngx_http_mlist_fetch_body(ngx_http_request_t *sr,
    ngx_http_mlist_fetch_t *fetch, ngx_chain_t *in)
{
    size_t      len;
    ngx_buf_t  *b;

    for ( /* void */ ; in; in = in->next) {
        b = in->buf;
        len = ngx_buf_in_memory(b) ? (size_t) (b->last - b->pos) : 0;

        if (len && !sr->header_only && !fetch->overflow && !fetch->broken) {
            ngx_http_mlist_fetch_take(sr, fetch, b->pos, len);
        }

        b->pos = b->last;
        b->file_pos = b->file_last;
    }
}


static void
ngx_http_mlist_fetch_take(ngx_http_request_t *sr,
    ngx_http_mlist_fetch_t *fetch, u_char *pos, size_t len)
{
    if (len > fetch->max - fetch->body.len) {
        fetch->overflow = 1;

    } else if (ngx_http_mlist_fetch_reserve(sr, fetch, fetch->body.len + len)
               != NGX_OK)
    {
        fetch->broken = 1;
    }

    if (fetch->overflow || fetch->broken) {

        /*
         * A body filter that returns an error ends the client's connection.
         * So the upstream is told that it has all it is to read; it closes
         * the connection, since the answer was not read to its end.
         */

        if (sr->upstream) {
            sr->upstream->length = 0;
        }

        return;
    }

    ngx_memcpy(fetch->body.data + fetch->body.len, pos, len);
    fetch->body.len += len;
}


static ngx_int_t
ngx_http_mlist_fetch_reserve(ngx_http_request_t *sr,
    ngx_http_mlist_fetch_t *fetch, size_t len)
{
    u_char  *data;
    size_t   size;

    if (len <= fetch->size && fetch->size) {
        return NGX_OK;
    }

    size = ngx_max(len, ngx_max(2 * fetch->size,
                                (size_t) NGX_HTTP_MLIST_FETCH_BUFFER));
    size = ngx_max(ngx_min(size, fetch->max), len);

    data = ngx_pnalloc(sr->pool, size);
    if (data == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(data, fetch->body.data, fetch->body.len);

    fetch->body.data = data;
    fetch->size = size;

    return NGX_OK;
}

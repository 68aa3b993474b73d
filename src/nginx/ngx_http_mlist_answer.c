/*
 * Answers to internal fetches: see ngx_http_mlist_answer.h.
 */


#include "ngx_http_mlist_answer.h"
#include "ngx_http_mlist_deadline.h"
#include "ngx_http_mlist_header.h"


#define NGX_HTTP_MLIST_ANSWER_BUFFER  4096


static ngx_uint_t ngx_http_mlist_answer_reads(ngx_http_mlist_fetch_t *fetch,
    ngx_uint_t status);
static void ngx_http_mlist_answer_take(ngx_http_request_t *sr,
    ngx_http_mlist_fetch_t *fetch, u_char *pos, size_t len);
static ngx_int_t ngx_http_mlist_answer_reserve(ngx_http_request_t *sr,
    ngx_http_mlist_fetch_t *fetch, size_t len);
static void ngx_http_mlist_answer_fields(ngx_http_request_t *sr,
    ngx_http_mlist_fetch_t *fetch);


ngx_int_t
ngx_http_mlist_answer_header(ngx_http_request_t *sr,
    ngx_http_mlist_fetch_t *fetch)
{
    off_t  length;

    /* nginx's own answer to a child, such as a 502, has no body for us */

    if (sr->upstream == NULL || sr->upstream->headers_in.status_n == 0) {
        sr->header_only = 1;
        return NGX_OK;
    }

    ngx_http_mlist_deadline_heard(fetch);
    ngx_http_mlist_answer_interim(sr->upstream);

    length = sr->upstream->headers_in.content_length_n;

    if (!ngx_http_mlist_answer_reads(fetch, sr->upstream->headers_in.status_n))
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

    return ngx_http_mlist_answer_reserve(sr, fetch,
                                        length > 0 ? (size_t) length : 0);
}


void
ngx_http_mlist_answer_interim(ngx_http_upstream_t *u)
{
    if (u->headers_in.status_n < NGX_HTTP_OK) {
        u->headers_in.connection_close = 1;
        u->keepalive = 0;
    }
}


/* 1 if the body of an answer of that status is wanted. */

static ngx_uint_t
ngx_http_mlist_answer_reads(ngx_http_mlist_fetch_t *fetch, ngx_uint_t status)
{
    return !fetch->head && fetch->method.len == 0 && status == NGX_HTTP_OK;
}


void
ngx_http_mlist_answer_body(ngx_http_request_t *sr,
    ngx_http_mlist_fetch_t *fetch, ngx_chain_t *in)
{
    size_t      len;
    ngx_buf_t  *b;

    for ( /* void */ ; in; in = in->next) {
        b = in->buf;
        len = ngx_buf_in_memory(b) ? (size_t) (b->last - b->pos) : 0;

        if (len && !sr->header_only && !fetch->overflow && !fetch->broken) {
            ngx_http_mlist_answer_take(sr, fetch, b->pos, len);
        }

        b->pos = b->last;
        b->file_pos = b->file_last;
    }
}


static void
ngx_http_mlist_answer_take(ngx_http_request_t *sr,
    ngx_http_mlist_fetch_t *fetch, u_char *pos, size_t len)
{
    if (len > fetch->max - fetch->body.len) {
        fetch->overflow = 1;

    } else if (ngx_http_mlist_answer_reserve(sr, fetch, fetch->body.len + len)
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

    ngx_http_mlist_deadline_heard(fetch);
}


static ngx_int_t
ngx_http_mlist_answer_reserve(ngx_http_request_t *sr,
    ngx_http_mlist_fetch_t *fetch, size_t len)
{
    u_char  *data;
    size_t   size;

    if (len <= fetch->size && fetch->size) {
        return NGX_OK;
    }

    size = ngx_max(len, ngx_max(2 * fetch->size,
                                (size_t) NGX_HTTP_MLIST_ANSWER_BUFFER));
    size = ngx_max(ngx_min(size, fetch->max), len);

    data = ngx_pnalloc(sr->pool, size);
    if (data == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(data, fetch->body.data, fetch->body.len);

    if (fetch->size) {
        (void) ngx_pfree(sr->pool, fetch->body.data);
    }

    fetch->body.data = data;
    fetch->size = size;

    return NGX_OK;
}


/* Only what the registry itself sent counts, never a status of nginx's. */

ngx_http_mlist_fetch_e
ngx_http_mlist_answer_result(ngx_http_request_t *sr,
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

    ngx_http_mlist_answer_fields(sr, fetch);

    if (fetch->overflow) {
        return NGX_HTTP_MLIST_FETCH_TOO_LARGE;
    }

    /* of all else the status is enough, however its body ended */

    if (!ngx_http_mlist_answer_reads(fetch, fetch->status)) {
        return NGX_HTTP_MLIST_FETCH_ANSWERED;
    }

    if (ngx_http_mlist_deadline_passed(fetch)) {
        return NGX_HTTP_MLIST_FETCH_TIMEOUT;
    }

    if (rc == NGX_ERROR
        || fetch->broken
        || (fetch->length >= 0 && (off_t) fetch->body.len != fetch->length))
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
ngx_http_mlist_answer_fields(ngx_http_request_t *sr,
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
        { ngx_string("retry-after"),
          offsetof(ngx_http_mlist_fetch_t, retry_after) },
        { ngx_string("content-encoding"),
          offsetof(ngx_http_mlist_fetch_t, encoding) }
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


ngx_table_elt_t *
ngx_http_mlist_answer_field(ngx_http_mlist_fetch_t *fetch, ngx_str_t *name,
    ngx_table_elt_t *last)
{
    return ngx_http_mlist_header_next(
                    &fetch->request->upstream->headers_in.headers, name, last);
}

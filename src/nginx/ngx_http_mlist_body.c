/*
 * The body of a client's request: see ngx_http_mlist_body.h.
 */


#include "ngx_http_mlist_body.h"
#include "ngx_http_mlist_send.h"


#define NGX_HTTP_MLIST_BODY_SIZE  4096


static void ngx_http_mlist_body_whole(ngx_http_request_t *r);
static ngx_int_t ngx_http_mlist_body_filter(ngx_http_request_t *r,
    ngx_chain_t *in);
static ngx_int_t ngx_http_mlist_body_end(ngx_http_request_t *r,
    ngx_http_mlist_body_t *body);
static ngx_int_t ngx_http_mlist_body_copy(ngx_http_request_t *r,
    ngx_http_mlist_body_t *body);
static ngx_int_t ngx_http_mlist_body_copy_file(ngx_http_request_t *r,
    ngx_http_mlist_body_t *body, ngx_buf_t *b);
static ngx_int_t ngx_http_mlist_body_take(ngx_http_request_t *r,
    ngx_http_mlist_body_t *body, u_char *pos, size_t len);
static ngx_int_t ngx_http_mlist_body_reserve(ngx_http_request_t *r,
    ngx_http_mlist_body_t *body, size_t len);
static ngx_int_t ngx_http_mlist_body_too_large(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, size_t max);


static ngx_http_request_body_filter_pt  ngx_http_next_request_body_filter;


ngx_int_t
ngx_http_mlist_body_init(ngx_conf_t *cf)
{
    ngx_http_next_request_body_filter = ngx_http_top_request_body_filter;
    ngx_http_top_request_body_filter = ngx_http_mlist_body_filter;

    return NGX_OK;
}


ngx_int_t
ngx_http_mlist_body_read(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    size_t max)
{
    ngx_int_t               rc;
    ngx_http_mlist_body_t  *body;

    if (r->headers_in.content_length_n > (off_t) max) {
        return ngx_http_mlist_body_too_large(r, ctx, max);
    }

    body = ngx_pcalloc(r->pool, sizeof(ngx_http_mlist_body_t));
    if (body == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    body->max = max;
    ctx->body = body;

    rc = ngx_http_read_client_request_body(r, ngx_http_mlist_body_whole);

    if (rc >= NGX_HTTP_SPECIAL_RESPONSE) {
        return rc;
    }

    /* it was counted for the function above, which is done or is waited for */

    r->main->count--;

    if (!body->whole) {
        body->waited = 1;
        return NGX_AGAIN;
    }

    rc = ngx_http_mlist_body_copy(r, body);

    return rc == NGX_DECLINED ? ngx_http_mlist_body_too_large(r, ctx, max)
                              : rc;
}


static void
ngx_http_mlist_body_whole(ngx_http_request_t *r)
{
    ngx_http_mlist_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);

    ctx->body->whole = 1;

    if (ctx->body->waited) {
        r->write_event_handler = ngx_http_core_run_phases;

        ngx_http_core_run_phases(r);
    }
}


/* What comes for a body that is wanted goes no further but as a whole. */

static ngx_int_t
ngx_http_mlist_body_filter(ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_int_t               rc;
    ngx_uint_t              last;
    ngx_chain_t            *cl;
    ngx_http_mlist_ctx_t   *ctx;
    ngx_http_mlist_body_t  *body;

    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);

    if (ctx == NULL || ctx->body == NULL) {
        return ngx_http_next_request_body_filter(r, in);
    }

    body = ctx->body;
    last = 0;

    for (cl = in; cl; cl = cl->next) {

        rc = ngx_http_mlist_body_take(r, body, cl->buf->pos,
                                      cl->buf->last - cl->buf->pos);

        if (rc != NGX_OK) {
            return rc == NGX_DECLINED
                       ? ngx_http_mlist_body_too_large(r, ctx, body->max)
                       : NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        cl->buf->pos = cl->buf->last;
        last |= cl->buf->last_buf;
    }

    return last ? ngx_http_mlist_body_end(r, body)
                : ngx_http_next_request_body_filter(r, NULL);
}


static ngx_int_t
ngx_http_mlist_body_end(ngx_http_request_t *r, ngx_http_mlist_body_t *body)
{
    ngx_buf_t    *b;
    ngx_chain_t   out;

    b = ngx_calloc_buf(r->pool);
    if (b == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (body->bytes.len) {

        /* a retry of proxy begins at "start" again */

        b->start = body->bytes.data;
        b->pos = b->start;
        b->last = b->pos + body->bytes.len;
        b->end = b->last;
        b->memory = 1;
    }

    b->last_buf = 1;

    out.buf = b;
    out.next = NULL;

    return ngx_http_next_request_body_filter(r, &out);
}


/*
 * Another module may have read it before, so that no filter has seen it.
 * NGX_OK; NGX_DECLINED: too large; or a status.
 */

static ngx_int_t
ngx_http_mlist_body_copy(ngx_http_request_t *r, ngx_http_mlist_body_t *body)
{
    ngx_int_t     rc;
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    if (body->bytes.len || r->request_body == NULL) {
        return NGX_OK;
    }

    for (cl = r->request_body->bufs; cl; cl = cl->next) {
        b = cl->buf;

        rc = ngx_buf_in_memory(b)
                 ? ngx_http_mlist_body_take(r, body, b->pos, b->last - b->pos)
                 : ngx_http_mlist_body_copy_file(r, body, b);

        if (rc != NGX_OK) {
            return rc == NGX_DECLINED ? NGX_DECLINED
                                      : NGX_HTTP_INTERNAL_SERVER_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_mlist_body_copy_file(ngx_http_request_t *r,
    ngx_http_mlist_body_t *body, ngx_buf_t *b)
{
    off_t    size;
    ssize_t  n;

    size = b->in_file ? b->file_last - b->file_pos : 0;

    if (size == 0) {
        return NGX_OK;
    }

    if (size > (off_t) (body->max - body->bytes.len)) {
        return NGX_DECLINED;
    }

    if (ngx_http_mlist_body_reserve(r, body, body->bytes.len + (size_t) size)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    n = ngx_read_file(b->file, body->bytes.data + body->bytes.len,
                      (size_t) size, b->file_pos);

    if (n == NGX_ERROR) {
        return NGX_ERROR;
    }

    if ((off_t) n != size) {
        ngx_log_error(NGX_LOG_ALERT, r->connection->log, 0,
                      ngx_read_file_n " read only %z of %O from \"%s\"",
                      n, size, b->file->name.data);
        return NGX_ERROR;
    }

    body->bytes.len += (size_t) size;

    return NGX_OK;
}


/* NGX_OK; NGX_DECLINED: that is more than is taken; NGX_ERROR. */

static ngx_int_t
ngx_http_mlist_body_take(ngx_http_request_t *r, ngx_http_mlist_body_t *body,
    u_char *pos, size_t len)
{
    if (len == 0) {
        return NGX_OK;
    }

    if (len > body->max - body->bytes.len) {
        return NGX_DECLINED;
    }

    if (ngx_http_mlist_body_reserve(r, body, body->bytes.len + len)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_memcpy(body->bytes.data + body->bytes.len, pos, len);
    body->bytes.len += len;

    return NGX_OK;
}


static ngx_int_t
ngx_http_mlist_body_reserve(ngx_http_request_t *r,
    ngx_http_mlist_body_t *body, size_t len)
{
    u_char  *data;
    size_t   size;

    if (len <= body->size) {
        return NGX_OK;
    }

    size = ngx_max(2 * body->size, (size_t) NGX_HTTP_MLIST_BODY_SIZE);
    size = ngx_max(ngx_min(size, body->max), len);

    data = ngx_pnalloc(r->pool, size);
    if (data == NULL) {
        return NGX_ERROR;
    }

    if (body->size) {
        ngx_memcpy(data, body->bytes.data, body->bytes.len);
        (void) ngx_pfree(r->pool, body->bytes.data);
    }

    body->bytes.data = data;
    body->size = size;

    return NGX_OK;
}


static ngx_int_t
ngx_http_mlist_body_too_large(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, size_t max)
{
    ngx_str_t  message;

    static const char  text[] = "the body is too large, expected at most "
                                "%uz bytes";

    message.data = ngx_pnalloc(r->pool, sizeof(text) + NGX_SIZE_T_LEN);
    if (message.data == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    message.len = ngx_sprintf(message.data, text, max) - message.data;

    return ngx_http_mlist_send_error(ctx, NGX_HTTP_REQUEST_ENTITY_TOO_LARGE,
                                     MLIST_ERR_SIZE_INVALID, &message, NULL);
}

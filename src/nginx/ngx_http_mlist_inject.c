/*
 * The front's Authorization, on its way: see ngx_http_mlist_inject.h.
 */


#include "ngx_http_mlist_inject.h"


static ngx_int_t ngx_http_mlist_inject_content(ngx_http_request_t *r);
static ngx_int_t ngx_http_mlist_inject_create(ngx_http_request_t *r);
static u_char *ngx_http_mlist_inject_where(ngx_buf_t *b);


void
ngx_http_mlist_inject(ngx_http_request_t *r)
{
    r->content_handler = ngx_http_mlist_inject_content;
}


/*
 * proxy makes the request's bytes as soon as the client's body allows, mostly
 * before its handler returns, and only then is its function for that known.
 * "aio" holds it back for so long.
 */

static ngx_int_t
ngx_http_mlist_inject_content(ngx_http_request_t *r)
{
    ngx_int_t                  rc;
    ngx_http_mlist_ctx_t      *ctx;
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);
    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);

    if (ctx == NULL || ctx->credentials.len == 0) {
        return clcf->handler(r);
    }

    if (r == r->main) {
        r->read_event_handler = ngx_http_block_reading;
    }

    r->aio = 1;

    rc = clcf->handler(r);

    r->aio = 0;

    if (rc != NGX_DONE) {
        return rc;
    }

    ctx->create_request = r->upstream->create_request;
    r->upstream->create_request = ngx_http_mlist_inject_create;

    /* or proxy goes on by itself when it has read the body */

    if (r->read_event_handler == ngx_http_block_reading || r != r->main) {
        ngx_http_upstream_init(r);
    }

    return NGX_DONE;
}


static ngx_int_t
ngx_http_mlist_inject_create(ngx_http_request_t *r)
{
    u_char                *p, *line;
    size_t                 size;
    ngx_buf_t             *b;
    ngx_http_mlist_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);

    if (ctx->create_request(r) != NGX_OK) {
        return NGX_ERROR;
    }

    b = r->upstream->request_bufs->buf;
    line = ngx_http_mlist_inject_where(b);

    if (line == NULL) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "mlist: \"mlist_login\" needs \"proxy_http_version\" "
                      "1.0 or 1.1");
        return NGX_ERROR;
    }

    size = (b->last - b->pos) + sizeof("Authorization: " CRLF) - 1
           + ctx->credentials.len;

    p = ngx_pnalloc(r->pool, size);
    if (p == NULL) {
        return NGX_ERROR;
    }

    b->start = p;

    p = ngx_cpymem(p, b->pos, line - b->pos);
    p = ngx_cpymem(p, "Authorization: ", sizeof("Authorization: ") - 1);
    p = ngx_cpymem(p, ctx->credentials.data, ctx->credentials.len);
    *p++ = CR;
    *p++ = LF;
    p = ngx_cpymem(p, line, b->last - line);

    b->pos = b->start;
    b->last = p;
    b->end = p;

    return NGX_OK;
}


/* The end of the request line, if that is what the bytes begin with. */

static u_char *
ngx_http_mlist_inject_where(ngx_buf_t *b)
{
    u_char  *lf;

    static u_char  version[] = " HTTP/1.";

    lf = ngx_strlchr(b->pos, b->last, LF);

    if (lf == NULL
        || (size_t) (lf - b->pos) < sizeof(version) + 1
        || ngx_strncmp(lf - sizeof(version) - 1, version,
                       sizeof(version) - 1)
           != 0)
    {
        return NULL;
    }

    return lf + 1;
}

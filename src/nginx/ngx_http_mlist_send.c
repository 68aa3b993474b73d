/*
 * Answers of the module's own: see ngx_http_mlist_send.h.
 */


#include "ngx_http_mlist_send.h"
#include "ngx_http_mlist_header.h"


static ngx_uint_t ngx_http_mlist_send_value_matches(mlist_str_t value,
    mlist_str_t digest);
static ngx_int_t ngx_http_mlist_send_content(ngx_http_request_t *r) MLIST_HOT;
static ngx_int_t ngx_http_mlist_send_answer(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx);
static ngx_int_t ngx_http_mlist_send_etag(ngx_http_request_t *r,
    ngx_str_t *digest);
static ngx_int_t ngx_http_mlist_send_body(ngx_http_request_t *r,
    ngx_str_t *body) MLIST_HOT;


static ngx_str_t  ngx_http_mlist_send_api = ngx_string("registry/2.0");
static ngx_str_t  ngx_http_mlist_send_accept = ngx_string("Accept");

static ngx_str_t  ngx_http_mlist_send_vary_name = ngx_string("Vary");
static ngx_str_t  ngx_http_mlist_send_api_name = ngx_string(
                                          "Docker-Distribution-Api-Version");
static ngx_str_t  ngx_http_mlist_send_digest_name = ngx_string(
                                                    "Docker-Content-Digest");
static ngx_str_t  ngx_http_mlist_send_etag_name = ngx_string("ETag");


ngx_uint_t
ngx_http_mlist_send_matches(ngx_http_request_t *r, ngx_str_t *digest)
{
    ngx_list_t       *headers;
    ngx_table_elt_t  *h;

    static ngx_str_t  name = ngx_string("if-none-match");

    if (r->headers_in.if_none_match == NULL) {
        return 0;
    }

    headers = &r->headers_in.headers;

    for (h = ngx_http_mlist_header_next(headers, &name, NULL);
         h;
         h = ngx_http_mlist_header_next(headers, &name, h))
    {
        if (ngx_http_mlist_send_value_matches(ngx_http_mlist_view(&h->value),
                                              ngx_http_mlist_view(digest)))
        {
            return 1;
        }
    }

    return 0;
}


static ngx_uint_t
ngx_http_mlist_send_value_matches(mlist_str_t value, mlist_str_t digest)
{
    size_t       i;
    mlist_str_t  tag;

    static const mlist_str_t  any = MLIST_STR("*");
    static const mlist_str_t  weak = MLIST_STR("W/");
    static const mlist_str_t  quote = MLIST_STR("\"");

    while (value.len) {
        tag = value;

        for (i = 0; i < value.len && value.data[i] != ','; i++) {
            /* void */
        }

        tag.len = i;

        if (i < value.len) {
            i++;
        }

        value.data += i;
        value.len -= i;

        tag = mlist_str_trim(tag);

        if (mlist_str_starts(tag, weak)) {
            tag.data += weak.len;
            tag.len -= weak.len;
        }

        if (tag.len > 1
            && mlist_str_starts(tag, quote) && mlist_str_ends(tag, quote))
        {
            tag.data++;
            tag.len -= 2;
        }

        if (mlist_str_eq(tag, any) || mlist_str_eq(tag, digest)) {
            return 1;
        }
    }

    return 0;
}


ngx_int_t
ngx_http_mlist_send_doc(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_doc_t *doc, ngx_uint_t vary)
{
    ctx->doc = ngx_palloc(r->pool, sizeof(ngx_http_mlist_doc_t));
    if (ctx->doc == NULL) {
        return NGX_ERROR;
    }

    *ctx->doc = *doc;

    ctx->digest = doc->digest;
    ctx->platforms = doc->platforms;

    if (vary
        && ngx_http_mlist_header_answer(r, &ngx_http_mlist_send_vary_name,
                                        &ngx_http_mlist_send_accept)
           == NULL)
    {
        return NGX_ERROR;
    }

    r->content_handler = ngx_http_mlist_send_content;

    return NGX_OK;
}


ngx_int_t
ngx_http_mlist_send_ping(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx)
{
    static ngx_str_t  type = ngx_string("application/json; charset=utf-8");
    static ngx_str_t  body = ngx_string("{}");

    return ngx_http_mlist_send_text(r, ctx, &type, &body);
}


ngx_int_t
ngx_http_mlist_send_text(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_str_t *type, ngx_str_t *body)
{
    ctx->doc = NULL;
    ctx->text = *body;
    ctx->text_type = *type;

    r->content_handler = ngx_http_mlist_send_content;

    return NGX_OK;
}


ngx_int_t
ngx_http_mlist_send_accepted(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx)
{
    static ngx_str_t  none = ngx_null_string;

    ctx->accepted = 1;

    return ngx_http_mlist_send_text(r, ctx, &none, &none);
}


ngx_int_t
ngx_http_mlist_send_error(ngx_http_mlist_ctx_t *ctx, ngx_int_t status,
    mlist_error_e error, ngx_str_t *message, ngx_str_t *detail)
{
    ctx->error = error;
    ctx->has_error = 1;

    ngx_str_null(&ctx->message);
    ngx_str_null(&ctx->detail);

    if (message) {
        ctx->message = *message;
    }

    if (detail) {
        ctx->detail = *detail;
    }

    return status;
}


ngx_int_t
ngx_http_mlist_send_not_allowed(ngx_http_mlist_ctx_t *ctx, ngx_uint_t methods,
    ngx_str_t *message, ngx_str_t *detail)
{
    ctx->allow = methods;

    return ngx_http_mlist_send_error(ctx, NGX_HTTP_NOT_ALLOWED,
                                     MLIST_ERR_UNSUPPORTED, message, detail);
}


ngx_int_t
ngx_http_mlist_send_challenges(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_str_t *challenges)
{
    u_char           *p, *last, *end;
    ngx_str_t         one;
    ngx_table_elt_t  *h;

    last = challenges->data + challenges->len;

    for (p = challenges->data; p < last; p = end + 1) {

        end = ngx_strlchr(p, last, LF);
        if (end == NULL) {
            return NGX_ERROR;
        }

        one.data = p;
        one.len = end - p;

        h = ngx_http_mlist_header_push(&r->headers_out.headers,
                                       "WWW-Authenticate", &one);
        if (h == NULL) {
            return NGX_ERROR;
        }

        if (p == challenges->data) {
            r->headers_out.www_authenticate = h;
        }
    }

    return ngx_http_mlist_send_error(ctx, NGX_HTTP_UNAUTHORIZED,
                                     MLIST_ERR_UNAUTHORIZED, NULL, NULL);
}


ngx_int_t
ngx_http_mlist_send_header(ngx_http_request_t *r, const char *name,
    ngx_str_t *value)
{
    if (ngx_http_mlist_header_push(&r->headers_out.headers, name, value)
        == NULL)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_mlist_send_content(ngx_http_request_t *r)
{
    ngx_int_t              rc;
    ngx_http_mlist_ctx_t  *ctx;

    rc = ngx_http_discard_request_body(r);
    if (rc != NGX_OK) {
        return rc;
    }

    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);

    rc = ngx_http_mlist_send_answer(r, ctx);

    ngx_http_mlist_send_release(r);

    return rc;
}


static ngx_int_t
ngx_http_mlist_send_answer(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx)
{
    ngx_http_mlist_doc_t  *doc;

    doc = ctx->doc;

    if (ngx_http_mlist_header_answer(r, &ngx_http_mlist_send_api_name,
                                     &ngx_http_mlist_send_api)
        == NULL)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    /* the exact Content-Length is part of the protocol */

    r->gzip_tested = 1;
    r->gzip_ok = 0;
    r->disable_not_modified = 1;

    r->headers_out.status = NGX_HTTP_OK;

    if (ctx->accepted) {
        r->headers_out.status = NGX_HTTP_ACCEPTED;
        r->header_only = 1;
    }

    if (doc == NULL) {
        r->headers_out.content_type = ctx->text_type;
        r->headers_out.content_type_len = ctx->text_type.len;

        return ngx_http_mlist_send_body(r, &ctx->text);
    }

    if (ngx_http_mlist_send_etag(r, &doc->digest) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (ngx_http_mlist_send_matches(r, &doc->digest)) {
        r->headers_out.status = NGX_HTTP_NOT_MODIFIED;
        r->header_only = 1;

        return ngx_http_send_header(r);
    }

    r->headers_out.content_type.data = (u_char *) mlist_media_text(doc->type);
    r->headers_out.content_type.len =
                                ngx_strlen(r->headers_out.content_type.data);
    r->headers_out.content_type_len = r->headers_out.content_type.len;

    return ngx_http_mlist_send_body(r, &doc->body);
}


void
ngx_http_mlist_send_release(ngx_http_request_t *r)
{
    ngx_connection_t      *c;
    ngx_http_mlist_ctx_t  *ctx;

    c = r->connection;

    /* a filter that answers instead takes it off the request */

    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);

    if (ctx == NULL
        || !ctx->lingers
        || r->http_version >= NGX_HTTP_VERSION_20
        || !r->header_sent
        || c->error
        || c->buffered)
    {
        return;
    }

#if (NGX_HTTP_SSL)

    if (c->ssl) {

        /* a failure is seen by who closes the connection */

        ERR_clear_error();
        (void) SSL_shutdown(c->ssl->connection);
        ERR_clear_error();
    }

#endif

    (void) ngx_shutdown_socket(c->fd, NGX_WRITE_SHUTDOWN);
}


static ngx_int_t
ngx_http_mlist_send_etag(ngx_http_request_t *r, ngx_str_t *digest)
{
    u_char           *p;
    ngx_str_t         value;
    ngx_table_elt_t  *h;

    if (ngx_http_mlist_header_answer(r, &ngx_http_mlist_send_digest_name,
                                     digest)
        == NULL)
    {
        return NGX_ERROR;
    }

    value.len = digest->len + 2;
    value.data = ngx_pnalloc(r->pool, value.len);
    if (value.data == NULL) {
        return NGX_ERROR;
    }

    p = value.data;

    *p++ = '"';
    p = ngx_cpymem(p, digest->data, digest->len);
    *p = '"';

    h = ngx_http_mlist_header_answer(r, &ngx_http_mlist_send_etag_name,
                                     &value);
    if (h == NULL) {
        return NGX_ERROR;
    }

    r->headers_out.etag = h;

    return NGX_OK;
}


static ngx_int_t
ngx_http_mlist_send_body(ngx_http_request_t *r, ngx_str_t *body)
{
    ngx_int_t     rc;
    ngx_buf_t    *b;
    ngx_chain_t   out;

    r->headers_out.content_type_lowcase = NULL;
    r->headers_out.content_length_n = body->len;

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    b = ngx_calloc_buf(r->pool);
    if (b == NULL) {
        return NGX_ERROR;
    }

    b->pos = body->data;
    b->last = body->data + body->len;
    b->memory = 1;
    b->last_buf = 1;
    b->last_in_chain = 1;

    out.buf = b;
    out.next = NULL;

    return ngx_http_output_filter(r, &out);
}

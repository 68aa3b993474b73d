/*
 * Text that grows: see ngx_http_mlist_out.h.
 */


#include "ngx_http_mlist_out.h"


#define NGX_HTTP_MLIST_OUT_FIRST   4096
#define NGX_HTTP_MLIST_OUT_BUFFER  (64 * 1024)
#define NGX_HTTP_MLIST_OUT_FORMAT  256


static ngx_int_t ngx_http_mlist_out_room(ngx_http_mlist_out_t *out);
static void ngx_http_mlist_out_escaped(ngx_http_mlist_out_t *out,
    mlist_escape_e form, ngx_str_t *s);


void
ngx_http_mlist_out_init(ngx_http_mlist_out_t *out, ngx_pool_t *pool)
{
    ngx_memzero(out, sizeof(ngx_http_mlist_out_t));

    out->pool = pool;
    out->next = &out->first;
}


void
ngx_http_mlist_out_bytes(ngx_http_mlist_out_t *out, const u_char *data,
    size_t len)
{
    size_t  n;

    while (len && !out->failed) {

        if ((out->buf == NULL || out->buf->last == out->buf->end)
            && ngx_http_mlist_out_room(out) != NGX_OK)
        {
            out->failed = 1;
            return;
        }

        n = ngx_min(len, (size_t) (out->buf->end - out->buf->last));

        out->buf->last = ngx_cpymem(out->buf->last, data, n);
        out->size += n;

        data += n;
        len -= n;
    }
}


static ngx_int_t
ngx_http_mlist_out_room(ngx_http_mlist_out_t *out)
{
    ngx_chain_t  *cl;

    cl = ngx_alloc_chain_link(out->pool);
    if (cl == NULL) {
        return NGX_ERROR;
    }

    cl->buf = ngx_create_temp_buf(out->pool,
                                  out->buf ? NGX_HTTP_MLIST_OUT_BUFFER
                                           : NGX_HTTP_MLIST_OUT_FIRST);
    if (cl->buf == NULL) {
        return NGX_ERROR;
    }

    cl->next = NULL;

    *out->next = cl;
    out->next = &cl->next;
    out->buf = cl->buf;

    return NGX_OK;
}


void
ngx_http_mlist_out(ngx_http_mlist_out_t *out, const char *s)
{
    ngx_http_mlist_out_bytes(out, (const u_char *) s, ngx_strlen(s));
}


void
ngx_http_mlist_out_format(ngx_http_mlist_out_t *out, const char *fmt, ...)
{
    u_char   text[NGX_HTTP_MLIST_OUT_FORMAT], *p;
    va_list  args;

    va_start(args, fmt);
    p = ngx_vslprintf(text, text + sizeof(text), fmt, args);
    va_end(args);

    ngx_http_mlist_out_bytes(out, text, p - text);
}


void
ngx_http_mlist_out_json(ngx_http_mlist_out_t *out, ngx_str_t *s)
{
    ngx_http_mlist_out_escaped(out, MLIST_ESCAPE_JSON, s);
}


void
ngx_http_mlist_out_html(ngx_http_mlist_out_t *out, ngx_str_t *s)
{
    ngx_http_mlist_out_escaped(out, MLIST_ESCAPE_HTML, s);
}


void
ngx_http_mlist_out_label(ngx_http_mlist_out_t *out, ngx_str_t *s)
{
    ngx_http_mlist_out_escaped(out, MLIST_ESCAPE_LABEL, s);
}


static void
ngx_http_mlist_out_escaped(ngx_http_mlist_out_t *out, mlist_escape_e form,
    ngx_str_t *s)
{
    size_t       i;
    mlist_str_t  view, piece;

    view = ngx_http_mlist_view(s);

    for (i = 0; i < view.len; /* void */ ) {
        piece = mlist_escape_next(form, view, &i);
        ngx_http_mlist_out_bytes(out, (const u_char *) piece.data, piece.len);
    }
}


void
ngx_http_mlist_out_query(ngx_http_mlist_out_t *out, ngx_str_t *s)
{
    size_t  i;
    u_char  c;

    for (i = 0; i < s->len; i++) {
        c = s->data[i];

        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
            || (c >= '0' && c <= '9')
            || c == '-' || c == '.' || c == '_' || c == '~' || c == '/')
        {
            ngx_http_mlist_out_bytes(out, &c, 1);

        } else {
            ngx_http_mlist_out_format(out, "%%%02Xd", (int) c);
        }
    }
}


void
ngx_http_mlist_out_time(ngx_http_mlist_out_t *out, time_t sec)
{
    ngx_tm_t  tm;

    ngx_gmtime(sec, &tm);

    ngx_http_mlist_out_format(out, "%4d-%02d-%02dT%02d:%02d:%02dZ",
                              tm.ngx_tm_year, tm.ngx_tm_mon, tm.ngx_tm_mday,
                              tm.ngx_tm_hour, tm.ngx_tm_min, tm.ngx_tm_sec);
}


ngx_int_t
ngx_http_mlist_out_end(ngx_http_mlist_out_t *out)
{
    if (out->buf == NULL && ngx_http_mlist_out_room(out) != NGX_OK) {
        return NGX_ERROR;
    }

    if (out->failed) {
        return NGX_ERROR;
    }

    out->buf->last_buf = 1;
    out->buf->last_in_chain = 1;

    return NGX_OK;
}

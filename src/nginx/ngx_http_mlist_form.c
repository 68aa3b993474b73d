/*
 * Which form of the status a client is given: see ngx_http_mlist_form.h.
 */


#include "ngx_http_mlist_form.h"
#include "ngx_http_mlist_guard.h"
#include "ngx_http_mlist_header.h"
#include "ngx_http_mlist_model.h"
#include "ngx_http_mlist_out.h"
#include "ngx_http_mlist_prometheus.h"
#include "ngx_http_mlist_send.h"
#include "ngx_http_mlist_status_json.h"
#include "ngx_http_mlist_status_page.h"

#include <openssl/rand.h>


#define NGX_HTTP_MLIST_FORM_TAGS   2000
#define NGX_HTTP_MLIST_FORM_NONCE  16     /* bytes */

#define NGX_HTTP_MLIST_FORM_POLICY                                            \
    "default-src 'none'; style-src 'nonce-%V'; script-src 'nonce-%V'; "       \
    "connect-src 'self'; form-action 'self'; base-uri 'none'; "               \
    "frame-ancestors 'none'"


typedef struct {
    ngx_str_t    format;       /* of ?format= */
    mlist_str_t  accept;
    ngx_str_t    type;         /* Content-Type */
} ngx_http_mlist_form_type_t;


static ngx_int_t ngx_http_mlist_form_format(ngx_http_request_t *r,
    ngx_http_mlist_form_t *form);
static ngx_int_t ngx_http_mlist_form_value(ngx_http_request_t *r,
    ngx_str_t *args, const char *name, ngx_str_t *value);
static ngx_int_t ngx_http_mlist_form_back(ngx_http_request_t *r,
    ngx_http_mlist_form_t *form);
static ngx_int_t ngx_http_mlist_form_nonce(ngx_http_request_t *r,
    ngx_str_t *nonce);
static ngx_int_t ngx_http_mlist_form_print(ngx_http_request_t *r,
    ngx_http_mlist_form_t *form, ngx_str_t *nonce,
    ngx_http_mlist_out_t *out);
static void ngx_http_mlist_form_page(ngx_http_request_t *r,
    ngx_http_mlist_form_t *form, ngx_str_t *nonce,
    ngx_http_mlist_model_t *model, ngx_http_mlist_out_t *out);
static ngx_int_t ngx_http_mlist_form_headers(ngx_http_request_t *r,
    ngx_http_mlist_form_t *form, ngx_str_t *nonce);
static ngx_int_t ngx_http_mlist_form_policy(ngx_http_request_t *r,
    ngx_http_mlist_form_t *form, ngx_str_t *nonce);


/* In the order of ngx_http_mlist_form_e. */
static ngx_http_mlist_form_type_t  ngx_http_mlist_form_types[] = {

    { ngx_string("json"), MLIST_STR("application/json"),
      ngx_string("application/json; charset=utf-8") },

    { ngx_string("html"), MLIST_STR("text/html"),
      ngx_string("text/html; charset=utf-8") },

    { ngx_string("prometheus"), MLIST_STR("text/plain"),
      ngx_string("text/plain; version=0.0.4; charset=utf-8") },

    { ngx_string("openmetrics"), MLIST_STR("application/openmetrics-text"),
      ngx_string("application/openmetrics-text; version=1.0.0; "
                 "charset=utf-8") }
};

#define NGX_HTTP_MLIST_FORM_TYPES                                             \
    (sizeof(ngx_http_mlist_form_types) / sizeof(ngx_http_mlist_form_type_t))


ngx_int_t
ngx_http_mlist_form_choose(ngx_http_request_t *r,
    ngx_http_mlist_form_t *form)
{
    ngx_int_t  n;
    ngx_str_t  limit;

    form->limit = NGX_HTTP_MLIST_FORM_TAGS;

    if (ngx_http_arg(r, (u_char *) "limit", sizeof("limit") - 1, &limit)
        == NGX_OK)
    {
        n = ngx_atoi(limit.data, limit.len);

        if (n == NGX_ERROR) {
            return NGX_HTTP_BAD_REQUEST;
        }

        form->limit = ngx_min(n, NGX_HTTP_MLIST_FORM_TAGS);
    }

    return ngx_http_mlist_form_format(r, form);
}


static ngx_int_t
ngx_http_mlist_form_format(ngx_http_request_t *r,
    ngx_http_mlist_form_t *form)
{
    ngx_str_t         format;
    ngx_list_t       *headers;
    ngx_uint_t        i;
    unsigned          weight, best;
    ngx_table_elt_t  *h;

    static ngx_str_t  accept = ngx_string("accept");

    if (ngx_http_arg(r, (u_char *) "format", sizeof("format") - 1, &format)
        == NGX_OK)
    {
        for (i = 0; i < NGX_HTTP_MLIST_FORM_TYPES; i++) {

            if (mlist_str_eq(ngx_http_mlist_view(&format),
                    ngx_http_mlist_view(
                                     &ngx_http_mlist_form_types[i].format)))
            {
                form->form = i;
                return NGX_OK;
            }
        }

        return NGX_HTTP_BAD_REQUEST;
    }

    headers = &r->headers_in.headers;
    best = 0;

    for (h = ngx_http_mlist_header_next(headers, &accept, NULL);
         h;
         h = ngx_http_mlist_header_next(headers, &accept, h))
    {
        for (i = 0; i < NGX_HTTP_MLIST_FORM_TYPES; i++) {
            weight = mlist_accept_weight_of(ngx_http_mlist_view(&h->value),
                                        ngx_http_mlist_form_types[i].accept);

            if (weight > best) {
                best = weight;
                form->form = i;
            }
        }
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_mlist_form_tag(ngx_http_request_t *r, ngx_str_t *args,
    ngx_http_mlist_form_t *form)
{
    if (ngx_http_mlist_form_value(r, args, "name", &form->name) != NGX_OK
        || ngx_http_mlist_form_value(r, args, "tag", &form->tag) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (form->name.len == 0 && form->tag.len == 0) {
        return NGX_OK;
    }

    return mlist_name_valid(ngx_http_mlist_view(&form->name))
           && mlist_name_tag_valid(ngx_http_mlist_view(&form->tag))
               ? NGX_OK : NGX_HTTP_BAD_REQUEST;
}


/* As ngx_http_arg() finds it, unescaped; what is not there stays as it is. */

static ngx_int_t
ngx_http_mlist_form_value(ngx_http_request_t *r, ngx_str_t *args,
    const char *name, ngx_str_t *value)
{
    u_char     *p, *end, *last, *dst;
    size_t      len;
    ngx_str_t   found;

    len = ngx_strlen(name);
    last = args->data + args->len;

    for (p = args->data; p < last; p = end + 1) {

        end = ngx_strlchr(p, last, '&');
        if (end == NULL) {
            end = last;
        }

        if ((size_t) (end - p) <= len
            || p[len] != '='
            || ngx_memcmp(p, name, len) != 0)
        {
            continue;
        }

        found.data = p + len + 1;
        found.len = end - found.data;

        value->data = ngx_pnalloc(r->pool, found.len + 1);
        if (value->data == NULL) {
            return NGX_ERROR;
        }

        dst = value->data;

        ngx_unescape_uri(&dst, &found.data, found.len, 0);

        value->len = dst - value->data;
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_mlist_form_send(ngx_http_request_t *r)
{
    ngx_int_t               rc;
    ngx_str_t               nonce;
    ngx_http_mlist_ctx_t   *ctx;
    ngx_http_mlist_out_t    out;
    ngx_http_mlist_form_t  *form;

    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);
    form = ctx->state;

    rc = ngx_http_discard_request_body(r);
    if (rc != NGX_OK) {
        return rc;
    }

    if (form->dropped && form->form == NGX_HTTP_MLIST_FORM_HTML) {
        return ngx_http_mlist_form_back(r, form);
    }

    ngx_http_mlist_out_init(&out, r->pool);

    if (ngx_http_mlist_form_nonce(r, &nonce) != NGX_OK
        || ngx_http_mlist_form_print(r, form, &nonce, &out) != NGX_OK
        || ngx_http_mlist_out_end(&out) != NGX_OK
        || ngx_http_mlist_form_headers(r, form, &nonce) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    r->headers_out.content_length_n = out.size;
    r->disable_not_modified = 1;

    rc = ngx_http_send_header(r);

    if (rc == NGX_OK && !r->header_only) {
        rc = ngx_http_output_filter(r, out.first);
    }

    ngx_http_mlist_send_release(r);

    return rc;
}


/*
 * After a POST a browser gets the tag's page, so that a reload posts nothing.
 * It is relative: whatever the path looks like leads nowhere else.
 */

static ngx_int_t
ngx_http_mlist_form_back(ngx_http_request_t *r, ngx_http_mlist_form_t *form)
{
    u_char     *p;
    ngx_str_t   location;

    p = ngx_pnalloc(r->pool, sizeof("?name=&tag=") + form->name.len
                             + form->tag.len);
    if (p == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    location.data = p;
    location.len = ngx_sprintf(p, "?name=%V&tag=%V", &form->name, &form->tag)
                   - p;

    r->headers_out.location = ngx_http_mlist_header_push(
                                              &r->headers_out.headers,
                                              "Location", &location);

    return r->headers_out.location ? NGX_HTTP_SEE_OTHER
                                   : NGX_HTTP_INTERNAL_SERVER_ERROR;
}


/* What tells the page's own style and script, in base64. */

static ngx_int_t
ngx_http_mlist_form_nonce(ngx_http_request_t *r, ngx_str_t *nonce)
{
    u_char     bytes[NGX_HTTP_MLIST_FORM_NONCE];
    ngx_str_t  src;

    src.data = bytes;
    src.len = sizeof(bytes);

    nonce->data = ngx_pnalloc(r->pool, ngx_base64_encoded_length(src.len));

    if (nonce->data == NULL || RAND_bytes(bytes, sizeof(bytes)) != 1) {
        return NGX_ERROR;
    }

    ngx_encode_base64(nonce, &src);

    return NGX_OK;
}


static ngx_int_t
ngx_http_mlist_form_print(ngx_http_request_t *r, ngx_http_mlist_form_t *form,
    ngx_str_t *nonce, ngx_http_mlist_out_t *out)
{
    ngx_http_mlist_model_t      model;
    ngx_http_mlist_model_ask_t  ask;

    ask.name = form->name;
    ask.tag = form->tag;
    ask.place = form->place;
    ask.pins = form->name.len == 0
               || form->form >= NGX_HTTP_MLIST_FORM_PROMETHEUS;
    ask.limit = form->form >= NGX_HTTP_MLIST_FORM_PROMETHEUS ? 0
                                                             : form->limit;

    if (ngx_http_mlist_model_take(r, &ask, &model) != NGX_OK) {
        return NGX_ERROR;
    }

    /* what is not known of one tag is a 404 that says so */

    if (form->home && form->name.len && model.tags.nelts == 0
        && !form->dropped)
    {
        form->status = NGX_HTTP_NOT_FOUND;
    }

    switch (form->form) {

    case NGX_HTTP_MLIST_FORM_PROMETHEUS:
    case NGX_HTTP_MLIST_FORM_OPENMETRICS:
        ngx_http_mlist_prometheus(out, &model,
                              form->form == NGX_HTTP_MLIST_FORM_OPENMETRICS);
        break;

    case NGX_HTTP_MLIST_FORM_HTML:
        ngx_http_mlist_form_page(r, form, nonce, &model, out);
        break;

    default: /* NGX_HTTP_MLIST_FORM_JSON */
        ngx_http_mlist_status_json(out, &model, form->name.len != 0);
    }

    return NGX_OK;
}


static void
ngx_http_mlist_form_page(ngx_http_request_t *r, ngx_http_mlist_form_t *form,
    ngx_str_t *nonce, ngx_http_mlist_model_t *model,
    ngx_http_mlist_out_t *out)
{
    ngx_http_mlist_loc_conf_t     *mlcf;
    ngx_http_mlist_status_page_t   page;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    ngx_memzero(&page, sizeof(ngx_http_mlist_status_page_t));

    page.nonce = *nonce;
    page.name = form->name;
    page.tag = form->tag;
    page.home = form->home;
    page.drop = form->home && ngx_http_mlist_guard_is(mlcf);

    if (r->headers_in.host) {
        page.host = r->headers_in.host->value;
    }

    if (form->name.len) {
        ngx_http_mlist_status_tag(out, model, &page);

    } else {
        ngx_http_mlist_status_page(out, model, &page);
    }
}


static ngx_int_t
ngx_http_mlist_form_headers(ngx_http_request_t *r,
    ngx_http_mlist_form_t *form, ngx_str_t *nonce)
{
    u_char      *p;
    ngx_str_t   *type;
    ngx_uint_t   i;

    static struct {
        ngx_str_t  name;
        ngx_str_t  value;
    } headers[] = {
        { ngx_string("Cache-Control"), ngx_string("no-store") },
        { ngx_string("Vary"), ngx_string("Accept") },
        { ngx_string("X-Content-Type-Options"), ngx_string("nosniff") },
        { ngx_string("Referrer-Policy"), ngx_string("no-referrer") }
    };

    for (i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
        if (ngx_http_mlist_header_answer(r, &headers[i].name,
                                         &headers[i].value)
            == NULL)
        {
            return NGX_ERROR;
        }
    }

    if (ngx_http_mlist_form_policy(r, form, nonce) != NGX_OK) {
        return NGX_ERROR;
    }

    type = &ngx_http_mlist_form_types[form->form].type;

    r->headers_out.status = form->status;

    p = ngx_strlchr(type->data, type->data + type->len, ';');

    r->headers_out.content_type = *type;
    r->headers_out.content_type_len = p - type->data;
    r->headers_out.content_type_lowcase = NULL;

    return NGX_OK;
}


/* The page may load nothing, be framed by nobody, and post to itself. */

static ngx_int_t
ngx_http_mlist_form_policy(ngx_http_request_t *r,
    ngx_http_mlist_form_t *form, ngx_str_t *nonce)
{
    u_char     *p;
    ngx_str_t   policy;

    static ngx_str_t  name = ngx_string("Content-Security-Policy");
    static ngx_str_t  none = ngx_string("default-src 'none'; "
                                        "frame-ancestors 'none'");

    if (form->form != NGX_HTTP_MLIST_FORM_HTML) {
        return ngx_http_mlist_header_answer(r, &name, &none) ? NGX_OK
                                                             : NGX_ERROR;
    }

    p = ngx_pnalloc(r->pool, sizeof(NGX_HTTP_MLIST_FORM_POLICY)
                             + 2 * nonce->len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    policy.data = p;
    policy.len = ngx_sprintf(p, NGX_HTTP_MLIST_FORM_POLICY, nonce, nonce) - p;

    return ngx_http_mlist_header_answer(r, &name, &policy) ? NGX_OK
                                                           : NGX_ERROR;
}

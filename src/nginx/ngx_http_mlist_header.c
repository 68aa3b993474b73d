/*
 * Header lists: see ngx_http_mlist_header.h.
 */


#include "ngx_http_mlist_header.h"


static ngx_uint_t ngx_http_mlist_header_is(ngx_table_elt_t *h,
    ngx_str_t *name);
static ngx_uint_t ngx_http_mlist_header_among(ngx_table_elt_t *h,
    ngx_str_t *names);


ngx_table_elt_t *
ngx_http_mlist_header_push(ngx_list_t *headers, const char *name,
    ngx_str_t *value)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(headers);
    if (h == NULL) {
        return NULL;
    }

    h->key.data = (u_char *) name;
    h->key.len = ngx_strlen(name);
    h->value = *value;

    h->lowcase_key = ngx_pnalloc(headers->pool, h->key.len);
    if (h->lowcase_key == NULL) {
        h->hash = 0;
        return NULL;
    }

    h->hash = ngx_hash_strlow(h->lowcase_key, h->key.data, h->key.len);

#if (nginx_version >= 1023000)
    h->next = NULL;
#endif

    return h;
}


ngx_table_elt_t *
ngx_http_mlist_header_answer(ngx_http_request_t *r, ngx_str_t *name,
    ngx_str_t *value)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NULL;
    }

    h->hash = 1;
    h->key = *name;
    h->value = *value;
    h->lowcase_key = NULL;

#if (nginx_version >= 1023000)
    h->next = NULL;
#endif

    return h;
}


ngx_int_t
ngx_http_mlist_header_drop_in(ngx_http_request_t *r, ngx_str_t *drop)
{
    ngx_str_t        *name;
    ngx_list_t        headers;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h, *copy;

    for (name = drop; name->len; name++) {
        if (ngx_http_mlist_header_next(&r->headers_in.headers, name, NULL)) {
            break;
        }
    }

    if (name->len == 0) {
        return NGX_OK;
    }

    if (ngx_list_init(&headers, r->pool, 20, sizeof(ngx_table_elt_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (part = &r->headers_in.headers.part; part; part = part->next) {

        for (h = part->elts; h < (ngx_table_elt_t *) part->elts + part->nelts;
             h++)
        {
            if (ngx_http_mlist_header_among(h, drop)) {
                continue;
            }

            copy = ngx_list_push(&headers);
            if (copy == NULL) {
                return NGX_ERROR;
            }

            *copy = *h;
        }
    }

    r->headers_in.headers = headers;

    /* a list's "last" may point into the list itself */

    if (headers.last == &headers.part) {
        r->headers_in.headers.last = &r->headers_in.headers.part;
    }

    return NGX_OK;
}


void
ngx_http_mlist_header_hide_out(ngx_http_request_t *r, ngx_str_t *name)
{
    ngx_list_t       *headers;
    ngx_table_elt_t  *h;

    headers = &r->headers_out.headers;

    while ((h = ngx_http_mlist_header_next(headers, name, NULL)) != NULL) {
        h->hash = 0;
    }
}


ngx_table_elt_t *
ngx_http_mlist_header_next(ngx_list_t *headers, ngx_str_t *name,
    ngx_table_elt_t *last)
{
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h, *end;

    for (part = &headers->part; part; part = part->next) {

        h = part->elts;
        end = h + part->nelts;

        if (last) {

            if (last < h || last >= end) {
                continue;
            }

            h = last + 1;
            last = NULL;
        }

        for ( /* void */ ; h < end; h++) {
            if (h->hash && ngx_http_mlist_header_is(h, name)) {
                return h;
            }
        }
    }

    return NULL;
}


/* "names" as of header_drop_in(). */

static ngx_uint_t
ngx_http_mlist_header_among(ngx_table_elt_t *h, ngx_str_t *names)
{
    for ( /* void */ ; names->len; names++) {
        if (ngx_http_mlist_header_is(h, names)) {
            return 1;
        }
    }

    return 0;
}


static ngx_uint_t
ngx_http_mlist_header_is(ngx_table_elt_t *h, ngx_str_t *name)
{
    return h->key.len == name->len
           && ngx_strncasecmp(h->key.data, name->data, name->len) == 0;
}

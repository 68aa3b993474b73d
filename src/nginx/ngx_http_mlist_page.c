/*
 * Pages: see ngx_http_mlist_page.h.
 */


#include "ngx_http_mlist_page.h"
#include "ngx_http_mlist_answer.h"
#include "ngx_http_mlist_location.h"
#include "../core/mlist_link.h"
#include "../core/mlist_page.h"


#define NGX_HTTP_MLIST_PAGE_QUERY  2048      /* bytes of the longest one */


static ngx_int_t ngx_http_mlist_page_target(ngx_http_mlist_fetch_t *fetch,
    ngx_str_t *target);
static ngx_int_t ngx_http_mlist_page_query(ngx_http_request_t *r,
    ngx_http_mlist_registry_t *registry, ngx_str_t *first, ngx_str_t *target,
    mlist_str_t *query);


ngx_int_t
ngx_http_mlist_page_next(ngx_http_request_t *r, ngx_http_mlist_fetch_t *fetch,
    ngx_str_t *first, ngx_str_t *url)
{
    char         query[NGX_HTTP_MLIST_PAGE_QUERY];
    u_char      *p;
    size_t       len;
    ngx_int_t    rc;
    ngx_str_t    target;
    mlist_str_t  asked;

    rc = ngx_http_mlist_page_target(fetch, &target);

    if (rc != NGX_OK) {
        return rc;
    }

    if (ngx_http_mlist_page_query(r, fetch->registry, first, &target, &asked)
        != NGX_OK
        || mlist_page_query(asked, query, sizeof(query), &len) != MLIST_OK)
    {
        return NGX_DECLINED;
    }

    url->len = first->len + 1 + len;
    url->data = ngx_pnalloc(r->pool, url->len);
    if (url->data == NULL) {
        return NGX_ERROR;
    }

    p = ngx_cpymem(url->data, first->data, first->len);
    *p++ = '?';
    ngx_memcpy(p, query, len);

    return NGX_OK;
}


/* A registry may send several headers; *target is a view. */

static ngx_int_t
ngx_http_mlist_page_target(ngx_http_mlist_fetch_t *fetch, ngx_str_t *target)
{
    int               found;
    mlist_str_t       next;
    ngx_table_elt_t  *h;

    static ngx_str_t  name = ngx_string("link");

    for (h = ngx_http_mlist_answer_field(fetch, &name, NULL);
         h;
         h = ngx_http_mlist_answer_field(fetch, &name, h))
    {
        found = mlist_link_next(ngx_http_mlist_view(&h->value), &next);

        if (found < 0) {
            return NGX_DECLINED;
        }

        if (found) {
            *target = ngx_http_mlist_ngx_str(next);
            return NGX_OK;
        }
    }

    return NGX_DONE;
}


/* What it asks for, without "?", as a view, if it leads to the same path. */

static ngx_int_t
ngx_http_mlist_page_query(ngx_http_request_t *r,
    ngx_http_mlist_registry_t *registry, ngx_str_t *first, ngx_str_t *target,
    mlist_str_t *query)
{
    ngx_str_t    path, asked;
    mlist_str_t  view;

    view = ngx_http_mlist_view(target);

    if (!mlist_location_valid(view) || mlist_str_find(view, "#") < view.len) {
        return NGX_DECLINED;
    }

    if (target->len && target->data[0] == '?') {
        asked = *target;

    } else {

        if (ngx_http_mlist_location_path(r, registry, target, &asked)
            != NGX_OK)
        {
            return NGX_DECLINED;
        }

        path.data = first->data + registry->url.len;
        path.len = first->len - registry->url.len;

        if (asked.len < path.len
            || ngx_memcmp(asked.data, path.data, path.len) != 0)
        {
            return NGX_DECLINED;
        }

        asked.data += path.len;
        asked.len -= path.len;
    }

    if (asked.len < 2 || asked.data[0] != '?') {
        return NGX_DECLINED;
    }

    query->data = (char *) asked.data + 1;
    query->len = asked.len - 1;

    return NGX_OK;
}

/*
 * Pages: see ngx_http_mlist_page.h.
 */


#include "ngx_http_mlist_page.h"
#include "ngx_http_mlist_location.h"
#include "../core/mlist_link.h"


static ngx_int_t ngx_http_mlist_page_query(ngx_http_request_t *r,
    ngx_http_mlist_registry_t *registry, ngx_str_t *first, ngx_str_t *target,
    ngx_str_t *query);


ngx_int_t
ngx_http_mlist_page_next(ngx_http_request_t *r,
    ngx_http_mlist_registry_t *registry, ngx_str_t *first, ngx_str_t *link,
    ngx_str_t *url)
{
    ngx_str_t    target, query;
    mlist_str_t  next;

    switch (mlist_link_next(ngx_http_mlist_view(link), &next)) {

    case 1:
        break;

    case 0:
        return NGX_DONE;

    default:
        return NGX_DECLINED;
    }

    target = ngx_http_mlist_ngx_str(next);

    if (ngx_http_mlist_page_query(r, registry, first, &target, &query)
        != NGX_OK)
    {
        return NGX_DECLINED;
    }

    url->len = first->len + query.len;
    url->data = ngx_pnalloc(r->pool, url->len);
    if (url->data == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(ngx_cpymem(url->data, first->data, first->len), query.data,
               query.len);

    return NGX_OK;
}


/* Its query, with "?", if it leads to the same path. */

static ngx_int_t
ngx_http_mlist_page_query(ngx_http_request_t *r,
    ngx_http_mlist_registry_t *registry, ngx_str_t *first, ngx_str_t *target,
    ngx_str_t *query)
{
    size_t     len;
    ngx_str_t  path;

    if (!ngx_http_mlist_location_valid(target)) {
        return NGX_DECLINED;
    }

    path.data = first->data + registry->url.len;
    path.len = first->len - registry->url.len;

    if (target->len && target->data[0] == '?') {
        *query = *target;

    } else if (ngx_http_mlist_location_path(r, registry, target, query)
               != NGX_OK)
    {
        return NGX_DECLINED;

    } else {
        len = ngx_min(path.len, query->len);

        if (ngx_memcmp(query->data, path.data, len) != 0) {
            return NGX_DECLINED;
        }

        query->data += len;
        query->len -= len;
    }

    if (query->len < 2
        || query->data[0] != '?'
        || ngx_strlchr(query->data, query->data + query->len, '#'))
    {
        return NGX_DECLINED;
    }

    return NGX_OK;
}

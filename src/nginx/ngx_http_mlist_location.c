/*
 * Location headers: see ngx_http_mlist_location.h.
 */


#include "ngx_http_mlist_location.h"


ngx_int_t
ngx_http_mlist_location_path(ngx_http_request_t *r,
    ngx_http_mlist_registry_t *registry, ngx_str_t *location,
    ngx_str_t *path)
{
    mlist_location_t  parts;

    if (mlist_location_parse(ngx_http_mlist_view(location), &parts)
        != MLIST_OK)
    {
        return NGX_DECLINED;
    }

    if (parts.origin.len
        && !mlist_str_caseeq(parts.host, ngx_http_mlist_view(&registry->host))
        && (r->headers_in.host == NULL
            || !mlist_str_caseeq(parts.host,
                             ngx_http_mlist_view(&r->headers_in.host->value))))
    {
        return NGX_DECLINED;
    }

    *path = ngx_http_mlist_ngx_str(parts.path);

    if (path->len == 0
        || path->data[0] != '/'
        || (path->len > 1 && path->data[1] == '/'))
    {
        return NGX_DECLINED;
    }

    return NGX_OK;
}

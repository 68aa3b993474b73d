/*
 * Location headers: see ngx_http_mlist_location.h.
 */


#include "ngx_http_mlist_location.h"


static size_t ngx_http_mlist_location_scheme(ngx_str_t *location);


ngx_uint_t
ngx_http_mlist_location_valid(ngx_str_t *location)
{
    size_t      i;
    ngx_uint_t  slashes;

    slashes = 0;

    for (i = 0; i < location->len; i++) {

        if (location->data[i] <= ' '
            || location->data[i] >= 0x7f
            || ngx_strchr("\"<>\\^`{|}", location->data[i]))
        {
            return 0;
        }

        if (location->data[i] == '/') {
            slashes++;
        }

        if (location->data[i] == '@' && slashes < 3) {
            return 0;
        }
    }

    return 1;
}


ngx_int_t
ngx_http_mlist_location_path(ngx_http_request_t *r,
    ngx_http_mlist_registry_t *registry, ngx_str_t *location,
    ngx_str_t *path)
{
    u_char       *p, *last;
    size_t        scheme;
    mlist_str_t   host;

    p = location->data;
    last = p + location->len;

    scheme = ngx_http_mlist_location_scheme(location);

    if (scheme) {
        p = ngx_strlchr(p + scheme, last, '/');

        if (p == NULL) {
            return NGX_DECLINED;
        }

        host.data = (char *) location->data + scheme;
        host.len = p - location->data - scheme;

        if (!mlist_str_caseeq(host, ngx_http_mlist_view(&registry->host))
            && (r->headers_in.host == NULL
                || !mlist_str_caseeq(host,
                             ngx_http_mlist_view(&r->headers_in.host->value))))
        {
            return NGX_DECLINED;
        }
    }

    path->data = p;
    path->len = last - p;

    if (path->len == 0
        || path->data[0] != '/'
        || (path->len > 1 && path->data[1] == '/'))
    {
        return NGX_DECLINED;
    }

    return NGX_OK;
}


/* How long "http://" or "https://" at its beginning is, or 0. */

static size_t
ngx_http_mlist_location_scheme(ngx_str_t *location)
{
    if (location->len > 7
        && ngx_strncasecmp(location->data, (u_char *) "http://", 7) == 0)
    {
        return 7;
    }

    if (location->len > 8
        && ngx_strncasecmp(location->data, (u_char *) "https://", 8) == 0)
    {
        return 8;
    }

    return 0;
}

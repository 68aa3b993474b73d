/*
 * Whether a Location header, or what a Link names, means the registry that
 * gave it.  It follows none: that is redirect's.  Called by copy_blob, page,
 * store_upload, write.
 */

#ifndef _NGX_HTTP_MLIST_LOCATION_H_INCLUDED_
#define _NGX_HTTP_MLIST_LOCATION_H_INCLUDED_


#include "ngx_http_mlist.h"
#include "../core/mlist_location.h"


/*
 * The path and query, a view, of a Location that "registry" gave: it is
 * relative, or names the registry's host or the Host that was sent to it in
 * "r" (a proxy before a registry may end TLS, so the scheme is not compared).
 * It never begins with "//", which alone would name another host.  NGX_OK, or
 * NGX_DECLINED: it is elsewhere, or of another form.
 */
ngx_int_t ngx_http_mlist_location_path(ngx_http_request_t *r,
    ngx_http_mlist_registry_t *registry, ngx_str_t *location,
    ngx_str_t *path);


#endif /* _NGX_HTTP_MLIST_LOCATION_H_INCLUDED_ */

/*
 * Pages: where the next one of what a registry lists is, as its Link header
 * says.  A registry never leads a fetch to another registry or path by it.
 * It asks nobody.  Called by referrers.
 */

#ifndef _NGX_HTTP_MLIST_PAGE_H_INCLUDED_
#define _NGX_HTTP_MLIST_PAGE_H_INCLUDED_


#include "ngx_http_mlist.h"


/*
 * The next page of "first", the URL of the first one at "registry" without
 * its query, by the Link header "link" (empty: none): *url is in r->pool.
 * NGX_OK; NGX_DONE: there is none; NGX_DECLINED: the header is malformed, or
 * leads elsewhere; NGX_ERROR.
 */
ngx_int_t ngx_http_mlist_page_next(ngx_http_request_t *r,
    ngx_http_mlist_registry_t *registry, ngx_str_t *first, ngx_str_t *link,
    ngx_str_t *url);


#endif /* _NGX_HTTP_MLIST_PAGE_H_INCLUDED_ */

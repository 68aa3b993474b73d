/*
 * Pages: where the next one of what a registry lists is, as its Link headers
 * say.  A registry never leads a fetch to another registry or path by them,
 * and its query is written anew.  It asks nobody.  Called by walk, referrers.
 */

#ifndef _NGX_HTTP_MLIST_PAGE_H_INCLUDED_
#define _NGX_HTTP_MLIST_PAGE_H_INCLUDED_


#include "ngx_http_mlist.h"


/*
 * The page after the one that "fetch", which is ANSWERED, has brought;
 * "first" is the URL of the first one without its query.  *url is in r->pool.
 * NGX_OK; NGX_DONE: there is none; NGX_DECLINED: a Link is malformed, or leads
 * elsewhere; NGX_ERROR.
 */
ngx_int_t ngx_http_mlist_page_next(ngx_http_request_t *r,
    ngx_http_mlist_fetch_t *fetch, ngx_str_t *first, ngx_str_t *url);


#endif /* _NGX_HTTP_MLIST_PAGE_H_INCLUDED_ */

/*
 * Reads that list what there is: _catalog and tags/list.  They are not merged
 * yet: the first source answers.  Called by handler.
 */

#ifndef _NGX_HTTP_MLIST_CATALOG_H_INCLUDED_
#define _NGX_HTTP_MLIST_CATALOG_H_INCLUDED_


#include "ngx_http_mlist.h"


/*
 * Passes such a read on to the first source, page by page: its query goes
 * along, since the Link in its answer leads to the next one here too.
 * Returns what the phase handler is to return.
 */
ngx_int_t ngx_http_mlist_catalog_first(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx);


#endif /* _NGX_HTTP_MLIST_CATALOG_H_INCLUDED_ */

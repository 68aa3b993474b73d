/*
 * Reads that list what there is.  tags/list and _catalog are the union of
 * what all sources list, whatever each registry's pages are like; never a
 * shorter one where a source fails.  Called by handler.
 */

#ifndef _NGX_HTTP_MLIST_CATALOG_H_INCLUDED_
#define _NGX_HTTP_MLIST_CATALOG_H_INCLUDED_


#include "ngx_http_mlist.h"


/*
 * tags/list and _catalog.  Returns what the phase handler is to return; after
 * NGX_AGAIN it goes on through ctx->resume.
 */
ngx_int_t ngx_http_mlist_catalog_start(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx);


#endif /* _NGX_HTTP_MLIST_CATALOG_H_INCLUDED_ */

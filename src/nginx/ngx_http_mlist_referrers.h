/*
 * Referrers: what refers to a manifest, as all registries that may have it
 * say, each by its referrers API or, where it has none, by the tag under
 * which clients keep that (distribution-spec v1.1.1, "Referrers Tag Schema").
 * It never answers with less than all of them.  Called by handler.
 */

#ifndef _NGX_HTTP_MLIST_REFERRERS_H_INCLUDED_
#define _NGX_HTTP_MLIST_REFERRERS_H_INCLUDED_


#include "ngx_http_mlist.h"


/* Returns what the phase handler is to return. */
ngx_int_t ngx_http_mlist_referrers_start(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx);


#endif /* _NGX_HTTP_MLIST_REFERRERS_H_INCLUDED_ */

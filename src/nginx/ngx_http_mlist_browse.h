/*
 * A browser at a tag's URL: where the server has mlist_status it is shown the
 * page that explains the tag, once it was asked for as for anybody else
 * (spec: "Everything else of the registry API").  Registry clients never come
 * here.  Called by list and choose; module has it prepared.
 */

#ifndef _NGX_HTTP_MLIST_BROWSE_H_INCLUDED_
#define _NGX_HTTP_MLIST_BROWSE_H_INCLUDED_


#include "ngx_http_mlist.h"
#include "ngx_http_mlist_store.h"


/* Notes which locations have such pages, when all are known. */
void ngx_http_mlist_browse_init(ngx_http_mlist_main_conf_t *mcf);

/* 1 if the client of a read by tag is a browser that is shown the page. */
ngx_uint_t ngx_http_mlist_browse_is(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx) MLIST_HOT;

/*
 * Shows the page instead of an answer of that status.  Returns what the phase
 * handler is to return.
 */
ngx_int_t ngx_http_mlist_browse(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_uint_t status);


#endif /* _NGX_HTTP_MLIST_BROWSE_H_INCLUDED_ */

/*
 * What kind of request it is and which way it goes: list, digest, passed on,
 * refused.  Called by module (PRECONTENT phase), variables (ctx), filter.
 */

#ifndef _NGX_HTTP_MLIST_HANDLER_H_INCLUDED_
#define _NGX_HTTP_MLIST_HANDLER_H_INCLUDED_


#include "ngx_http_mlist.h"


/* The handler of the PRECONTENT phase, for main requests and children. */
ngx_int_t ngx_http_mlist_handler(ngx_http_request_t *r) MLIST_HOT;

/*
 * The request's ctx, made (with its kind and route) if it has none yet.
 * NULL where the location is not active or memory is short.
 */
ngx_http_mlist_ctx_t *ngx_http_mlist_handler_ctx(ngx_http_request_t *r)
    MLIST_HOT;


#endif /* _NGX_HTTP_MLIST_HANDLER_H_INCLUDED_ */

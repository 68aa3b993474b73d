/*
 * Logins of what a client's own request is passed on with.  Called by handler
 * and filter.
 */

#ifndef _NGX_HTTP_MLIST_LOGIN_REQUEST_H_INCLUDED_
#define _NGX_HTTP_MLIST_LOGIN_REQUEST_H_INCLUDED_


#include "ngx_http_mlist.h"


/*
 * Before the main request "r" is passed on to ctx->upstream at ctx->registry.
 * NGX_DECLINED: it goes on, with the registry's login if there is one;
 * NGX_AGAIN: the phases are run again; or an answer that is no success.
 */
ngx_int_t ngx_http_mlist_login_request(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx);

/*
 * The registry answers.  NGX_DECLINED: the answer is the client's; NGX_OK: it
 * is to be dropped, and the phases run again: to ask with other credentials,
 * where the request had no body, or to tell the client that the registry
 * refuses the front; NGX_ERROR.
 */
ngx_int_t ngx_http_mlist_login_answer(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx);


#endif /* _NGX_HTTP_MLIST_LOGIN_REQUEST_H_INCLUDED_ */

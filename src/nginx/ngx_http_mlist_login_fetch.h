/*
 * Logins of the front's own fetches: the credentials that one is sent with,
 * and once more where they were refused.  Called by fetch, and calls back
 * into it.
 */

#ifndef _NGX_HTTP_MLIST_LOGIN_FETCH_H_INCLUDED_
#define _NGX_HTTP_MLIST_LOGIN_FETCH_H_INCLUDED_


#include "ngx_http_mlist_fetch.h"


/*
 * Before a fetch of "r" is sent.  NGX_OK: fetch->credentials are set, or
 * there is no login for it; NGX_AGAIN: the fetch goes on, or ends, later;
 * NGX_ERROR.
 */
ngx_int_t ngx_http_mlist_login_fetch(ngx_http_request_t *r,
    ngx_http_mlist_fetch_t *fetch);

/*
 * The child "sr" was answered.  Notes whether the credentials were accepted.
 * NGX_OK: the fetch goes on with other credentials; NGX_DECLINED: the answer
 * is final; NGX_ERROR.
 */
ngx_int_t ngx_http_mlist_login_fetch_answer(ngx_http_request_t *sr,
    ngx_http_mlist_fetch_t *fetch);


#endif /* _NGX_HTTP_MLIST_LOGIN_FETCH_H_INCLUDED_ */

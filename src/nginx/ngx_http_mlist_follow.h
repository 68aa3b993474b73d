/*
 * mlist_redirect follow: a registry's redirect of what a client reads is
 * followed here, and what it leads to is streamed to the client.  It owns
 * what is known of the redirect; where one may lead is redirect's to say, and
 * the answer is dropped by filter.  Called by filter; handler calls it back
 * through ctx->resume.
 */

#ifndef _NGX_HTTP_MLIST_FOLLOW_H_INCLUDED_
#define _NGX_HTTP_MLIST_FOLLOW_H_INCLUDED_


#include "ngx_http_mlist.h"


/*
 * An upstream's answer to the client's request has come.  NGX_OK: it is not
 * the client's but a redirect to be followed, or an error of what one led to;
 * it is to be dropped and the phases run again.  NGX_DECLINED: it goes to the
 * client; NGX_ERROR.
 */
ngx_int_t ngx_http_mlist_follow_answer(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx);


#endif /* _NGX_HTTP_MLIST_FOLLOW_H_INCLUDED_ */

/*
 * What a synthesized tag is made of, as a text for people who write to it.
 * It asks nobody.  Called by write.
 */

#ifndef _NGX_HTTP_MLIST_MADE_H_INCLUDED_
#define _NGX_HTTP_MLIST_MADE_H_INCLUDED_


#include "ngx_http_mlist.h"
#include "ngx_http_mlist_target.h"


/*
 * Sets "text", in r->pool, to the tags that the sources of the name of "ctx"
 * have for its tag: "1.0-amd64, 1.0-arm", with "at LABEL" behind those that
 * are spelled like the tag itself; of ASCII without quotes.
 *
 * NGX_OK; NGX_DECLINED: it is made of nothing but what "target" (may be NULL)
 * has under that very tag, so that a write there is a write of it; NGX_ERROR.
 */
ngx_int_t ngx_http_mlist_made_of(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_target_t *target,
    ngx_str_t *text);


#endif /* _NGX_HTTP_MLIST_MADE_H_INCLUDED_ */

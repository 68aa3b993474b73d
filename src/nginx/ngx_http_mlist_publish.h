/*
 * Publishing (mlist_publish): a complete list is also PUT under its tag to
 * the push registry, over an absent tag or over a list of our own, and never
 * fails a pull: it is done after the verdict (spec: "Writes").  It never
 * changes what a pull is answered with.  Called by build.
 */

#ifndef _NGX_HTTP_MLIST_PUBLISH_H_INCLUDED_
#define _NGX_HTTP_MLIST_PUBLISH_H_INCLUDED_


#include "ngx_http_mlist.h"
#include "ngx_http_mlist_build_state.h"


/* 1 if build->doc is to be published, else 0. */
ngx_uint_t ngx_http_mlist_publish_wanted(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build);

/*
 * Goes on as far as it can; build->publish is zeroed before the first call.
 * NGX_AGAIN, or NGX_OK: published, or not, which is logged.
 */
ngx_int_t ngx_http_mlist_publish(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build);


#endif /* _NGX_HTTP_MLIST_PUBLISH_H_INCLUDED_ */

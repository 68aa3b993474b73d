/*
 * The last complete list of a tag, and when it may be given in place of the
 * present one (spec: "mlist_use_stale", "A tag" 2, 3 and 11).  It never
 * decides that a list is complete.  Called by build.
 */

#ifndef _NGX_HTTP_MLIST_STALE_H_INCLUDED_
#define _NGX_HTTP_MLIST_STALE_H_INCLUDED_


#include "ngx_http_mlist.h"
#include "ngx_http_mlist_build_state.h"


/* 1 if build->failure may be answered with an old list, else 0. */
ngx_uint_t ngx_http_mlist_stale_allowed(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build);

/*
 * Brings what is known of the last complete list into build->last, from the
 * zone or the store; build->op is zeroed before the first call.  NGX_OK;
 * NGX_AGAIN; NGX_DECLINED: there is none; NGX_ERROR: the store fails.
 */
ngx_int_t ngx_http_mlist_stale_last(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build);

/* The same, and the list itself into build->doc. */
ngx_int_t ngx_http_mlist_stale_get(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build);


#endif /* _NGX_HTTP_MLIST_STALE_H_INCLUDED_ */

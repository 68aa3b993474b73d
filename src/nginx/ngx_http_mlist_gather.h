/*
 * Gathers what a read by tag is about: the sources' spots, each distinct one
 * once, and what the client accepts.  It asks nobody.  Called by list, judge,
 * choose.
 */

#ifndef _NGX_HTTP_MLIST_GATHER_H_INCLUDED_
#define _NGX_HTTP_MLIST_GATHER_H_INCLUDED_


#include "ngx_http_mlist.h"
#include "ngx_http_mlist_list_state.h"


/* Fills list->parts and list->spots.  NGX_OK or NGX_ERROR. */
ngx_int_t ngx_http_mlist_gather_sources(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_list_t *list);

/* Reads all Accept lines of the request. */
void ngx_http_mlist_gather_accept(ngx_http_request_t *r,
    mlist_accept_t *accept);

/* 1 if the part's source has the tag, as far as is known, else 0. */
ngx_uint_t ngx_http_mlist_gather_present(ngx_http_mlist_part_t *part);


#endif /* _NGX_HTTP_MLIST_GATHER_H_INCLUDED_ */

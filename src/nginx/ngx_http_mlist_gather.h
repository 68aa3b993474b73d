/*
 * Gathers what a read by tag is about: the sources' spots, each distinct one
 * once, and what is wanted of it.  It asks nobody.  Called by build and the
 * rooms that work for it, list, choose.
 */

#ifndef _NGX_HTTP_MLIST_GATHER_H_INCLUDED_
#define _NGX_HTTP_MLIST_GATHER_H_INCLUDED_


#include "ngx_http_mlist.h"
#include "ngx_http_mlist_build_state.h"


/* Fills build->parts and build->spots.  NGX_OK or NGX_ERROR. */
ngx_int_t ngx_http_mlist_gather_sources(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_build_t *build);

/* Reads all Accept lines of the request. */
void ngx_http_mlist_gather_accept(ngx_http_request_t *r,
    mlist_accept_t *accept) MLIST_HOT;

/* 1 if the part's source has the tag, as far as is known, else 0. */
ngx_uint_t ngx_http_mlist_gather_present(ngx_http_mlist_part_t *part);

/* The sources without the tag, as far as is known: bits (1 << index). */
uint32_t ngx_http_mlist_gather_missing(ngx_http_mlist_build_t *build);

/* The type to be brought of a list whose own type is "own". */
mlist_media_e ngx_http_mlist_gather_wanted(ngx_http_mlist_build_t *build,
    mlist_media_e own);


#endif /* _NGX_HTTP_MLIST_GATHER_H_INCLUDED_ */

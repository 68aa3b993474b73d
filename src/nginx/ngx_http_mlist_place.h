/*
 * Places: where at the push registry an image or index is to be put, as
 * names and tags that its sources spell (spec: "Writes", by=platform).  It
 * asks nobody and puts nothing.  Called by spread.
 */

#ifndef _NGX_HTTP_MLIST_PLACE_H_INCLUDED_
#define _NGX_HTTP_MLIST_PLACE_H_INCLUDED_


#include "ngx_http_mlist.h"


typedef struct {
    ngx_http_mlist_source_t    *source;    /* the first one of this place */
    ngx_str_t                   name;      /* as spelled there */
    ngx_str_t                   tag;
} ngx_http_mlist_place_t;


/*
 * The places of what "json" (of a part, see mlist_resolve.h) says to be an
 * image or index, at "registry", for the request's name and tag: *places is
 * an array of them in r->pool, each distinct one once, in source order.
 * Platforms of an index that have no place are named in a Warning of the
 * answer to come.
 *
 * NGX_OK: there is at least one; NGX_ERROR; else the status to be returned:
 * 400, noted with the platforms that there are.
 */
ngx_int_t ngx_http_mlist_place_find(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_registry_t *registry,
    ngx_str_t *json, ngx_array_t **places);


#endif /* _NGX_HTTP_MLIST_PLACE_H_INCLUDED_ */

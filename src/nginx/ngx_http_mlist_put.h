/*
 * Puts a manifest at several places of one registry, one after another, and
 * drops what that makes stale.  The first place is left to the client's own
 * request.  It never judges what it puts.  Called by spread.
 */

#ifndef _NGX_HTTP_MLIST_PUT_H_INCLUDED_
#define _NGX_HTTP_MLIST_PUT_H_INCLUDED_


#include "ngx_http_mlist.h"
#include "ngx_http_mlist_place.h"


typedef struct {

    /* set by the caller */

    ngx_http_mlist_registry_t  *registry;
    ngx_array_t                *places;    /* of ngx_http_mlist_place_t */
    ngx_str_t                   type;      /* Content-Type */
    ngx_str_t                   body;

    /* the room's own */

    ngx_http_request_t         *request;   /* NULL: not begun */
    ngx_http_mlist_fetch_t     *fetch;     /* the one under way */
    ngx_uint_t                  done;      /* places that have it */
    unsigned                    open:1;    /* one may have it by now */
} ngx_http_mlist_put_t;


/*
 * Goes on as far as it can; "put" lives in r->pool.  What may be stale is
 * dropped whenever and however the request ends.  NGX_OK: all places but the
 * first have it; NGX_AGAIN; NGX_ERROR; else the status to be returned: the
 * error is noted and says which source failed, and where the manifest is.
 */
ngx_int_t ngx_http_mlist_put_step(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_put_t *put);


#endif /* _NGX_HTTP_MLIST_PUT_H_INCLUDED_ */

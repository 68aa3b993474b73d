/*
 * A read by a tag that is synthesized: gives what is known where that is
 * fresh enough, or waits for a flight, and has what this client takes chosen
 * (spec: "A tag").  It asks no source itself.  Called by handler and rebuild.
 */

#ifndef _NGX_HTTP_MLIST_LIST_H_INCLUDED_
#define _NGX_HTTP_MLIST_LIST_H_INCLUDED_


#include "ngx_http_mlist.h"


/*
 * Begins; returns what the phase handler is to return.  After NGX_AGAIN the
 * phase handler goes on through ctx->resume.
 */
ngx_int_t ngx_http_mlist_list_start(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx) MLIST_HOT;

/*
 * Has a tag asked for anew in the background, in a location (all modules'
 * configurations of it), for nobody in particular.  "r" has a ctx of this
 * module; "phase" is the index of its phase handler; "name" and "tag" are valid
 * and live as long as r->pool.  NGX_OK, NGX_BUSY: mlist_flights; NGX_ERROR.
 */
ngx_int_t ngx_http_mlist_list_refresh(ngx_http_request_t *r, ngx_int_t phase,
    void **loc_conf, ngx_str_t *name, ngx_str_t *tag);


#endif /* _NGX_HTTP_MLIST_LIST_H_INCLUDED_ */

/*
 * The body of a client's request, whole and in memory, never in a file that
 * nginx would write it to.  What it says is the caller's matter.  Called by
 * notify and spread.
 */

#ifndef _NGX_HTTP_MLIST_BODY_H_INCLUDED_
#define _NGX_HTTP_MLIST_BODY_H_INCLUDED_


#include "ngx_http_mlist.h"


struct ngx_http_mlist_body_s {
    ngx_str_t                   bytes;     /* what has come of it */

    /* the room's own */

    size_t                      max;
    size_t                      size;      /* allocated */
    unsigned                    whole:1;
    unsigned                    too_large:1;
    unsigned                    waited:1;  /* the phases are to be run */
};


/* Registers the filter that takes what comes (postconfiguration). */
ngx_int_t ngx_http_mlist_body_init(ngx_conf_t *cf);

/*
 * Reads a body of at most "max" bytes; its memory is taken as it comes.
 * Whatever passes the request on afterwards sends those bytes.  Once a
 * request; ctx->resume is set.
 *
 * NGX_OK: ctx->body->bytes is all of it; NGX_AGAIN: the phases are run again
 * when it is, while a request that fails meanwhile is ended by nginx; else
 * the status to be returned: 413 where it is larger, which is then noted as
 * ngx_http_mlist_send_error() does, 500.
 */
ngx_int_t ngx_http_mlist_body_read(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, size_t max);


#endif /* _NGX_HTTP_MLIST_BODY_H_INCLUDED_ */

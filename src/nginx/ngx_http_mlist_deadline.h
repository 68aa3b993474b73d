/*
 * When an internal fetch has to have its whole answer: proxy's own timeouts
 * bound each silence only, so that a registry which sends a byte now and then
 * would hold up a flight, and all who wait for it, for ever.  It ends a fetch
 * by proxy's own timeout, and never reads what came.  Called by fetch and
 * answer.
 */

#ifndef _NGX_HTTP_MLIST_DEADLINE_H_INCLUDED_
#define _NGX_HTTP_MLIST_DEADLINE_H_INCLUDED_


#include "ngx_http_mlist_fetch.h"


/*
 * Makes what a fetch of the request "r" needs, before its child is made.
 * NGX_OK or NGX_ERROR (no memory).
 */
ngx_int_t ngx_http_mlist_deadline_create(ngx_http_request_t *r,
    ngx_http_mlist_fetch_t *fetch);

/*
 * From now on its child, at each upstream server that proxy tries, has no
 * longer than proxy_connect_timeout, proxy_send_timeout and
 * proxy_read_timeout together.
 */
void ngx_http_mlist_deadline_start(ngx_http_mlist_fetch_t *fetch);

/* Its child has ended. */
void ngx_http_mlist_deadline_clear(ngx_http_mlist_fetch_t *fetch);

/* The header has come, or something of the body. */
void ngx_http_mlist_deadline_heard(ngx_http_mlist_fetch_t *fetch);

/*
 * 1 if the body, however nginx says that it ended, did so since time was up
 * or nothing had come for proxy_read_timeout; else 0.
 */
ngx_uint_t ngx_http_mlist_deadline_passed(
    ngx_http_mlist_fetch_t *fetch);


#endif /* _NGX_HTTP_MLIST_DEADLINE_H_INCLUDED_ */

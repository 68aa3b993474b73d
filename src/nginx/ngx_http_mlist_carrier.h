/*
 * A flight's carrier: a background subrequest, in the phase of this module,
 * which does a flight's work as a request of its own.  It knows neither who
 * waits nor what the work is.  Called by flight and build.
 */

#ifndef _NGX_HTTP_MLIST_CARRIER_H_INCLUDED_
#define _NGX_HTTP_MLIST_CARRIER_H_INCLUDED_


#include "ngx_http_mlist.h"
#include "ngx_http_mlist_flight.h"


/*
 * Makes a carrier of "r", whose work begins when posted requests are run.
 * NGX_OK or NGX_ERROR.
 */
ngx_int_t ngx_http_mlist_carrier_start(ngx_http_request_t *r,
    ngx_http_mlist_flight_ask_t *ask, ngx_http_mlist_flight_t *flight,
    ngx_http_request_t **carrier);

/*
 * The work is done.  Returns what the phase handler is to return; after
 * NGX_AGAIN, while fetches are under way, it is called again.
 */
ngx_int_t ngx_http_mlist_carrier_end(ngx_http_request_t *r);

/*
 * The flight is no longer this carrier's: whatever its fetches still bring is
 * nobody's.
 */
void ngx_http_mlist_carrier_stop(ngx_http_request_t *r);


#endif /* _NGX_HTTP_MLIST_CARRIER_H_INCLUDED_ */

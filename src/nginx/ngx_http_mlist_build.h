/*
 * The work of a flight: asks all sources at once, decides what the tag is,
 * has the list built and kept, or finds the last complete one where that is
 * allowed, and gives the verdict (spec: "A tag", 1 to 7 and 11).  It knows no
 * client: what one is given of the verdict is list's to choose.  Called by
 * flight, for list.
 */

#ifndef _NGX_HTTP_MLIST_BUILD_H_INCLUDED_
#define _NGX_HTTP_MLIST_BUILD_H_INCLUDED_


#include "ngx_http_mlist.h"
#include "ngx_http_mlist_flight.h"


/* A flight's start: see ngx_http_mlist_flight_pt. */
ngx_int_t ngx_http_mlist_build_start(ngx_http_request_t *r,
    ngx_http_mlist_flight_t *flight);


#endif /* _NGX_HTTP_MLIST_BUILD_H_INCLUDED_ */

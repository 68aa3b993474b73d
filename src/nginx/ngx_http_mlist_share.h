/*
 * Which requests may share a flight: those of one key, if what it brings is
 * new enough for who comes now (spec: "A tag", 10).  It keeps no flights.
 * Called by flight.
 */

#ifndef _NGX_HTTP_MLIST_SHARE_H_INCLUDED_
#define _NGX_HTTP_MLIST_SHARE_H_INCLUDED_


#include "ngx_http_mlist.h"
#include "ngx_http_mlist_flight.h"


/* The key of what "r" asks for in a location.  NGX_OK or NGX_ERROR. */
ngx_int_t ngx_http_mlist_share_key(ngx_http_request_t *r,
    ngx_http_mlist_loc_conf_t *mlcf, ngx_http_mlist_flight_ask_t *ask,
    u_char key[NGX_HTTP_MLIST_KEY_SIZE]);

/* 1 if what the flight brings is new enough for who comes now, else 0. */
ngx_uint_t ngx_http_mlist_share_young(ngx_http_mlist_flight_t *flight,
    ngx_http_mlist_loc_conf_t *mlcf, ngx_http_mlist_flight_ask_t *ask);


#endif /* _NGX_HTTP_MLIST_SHARE_H_INCLUDED_ */

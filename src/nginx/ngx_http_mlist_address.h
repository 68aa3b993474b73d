/*
 * Addresses that a registry may not send this front to.  It resolves and
 * connects to nothing.  Called by redirect.
 */

#ifndef _NGX_HTTP_MLIST_ADDRESS_H_INCLUDED_
#define _NGX_HTTP_MLIST_ADDRESS_H_INCLUDED_


#include "ngx_http_mlist.h"


/*
 * 0 for a loopback, link-local, private or otherwise special address
 * (RFC 6890) that no source of the request's location has with that port,
 * else 1.  The port of "sockaddr" itself is not looked at.
 */
ngx_uint_t ngx_http_mlist_address_allowed(ngx_http_request_t *r,
    struct sockaddr *sockaddr, in_port_t port);


#endif /* _NGX_HTTP_MLIST_ADDRESS_H_INCLUDED_ */

/*
 * The order over all workers: numbers that are drawn, and a table of what was
 * dropped under which.  It never looks at a value.  Called by zone only, but
 * for what ngx_http_mlist_zone.h shows.
 */

#ifndef _NGX_HTTP_MLIST_ZONE_ORDER_H_INCLUDED_
#define _NGX_HTTP_MLIST_ZONE_ORDER_H_INCLUDED_


#include "ngx_http_mlist_zone_node.h"


/* Makes the table of drops of a zone of "size" bytes; NGX_OK or NGX_ERROR. */
ngx_int_t ngx_http_mlist_zone_order_init(
    ngx_http_mlist_zone_shared_t *shared, ngx_slab_pool_t *pool, size_t size);

/* Where the number of the last drop of "key" stands; the mutex is held. */
uint64_t *ngx_http_mlist_zone_order_slot(
    ngx_http_mlist_zone_shared_t *shared, u_char *key) MLIST_HOT;


#endif /* _NGX_HTTP_MLIST_ZONE_ORDER_H_INCLUDED_ */

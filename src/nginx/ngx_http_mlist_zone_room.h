/*
 * Room in the zone: who has to go when memory is short.  It never looks into
 * a value and never touches the mutex: every function here is called with it
 * held.  Called by zone_node only.
 */

#ifndef _NGX_HTTP_MLIST_ZONE_ROOM_H_INCLUDED_
#define _NGX_HTTP_MLIST_ZONE_ROOM_H_INCLUDED_


#include "ngx_http_mlist_zone_node.h"


/*
 * Begins, or goes on in another hold of the mutex: evicts until the value
 * leaves the reserves of the earlier kinds free and, if it is a large one,
 * until there are pages for it.  NGX_OK: it may be tried; NGX_AGAIN: enough
 * for one hold; NGX_DECLINED: there is no room to be had.
 */
ngx_int_t ngx_http_mlist_zone_room_make(ngx_http_mlist_zone_t *zone,
    ngx_http_mlist_zone_value_t *value);

/*
 * Evicts the entry that is next to go for the value.  NGX_OK; NGX_AGAIN:
 * enough for one hold; NGX_DECLINED: none may go.
 */
ngx_int_t ngx_http_mlist_zone_room_evict(ngx_http_mlist_zone_t *zone,
    ngx_http_mlist_zone_value_t *value);


#endif /* _NGX_HTTP_MLIST_ZONE_ROOM_H_INCLUDED_ */

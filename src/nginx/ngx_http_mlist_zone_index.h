/*
 * The index of the zone: its nodes by kind and key, as a hash table whose
 * size is that of the zone.  Keys are hashes with a secret, so that nobody
 * can choose many of one place.  It never looks at a value or at time, and
 * never touches the mutex: every function here is called with it held.
 * Called by zone and zone_node only.
 */

#ifndef _NGX_HTTP_MLIST_ZONE_INDEX_H_INCLUDED_
#define _NGX_HTTP_MLIST_ZONE_INDEX_H_INCLUDED_


#include "ngx_http_mlist_zone_node.h"


/* Makes the table of a zone of "size" bytes; NGX_OK or NGX_ERROR. */
ngx_int_t ngx_http_mlist_zone_index_init(
    ngx_http_mlist_zone_shared_t *shared, ngx_slab_pool_t *pool, size_t size);

/* The node, or NULL. */
ngx_http_mlist_zone_node_t *ngx_http_mlist_zone_index_find(
    ngx_http_mlist_zone_shared_t *shared, ngx_http_mlist_zone_kind_e kind,
    u_char *key) MLIST_HOT;

/* Sets the key of a node that has its kind and is in no index yet. */
void ngx_http_mlist_zone_index_add(ngx_http_mlist_zone_shared_t *shared,
    ngx_http_mlist_zone_node_t *node, u_char *key);

void ngx_http_mlist_zone_index_remove(ngx_http_mlist_zone_shared_t *shared,
    ngx_http_mlist_zone_node_t *node);


#endif /* _NGX_HTTP_MLIST_ZONE_INDEX_H_INCLUDED_ */

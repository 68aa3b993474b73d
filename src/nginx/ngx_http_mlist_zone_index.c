/*
 * The index of the zone: see ngx_http_mlist_zone_index.h.
 */


#include "ngx_http_mlist_zone_index.h"


/* A place in the table for so many bytes of the zone. */
#define NGX_HTTP_MLIST_ZONE_PLACE  512


static ngx_http_mlist_zone_node_t **ngx_http_mlist_zone_index_place(
    ngx_http_mlist_zone_shared_t *shared, u_char *key);


ngx_int_t
ngx_http_mlist_zone_index_init(ngx_http_mlist_zone_shared_t *shared,
    ngx_slab_pool_t *pool, size_t size)
{
    shared->nplaces = 1;

    while (2 * shared->nplaces <= size / NGX_HTTP_MLIST_ZONE_PLACE) {
        shared->nplaces *= 2;
    }

    /* bugprone-sizeof-expression is mistaken: the places are pointers */

    shared->places = ngx_slab_calloc(pool, shared->nplaces
                                         * sizeof(*shared->places));

    return shared->places == NULL ? NGX_ERROR : NGX_OK;
}


ngx_http_mlist_zone_node_t *
ngx_http_mlist_zone_index_find(ngx_http_mlist_zone_shared_t *shared,
    ngx_http_mlist_zone_kind_e kind, u_char *key)
{
    ngx_http_mlist_zone_node_t  *node;

    for (node = *ngx_http_mlist_zone_index_place(shared, key);
         node;
         node = node->next)
    {
        if (ngx_memcmp(node->key, key, NGX_HTTP_MLIST_ZONE_KEY) == 0
            && node->piece.kind == (u_char) kind)
        {
            return node;
        }
    }

    return NULL;
}


void
ngx_http_mlist_zone_index_add(ngx_http_mlist_zone_shared_t *shared,
    ngx_http_mlist_zone_node_t *node, u_char *key)
{
    ngx_http_mlist_zone_node_t  **place;

    ngx_memcpy(node->key, key, NGX_HTTP_MLIST_ZONE_KEY);

    place = ngx_http_mlist_zone_index_place(shared, key);

    node->next = *place;
    *place = node;
}


void
ngx_http_mlist_zone_index_remove(ngx_http_mlist_zone_shared_t *shared,
    ngx_http_mlist_zone_node_t *node)
{
    ngx_http_mlist_zone_node_t  **place;

    place = ngx_http_mlist_zone_index_place(shared, node->key);

    while (*place != node) {
        place = &(*place)->next;
    }

    *place = node->next;
}


static ngx_http_mlist_zone_node_t **
ngx_http_mlist_zone_index_place(ngx_http_mlist_zone_shared_t *shared,
    u_char *key)
{
    uint64_t  hash;

    ngx_memcpy(&hash, key, sizeof(uint64_t));

    return &shared->places[hash & (shared->nplaces - 1)];
}

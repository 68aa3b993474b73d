/*
 * Keys of what stands in the zone under names that clients choose: hashes
 * with a secret that was made with the zone, so that nobody can look for
 * names of one key, and short enough to be made for each request.  They are
 * good in that zone only: what leaves it has a SHA-256 (zone_key).
 * Called by whoever keeps something in the zone.
 */

#ifndef _NGX_HTTP_MLIST_KEY_H_INCLUDED_
#define _NGX_HTTP_MLIST_KEY_H_INCLUDED_


#include "ngx_http_mlist.h"


/*
 * Of a tag in a location: locations share it if they have the same sources,
 * one store, which has the lists that the zone then names, and publish in one
 * place or none.
 */
void ngx_http_mlist_key_tag(ngx_http_mlist_loc_conf_t *mlcf, ngx_str_t *name,
    ngx_str_t *tag, u_char key[NGX_HTTP_MLIST_KEY_SIZE]) MLIST_HOT;

/* The same of all tags of all names, as drops have it. */
u_char *ngx_http_mlist_key_all(ngx_http_mlist_loc_conf_t *mlcf);

/*
 * Of a list: it belongs to its name and to the store, or, where only the zone
 * holds it, to one set of sources.
 */
void ngx_http_mlist_key_list(ngx_http_mlist_loc_conf_t *mlcf,
    ngx_str_t *name, ngx_str_t *digest, u_char key[NGX_HTTP_MLIST_KEY_SIZE]);

/* Of which source has a blob, or a manifest: one set of sources' matter. */
void ngx_http_mlist_key_route(ngx_http_mlist_loc_conf_t *mlcf,
    ngx_str_t *name, ngx_str_t *digest, ngx_uint_t blob,
    u_char key[NGX_HTTP_MLIST_KEY_SIZE]);

/* Of anything else, by at most 8 pieces; no two lists of them have one. */
void ngx_http_mlist_key_of(ngx_http_mlist_zone_t *zone, ngx_str_t *pieces,
    ngx_uint_t n, u_char key[NGX_HTTP_MLIST_KEY_SIZE]);


#endif /* _NGX_HTTP_MLIST_KEY_H_INCLUDED_ */

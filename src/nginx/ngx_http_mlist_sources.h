/*
 * What is derived from the sources of a location that is active, and what is
 * refused of them together.  It works at configuration time only.  Called by
 * conf.
 */

#ifndef _NGX_HTTP_MLIST_SOURCES_H_INCLUDED_
#define _NGX_HTTP_MLIST_SOURCES_H_INCLUDED_


#include "ngx_http_mlist.h"


/*
 * Gives sources without a label the default one: host[:port], and the
 * patterns too where another source has the same host, and the whole URL and
 * the platform where the patterns are the same as well.
 * NGX_OK, or NGX_ERROR (logged at emerg), also if two labels are equal.
 */
ngx_int_t ngx_http_mlist_sources_label(ngx_conf_t *cf, ngx_array_t *sources);

/* Sets mlcf->registries; NGX_OK or NGX_ERROR. */
ngx_int_t ngx_http_mlist_sources_registries(ngx_conf_t *cf,
    ngx_http_mlist_loc_conf_t *mlcf);

/*
 * Refuses, with mlist_auth registry, more than one registry among those that
 * are not trusted, and none; with mlist_publish, sources at more than one
 * place, or where a list would be put; and "resolve" without a "resolver".
 * NGX_OK or NGX_ERROR (logged at emerg).
 */
ngx_int_t ngx_http_mlist_sources_check(ngx_conf_t *cf,
    ngx_http_mlist_loc_conf_t *mlcf);

/* Sets mlcf->fingerprint; NGX_OK or NGX_ERROR. */
ngx_int_t ngx_http_mlist_sources_fingerprint(ngx_conf_t *cf,
    ngx_http_mlist_loc_conf_t *mlcf);


#endif /* _NGX_HTTP_MLIST_SOURCES_H_INCLUDED_ */

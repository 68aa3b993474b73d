/*
 * The $mlist_* variables.  Called by module (preconfiguration); their words
 * by status.
 */

#ifndef _NGX_HTTP_MLIST_VARIABLES_H_INCLUDED_
#define _NGX_HTTP_MLIST_VARIABLES_H_INCLUDED_


#include "ngx_http_mlist.h"


/* What $mlist_kind and $mlist_cache_status are; "" for the first ones. */
ngx_str_t *ngx_http_mlist_variables_kind_text(ngx_http_mlist_kind_e kind);
ngx_str_t *ngx_http_mlist_variables_status_text(
    ngx_http_mlist_status_e status);

/* Adds them all; NGX_OK or NGX_ERROR. */
ngx_int_t ngx_http_mlist_variables_add(ngx_conf_t *cf);


#endif /* _NGX_HTTP_MLIST_VARIABLES_H_INCLUDED_ */

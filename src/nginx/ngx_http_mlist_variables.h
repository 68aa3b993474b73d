/*
 * The $mlist_* variables.  Called by module (preconfiguration).
 */

#ifndef _NGX_HTTP_MLIST_VARIABLES_H_INCLUDED_
#define _NGX_HTTP_MLIST_VARIABLES_H_INCLUDED_


#include "ngx_http_mlist.h"


/* Adds them all; NGX_OK or NGX_ERROR. */
ngx_int_t ngx_http_mlist_variables_add(ngx_conf_t *cf);


#endif /* _NGX_HTTP_MLIST_VARIABLES_H_INCLUDED_ */

/*
 * The filters: they take what children answer (and let nothing of it out),
 * mend the headers of what is passed on, give nginx's own errors the
 * registry's JSON form, and drop an answer that is to be asked for again.
 * Called by module (postconfiguration).
 */

#ifndef _NGX_HTTP_MLIST_FILTER_H_INCLUDED_
#define _NGX_HTTP_MLIST_FILTER_H_INCLUDED_


#include "ngx_http_mlist.h"


/* Puts the filters into nginx's chains; NGX_OK. */
ngx_int_t ngx_http_mlist_filter_init(ngx_conf_t *cf);


#endif /* _NGX_HTTP_MLIST_FILTER_H_INCLUDED_ */

/*
 * The status as JSON, in the form that the README documents.  Called by form.
 */

#ifndef _NGX_HTTP_MLIST_STATUS_JSON_H_INCLUDED_
#define _NGX_HTTP_MLIST_STATUS_JSON_H_INCLUDED_


#include "ngx_http_mlist_model.h"
#include "ngx_http_mlist_out.h"


/* Prints all of it; or, with "one", what is said of one tag alone. */
void ngx_http_mlist_status_json(ngx_http_mlist_out_t *out,
    ngx_http_mlist_model_t *model, ngx_uint_t one);


#endif /* _NGX_HTTP_MLIST_STATUS_JSON_H_INCLUDED_ */

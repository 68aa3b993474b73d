/*
 * The status as Prometheus reads it: text format 0.0.4, or OpenMetrics 1.0.
 * No label has a value that a client chooses.  Called by status.
 */

#ifndef _NGX_HTTP_MLIST_PROMETHEUS_H_INCLUDED_
#define _NGX_HTTP_MLIST_PROMETHEUS_H_INCLUDED_


#include "ngx_http_mlist_model.h"
#include "ngx_http_mlist_out.h"


/* Prints all metrics; "open": as OpenMetrics has them. */
void ngx_http_mlist_prometheus(ngx_http_mlist_out_t *out,
    ngx_http_mlist_model_t *model, ngx_uint_t open);


#endif /* _NGX_HTTP_MLIST_PROMETHEUS_H_INCLUDED_ */

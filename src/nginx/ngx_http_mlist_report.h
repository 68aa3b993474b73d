/*
 * From a flight's work to its verdict: copies what everyone who waits needs,
 * out of the request that is about to end.  Called by build.
 */

#ifndef _NGX_HTTP_MLIST_REPORT_H_INCLUDED_
#define _NGX_HTTP_MLIST_REPORT_H_INCLUDED_


#include "ngx_http_mlist.h"
#include "ngx_http_mlist_build_state.h"


/* The verdict of that kind, held once, or NULL if memory is short. */
ngx_http_mlist_verdict_t *ngx_http_mlist_report(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build, ngx_http_mlist_verdict_e kind);


#endif /* _NGX_HTTP_MLIST_REPORT_H_INCLUDED_ */

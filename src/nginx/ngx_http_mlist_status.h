/*
 * mlist_status: a location that says how this front does, in the form that
 * is asked for, and that drops a tag if it is told so (spec: "Metrics", "For
 * operators").  It decides nobody's access: that is nginx's, but for a POST
 * where everybody may come.  Called by module, conf and handler.
 */

#ifndef _NGX_HTTP_MLIST_STATUS_H_INCLUDED_
#define _NGX_HTTP_MLIST_STATUS_H_INCLUDED_


#include "ngx_http_mlist.h"


/* The setter of mlist_status. */
char *ngx_http_mlist_status_set(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/*
 * Refuses a location that has another handler, or mlist_notify.  Blocks of
 * "if" and "limit_except" are what the location around them is.  Called
 * after notify was merged.  NGX_OK or NGX_ERROR (logged at emerg).
 */
ngx_int_t ngx_http_mlist_status_merge(ngx_conf_t *cf,
    ngx_http_mlist_loc_conf_t *prev, ngx_http_mlist_loc_conf_t *conf);

/*
 * The whole request, as a handler of the PRECONTENT phase: 200, or 303 to a
 * browser that has dropped a tag; 400: a malformed query or body; 403: a POST
 * that no access control let through, or that a page of another site sends;
 * 404: no such tag; 405 with Allow; 413.
 */
ngx_int_t ngx_http_mlist_status_handler(ngx_http_request_t *r);


#endif /* _NGX_HTTP_MLIST_STATUS_H_INCLUDED_ */

/*
 * mlist_notify: takes the events that registries post, and has dropped what
 * they make stale (spec: "Directives").  It contacts no host that an event
 * names, and believes of an event only what has changed.  Called by module,
 * conf and handler.
 */

#ifndef _NGX_HTTP_MLIST_NOTIFY_H_INCLUDED_
#define _NGX_HTTP_MLIST_NOTIFY_H_INCLUDED_


#include "ngx_http_mlist.h"


/* The setter of mlist_notify. */
char *ngx_http_mlist_notify_set(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/*
 * Refuses a location that has another handler, sets how large a body may be,
 * and warns where everybody may post.  Blocks of "if" and "limit_except" are
 * what the location around them is.  Called after the guards were merged.
 * NGX_OK or NGX_ERROR (logged at emerg).
 */
ngx_int_t ngx_http_mlist_notify_merge(ngx_conf_t *cf,
    ngx_http_mlist_loc_conf_t *prev, ngx_http_mlist_loc_conf_t *conf);

/*
 * The whole request, as a handler of the PRECONTENT phase.  400: malformed,
 * nothing is changed; 405 with Allow; 413 over 1 MB; 200 with an empty body
 * when all is dropped.
 */
ngx_int_t ngx_http_mlist_notify_handler(ngx_http_request_t *r);


#endif /* _NGX_HTTP_MLIST_NOTIFY_H_INCLUDED_ */

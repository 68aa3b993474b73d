/*
 * The front's Authorization, put into the bytes that nginx's proxy has made
 * of a request.  Nothing else ever sees it: no header list and so no
 * variable, no key of proxy_cache, no log at level debug.  It decides about
 * no credentials.  Called by fetch and login_request.
 */

#ifndef _NGX_HTTP_MLIST_INJECT_H_INCLUDED_
#define _NGX_HTTP_MLIST_INJECT_H_INCLUDED_


#include "ngx_http_mlist.h"


/*
 * Makes the content handler of a request, a client's or a child, send
 * ctx->credentials (empty: nothing is added).
 */
void ngx_http_mlist_inject(ngx_http_request_t *r);


#endif /* _NGX_HTTP_MLIST_INJECT_H_INCLUDED_ */

/*
 * Header lists: the one place that knows how they differ between versions of
 * nginx.  It never decides what is sent.  Called by fetch, follow, pass, send,
 * gather, filter, auth.
 */

#ifndef _NGX_HTTP_MLIST_HEADER_H_INCLUDED_
#define _NGX_HTTP_MLIST_HEADER_H_INCLUDED_


#include "ngx_http_mlist.h"


/*
 * Appends a header.  "name" is a literal that lives for ever, the value is
 * not copied.  NULL if memory is short.
 */
ngx_table_elt_t *ngx_http_mlist_header_push(ngx_list_t *headers,
    const char *name, ngx_str_t *value);

/*
 * The same to the client's answer: nginx itself looks there for no name, so
 * that it has no hash, as those of add_header.  NULL if memory is short.
 */
ngx_table_elt_t *ngx_http_mlist_header_answer(ngx_http_request_t *r,
    ngx_str_t *name, ngx_str_t *value) MLIST_HOT;

/*
 * Takes the headers of "drop" (an array of names in any case, ended by an
 * empty one) from the main request, so that proxy does not pass them on; it
 * has a new list of headers if it had one of them.  Known headers
 * (r->headers_in.authorization and so on) stay reachable for nginx itself.
 * NGX_OK or NGX_ERROR.
 */
ngx_int_t ngx_http_mlist_header_drop_in(ngx_http_request_t *r,
    ngx_str_t *drop);

/* Hides all headers of that lower-case name from the client's answer. */
void ngx_http_mlist_header_hide_out(ngx_http_request_t *r, ngx_str_t *name);

/*
 * The first header of that name (in any case) that comes after "last"; with
 * NULL the first of all.  NULL if there is no other; what nginx has marked
 * as deleted is passed over.
 */
ngx_table_elt_t *ngx_http_mlist_header_next(ngx_list_t *headers,
    ngx_str_t *name, ngx_table_elt_t *last) MLIST_HOT;


#endif /* _NGX_HTTP_MLIST_HEADER_H_INCLUDED_ */

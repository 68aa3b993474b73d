/*
 * Answers to internal fetches: what is taken of them, and how the fetch has
 * ended.  Only what the registry itself sent is recorded, and nothing of it is
 * judged.  Called by filter, fetch, page and failure.
 */

#ifndef _NGX_HTTP_MLIST_ANSWER_H_INCLUDED_
#define _NGX_HTTP_MLIST_ANSWER_H_INCLUDED_


#include "ngx_http_mlist_fetch.h"


/* A child's header has come: NGX_OK or NGX_ERROR.  For filter. */
ngx_int_t ngx_http_mlist_answer_header(ngx_http_request_t *sr,
    ngx_http_mlist_fetch_t *fetch);

/* Takes a child's body; every buffer is consumed.  For filter. */
void ngx_http_mlist_answer_body(ngx_http_request_t *sr,
    ngx_http_mlist_fetch_t *fetch, ngx_chain_t *in);

/*
 * The state of a fetch whose child nginx finalizes with "rc"; its status and
 * headers are recorded where the registry answered.  For fetch.
 */
ngx_http_mlist_fetch_e ngx_http_mlist_answer_result(ngx_http_request_t *sr,
    ngx_http_mlist_fetch_t *fetch, ngx_int_t rc);

/*
 * A header has come, of a fetch or of what is passed on.  One of 1xx is
 * followed by another (RFC 9110, 15.2), which nginx does not await: its
 * connection is not kept, or who uses it next would take that for an answer.
 */
void ngx_http_mlist_answer_interim(ngx_http_upstream_t *u);

/*
 * The header of that lower-case name, of a fetch that is ANSWERED, that comes
 * after "last" (NULL: the first one), or NULL.
 */
ngx_table_elt_t *ngx_http_mlist_answer_field(ngx_http_mlist_fetch_t *fetch,
    ngx_str_t *name, ngx_table_elt_t *last);


#endif /* _NGX_HTTP_MLIST_ANSWER_H_INCLUDED_ */

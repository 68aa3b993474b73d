/*
 * What a record of a tag means, in words for people: what a source said, and
 * what was decided.  Called by the rooms of the status' forms, which escape
 * it.
 */

#ifndef _NGX_HTTP_MLIST_EXPLAIN_H_INCLUDED_
#define _NGX_HTTP_MLIST_EXPLAIN_H_INCLUDED_


#include "ngx_http_mlist.h"

#include "../core/mlist_seen.h"


#define NGX_HTTP_MLIST_EXPLAIN  512

/* What "source" said, in "buf" of that size, without a full stop. */
ngx_str_t ngx_http_mlist_explain_source(mlist_seen_source_t *seen,
    ngx_http_mlist_source_t *source, u_char buf[NGX_HTTP_MLIST_EXPLAIN]);

/* What was decided, in the same way. */
ngx_str_t ngx_http_mlist_explain_verdict(mlist_seen_t *seen,
    u_char buf[NGX_HTTP_MLIST_EXPLAIN]);


#endif /* _NGX_HTTP_MLIST_EXPLAIN_H_INCLUDED_ */

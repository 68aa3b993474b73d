/*
 * Judges what the sources said: failures, absence, artifacts.  It builds
 * nothing.  Called by list.
 */

#ifndef _NGX_HTTP_MLIST_JUDGE_H_INCLUDED_
#define _NGX_HTTP_MLIST_JUDGE_H_INCLUDED_


#include "ngx_http_mlist.h"
#include "ngx_http_mlist_list_state.h"


/* NGX_OK: nothing failed so far; else what the phase handler returns. */
ngx_int_t ngx_http_mlist_judge_failed(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_list_t *list);

/* No source has it: passes the tag on as it stands (spec: "A tag", 3). */
ngx_int_t ngx_http_mlist_judge_nowhere(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_list_t *list);

/* NGX_DONE: it is no artifact; else what the phase handler returns. */
ngx_int_t ngx_http_mlist_judge_artifact(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_list_t *list);


#endif /* _NGX_HTTP_MLIST_JUDGE_H_INCLUDED_ */

/*
 * Judges what the sources said: failures, denials, absence, artifacts (spec:
 * "A tag", 2 to 4).  It builds nothing.  Called by build, assemble,
 * stale, report.
 */

#ifndef _NGX_HTTP_MLIST_JUDGE_H_INCLUDED_
#define _NGX_HTTP_MLIST_JUDGE_H_INCLUDED_


#include "ngx_http_mlist.h"
#include "ngx_http_mlist_build_state.h"


/* 1 if a source is denied, of which that may mean "no image here"; else 0. */
ngx_uint_t ngx_http_mlist_judge_denied(ngx_http_mlist_build_t *build);

/*
 * Leaves out the sources whose denial means an absence and the optional ones
 * that failed.  NGX_OK: nothing else failed so far; NGX_AGAIN: something did,
 * and the rest is to be waited for; NGX_DECLINED: build->failure; NGX_ERROR.
 */
ngx_int_t ngx_http_mlist_judge_failed(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build);

/*
 * What those have that have the tag.  NGX_OK: images; NGX_DONE: no source
 * has it; NGX_ABORT: an artifact, of the part build->artifact; NGX_DECLINED:
 * build->failure; NGX_ERROR.
 */
ngx_int_t ngx_http_mlist_judge_present(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build);

/*
 * NGX_OK: no source that is required is in build->missing; NGX_DECLINED:
 * build->failure and build->required; NGX_ERROR.
 */
ngx_int_t ngx_http_mlist_judge_required(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build);

/*
 * 1 if with mlist_auth registry a source that is not left out as missing has
 * refused the client's credentials, so that what others were given there is
 * not for this client; else 0.
 */
ngx_uint_t ngx_http_mlist_judge_refused(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build);

/* 1 if the part is left out since its source's denial means an absence. */
ngx_uint_t ngx_http_mlist_judge_missing(ngx_http_mlist_build_t *build,
    ngx_http_mlist_part_t *part);

/* 1 if credentials were accepted for the repository of that spot, else 0. */
ngx_uint_t ngx_http_mlist_judge_accepted(ngx_http_mlist_build_t *build,
    ngx_http_mlist_spot_t *spot);


#endif /* _NGX_HTTP_MLIST_JUDGE_H_INCLUDED_ */

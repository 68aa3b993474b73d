/*
 * From what the sources contribute to a list that may be announced: has it
 * composed, fetches an index that passes as it is, and has the list kept.
 * It asks no source what a tag is.  Called by build.
 */

#ifndef _NGX_HTTP_MLIST_ASSEMBLE_H_INCLUDED_
#define _NGX_HTTP_MLIST_ASSEMBLE_H_INCLUDED_


#include "ngx_http_mlist.h"
#include "ngx_http_mlist_build_state.h"


/*
 * Goes on as far as it can; build->stage is where it is, to be
 * NGX_HTTP_MLIST_ASSEMBLE_COMPOSE at first.  NGX_OK: build->doc is kept;
 * NGX_AGAIN; NGX_DECLINED: build->failure says why not; NGX_DONE: no source
 * has anything for its platform; NGX_ABORT: a source is left out meanwhile,
 * the parts are to be looked at again; NGX_ERROR.
 */
ngx_int_t ngx_http_mlist_assemble(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build);


#endif /* _NGX_HTTP_MLIST_ASSEMBLE_H_INCLUDED_ */

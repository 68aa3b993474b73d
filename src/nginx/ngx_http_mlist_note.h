/*
 * Notes what a flight has established of a tag: that its list is complete and
 * the last one, in the zone and in the store, unless something later is known
 * by now.  Called by build.
 */

#ifndef _NGX_HTTP_MLIST_NOTE_H_INCLUDED_
#define _NGX_HTTP_MLIST_NOTE_H_INCLUDED_


#include "ngx_http_mlist.h"
#include "ngx_http_mlist_build_state.h"


/*
 * Notes build->tag, whose list is kept; build->op is zeroed before the first
 * call.  NGX_OK: noted, or not to be; NGX_AGAIN; NGX_ERROR.
 */
ngx_int_t ngx_http_mlist_note(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build);

/*
 * No source has the tag, all of them say: what was complete before is not
 * given out any more when they fail.
 */
void ngx_http_mlist_note_nowhere(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build);


#endif /* _NGX_HTTP_MLIST_NOTE_H_INCLUDED_ */

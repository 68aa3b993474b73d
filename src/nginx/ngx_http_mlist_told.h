/*
 * What registries have told of (mlist_notify) and may not show yet:
 * docker-registry posts the event of a push before it has written the tag.
 * So an answer in which a told digest is not to be seen does not count as
 * fresh, for a few seconds after the event.  It asks nobody.  Called by notify
 * and build.
 */

#ifndef _NGX_HTTP_MLIST_TOLD_H_INCLUDED_
#define _NGX_HTTP_MLIST_TOLD_H_INCLUDED_


#include "ngx_http_mlist.h"
#include "ngx_http_mlist_build_state.h"


/*
 * A registry has told that "digest" was pushed to name:tag, as it spells
 * them.  NGX_OK or NGX_ERROR.
 */
ngx_int_t ngx_http_mlist_told_note(ngx_http_request_t *r, ngx_str_t *name,
    ngx_str_t *tag, ngx_str_t *digest);

/*
 * Looks for what was told of the spots' tags, all of which have answered.
 * NGX_OK: all of it is there; NGX_DECLINED: something is not; NGX_ERROR.
 */
ngx_int_t ngx_http_mlist_told_seen(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build);


#endif /* _NGX_HTTP_MLIST_TOLD_H_INCLUDED_ */

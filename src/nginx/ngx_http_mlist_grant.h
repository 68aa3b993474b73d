/*
 * Grants: that with mlist_auth registry a client's credentials were accepted
 * for a repository, by an answer 200 of a source, so that what is cached may
 * be given to it for as long as mlist_valid, 60 seconds at most.  Where nginx
 * decides who may read, everything is granted.  Called by list, digest,
 * build, stale.
 */

#ifndef _NGX_HTTP_MLIST_GRANT_H_INCLUDED_
#define _NGX_HTTP_MLIST_GRANT_H_INCLUDED_


#include "ngx_http_mlist.h"


/*
 * 1 if what is cached may be given to the client of "r", else 0: if a source
 * has accepted it for "name", and all sources "needed" (bits 1 << index) have,
 * which are those that a list is made of.
 */
ngx_uint_t ngx_http_mlist_grant_known(ngx_http_request_t *r, ngx_str_t *name,
    uint32_t needed);

/*
 * Sources (the same bits) have just accepted the client's credentials for
 * "name".  What was noted before counts for no longer by that.
 */
void ngx_http_mlist_grant_note(ngx_http_request_t *r, ngx_str_t *name,
    uint32_t sources);


#endif /* _NGX_HTTP_MLIST_GRANT_H_INCLUDED_ */

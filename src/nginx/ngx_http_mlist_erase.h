/*
 * The DELETE of a manifest by digest: of a list that was synthesized here it
 * removes it from zone and store, if the push registry lets the client delete
 * it there, where it is (an index that passes as it is, a list that was
 * published) or is not; others are that registry's (spec: "Writes").  Called
 * by write.
 */

#ifndef _NGX_HTTP_MLIST_ERASE_H_INCLUDED_
#define _NGX_HTTP_MLIST_ERASE_H_INCLUDED_


#include "ngx_http_mlist.h"
#include "ngx_http_mlist_digest.h"


/*
 * Begins, "none" being what is done where it is no such list; returns what
 * the phase handler is to return.  With mlist_auth registry the credentials
 * must be good for a child of the list too, and without a push registry
 * nobody can say who may delete: 405.
 */
ngx_int_t ngx_http_mlist_erase_start(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_digest_none_pt none);


#endif /* _NGX_HTTP_MLIST_ERASE_H_INCLUDED_ */

/*
 * Pins that no longer resolve: a child of a list that is kept here, which no
 * source has any more.  Seen when a client asks for it, remembered for a day
 * or until it is there again.  It changes no answer.  Called by stats, when
 * an answer is logged; read by model.
 */

#ifndef _NGX_HTTP_MLIST_GONE_H_INCLUDED_
#define _NGX_HTTP_MLIST_GONE_H_INCLUDED_


#include "ngx_http_mlist.h"


/*
 * A manifest asked for by digest was answered with "status": notes a child
 * that is gone, or that it is not.  Such a note is a record of mlist_seen: the
 * list, with one child.
 */
void ngx_http_mlist_gone_answered(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_uint_t status);


#endif /* _NGX_HTTP_MLIST_GONE_H_INCLUDED_ */

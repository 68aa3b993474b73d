/*
 * Rebuilding: has tags asked for, and so published, when an event has told
 * that they have changed, and again until the change is to be seen, without
 * anybody waiting.  It never drops
 * anything.  Called by notify.
 */

#ifndef _NGX_HTTP_MLIST_REBUILD_H_INCLUDED_
#define _NGX_HTTP_MLIST_REBUILD_H_INCLUDED_


#include "ngx_http_mlist.h"


/*
 * Notes a tag (views that live as long as r->pool) for rebuilding, each once;
 * of more tags than are rebuilt after one request the rest is left to who
 * pulls them, which is logged.  "r" is in this module's phase and has a ctx
 * of it.  NGX_OK or NGX_ERROR.
 */
ngx_int_t ngx_http_mlist_rebuild_add(ngx_http_request_t *r,
    ngx_http_mlist_active_t *active, ngx_str_t *name, ngx_str_t *tag);

/*
 * Begins; the request is kept until it is done, its client is not.  Called
 * before the answer.  NGX_OK or NGX_ERROR.
 */
ngx_int_t ngx_http_mlist_rebuild_start(ngx_http_request_t *r);


#endif /* _NGX_HTTP_MLIST_REBUILD_H_INCLUDED_ */

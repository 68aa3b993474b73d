/*
 * Directives of other modules, seen as they are read: nginx keeps no public
 * trace of what they set.  It works at configuration time only, and changes
 * nothing of what they do.  Called by proxy, guard (what to look for) and
 * module (the end).
 */

#ifndef _NGX_HTTP_MLIST_WATCH_H_INCLUDED_
#define _NGX_HTTP_MLIST_WATCH_H_INCLUDED_


#include "ngx_http_mlist.h"


/*
 * Called after a directive was taken; cf->args has it, and cf->ctx is of the
 * level where it stands.
 */
typedef void (*ngx_http_mlist_watch_pt)(ngx_conf_t *cf, ngx_str_t *name);


/*
 * From now on "seen" is called for the directive "name" (a literal) of
 * whatever HTTP modules have it.  Called in preconfiguration.  NGX_OK;
 * NGX_DECLINED: no module has it; NGX_ERROR.
 */
ngx_int_t ngx_http_mlist_watch(ngx_conf_t *cf, const char *name,
    ngx_http_mlist_watch_pt seen);

/*
 * Ends all that; called in postconfiguration, and by a cleanup of cf->pool
 * where the configuration is refused before.  May be called at any time.
 */
void ngx_http_mlist_unwatch(void *data);


#endif /* _NGX_HTTP_MLIST_WATCH_H_INCLUDED_ */

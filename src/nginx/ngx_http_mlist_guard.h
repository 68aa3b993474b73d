/*
 * What keeps strangers out of a location: the access control of nginx's own
 * modules, as far as a configuration shows it.  It decides about no request.
 * Called by module (watch), conf (merge), notify and status (the question).
 */

#ifndef _NGX_HTTP_MLIST_GUARD_H_INCLUDED_
#define _NGX_HTTP_MLIST_GUARD_H_INCLUDED_


#include "ngx_http_mlist.h"


/*
 * Notes from now on in mlcf->guards which levels have allow, deny and the
 * like.  Called in preconfiguration.  NGX_OK or NGX_ERROR.
 */
ngx_int_t ngx_http_mlist_guard_watch(ngx_conf_t *cf);

/* What a level inherits, each kind of control by itself. */
void ngx_http_mlist_guard_merge(ngx_http_mlist_loc_conf_t *prev,
    ngx_http_mlist_loc_conf_t *conf);

/*
 * 1 if a merged location (with mlist_htpasswd where that counts) asks anybody
 * for anything: some address is denied, a password, a subrequest's verdict or
 * a certificate is needed; else 0.
 */
ngx_uint_t ngx_http_mlist_guard_is(ngx_http_mlist_loc_conf_t *mlcf);


#endif /* _NGX_HTTP_MLIST_GUARD_H_INCLUDED_ */

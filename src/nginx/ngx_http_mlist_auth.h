/*
 * Basic authentication against an htpasswd file (mlist_htpasswd): checked
 * off the event loop, remembered in the zone.  It never keeps a password and
 * never logs one.  Called by module (phase, directive).
 *
 * What is remembered stands under a hash (see key), keyed by the zone's secret,
 * of realm, user, password and the user's line in the file: a changed line
 * forgets that user alone, and nothing of a password can be told from it.
 */

#ifndef _NGX_HTTP_MLIST_AUTH_H_INCLUDED_
#define _NGX_HTTP_MLIST_AUTH_H_INCLUDED_


#include "ngx_http_mlist.h"


/*
 * The setter of mlist_htpasswd FILE [realm=TEXT] [valid=TIME] | off: makes
 * the object, or NULL for off, in mlcf->htpasswd (NGX_CONF_UNSET_PTR before)
 * and sets mlcf->auth to NGX_HTTP_MLIST_AUTH_NGINX where it is not off;
 * mlist_auth registry at the same level is refused by either setter.
 * FILE is relative to the configuration's directory, and must be readable.
 */
char *ngx_http_mlist_auth_htpasswd(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/*
 * Puts the handler into the access phase, where it runs after nginx's own:
 * who is kept out (or, with satisfy any, let in) by his address costs no
 * check.  NGX_OK or NGX_ERROR.
 */
ngx_int_t ngx_http_mlist_auth_init(ngx_conf_t *cf);

/*
 * The handler of the access phase.  NGX_DECLINED where no htpasswd is set or
 * the location is neither active nor has mlist_notify, NGX_OK, NGX_AGAIN
 * while a check runs, 401 with WWW-Authenticate, 503 with Retry-After where
 * the queue is full, 500.
 */
ngx_int_t ngx_http_mlist_auth_handler(ngx_http_request_t *r) MLIST_HOT;


#endif /* _NGX_HTTP_MLIST_AUTH_H_INCLUDED_ */

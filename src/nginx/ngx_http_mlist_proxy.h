/*
 * What is known of nginx's proxy module and asked of it: which locations
 * have "proxy_pass $mlist_upstream", and how their proxying must be set.
 * It works at configuration time only.  Called by module and conf.
 */

#ifndef _NGX_HTTP_MLIST_PROXY_H_INCLUDED_
#define _NGX_HTTP_MLIST_PROXY_H_INCLUDED_


#include "ngx_http_mlist.h"


/*
 * Notes from now on in mlcf->proxied which locations have "proxy_pass
 * $mlist_upstream": nginx keeps no public trace of it.  Called in
 * preconfiguration.  NGX_OK or NGX_ERROR (logged).
 */
ngx_int_t ngx_http_mlist_proxy_watch(ngx_conf_t *cf);

/*
 * In a location that is active, after the proxy module has merged it: makes
 * it obey no X-Accel-* header of a source, sets mlcf->intercept, and refuses
 * what would break the module.  NGX_OK or NGX_ERROR (logged at emerg).
 */
ngx_int_t ngx_http_mlist_proxy_apply(ngx_conf_t *cf,
    ngx_http_mlist_loc_conf_t *mlcf);

/*
 * 1 if what the request was last proxied by is an active location with
 * mlist_auth nginx, even if an error_page has led it elsewhere since; else 0.
 */
ngx_uint_t ngx_http_mlist_proxy_guards(ngx_http_request_t *r) MLIST_HOT;


#endif /* _NGX_HTTP_MLIST_PROXY_H_INCLUDED_ */

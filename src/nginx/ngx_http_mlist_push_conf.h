/*
 * mlist_push: the setter, and what is derived of it and refused where a
 * location is active.  It works at configuration time only.  Called by
 * module and conf.
 */

#ifndef _NGX_HTTP_MLIST_PUSH_CONF_H_INCLUDED_
#define _NGX_HTTP_MLIST_PUSH_CONF_H_INCLUDED_


#include "ngx_http_mlist.h"


/* The setter, of ngx_command_t's type; see the README for the syntax. */
char *ngx_http_mlist_push_conf_set(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/*
 * Sets mlcf->push and mlcf->push_by_platform; mlcf->registries are known.
 * Refuses "by=platform" where a source that may be pushed to declares no
 * platform, or where none can be.  NGX_OK or NGX_ERROR (logged at emerg).
 */
ngx_int_t ngx_http_mlist_push_conf_derive(ngx_conf_t *cf,
    ngx_http_mlist_loc_conf_t *mlcf);


#endif /* _NGX_HTTP_MLIST_PUSH_CONF_H_INCLUDED_ */

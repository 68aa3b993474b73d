/*
 * The directive mlist_source.  Called by module.
 */

#ifndef _NGX_HTTP_MLIST_SOURCE_H_INCLUDED_
#define _NGX_HTTP_MLIST_SOURCE_H_INCLUDED_


#include "ngx_http_mlist.h"


/* The setter of mlist_source; see the README for the syntax. */
char *ngx_http_mlist_source_set(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);


#endif /* _NGX_HTTP_MLIST_SOURCE_H_INCLUDED_ */

/*
 * The directory of a store, at configuration time.  Called by store only.
 */

#ifndef _NGX_HTTP_MLIST_STORE_DIR_H_INCLUDED_
#define _NGX_HTTP_MLIST_STORE_DIR_H_INCLUDED_


#include "ngx_http_mlist.h"


/*
 * Makes the directory "dir" (NUL-terminated) if there is none, checks or
 * writes its format file, and has nginx own it as it owns cache paths; no
 * other path of the configuration may have that name and another owner.
 * NGX_OK or NGX_ERROR (logged at emerg).
 */
ngx_int_t ngx_http_mlist_store_dir_add(ngx_conf_t *cf, ngx_str_t *dir,
    void *owner);


#endif /* _NGX_HTTP_MLIST_STORE_DIR_H_INCLUDED_ */

/*
 * What is not used in a directory store goes: lists and tags' records after
 * mlist_store's inactive=, and the least recently used lists beyond its
 * max_size=; never a list that the record of a tag in use names.  It runs in
 * nginx's cache manager process, in short steps and in a fixed amount of
 * memory.  Any number of processes may do so on one directory.  Called by
 * nginx, through what store_dir hands to it.
 */

#ifndef _NGX_HTTP_MLIST_STORE_MANAGER_H_INCLUDED_
#define _NGX_HTTP_MLIST_STORE_MANAGER_H_INCLUDED_


#include "ngx_http_mlist.h"


/*
 * An ngx_path_manager_pt; "data" is a ngx_http_mlist_store_dir_t.  Returns
 * after how many milliseconds it wants to be called again.
 */
ngx_msec_t ngx_http_mlist_store_manager(void *data);


#endif /* _NGX_HTTP_MLIST_STORE_MANAGER_H_INCLUDED_ */

/*
 * The query that begins an upload, made anew of what is understood here: a
 * registry decodes it in ways of its own, so that passing on what was looked
 * at would let a client mount blobs of repositories that are not served.
 * Called by pass.
 */

#ifndef _NGX_HTTP_MLIST_MOUNT_H_INCLUDED_
#define _NGX_HTTP_MLIST_MOUNT_H_INCLUDED_


#include "ngx_http_mlist.h"


/*
 * Makes the query of a POST to .../blobs/uploads/ at "registry"
 * (distribution-spec v1.1.1, "Mounting a blob", "Pushing a blob
 * monolithically"), in r->pool: digest and digest-algorithm where they are
 * valid; mount and from where both are, and where this front serves "from",
 * which is spelled as that registry has it.  Nothing else, and nothing that
 * is given twice.  Without its mount it is a plain upload, always a legal
 * answer.  NGX_OK or NGX_ERROR.
 */
ngx_int_t ngx_http_mlist_mount_args(ngx_http_request_t *r,
    ngx_http_mlist_registry_t *registry, ngx_str_t *args);


#endif /* _NGX_HTTP_MLIST_MOUNT_H_INCLUDED_ */

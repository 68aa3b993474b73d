/*
 * Notes what a flight has established: see ngx_http_mlist_note.h.
 */


#include "ngx_http_mlist_note.h"


ngx_int_t
ngx_http_mlist_note(ngx_http_request_t *r, ngx_http_mlist_build_t *build)
{
    ngx_http_mlist_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);

    if (!build->partial) {
        (void) ngx_http_mlist_tag_set(r, ctx, &build->tag);
    }

    return NGX_OK;
}

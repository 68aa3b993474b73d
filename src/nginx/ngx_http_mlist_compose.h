/*
 * From parts to a list: calls the core's builder and says what came of it.
 * It fetches and keeps nothing.  Called by list.
 */

#ifndef _NGX_HTTP_MLIST_COMPOSE_H_INCLUDED_
#define _NGX_HTTP_MLIST_COMPOSE_H_INCLUDED_


#include "ngx_http_mlist.h"
#include "ngx_http_mlist_part.h"
#include "ngx_http_mlist_store.h"


typedef struct {
    ngx_http_mlist_doc_t        doc;       /* its body is empty where ... */
    ngx_http_mlist_spot_t      *verbatim;  /* ... the answer is the index
                                              that this spot holds */
    uint32_t                    missing;   /* bit (1 << index of source):
                                              nothing for its platform */
    ngx_str_t                   reason;    /* of NGX_ABORT */
} ngx_http_mlist_compose_t;


/*
 * Builds the list of "type" from those of the parts that are READY.
 * NGX_OK; NGX_DECLINED: none of them has anything for its platform;
 * NGX_ABORT: it cannot be built, "reason"; NGX_ERROR.
 */
ngx_int_t ngx_http_mlist_compose(ngx_http_request_t *r,
    ngx_http_mlist_part_t *parts, ngx_uint_t n, mlist_type_e type,
    ngx_http_mlist_compose_t *composed);


#endif /* _NGX_HTTP_MLIST_COMPOSE_H_INCLUDED_ */

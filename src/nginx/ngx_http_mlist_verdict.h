/*
 * A verdict: what a flight found out about a tag, the same for all who wait
 * for it.  It has a pool of its own, since it outlives the request that
 * asked, and goes with the last one who holds it.  Called by build, flight,
 * list.
 */

#ifndef _NGX_HTTP_MLIST_VERDICT_H_INCLUDED_
#define _NGX_HTTP_MLIST_VERDICT_H_INCLUDED_


#include "ngx_http_mlist.h"
#include "ngx_http_mlist_failure.h"
#include "ngx_http_mlist_store.h"


typedef enum {
    NGX_HTTP_MLIST_VERDICT_LIST = 0,
    NGX_HTTP_MLIST_VERDICT_ARTIFACT,   /* passed on as it is */
    NGX_HTTP_MLIST_VERDICT_NOWHERE,    /* no source has it */
    NGX_HTTP_MLIST_VERDICT_FAILED
} ngx_http_mlist_verdict_e;


struct ngx_http_mlist_verdict_s {
    ngx_http_mlist_verdict_e   kind;
    ngx_http_mlist_status_e    status;     /* LIST: how it came about */

    /* bits (1 << index of source) */
    uint32_t                   missing;    /* without the tag */
    uint32_t                   failed;     /* LIST: to blame for a STALE or
                                              PARTIAL answer */
    uint32_t                   absent;     /* NOWHERE: asked for the very
                                              tag, which they have not */

    ngx_http_mlist_doc_t       doc;        /* LIST */
    ngx_str_t                  own;        /* LIST: digest of the list's own
                                              type, or empty */
    ngx_str_t                  part;       /* LIST: what was read of an index
                                              that passes as it is */

    ngx_uint_t                 source;     /* ARTIFACT: index */
    ngx_str_t                  digest;     /* ARTIFACT */

    ngx_http_mlist_failure_t   failure;    /* FAILED */

    /* the room's own */

    ngx_pool_t                *pool;
    ngx_uint_t                 refs;
};


/* An empty verdict, held once by the caller, or NULL. */
ngx_http_mlist_verdict_t *ngx_http_mlist_verdict_create(ngx_log_t *log);

/* Copies "src" into the verdict's pool.  NGX_OK or NGX_ERROR. */
ngx_int_t ngx_http_mlist_verdict_copy(ngx_http_mlist_verdict_t *verdict,
    ngx_str_t *dst, ngx_str_t *src);
ngx_int_t ngx_http_mlist_verdict_copy_doc(ngx_http_mlist_verdict_t *verdict,
    ngx_http_mlist_doc_t *doc);
ngx_int_t ngx_http_mlist_verdict_copy_failure(
    ngx_http_mlist_verdict_t *verdict, ngx_http_mlist_failure_t *failure);

/* Has "pool" hold it until that is destroyed.  NGX_OK or NGX_ERROR. */
ngx_int_t ngx_http_mlist_verdict_hold(ngx_http_mlist_verdict_t *verdict,
    ngx_pool_t *pool);

/* Lets go of it. */
void ngx_http_mlist_verdict_release(ngx_http_mlist_verdict_t *verdict);


#endif /* _NGX_HTTP_MLIST_VERDICT_H_INCLUDED_ */

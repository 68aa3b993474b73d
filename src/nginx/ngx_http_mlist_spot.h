/*
 * A spot: one tag as one registry has it.  Asks whether it is there and what
 * it is now, and fetches its manifest, checked against its digest (spec: "A
 * tag", 1, 2 and 8).  It does not look into the manifest.  Called by list
 * and part.
 */

#ifndef _NGX_HTTP_MLIST_SPOT_H_INCLUDED_
#define _NGX_HTTP_MLIST_SPOT_H_INCLUDED_


#include "ngx_http_mlist.h"
#include "ngx_http_mlist_fetch.h"
#include "ngx_http_mlist_target.h"


/* Why a source failed: a fetch that did, or a reason; see failure. */
typedef struct {
    ngx_http_mlist_fetch_t     *fetch;
    ngx_str_t                   reason;
} ngx_http_mlist_blame_t;


typedef enum {
    NGX_HTTP_MLIST_SPOT_ASKING = 0,    /* HEAD, or GET, by tag */
    NGX_HTTP_MLIST_SPOT_ABSENT,
    NGX_HTTP_MLIST_SPOT_PRESENT,       /* the digest is known */
    NGX_HTTP_MLIST_SPOT_FETCHING,      /* GET by digest */
    NGX_HTTP_MLIST_SPOT_FETCHED,       /* the bytes too, verified */
    NGX_HTTP_MLIST_SPOT_FAILED
} ngx_http_mlist_spot_e;


typedef struct {
    ngx_http_mlist_target_t     target;
    ngx_uint_t                  index;     /* of the target */
    uint32_t                    sources;   /* bits (1 << index) of those it is
                                              one of */
    ngx_str_t                   tag;       /* as spelled there */

    ngx_http_mlist_spot_e       state;
    mlist_digest_t              digest;    /* PRESENT and later */
    ngx_str_t                   type;      /* PRESENT and later; may be
                                              empty before FETCHED */
    ngx_str_t                   body;      /* FETCHED */
    ngx_http_mlist_blame_t      blame;     /* FAILED */

    ngx_http_mlist_fetch_t     *fetch;     /* the one under way */
} ngx_http_mlist_spot_t;


/* Begins to ask, by HEAD or at once by GET.  NGX_OK or NGX_ERROR. */
ngx_int_t ngx_http_mlist_spot_ask(ngx_http_request_t *r,
    ngx_http_mlist_spot_t *spot, ngx_uint_t head);

/* Begins to fetch the manifest of a spot that is PRESENT; the same. */
ngx_int_t ngx_http_mlist_spot_fetch(ngx_http_request_t *r,
    ngx_http_mlist_spot_t *spot);

/*
 * Goes on as far as it can.  NGX_OK: nothing is under way, "state" tells;
 * NGX_AGAIN; NGX_ERROR.
 */
ngx_int_t ngx_http_mlist_spot_step(ngx_http_request_t *r,
    ngx_http_mlist_spot_t *spot);

/*
 * 1 if a fetched body came as its bytes are, else 0 and the reason: no
 * Content-Encoding was asked for, and digests are over what is stored.
 */
ngx_uint_t ngx_http_mlist_spot_plain(ngx_http_mlist_fetch_t *fetch,
    ngx_str_t *reason);


#endif /* _NGX_HTTP_MLIST_SPOT_H_INCLUDED_ */

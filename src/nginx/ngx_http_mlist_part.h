/*
 * A part: what one source contributes to a list, made of what its spot holds
 * and kept in the zone by digest, so that what is unchanged is not fetched
 * again.  It drives the core's resolver: it fetches what that wants.  Called
 * by list.
 */

#ifndef _NGX_HTTP_MLIST_PART_H_INCLUDED_
#define _NGX_HTTP_MLIST_PART_H_INCLUDED_


#include "ngx_http_mlist.h"
#include "ngx_http_mlist_spot.h"


typedef enum {
    NGX_HTTP_MLIST_PART_NONE = 0,      /* not begun */
    NGX_HTTP_MLIST_PART_SPOT,          /* the spot's manifest is fetched */
    NGX_HTTP_MLIST_PART_RESOLVING,
    NGX_HTTP_MLIST_PART_READY,
    NGX_HTTP_MLIST_PART_FAILED
} ngx_http_mlist_part_state_e;


typedef struct {
    ngx_http_mlist_source_t      *source;
    ngx_http_mlist_spot_t        *spot;    /* NULL: the source's spelling of
                                            the tag is none, so it has it
                                            not */
    ngx_uint_t                    index;   /* of the source */

    ngx_http_mlist_part_state_e   state;
    mlist_part_e                  kind;    /* READY */
    ngx_str_t                     json;    /* READY, no artifact */
    ngx_http_mlist_blame_t        blame;   /* FAILED */
    unsigned                      left_out:1;  /* as if the source had it
                                                  not: see judge */
    unsigned                      unkept:1;  /* made without the zone: no
                                                registry has served it */

    mlist_resolve_t              *resolve;
    ngx_http_mlist_fetch_t      **fetches; /* one a want */
    u_char                        key[NGX_HTTP_MLIST_KEY_SIZE];
} ngx_http_mlist_part_t;


/*
 * Begins, or goes on as far as it can, with a part whose spot is PRESENT or
 * FETCHED.  NGX_OK: "state" is READY or FAILED; NGX_AGAIN; NGX_ERROR.
 */
ngx_int_t ngx_http_mlist_part_step(ngx_http_request_t *r,
    ngx_http_mlist_part_t *part);


#endif /* _NGX_HTTP_MLIST_PART_H_INCLUDED_ */

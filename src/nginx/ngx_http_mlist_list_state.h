/*
 * The state of one read by tag, which list drives and gather, judge and choose
 * work on.  Plain data.
 */

#ifndef _NGX_HTTP_MLIST_LIST_STATE_H_INCLUDED_
#define _NGX_HTTP_MLIST_LIST_STATE_H_INCLUDED_


#include "ngx_http_mlist.h"
#include "ngx_http_mlist_compose.h"
#include "ngx_http_mlist_part.h"
#include "ngx_http_mlist_spot.h"
#include "ngx_http_mlist_store.h"
#include "ngx_http_mlist_tag.h"


typedef enum {
    NGX_HTTP_MLIST_LIST_ASKING = 0,    /* the spots */
    NGX_HTTP_MLIST_LIST_PARTS,         /* what has to be fetched */
    NGX_HTTP_MLIST_LIST_VERBATIM,      /* a shared index's own bytes */
    NGX_HTTP_MLIST_LIST_KEEPING        /* the store writes */
} ngx_http_mlist_list_e;


typedef struct {
    ngx_http_mlist_list_e      state;

    ngx_http_mlist_spot_t     *spots;      /* each distinct one once */
    ngx_uint_t                 nspots;
    ngx_http_mlist_part_t     *parts;      /* one a source, in order */
    ngx_uint_t                 nparts;
    ngx_uint_t                 ntargets;   /* of the name */

    ngx_http_mlist_tag_t       tag;        /* what goes into the zone */
    mlist_accept_t             accept;
    ngx_http_mlist_compose_t   composed;
    ngx_http_mlist_doc_t       doc;        /* being kept */
    ngx_http_mlist_store_op_t  op;
    mlist_digest_t             found;      /* the default platform's child */
    mlist_media_e              found_type;

    unsigned                   known:1;    /* the tag was in the zone */
    unsigned                   child:1;    /* the client takes no list */
} ngx_http_mlist_list_t;


#endif /* _NGX_HTTP_MLIST_LIST_STATE_H_INCLUDED_ */

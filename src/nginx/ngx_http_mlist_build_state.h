/*
 * The state of one flight's work on a tag, which build drives and gather,
 * judge and stale work on.  Plain data.
 */

#ifndef _NGX_HTTP_MLIST_BUILD_STATE_H_INCLUDED_
#define _NGX_HTTP_MLIST_BUILD_STATE_H_INCLUDED_


#include "ngx_http_mlist.h"
#include "ngx_http_mlist_compose.h"
#include "ngx_http_mlist_failure.h"
#include "ngx_http_mlist_flight.h"
#include "ngx_http_mlist_part.h"
#include "ngx_http_mlist_spot.h"
#include "ngx_http_mlist_store.h"
#include "ngx_http_mlist_tag.h"


typedef enum {
    NGX_HTTP_MLIST_BUILD_ASKING = 0,   /* the spots */
    NGX_HTTP_MLIST_BUILD_LAST,         /* what was complete, for a denial */
    NGX_HTTP_MLIST_BUILD_KNOWN,        /* an unchanged list is read */
    NGX_HTTP_MLIST_BUILD_PARTS,        /* what has to be fetched */
    NGX_HTTP_MLIST_BUILD_ASSEMBLING,
    NGX_HTTP_MLIST_BUILD_NOTING,       /* the list as the tag's last one */
    NGX_HTTP_MLIST_BUILD_STALE,        /* the last complete list is read */
    NGX_HTTP_MLIST_BUILD_PUBLISHING,   /* there is a verdict by now */
    NGX_HTTP_MLIST_BUILD_ENDED
} ngx_http_mlist_build_e;


typedef enum {
    NGX_HTTP_MLIST_PUBLISH_BEGIN = 0,
    NGX_HTTP_MLIST_PUBLISH_LOOKING,    /* HEAD: what the tag holds */
    NGX_HTTP_MLIST_PUBLISH_OWNING,     /* is it a list of ours? */
    NGX_HTTP_MLIST_PUBLISH_LOOKING_AGAIN,
    NGX_HTTP_MLIST_PUBLISH_PUTTING
} ngx_http_mlist_publish_e;


typedef struct {
    ngx_http_mlist_publish_e    state;
    ngx_http_mlist_fetch_t     *fetch;
    ngx_str_t                   found;     /* digest, empty: the tag is free */
} ngx_http_mlist_publish_t;


typedef enum {
    NGX_HTTP_MLIST_ASSEMBLE_COMPOSE = 0,
    NGX_HTTP_MLIST_ASSEMBLE_SHARED,    /* an index as it is: kept already? */
    NGX_HTTP_MLIST_ASSEMBLE_VERBATIM,  /* fetched */
    NGX_HTTP_MLIST_ASSEMBLE_KEEPING    /* the store writes the list */
} ngx_http_mlist_assemble_e;


typedef struct {
    ngx_http_mlist_build_e      state;
    ngx_http_mlist_assemble_e   stage;     /* of ASSEMBLING */
    ngx_http_mlist_flight_t    *flight;    /* gone once there is a verdict */
    ngx_http_mlist_want_e       want;

    ngx_http_mlist_spot_t      *spots;     /* each distinct one once */
    ngx_uint_t                  nspots;
    ngx_http_mlist_part_t      *parts;     /* one a source, in order */
    ngx_uint_t                  nparts;
    ngx_uint_t                  ntargets;  /* of the name */

    ngx_http_mlist_tag_t        tag;       /* what goes into the zone */
    ngx_http_mlist_last_t       last;      /* the last complete list before,
                                              as far as is known */
    ngx_http_mlist_compose_t    composed;
    ngx_http_mlist_store_op_t   op;        /* the one under way */
    ngx_http_mlist_doc_t        doc;       /* the answer */
    ngx_http_mlist_status_e     status;

    uint32_t                    missing;   /* bits (1 << index of source): */
    uint32_t                    failed;    /* they failed, and are to blame */
    ngx_http_mlist_failure_t    failure;
    ngx_http_mlist_publish_t    publish;

    ngx_uint_t                  artifact;  /* index of the part that is one */

    unsigned                    known:1;      /* the tag was in the zone */
    unsigned                    same:1;       /* and nothing has changed */
    unsigned                    looked:1;     /* "last" is all that there is */
    unsigned                    unknown:1;    /* "last" could not be read */
    unsigned                    required:1;   /* a required source has it
                                                 not */
    unsigned                    partial:1;    /* an optional one failed */
} ngx_http_mlist_build_t;


#endif /* _NGX_HTTP_MLIST_BUILD_STATE_H_INCLUDED_ */

/*
 * mlist_location: what a registry's Location header says, taken apart
 * (RFC 9110, 10.2.2).  It does not decide who may be asked.  Pure.  Called by
 * the glue's location, redirect, page, store_upload and copy_blob.
 */

#ifndef MLIST_LOCATION_H
#define MLIST_LOCATION_H

#include "mlist_rc.h"
#include "mlist_str.h"


/* Views; a fragment belongs to none of them. */
typedef struct {
    int           ssl;           /* of an origin */
    mlist_str_t   origin;        /* scheme://host[:port]; empty: the one that
                                    gave it */
    mlist_str_t   host;          /* host[:port] */
    mlist_str_t   path;          /* and query; after an origin it may begin
                                    with "?", "//", or be empty */
} mlist_location_t;


/* 1 if it has no byte that a URL does not have, and no user name; else 0. */
int mlist_location_valid(mlist_str_t location);

/*
 * Takes an http or https URL apart, or a path, which does not begin with
 * "//".  Its bytes are not looked at otherwise.  MLIST_OK or MLIST_INVALID.
 */
mlist_rc_e mlist_location_parse(mlist_str_t location,
    mlist_location_t *parts);


#endif /* MLIST_LOCATION_H */

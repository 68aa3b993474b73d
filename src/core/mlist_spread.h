/*
 * mlist_spread: which sources a pushed image or index is meant for, by the
 * platforms that they declare (spec: "Writes", by=platform).  Pure.  Called
 * by the glue's spread room.
 */

#ifndef MLIST_SPREAD_H
#define MLIST_SPREAD_H

#include "mlist_media.h"
#include "mlist_platform.h"
#include "mlist_rc.h"
#include "mlist_str.h"


typedef struct {
    const mlist_platform_t  *declared;   /* the caller's; normalised */
    unsigned                 chosen:1;   /* the result */
} mlist_spread_t;


/*
 * Chooses among the n sources for each image of a part's json (see
 * mlist_resolve.h): the first one whose declared platform equals the image's,
 * os.version and os.features aside, or else the only one that declares its
 * os and architecture without a variant.  What is unknown/unknown or has no
 * platform chooses nothing.
 *
 * MLIST_OK: at least one is chosen; MLIST_NOT_FOUND: none; MLIST_DUPLICATE:
 * more than one declares it without a variant.  *p is the platform that is
 * to blame; with MLIST_OK the first that no source takes, or its os is "".
 * Else MLIST_NOMEM, MLIST_INVALID or an error of the JSON.
 */
mlist_rc_e mlist_spread_choose(mlist_str_t json, mlist_spread_t *sources,
    size_t n, mlist_platform_t *p);

/*
 * MLIST_MISMATCH if a body whose "mediaType" is a manifest's or a list's has
 * come as something else: who reads it again would take it for what it says.
 * Else MLIST_OK, or MLIST_NOMEM: it is not known.
 */
mlist_rc_e mlist_spread_disguised(mlist_media_e type, mlist_str_t body);


#endif /* MLIST_SPREAD_H */

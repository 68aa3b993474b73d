/*
 * mlist_contents: what manifests name that has to be in a repository before
 * they can be: blobs, and the manifests of indexes (image-spec v1.1.1,
 * manifest.md and image-index.md).  Pure.  Called by the glue's copy room.
 */

#ifndef MLIST_CONTENTS_H
#define MLIST_CONTENTS_H

#include "mlist_digest.h"
#include "mlist_media.h"
#include "mlist_rc.h"
#include "mlist_str.h"


#define MLIST_CONTENTS_MAX  512      /* of all that one push names */


typedef struct {
    mlist_digest_t  digest;
    size_t          size;            /* as its descriptor says */
    mlist_media_e   media;           /* of a manifest or list */
    unsigned        manifest:1;      /* or else a blob */
} mlist_content_t;


/* Grows with each call; zeroed by the caller. */
typedef struct {
    mlist_content_t  items[MLIST_CONTENTS_MAX];
    size_t           n;
} mlist_contents_t;


/*
 * Adds what a manifest or list, served as "type", names: config and layers,
 * or entries; each digest once, at its first place.  Neither its subject nor
 * layers that registries do not keep are wanted, nor entries that are no
 * manifests.  MLIST_OK; MLIST_TOO_LARGE; MLIST_MISMATCH where one digest is
 * said to be two things; MLIST_INVALID or an error of the JSON.
 */
mlist_rc_e mlist_contents_add(mlist_contents_t *contents, mlist_media_e type,
    mlist_str_t body);


#endif /* MLIST_CONTENTS_H */

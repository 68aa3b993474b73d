/*
 * mlist_index: the list itself: built of parts, deterministic to the byte
 * (spec: "A tag", 5 to 7), and read again.  Pure: bytes in, bytes out.
 * Called by the glue's list and digest rooms.
 */

#ifndef MLIST_INDEX_H
#define MLIST_INDEX_H

#include "mlist_digest.h"
#include "mlist_media.h"
#include "mlist_platform.h"
#include "mlist_rc.h"
#include "mlist_resolve.h"
#include "mlist_str.h"


#define MLIST_INDEX_INPUTS     32
#define MLIST_INDEX_ENTRIES    1024    /* entries of one list */
#define MLIST_INDEX_PLATFORMS  1024    /* bytes of the platforms' text */


/* One source that has the tag, in the order of the sources. */
typedef struct {
    mlist_part_e             kind;       /* IMAGE or INDEX */
    mlist_digest_t           digest;     /* of what the tag names there */
    mlist_str_t              part;       /* mlist_part_t's bytes */
    const mlist_platform_t  *declared;   /* platform=, or NULL */

    /* set by mlist_index_build() */
    unsigned                 used;       /* its images that the list has,
                                            be they another source's too;
                                            with "shadowed" 0 as well: none
                                            for its platform, which counts
                                            as a 404 */
    unsigned                 shadowed;   /* entries of another digest left
                                            out because an earlier source
                                            has that platform */
} mlist_index_input_t;


typedef enum {
    MLIST_TYPE_AUTO,                     /* Docker list if every child is
                                            Docker schema 2, else OCI */
    MLIST_TYPE_DOCKER,
    MLIST_TYPE_OCI
} mlist_type_e;


typedef struct {
    mlist_media_e   type;                /* DOCKER_LIST or OCI_INDEX */

    /*
     * 1: all inputs that have anything for their platform are one index,
     * nothing of it is left out, and its own type is the wanted one: the
     * answer is that index's own bytes, which the caller has under "digest"
     * below.  "json" is then NULL.
     */
    unsigned        verbatim:1;

    char           *json;                /* malloc()ed, the caller's */
    size_t          len;
    mlist_digest_t  digest;              /* of "json", or of the index */
    char            platforms[MLIST_INDEX_PLATFORMS];  /* "a/b,c/d", each
                                            once, cut at a comma if it does
                                            not fit */
} mlist_index_t;


/*
 * Builds the list.  "verbatim_type" is the media type of the index that all
 * INDEX inputs share by digest, or MLIST_MEDIA_OTHER if there is none;
 * with MLIST_TYPE_AUTO a verbatim answer keeps that type.  "attestations"
 * is 0 to drop them.  A Docker list carries only images of Docker's or OCI's
 * manifest types: no annotations, attestations or entries without platform.
 * MLIST_OK; MLIST_NOT_FOUND if no input has an entry for its platform;
 * MLIST_TOO_LARGE, MLIST_NOMEM; MLIST_INVALID if a part cannot be read.
 */
mlist_rc_e mlist_index_build(mlist_index_input_t *inputs, size_t n,
    mlist_type_e type, mlist_media_e verbatim_type, int attestations,
    mlist_index_t *out);

/*
 * The first entry of a list whose platform equals "p" (os.version and
 * os.features are not looked at): its digest and type.
 * MLIST_OK, MLIST_NOT_FOUND, or an error of the JSON.
 */
mlist_rc_e mlist_index_find(mlist_str_t list, const mlist_platform_t *p,
    mlist_digest_t *digest, mlist_media_e *type);

/* The platforms of a list's bytes, as in mlist_index_t.platforms. */
mlist_rc_e mlist_index_platforms(mlist_str_t list,
    char out[MLIST_INDEX_PLATFORMS]);

/*
 * The digests of the entries that are images, in order, up to "max"; *n is
 * how many were written.  MLIST_OK or an error of the JSON.
 */
mlist_rc_e mlist_index_children(mlist_str_t list, mlist_digest_t *digests,
    size_t max, size_t *n);


#endif /* MLIST_INDEX_H */

/*
 * mlist_resolve: from the manifest that one source holds under a tag to what
 * it contributes to a list.  A state machine without I/O: it says which
 * manifests and configs it wants, is fed their bytes, and ends with a part.
 * It verifies what it is fed (spec: "A tag", 4 to 6 and 8).  Called by the
 * glue's list room.
 *
 *     res = mlist_resolve_create(declared, flags);
 *     rc = mlist_resolve_root(res, digest, content_type, body);
 *     while ((want = mlist_resolve_want(res, i)) ...)  fetch, feed
 *     rc = mlist_resolve_finish(res, &part);
 *     mlist_resolve_free(res);
 */

#ifndef MLIST_RESOLVE_H
#define MLIST_RESOLVE_H

#include "mlist_digest.h"
#include "mlist_media.h"
#include "mlist_platform.h"
#include "mlist_rc.h"
#include "mlist_str.h"


#define MLIST_RESOLVE_DEPTH    3       /* an index in an index in an index */
#define MLIST_RESOLVE_WANTS    128     /* fetches for one source's tag */
#define MLIST_RESOLVE_ENTRIES  512     /* entries of one source's tag */
#define MLIST_CONFIG_MAX       4194304 /* bytes of an image's config: 4m */

#define MLIST_RESOLVE_VERIFY   0x0001  /* mlist_verify: read every config */


typedef enum {
    MLIST_PART_IMAGE,            /* one manifest that is an image */
    MLIST_PART_INDEX,            /* an image index */
    MLIST_PART_ARTIFACT          /* anything else: passes as it is */
} mlist_part_e;


typedef struct {
    mlist_digest_t  digest;
    size_t          size;        /* as its descriptor says */
    char            type[MLIST_MEDIA_TYPE_MAX + 1];  /* manifests: Accept */
    unsigned        blob:1;      /* a config blob, else a manifest */
    unsigned        asked:1;     /* the caller's own mark */
    unsigned        fed:1;
} mlist_want_t;


typedef struct {
    mlist_part_e    kind;

    /*
     * What the source contributes, as the bytes of an OCI index in which
     * every entry carries its platform (normalised; entries that are no
     * image carry none or unknown/unknown) and its annotations; nested
     * indexes are flattened.  malloc()ed, the caller free()s it.
     * NULL for an artifact.
     */
    char           *json;
    size_t          len;
} mlist_part_t;


typedef struct mlist_resolve_s  mlist_resolve_t;


/*
 * "declared" (copied; may be NULL) is the source's platform=: an image's
 * config is then not read, except for Windows and with
 * MLIST_RESOLVE_VERIFY.  NULL when memory is short.
 */
mlist_resolve_t *mlist_resolve_create(const mlist_platform_t *declared,
    unsigned flags);
void mlist_resolve_free(mlist_resolve_t *res);         /* NULL is fine */

/*
 * Feeds the manifest that the tag names.  "content_type" is what the
 * registry serves it as.  Its bytes are checked against "digest".
 * MLIST_OK, or why it can be no child: the caller treats it as a failure of
 * the source.  An artifact is MLIST_OK with no wants.
 */
mlist_rc_e mlist_resolve_root(mlist_resolve_t *res,
    const mlist_digest_t *digest, mlist_str_t content_type,
    mlist_str_t body);

/* How many wants there are so far; it grows while wants are fed. */
size_t mlist_resolve_nwants(const mlist_resolve_t *res);

/* The i-th want, owned by "res", its address stable. */
mlist_want_t *mlist_resolve_want(mlist_resolve_t *res, size_t i);

/*
 * Feeds the i-th want: "content_type" for manifests (what the registry
 * serves it as must be what the descriptor says), ignored for blobs.
 * The bytes are checked against the want's size and digest.
 * MLIST_OK, or an error as for the root.
 */
mlist_rc_e mlist_resolve_feed(mlist_resolve_t *res, size_t i,
    mlist_str_t content_type, mlist_str_t body);

/*
 * All wants are fed: the part.  MLIST_CONTRADICTION where a config
 * contradicts the declared platform (mlist_verify; for an index only the
 * entries of the declared platform are looked at, against their own
 * descriptor's platform).  Else MLIST_OK, MLIST_NOMEM, MLIST_TOO_LARGE.
 */
mlist_rc_e mlist_resolve_finish(mlist_resolve_t *res, mlist_part_t *part);

/*
 * After an error: which digest it was about, as "digest: what was expected
 * and what was seen" for a log line (no control characters); never NULL.
 */
const char *mlist_resolve_problem(const mlist_resolve_t *res);


#endif /* MLIST_RESOLVE_H */

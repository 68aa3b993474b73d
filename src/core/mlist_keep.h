/*
 * mlist_keep: how a store in a registry keeps things: as an ordinary image,
 * an OCI manifest with an image's config and one layer, which is a list's
 * very bytes; what else there is to know stands in its annotations.  Made
 * here, read again in mlist_kept.  Pure.  Called by the glue's store_image.
 *
 * The same list makes the same image at every front, so that fronts that
 * write it at once write the same.
 */

#ifndef MLIST_KEEP_H
#define MLIST_KEEP_H

#include <stdint.h>

#include "mlist_digest.h"
#include "mlist_index.h"
#include "mlist_media.h"
#include "mlist_rc.h"
#include "mlist_str.h"


#define MLIST_KEEP_MAX    16384              /* bytes of a stored manifest */
#define MLIST_KEEP_TAG    (64 + 1 + 16)      /* bytes of the longest tag */
#define MLIST_KEEP_KEY    64                 /* hex digits of a tag's key */


#define MLIST_KEEP_FORMAT       "1"


/* The annotations, all of them texts. */
#define MLIST_KEEP_A_FORMAT     "vnd.mlist.format"
#define MLIST_KEEP_A_NAME       "vnd.mlist.name"
#define MLIST_KEEP_A_DIGEST     "vnd.mlist.digest"
#define MLIST_KEEP_A_TYPE       "vnd.mlist.type"
#define MLIST_KEEP_A_PLATFORMS  "vnd.mlist.platforms"
#define MLIST_KEEP_A_KEY        "vnd.mlist.tag"
#define MLIST_KEEP_A_NUMBER     "vnd.mlist.number"
#define MLIST_KEEP_A_MISSING    "vnd.mlist.missing"
#define MLIST_KEEP_A_DOCKER     "vnd.mlist.docker"
#define MLIST_KEEP_A_OCI        "vnd.mlist.oci"


/* A list, besides its name and digest. */
typedef struct {
    mlist_media_e   type;                    /* DOCKER_LIST or OCI_INDEX */
    char            platforms[MLIST_INDEX_PLATFORMS];
    mlist_digest_t  layer;                   /* of its bytes, as a blob */
    size_t          size;                    /* of its bytes */
} mlist_keep_list_t;


/* A tag's last complete list. */
typedef struct {
    uint64_t        number;
    mlist_media_e   type;                    /* DOCKER_LIST or OCI_INDEX */
    uint32_t        missing;
    mlist_digest_t  docker;                  /* len 0: never built */
    mlist_digest_t  oci;                     /* the same */
    mlist_digest_t  layer;                   /* of the list of "type" */
    size_t          size;
} mlist_keep_last_t;


typedef struct {
    char           *config;                  /* both malloc()ed */
    size_t          config_len;
    mlist_digest_t  config_digest;
    char           *manifest;
    size_t          manifest_len;
    mlist_digest_t  manifest_digest;
} mlist_keep_image_t;


/*
 * The tag of a list: the hex of its sha256 digest (of any other digest the
 * sha256 of its text), "-", and 16 hex of the sha256 of its repository's
 * name.  NUL-terminated.  MLIST_OK, MLIST_INVALID or MLIST_NOMEM.
 */
mlist_rc_e mlist_keep_list_tag(mlist_str_t name, mlist_str_t digest,
    char out[MLIST_KEEP_TAG + 1]);

/* The tag of a tag's last list: "t-" and the key, 64 hex digits. */
mlist_rc_e mlist_keep_last_tag(mlist_str_t key,
    char out[MLIST_KEEP_TAG + 1]);

/*
 * Make the image of a list (of a tag's last list); it is the caller's to
 * clean, also on error.  MLIST_OK, MLIST_NOMEM; MLIST_INVALID if a text is
 * not printable ASCII.
 */
mlist_rc_e mlist_keep_list_make(mlist_str_t name, mlist_str_t digest,
    const mlist_keep_list_t *list, mlist_keep_image_t *image);
mlist_rc_e mlist_keep_last_make(mlist_str_t key,
    const mlist_keep_last_t *last, mlist_keep_image_t *image);

void mlist_keep_clean(mlist_keep_image_t *image);


#endif /* MLIST_KEEP_H */

/*
 * mlist_stored: how a store in a directory keeps a list: a text header and
 * the list's bytes, written and read again.  It touches no file.  Pure.
 * Called by the glue's store_list.
 *
 *     mlist-list 1
 *     name: common/prometheus
 *     type: application/vnd.oci.image.index.v1+json
 *     digest: sha256:...
 *     size: 1234
 *     platforms: linux/amd64,linux/arm/v7
 *
 *     {"schemaVersion":2,...
 */

#ifndef MLIST_STORED_H
#define MLIST_STORED_H

#include "mlist_digest.h"
#include "mlist_media.h"
#include "mlist_rc.h"
#include "mlist_str.h"


#define MLIST_STORED_HEAD_MAX  4096          /* no header is as long */
#define MLIST_STORED_SIZE_MAX  20            /* digits of a size */


/* A list, besides its repository's name; views. */
typedef struct {
    mlist_media_e   type;                    /* DOCKER_LIST or OCI_INDEX */
    mlist_str_t     digest;
    mlist_str_t     platforms;
    mlist_str_t     bytes;
} mlist_stored_t;


/* Why a file is not to be believed; "seen" is raw bytes of the file. */
typedef struct {
    const char     *what;
    mlist_str_t     expected;
    mlist_str_t     seen;

    /* "seen" may point here */
    mlist_digest_t  digest;
    char            size[MLIST_STORED_SIZE_MAX + 1];
} mlist_stored_problem_t;


/*
 * Writes the header, the empty line included, of a list of that name.
 * MLIST_OK; MLIST_INVALID: it would not be read again (a text is not
 * printable, or it is too long).
 */
mlist_rc_e mlist_stored_head(mlist_str_t name, const mlist_stored_t *list,
    char out[MLIST_STORED_HEAD_MAX], size_t *len);

/*
 * Reads a whole file; what it sets in "list" points into "file".  MLIST_OK:
 * it is the list of that name and digest, byte for byte; MLIST_MISMATCH: it
 * is not, and *problem is set; MLIST_NOMEM: it could not be hashed.
 */
mlist_rc_e mlist_stored_parse(mlist_str_t file, mlist_str_t name,
    mlist_str_t digest, mlist_stored_t *list,
    mlist_stored_problem_t *problem);


#endif /* MLIST_STORED_H */

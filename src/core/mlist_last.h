/*
 * mlist_last: how a store in a directory keeps what a tag's last complete
 * list is: a small text with a checksum.  Pure.  Called by the glue's
 * store_last and store_scan.
 *
 *     mlist-last 1
 *     key: <64 hex digits>
 *     name: common/prometheus
 *     number: 1735689600000000
 *     type: application/vnd.oci.image.index.v1+json
 *     missing: 0
 *     docker: sha256:...
 *     oci: sha256:...
 *     check: sha256:<of all above>
 */

#ifndef MLIST_LAST_H
#define MLIST_LAST_H

#include <stdint.h>

#include "mlist_digest.h"
#include "mlist_media.h"
#include "mlist_rc.h"
#include "mlist_str.h"


#define MLIST_LAST_NAME  255                 /* bytes of the longest name */
#define MLIST_LAST_MAX   1024                /* bytes of the longest text */


typedef struct {
    mlist_str_t     name;                    /* of the repository */
    uint64_t        number;
    mlist_media_e   type;                    /* DOCKER_LIST or OCI_INDEX */
    uint32_t        missing;
    mlist_digest_t  docker;                  /* len 0: never built */
    mlist_digest_t  oci;                     /* the same */
} mlist_last_t;


/*
 * Writes the text for the tag of that key.  MLIST_OK; MLIST_INVALID: the
 * name is too long or not printable; MLIST_NOMEM: it could not be hashed.
 */
mlist_rc_e mlist_last_write(mlist_str_t key, const mlist_last_t *last,
    char out[MLIST_LAST_MAX], size_t *len);

/*
 * Reads it again; last->name points into "text".  MLIST_OK: it is, byte for
 * byte, what mlist_last_write() makes for that key; MLIST_MISMATCH: it is
 * not; MLIST_NOMEM.
 */
mlist_rc_e mlist_last_parse(mlist_str_t text, mlist_str_t key,
    mlist_last_t *last);


#endif /* MLIST_LAST_H */

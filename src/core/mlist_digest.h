/*
 * mlist_digest: digests as the image specification writes them
 * (image-spec v1.1.1, descriptor.md, "Digests"), and SHA-256 over bytes.
 * Pure; called by every room that holds a descriptor.
 */

#ifndef MLIST_DIGEST_H
#define MLIST_DIGEST_H

#include "mlist_rc.h"
#include "mlist_str.h"


#define MLIST_SHA256_SIZE       32
#define MLIST_SHA256_TEXT_LEN   (sizeof("sha256:") - 1 + 64)
#define MLIST_DIGEST_MAX        (sizeof("sha512:") - 1 + 128)


typedef struct {
    char    text[MLIST_DIGEST_MAX + 1];     /* NUL-terminated */
    size_t  len;
} mlist_digest_t;


/*
 * Checks that "s" is sha256:<64 lower hex> or sha512:<128 lower hex> and
 * copies it.  MLIST_OK, or MLIST_INVALID and *d is untouched: every other
 * algorithm is refused, since nothing here could verify it.
 */
mlist_rc_e mlist_digest_parse(mlist_str_t s, mlist_digest_t *d);

/* "sha256:<hex>" of the bytes.  MLIST_OK or MLIST_NOMEM (EVP failed). */
mlist_rc_e mlist_digest_compute(mlist_str_t bytes, mlist_digest_t *d);

/* The raw SHA-256 of up to "n" pieces, one after another. */
mlist_rc_e mlist_digest_sha256(const mlist_str_t *pieces, size_t n,
    unsigned char out[MLIST_SHA256_SIZE]);

/*
 * Hashes the bytes with the algorithm of "d" and compares.
 * MLIST_OK, MLIST_MISMATCH or MLIST_NOMEM.
 */
mlist_rc_e mlist_digest_verify(mlist_str_t bytes, const mlist_digest_t *d);

int mlist_digest_eq(const mlist_digest_t *a, const mlist_digest_t *b);
mlist_str_t mlist_digest_str(const mlist_digest_t *d);


#endif /* MLIST_DIGEST_H */

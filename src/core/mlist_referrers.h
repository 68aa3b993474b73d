/*
 * mlist_referrers: what several registries say refers to one manifest, merged
 * into one answer (distribution-spec v1.1.1, "Listing Referrers").  Pure:
 * bytes in, bytes out.  Called by the glue's referrers room.
 */

#ifndef MLIST_REFERRERS_H
#define MLIST_REFERRERS_H

#include <jansson.h>

#include "mlist_digest.h"
#include "mlist_rc.h"
#include "mlist_str.h"


#define MLIST_REFERRERS_MAX       8192   /* entries of one answer */
#define MLIST_REFERRERS_TYPE_MAX  255    /* bytes of an artifactType */
#define MLIST_REFERRERS_TAG_MAX   (sizeof("sha512-") - 1 + 64)


typedef struct {
    json_t  *manifests;      /* what was merged so far */
    json_t  *seen;           /* its digests, as keys */
} mlist_referrers_t;


/*
 * The artifactType that a query asks for, decoded into "out" of
 * MLIST_REFERRERS_TYPE_MAX bytes; "" if it asks for none.  The first one
 * counts, as with Go's registries.  A "+" stands for itself: no media type
 * has a space.
 * MLIST_OK; MLIST_TOO_LARGE; MLIST_INVALID: a bad escape, or no media type.
 */
mlist_rc_e mlist_referrers_type(mlist_str_t query, char *out,
    mlist_str_t *type);

/*
 * The query that asks a registry for "type", which is valid: with "?", into
 * "out" of MLIST_REFERRERS_QUERY_MAX bytes; its length.  0 for "".
 */
#define MLIST_REFERRERS_QUERY_MAX                                            \
    (sizeof("?artifactType=") - 1 + 3 * MLIST_REFERRERS_TYPE_MAX)

size_t mlist_referrers_query(mlist_str_t type, char *out);

/*
 * The tag under which clients keep the referrers of a digest where the
 * registry does not ("Referrers Tag Schema"), into "out" of
 * MLIST_REFERRERS_TAG_MAX bytes; its length.
 */
size_t mlist_referrers_tag(const mlist_digest_t *subject, char *out);

/* MLIST_OK, or MLIST_NOMEM; *referrers is to be freed in both cases. */
mlist_rc_e mlist_referrers_init(mlist_referrers_t *referrers);

void mlist_referrers_free(mlist_referrers_t *referrers);

/*
 * Merges one page: an image index, whose entries are checked and stand behind
 * those that are there, as they are; one whose digest is there is left out,
 * and with a "type" one of another artifactType, too.
 * MLIST_OK; MLIST_TOO_LARGE (also for more than MLIST_REFERRERS_MAX entries),
 * MLIST_INVALID, MLIST_MISMATCH or an error of the JSON.
 */
mlist_rc_e mlist_referrers_add(mlist_referrers_t *referrers, mlist_str_t page,
    mlist_str_t type);

/* How many entries there are. */
size_t mlist_referrers_count(const mlist_referrers_t *referrers);

/* The answer: *out is malloc()ed, the caller's.  MLIST_OK or MLIST_NOMEM. */
mlist_rc_e mlist_referrers_write(const mlist_referrers_t *referrers,
    char **out, size_t *len);


#endif /* MLIST_REFERRERS_H */

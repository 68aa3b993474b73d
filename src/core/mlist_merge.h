/*
 * mlist_merge: the entries that several sources' parts give one list: each
 * part's selection, one source before the other (spec: "A tag", 5 and 6).
 * Pure.  Called by the index room; nobody else needs it.
 */

#ifndef MLIST_MERGE_H
#define MLIST_MERGE_H

#include <stdint.h>

#include <jansson.h>

#include "mlist_entry.h"
#include "mlist_index.h"


typedef enum {
    MLIST_MERGE_IMAGE,
    MLIST_MERGE_OTHER,               /* no image and no attestation */
    MLIST_MERGE_ATTESTATION
} mlist_merge_e;


typedef struct {
    mlist_entry_t            entry;
    mlist_merge_e            kind;
    size_t                   input;
    uint32_t                 digest;     /* hashes, to compare first */
    uint32_t                 platform;
} mlist_merge_item_t;


typedef struct {
    mlist_merge_item_t      *items;      /* in the order of the sources */
    size_t                   n;
    size_t                   size;

    json_t                  *docs[MLIST_INDEX_INPUTS];
    size_t                   ndocs;
    int                      attestations;

    /* whether one index is all there is, and all of it is selected */
    const mlist_digest_t    *digest;     /* of the first input selected of */
    unsigned                 same:1;     /* no other input, by digest */
    size_t                   nselected;
    unsigned char           *selected;   /* of that index's entries, by all */
} mlist_merge_t;


/* One that is all zeroes is empty; "attestations" is then set. */
void mlist_merge_clean(mlist_merge_t *m);

/*
 * Adds what a source has, at most MLIST_INDEX_INPUTS times, and sets "used"
 * and "shadowed".  "input" must outlive the merge.
 * MLIST_OK, MLIST_TOO_LARGE, MLIST_NOMEM, MLIST_INVALID or an error of the
 * JSON.
 */
mlist_rc_e mlist_merge_add(mlist_merge_t *m, mlist_index_input_t *input);

/* 1 if the list would hold one index whole. */
int mlist_merge_is_whole(const mlist_merge_t *m);


#endif /* MLIST_MERGE_H */

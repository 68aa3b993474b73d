/*
 * mlist_kept: what mlist_keep has made, read again.  Pure.  Called by the
 * glue's store_image.
 */

#ifndef MLIST_KEPT_H
#define MLIST_KEPT_H

#include "mlist_keep.h"


#define MLIST_KEPT_SHOWN  128


/* Why a manifest is not what was asked for; printable ASCII, cut to fit. */
typedef struct {
    const char     *what;
    char            expected[MLIST_KEPT_SHOWN + 1];
    char            seen[MLIST_KEPT_SHOWN + 1];
} mlist_kept_problem_t;


/*
 * Read the manifest, served as "served", of a list of that name and digest
 * (of the last list of the tag of that key).  MLIST_OK; MLIST_NOMEM; else an
 * error of the JSON or MLIST_MISMATCH, and *problem says what does not fit.
 */
mlist_rc_e mlist_kept_list_parse(mlist_str_t served, mlist_str_t manifest,
    mlist_str_t name, mlist_str_t digest, mlist_keep_list_t *list,
    mlist_kept_problem_t *problem);
mlist_rc_e mlist_kept_last_parse(mlist_str_t served, mlist_str_t manifest,
    mlist_str_t key, mlist_keep_last_t *last, mlist_kept_problem_t *problem);

/*
 * Checks that bytes are the list of that digest, and of the type that "list"
 * says.  Returns as the two above.
 */
mlist_rc_e mlist_kept_list_verify(mlist_str_t bytes, mlist_str_t digest,
    const mlist_keep_list_t *list, mlist_kept_problem_t *problem);


#endif /* MLIST_KEPT_H */

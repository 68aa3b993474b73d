/*
 * fixture: test cases that are folders, t/cases/<suite>/<case>/, read and
 * listed; and one source's tag resolved from such a folder:
 *
 *     type.txt        what the registry serves the tag's manifest as
 *     input.json      its bytes
 *     digest.txt      its digest, if not that of the bytes
 *     platform.txt    the source's platform=, if there is one
 *     verify.txt      is there if configs are to be verified
 *     fetch-N.json    what the registry has besides, found by digest
 *     fetch-N.type    what it serves that as, if not what is wanted
 *     fetch-N.digest  under which digest, if not that of the bytes
 *
 * Called by the tests of the json, resolve and index rooms.
 */

#ifndef MLIST_TEST_FIXTURE_H
#define MLIST_TEST_FIXTURE_H

#include "mlist_digest.h"
#include "mlist_platform.h"
#include "mlist_rc.h"
#include "mlist_resolve.h"
#include "mlist_str.h"


/* The bytes of dir/name; data is NULL if there is no such file. */
mlist_str_t fixture_read(const char *dir, const char *name);

/* The same as a string without the newline at its end. */
char *fixture_text(const char *dir, const char *name);

/* An own copy of "s" with a NUL at its end. */
char *fixture_copy(const char *s, size_t len);

/* Frees what the two above gave, and all else that is left. */
void fixture_clean(void);

/* Runs "test" for each case of a suite, as cmocka's own tests. */
int fixture_run(const char *suite, void (*test)(void **state));

/* The short name of a result, as expected.txt has it. */
const char *fixture_rc(mlist_rc_e rc);


typedef struct {
    mlist_digest_t     digest;
    mlist_part_t       part;         /* json is freed by fixture_clean() */
    mlist_platform_t   platform;
    int                declared;
    size_t             nwants;
    char              *problem;
} fixture_source_t;


/*
 * Resolves the tag in "dir", its wants fed first to last or, with
 * "backwards", last to first as they become known.
 */
mlist_rc_e fixture_resolve(const char *dir, int backwards,
    fixture_source_t *source);


#endif /* MLIST_TEST_FIXTURE_H */

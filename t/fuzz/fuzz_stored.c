/*
 * What a store's directory keeps of a list.  Without this a damaged file
 * could be taken for a list, or for another one.
 */

#include <assert.h>
#include <string.h>

#include "fuzz.h"
#include "mlist_stored.h"


static mlist_str_t target_sealed(mlist_str_t bytes, mlist_str_t name,
    mlist_str_t platforms, mlist_digest_t *digest);
static void target_parse(mlist_str_t file, mlist_str_t name,
    mlist_str_t digest);
static void target_problem(const mlist_stored_problem_t *problem);


void
fuzz_one(void)
{
    mlist_str_t     name, digest, file, sealed;
    mlist_digest_t  computed;

    name = fuzz_field(FUZZ_LINE);
    digest = fuzz_field(FUZZ_LINE);
    file = fuzz_rest();

    target_parse(file, name, digest);

    /* the same texts in a file that fits: else none would get far */

    sealed = target_sealed(file, name, digest, &computed);

    if (sealed.len) {
        target_parse(sealed, name, mlist_digest_str(&computed));
    }
}


static mlist_str_t
target_sealed(mlist_str_t bytes, mlist_str_t name, mlist_str_t platforms,
    mlist_digest_t *digest)
{
    char            *out;
    size_t           len;
    mlist_str_t      parts[2];
    mlist_stored_t   list;

    if (fuzz_rc(mlist_digest_compute(bytes, digest)) != MLIST_OK) {
        return mlist_str(NULL);
    }

    list.type = MLIST_MEDIA_DOCKER_LIST;
    list.digest = mlist_digest_str(digest);
    list.platforms = platforms;
    list.bytes = bytes;

    out = fuzz_room(MLIST_STORED_HEAD_MAX);

    if (mlist_stored_head(name, &list, out, &len) != MLIST_OK) {
        assert(!mlist_str_printable(name) || !mlist_str_printable(platforms)
               || name.len + platforms.len > MLIST_STORED_HEAD_MAX / 2);
        return mlist_str(NULL);
    }

    parts[0] = fuzz_copy(out, len);
    parts[1] = bytes;

    return fuzz_join(parts, 2);
}


/* What counts is, byte for byte, what would be written. */

static void
target_parse(mlist_str_t file, mlist_str_t name, mlist_str_t digest)
{
    char                    *out;
    size_t                   len;
    mlist_rc_e               rc;
    mlist_stored_t           list;
    mlist_stored_problem_t   problem;

    rc = fuzz_rc(mlist_stored_parse(file, name, digest, &list, &problem));

    if (rc != MLIST_OK) {
        assert(rc == MLIST_MISMATCH || rc == MLIST_NOMEM);

        if (rc == MLIST_MISMATCH) {
            target_problem(&problem);
        }

        return;
    }

    assert(mlist_media_is_list(list.type));
    assert(mlist_str_eq(list.digest, digest));
    assert(mlist_str_printable(list.platforms));
    assert(fuzz_within(list.digest, file));
    assert(fuzz_within(list.platforms, file));
    assert(fuzz_within(list.bytes, file));

    out = fuzz_room(MLIST_STORED_HEAD_MAX);

    if (mlist_stored_head(name, &list, out, &len) == MLIST_OK) {
        assert(len + list.bytes.len == file.len);
        assert(memcmp(out, file.data, len) == 0);

    } else {
        assert(!mlist_str_printable(name)
               || file.len - list.bytes.len >= MLIST_STORED_HEAD_MAX);
    }
}


static void
target_problem(const mlist_stored_problem_t *problem)
{
    assert(problem->what != NULL && problem->what[0] != '\0');

    /* all of both can be read */

    (void) fuzz_copy(problem->expected.data, problem->expected.len);
    (void) fuzz_copy(problem->seen.data, problem->seen.len);
}

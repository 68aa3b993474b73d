/*
 * A list's file: what is written is read again, and nothing that was changed
 * is.  Without this a store would give what a disk has made of a list, or
 * another list, for the one that was asked for.
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "guard.h"
#include "mlist_stored.h"


#define NAME    "common/prometheus"
#define DIGEST                                                               \
    "sha256:bafebd36189ad3688b7b3915ea55d461e0bfcfbdde11e54b0a123999fb6be50f"
#define OTHER                                                                \
    "sha256:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define BYTES   "{\"schemaVersion\":2}"

#define HEAD                                                                 \
    "mlist-list 1\n"                                                         \
    "name: " NAME "\n"                                                       \
    "type: application/vnd.oci.image.index.v1+json\n"                        \
    "digest: " DIGEST "\n"                                                   \
    "size: 19\n"                                                             \
    "platforms: linux/amd64,linux/arm/v7\n"                                  \
    "\n"


static void test_golden(void **state);
static void test_again(void **state);
static void test_unwritable(void **state);
static void test_longest(void **state);
static void test_problem(void **state);
static void test_damaged(void **state);

static void example(mlist_stored_t *list);
static mlist_rc_e parse(mlist_str_t file, mlist_stored_problem_t *problem);


static void
test_golden(void **state)
{
    char            out[MLIST_STORED_HEAD_MAX];
    size_t          len;
    mlist_stored_t  list;

    (void) state;

    example(&list);

    assert_int_equal(mlist_stored_head(mlist_str(NAME), &list, out, &len),
                     MLIST_OK);
    assert_int_equal(len, sizeof(HEAD) - 1);
    assert_memory_equal(out, HEAD, len);
}


static void
test_again(void **state)
{
    mlist_str_t             file;
    mlist_stored_t          list, seen;
    mlist_stored_problem_t  problem;

    (void) state;

    example(&list);
    file = guard(0, HEAD BYTES);

    assert_int_equal(mlist_stored_parse(file, guard(1, NAME),
                                        guard(2, DIGEST), &seen, &problem),
                     MLIST_OK);

    assert_int_equal(seen.type, list.type);
    assert_true(mlist_str_eq(seen.digest, list.digest));
    assert_true(mlist_str_eq(seen.platforms, list.platforms));
    assert_true(mlist_str_eq(seen.bytes, list.bytes));
    assert_true(seen.bytes.data + seen.bytes.len == file.data + file.len);
}


static void
test_unwritable(void **state)
{
    char            out[MLIST_STORED_HEAD_MAX];
    size_t          len;
    mlist_stored_t  list;

    (void) state;

    example(&list);

    assert_int_equal(mlist_stored_head(mlist_str("a\nsize: 1"), &list, out,
                                       &len),
                     MLIST_INVALID);

    list.platforms = mlist_str("linux/\x7f");

    assert_int_equal(mlist_stored_head(mlist_str(NAME), &list, out, &len),
                     MLIST_INVALID);
}


/* A header has less bytes than its room, and one more is refused. */

static void
test_longest(void **state)
{
    char            out[MLIST_STORED_HEAD_MAX];
    char            platforms[MLIST_STORED_HEAD_MAX];
    size_t          len, room;
    mlist_stored_t  list;

    (void) state;

    example(&list);

    room = sizeof(platforms) - (sizeof(HEAD) - 1) + list.platforms.len;
    memset(platforms, 'p', sizeof(platforms));

    list.platforms.data = platforms;
    list.platforms.len = room - 1;

    assert_int_equal(mlist_stored_head(mlist_str(NAME), &list, out, &len),
                     MLIST_OK);
    assert_int_equal(len, MLIST_STORED_HEAD_MAX - 1);

    list.platforms.len = room;

    assert_int_equal(mlist_stored_head(mlist_str(NAME), &list, out, &len),
                     MLIST_INVALID);

    list.platforms.len = (size_t) -1;

    assert_int_equal(mlist_stored_head(mlist_str(NAME), &list, out, &len),
                     MLIST_INVALID);
}


/* What an operator reads of a file that is not to be believed. */

static void
test_problem(void **state)
{
    size_t                  i;
    mlist_stored_problem_t  problem;

    static const struct {
        const char  *file;
        const char  *what;
        const char  *expected;
        const char  *seen;
    } cases[] = {
        { "", "header", "name, type, digest, size, platforms", "" },
        { HEAD, "size", "19", "0" },
        { HEAD BYTES "\n", "size", "19", "20" },
        { "mlist-list 2\nname: \ntype: \ndigest: \nsize: \nplatforms: \n\n",
          "format", "mlist-list 1", "mlist-list 2" },
        { "mlist-list 1\nname: a\ntype: \ndigest: \nsize: \nplatforms: \n\n",
          "name", NAME, "a" },
        { "mlist-list 1\nname: " NAME "\ntype: \ndigest: " OTHER "\nsize: \n"
          "platforms: \n\n", "digest", DIGEST, OTHER },
        { "mlist-list 1\nname: " NAME "\n"
          "type: application/vnd.oci.image.manifest.v1+json\n"
          "digest: " DIGEST "\nsize: 0\nplatforms: \n\n",
          "media type", "that of a list",
          "application/vnd.oci.image.manifest.v1+json" },
        { "mlist-list 1\nname: " NAME "\n"
          "type: application/vnd.oci.image.index.v1+json\n"
          "digest: " DIGEST "\nsize: 019\nplatforms: \n\n" BYTES,
          "size", "019", "19" },
        { "mlist-list 1\nname: " NAME "\n"
          "type: application/vnd.oci.image.index.v1+json\n"
          "digest: " DIGEST "\nsize: 0\nplatforms: \n\n",
          "content", DIGEST,
          "sha256:e3b0c44298fc1c149afbf4c8996fb924"
          "27ae41e4649b934ca495991b7852b855" }
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(parse(guard(0, cases[i].file), &problem),
                         MLIST_MISMATCH);
        assert_string_equal(problem.what, cases[i].what);
        assert_true(mlist_str_eq(problem.expected,
                                 mlist_str(cases[i].expected)));
        assert_true(mlist_str_eq(problem.seen, mlist_str(cases[i].seen)));
    }
}


/*
 * Any byte changed but those of the platforms, which are for people, and any
 * length cut to.
 */

static void
test_damaged(void **state)
{
    char                    text[] = HEAD BYTES;
    size_t                  i, from, to;
    mlist_stored_problem_t  problem;

    (void) state;

    to = sizeof(HEAD) - sizeof("\n\n");
    from = to - (sizeof("linux/amd64,linux/arm/v7") - 1);

    for (i = 0; i < sizeof(text) - 1; i++) {
        assert_int_equal(parse(guard_bytes(0, text, i), &problem),
                         MLIST_MISMATCH);

        text[i] ^= 1;

        if (i < from || i >= to) {
            assert_int_equal(parse(guard_bytes(0, text, sizeof(text) - 1),
                                   &problem),
                             MLIST_MISMATCH);
        }

        text[i] ^= 1;
    }

    text[from] = '\x01';

    assert_int_equal(parse(guard_bytes(0, text, sizeof(text) - 1), &problem),
                     MLIST_MISMATCH);
}


static void
example(mlist_stored_t *list)
{
    list->type = MLIST_MEDIA_OCI_INDEX;
    list->digest = mlist_str(DIGEST);
    list->platforms = mlist_str("linux/amd64,linux/arm/v7");
    list->bytes = mlist_str(BYTES);
}


static mlist_rc_e
parse(mlist_str_t file, mlist_stored_problem_t *problem)
{
    mlist_stored_t  list;

    return mlist_stored_parse(file, mlist_str(NAME), mlist_str(DIGEST), &list,
                              problem);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_golden),
        cmocka_unit_test(test_again),
        cmocka_unit_test(test_unwritable),
        cmocka_unit_test(test_longest),
        cmocka_unit_test(test_problem),
        cmocka_unit_test(test_damaged)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * The record of a tag's last list: what is written is read again, and nothing
 * that was changed is.  Without this a store would give a list of another
 * tag, or one that a disk has made of it, for the last complete one.
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "guard.h"
#include "mlist_last.h"


#define KEY                                                                  \
    "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define OTHER                                                                \
    "10112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"


static void test_golden(void **state);
static void test_again(void **state);
static void test_longest(void **state);
static void test_refused(void **state);
static void test_damaged(void **state);

static void example(mlist_last_t *last);


static void
test_golden(void **state)
{
    char          text[MLIST_LAST_MAX];
    size_t        len;
    mlist_last_t  last;

    static const char  head[] =
        "mlist-last 1\n"
        "key: " KEY "\n"
        "name: common/prometheus\n"
        "number: 1735689600000000\n"
        "type: application/vnd.docker.distribution.manifest.list.v2+json\n"
        "missing: 5\n"
        "docker: sha256:" KEY "\n"
        "oci: \n"
        "check: sha256:";

    (void) state;

    example(&last);

    assert_int_equal(mlist_last_write(mlist_str(KEY), &last, text, &len),
                     MLIST_OK);
    assert_int_equal(len, sizeof(head) - 1 + 64 + 1);
    assert_memory_equal(text, head, sizeof(head) - 1);
    assert_int_equal(text[len - 1], '\n');
}


static void
test_again(void **state)
{
    char          text[MLIST_LAST_MAX];
    size_t        len;
    mlist_last_t  last, seen;

    (void) state;

    example(&last);
    last.number = UINT64_MAX;
    last.missing = UINT32_MAX;

    assert_int_equal(mlist_last_write(mlist_str(KEY), &last, text, &len),
                     MLIST_OK);
    assert_int_equal(mlist_last_parse(guard_bytes(0, text, len),
                                      guard(1, KEY), &seen),
                     MLIST_OK);

    assert_true(mlist_str_eq(seen.name, last.name));
    assert_true(seen.number == last.number);
    assert_int_equal(seen.type, last.type);
    assert_true(seen.missing == last.missing);
    assert_true(mlist_digest_eq(&seen.docker, &last.docker));
    assert_int_equal(seen.oci.len, 0);
}


static void
test_longest(void **state)
{
    char          text[MLIST_LAST_MAX], name[MLIST_LAST_NAME + 1];
    size_t        len;
    mlist_last_t  last, seen;

    (void) state;

    example(&last);

    memset(name, 'n', sizeof(name));
    memset(last.oci.text, '0', MLIST_DIGEST_MAX);
    memcpy(last.oci.text, "sha512:", 7);
    last.oci.text[MLIST_DIGEST_MAX] = '\0';
    last.oci.len = MLIST_DIGEST_MAX;
    last.docker = last.oci;
    last.number = UINT64_MAX;
    last.missing = UINT32_MAX;
    last.name.data = name;
    last.name.len = MLIST_LAST_NAME;

    assert_int_equal(mlist_last_write(mlist_str(KEY), &last, text, &len),
                     MLIST_OK);
    assert_int_equal(mlist_last_parse(guard_bytes(0, text, len),
                                      guard(1, KEY), &seen),
                     MLIST_OK);
    assert_int_equal(seen.name.len, MLIST_LAST_NAME);

    last.name.len++;

    assert_int_equal(mlist_last_write(mlist_str(KEY), &last, text, &len),
                     MLIST_INVALID);
}


static void
test_refused(void **state)
{
    char          text[MLIST_LAST_MAX];
    size_t        len;
    mlist_last_t  last, seen;

    (void) state;

    example(&last);
    last.name = mlist_str("a\nnumber: 9");

    assert_int_equal(mlist_last_write(mlist_str(KEY), &last, text, &len),
                     MLIST_INVALID);

    example(&last);

    assert_int_equal(mlist_last_write(mlist_str(KEY), &last, text, &len),
                     MLIST_OK);
    assert_int_equal(mlist_last_parse(guard_bytes(0, text, len),
                                      guard(1, OTHER), &seen),
                     MLIST_MISMATCH);

    last.type = MLIST_MEDIA_OCI_MANIFEST;

    assert_int_equal(mlist_last_write(mlist_str(KEY), &last, text, &len),
                     MLIST_OK);
    assert_int_equal(mlist_last_parse(guard_bytes(0, text, len),
                                      guard(1, KEY), &seen),
                     MLIST_MISMATCH);
}


/* Any byte changed, any length cut to, and anything behind it. */

static void
test_damaged(void **state)
{
    char          text[MLIST_LAST_MAX];
    size_t        i, len;
    mlist_last_t  last, seen;

    (void) state;

    example(&last);

    assert_int_equal(mlist_last_write(mlist_str(KEY), &last, text, &len),
                     MLIST_OK);

    for (i = 0; i < len; i++) {
        text[i] ^= 1;

        assert_int_equal(mlist_last_parse(guard_bytes(0, text, len),
                                          guard(1, KEY), &seen),
                         MLIST_MISMATCH);

        text[i] ^= 1;

        assert_int_equal(mlist_last_parse(guard_bytes(0, text, i),
                                          guard(1, KEY), &seen),
                         MLIST_MISMATCH);
    }

    text[len] = '\n';

    assert_int_equal(mlist_last_parse(guard_bytes(0, text, len + 1),
                                      guard(1, KEY), &seen),
                     MLIST_MISMATCH);
}


static void
example(mlist_last_t *last)
{
    memset(last, 0, sizeof(mlist_last_t));

    last->name = mlist_str("common/prometheus");
    last->number = 1735689600000000;
    last->type = MLIST_MEDIA_DOCKER_LIST;
    last->missing = 5;

    assert_int_equal(mlist_digest_parse(mlist_str("sha256:" KEY),
                                        &last->docker),
                     MLIST_OK);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_golden),
        cmocka_unit_test(test_again),
        cmocka_unit_test(test_longest),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_damaged)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

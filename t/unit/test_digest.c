/*
 * Digests: what is taken for one, and that they are right.  Without these
 * bytes could be served under a digest that is not theirs.
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "guard.h"
#include "mlist_digest.h"


/* FIPS 180-2, of "abc" */
#define ABC256                                                               \
    "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define ABC512                                                               \
    "sha512:ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"\
    "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
#define EMPTY256                                                             \
    "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


static void test_parse(void **state);
static void test_compute(void **state);
static void test_verify(void **state);
static void test_pieces(void **state);


static void
test_parse(void **state)
{
    size_t          i;
    mlist_digest_t  d;

    static const char *const  bad[] = {
        "", "sha256", "sha256:", ABC256 "0", "sha256:xyz", "sha1:abc",
        "md5:d41d8cd98f00b204e9800998ecf8427e",
        "SHA256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f200"
        "15ad",
        "sha256:BA7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f200"
        "15ad",
        "sha512:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f200"
        "15ad",
        "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20"
        "0/../"
    };

    (void) state;

    assert_int_equal(mlist_digest_parse(guard(0, ABC256), &d), MLIST_OK);
    assert_string_equal(d.text, ABC256);
    assert_int_equal(d.len, MLIST_SHA256_TEXT_LEN);
    assert_int_equal(mlist_digest_parse(guard(0, ABC512), &d), MLIST_OK);
    assert_string_equal(d.text, ABC512);
    assert_int_equal(d.len, MLIST_DIGEST_MAX);

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(mlist_digest_parse(guard(0, bad[i]), &d),
                         MLIST_INVALID);
        assert_string_equal(d.text, ABC512);
    }

    for (i = 0; i < MLIST_DIGEST_MAX; i++) {
        assert_int_equal(mlist_digest_parse(guard_bytes(0, ABC512, i), &d),
                         MLIST_INVALID);
    }
}


static void
test_compute(void **state)
{
    mlist_digest_t  d;
    mlist_str_t     empty = { NULL, 0 };

    (void) state;

    assert_int_equal(mlist_digest_compute(guard(0, "abc"), &d), MLIST_OK);
    assert_string_equal(d.text, ABC256);
    assert_int_equal(d.len, MLIST_SHA256_TEXT_LEN);

    assert_int_equal(mlist_digest_compute(empty, &d), MLIST_OK);
    assert_string_equal(d.text, EMPTY256);
}


static void
test_verify(void **state)
{
    mlist_digest_t  d, e;

    (void) state;

    assert_int_equal(mlist_digest_parse(mlist_str(ABC256), &d), MLIST_OK);
    assert_int_equal(mlist_digest_verify(guard(0, "abc"), &d), MLIST_OK);
    assert_int_equal(mlist_digest_verify(guard(0, "abd"), &d),
                     MLIST_MISMATCH);

    assert_int_equal(mlist_digest_parse(mlist_str(ABC512), &e), MLIST_OK);
    assert_int_equal(mlist_digest_verify(guard(0, "abc"), &e), MLIST_OK);
    assert_int_equal(mlist_digest_verify(guard(0, ""), &e), MLIST_MISMATCH);

    assert_false(mlist_digest_eq(&d, &e));
    assert_true(mlist_digest_eq(&d, &d));

    /* never parsed */

    memset(&d, 0, sizeof(d));
    assert_int_equal(mlist_digest_verify(guard(0, "abc"), &d),
                     MLIST_MISMATCH);
}


static void
test_pieces(void **state)
{
    unsigned char  a[MLIST_SHA256_SIZE], b[MLIST_SHA256_SIZE];
    mlist_str_t    pieces[3];

    (void) state;

    pieces[0] = mlist_str("a");
    pieces[1] = mlist_str(NULL);
    pieces[2] = mlist_str("bc");
    assert_int_equal(mlist_digest_sha256(pieces, 3, a), MLIST_OK);

    pieces[0] = mlist_str("abc");
    assert_int_equal(mlist_digest_sha256(pieces, 1, b), MLIST_OK);
    assert_memory_equal(a, b, sizeof(a));
    assert_int_equal(a[0], 0xba);
    assert_int_equal(a[31], 0xad);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_compute),
        cmocka_unit_test(test_verify),
        cmocka_unit_test(test_pieces)
    };

    return cmocka_run_group_tests_name("digest", tests, NULL, NULL);
}

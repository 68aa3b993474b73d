/*
 * Platforms: parsed, normalised, compared.  Without these a client would not
 * find its image, since each compares in its own way.
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "guard.h"
#include "mlist_platform.h"


static void test_normalise(void **state);
static void test_invalid(void **state);
static void test_bounds(void **state);
static void test_covers(void **state);
static void test_contradicts(void **state);
static void test_equal(void **state);
static mlist_platform_t test_parse(int slot, const char *text);


static void
test_normalise(void **state)
{
    size_t            i, len;
    char              text[MLIST_PLATFORM_TEXT];
    mlist_platform_t  p;

    static const char *const  pairs[][2] = {
        { "linux/amd64", "linux/amd64" },
        { "Linux/AMD64/V3", "linux/amd64/v3" },
        { "linux/x86_64", "linux/amd64" },
        { "linux/x86-64", "linux/amd64" },
        { "linux/amd64/v1", "linux/amd64" },
        { "linux/amd64/1", "linux/amd64" },
        { "linux/x86_64/2", "linux/amd64/v2" },
        { "linux/i386", "linux/386" },
        { "linux/386/v1", "linux/386/v1" },
        { "linux/aarch64", "linux/arm64" },
        { "linux/aarch64/v8", "linux/arm64" },
        { "linux/arm64/8", "linux/arm64" },
        { "linux/arm64/v9", "linux/arm64/v9" },
        { "linux/armhf", "linux/arm/v7" },
        { "linux/armel", "linux/arm/v6" },
        { "linux/armhf/v6", "linux/arm/v6" },
        { "linux/arm", "linux/arm" },
        { "linux/arm/7", "linux/arm/v7" },
        { "linux/arm/v8", "linux/arm/v8" },
        { "linux/ppc64le", "linux/ppc64le" },
        { "linux/ppc64le/8", "linux/ppc64le/8" },
        { "wasi/wasm", "wasi/wasm" },
        { "a.b_c-d/e", "a.b_c-d/e" }
    };

    (void) state;

    for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        p = test_parse(0, pairs[i][0]);
        len = mlist_platform_text(&p, text);

        assert_string_equal(text, pairs[i][1]);
        assert_int_equal(len, strlen(text));

        /* once more makes no difference */

        mlist_platform_normalise(&p);
        (void) mlist_platform_text(&p, text);
        assert_string_equal(text, pairs[i][1]);
    }
}


static void
test_invalid(void **state)
{
    size_t            i;
    mlist_platform_t  p, before;

    static const char *const  bad[] = {
        "", "/", "linux", "linux/", "/amd64", "linux//v7", "linux/arm/",
        "linux/arm/v7/", "linux/arm/v7/x", "lin ux/amd64", "linux/a,b",
        "linux/\xc3\xa4", "linux/amd64\n", "*/amd64", "windows(1)/amd64",
        "//", "///"
    };

    (void) state;

    memset(&before, 'x', sizeof(before));

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        p = before;
        assert_int_equal(mlist_platform_parse(guard(0, bad[i]), &p),
                         MLIST_INVALID);
        assert_memory_equal(&p, &before, sizeof(p));
    }

    assert_int_equal(mlist_platform_parse(guard_bytes(0, "a\0/b", 4), &p),
                     MLIST_INVALID);
}


static void
test_bounds(void **state)
{
    char              text[256], out[MLIST_PLATFORM_TEXT];
    size_t            len;
    mlist_platform_t  p;

    (void) state;

    memset(text, 'a', sizeof(text));
    len = MLIST_PLATFORM_PART - 1;
    text[len] = '/';
    text[2 * len + 1] = '/';

    assert_int_equal(mlist_platform_parse(guard_bytes(0, text, 3 * len + 2),
                                          &p), MLIST_OK);
    assert_int_equal(mlist_platform_text(&p, out), 3 * len + 2);

    assert_int_equal(mlist_platform_parse(guard_bytes(0, text, 3 * len + 3),
                                          &p), MLIST_TOO_LARGE);

    /* a number so long that no "v" fits before it */

    p = test_parse(0, "linux/arm/7");
    memset(p.variant, '1', len);
    p.variant[len] = '\0';
    mlist_platform_normalise(&p);
    assert_int_equal(strlen(p.variant), len);
}


static void
test_covers(void **state)
{
    mlist_platform_t  arm, v7, v6, amd64;

    (void) state;

    arm = test_parse(0, "linux/arm");
    v7 = test_parse(0, "linux/arm/v7");
    v6 = test_parse(0, "linux/arm/v6");
    amd64 = test_parse(0, "linux/amd64");

    assert_true(mlist_platform_covers(&arm, &v7));
    assert_true(mlist_platform_covers(&arm, &arm));
    assert_true(mlist_platform_covers(&v7, &v7));
    assert_false(mlist_platform_covers(&v7, &arm));
    assert_false(mlist_platform_covers(&v7, &v6));
    assert_false(mlist_platform_covers(&amd64, &arm));
}


static void
test_contradicts(void **state)
{
    mlist_platform_t  arm, v7, v6, windows, amd64;

    (void) state;

    arm = test_parse(0, "linux/arm");
    v7 = test_parse(0, "linux/arm/v7");
    v6 = test_parse(0, "linux/arm/v6");
    windows = test_parse(0, "windows/amd64");
    amd64 = test_parse(0, "linux/amd64");

    assert_false(mlist_platform_contradicts(&v7, &arm));
    assert_false(mlist_platform_contradicts(&arm, &v7));
    assert_false(mlist_platform_contradicts(&v7, &v7));
    assert_true(mlist_platform_contradicts(&v7, &v6));
    assert_true(mlist_platform_contradicts(&amd64, &windows));
    assert_true(mlist_platform_contradicts(&amd64, &arm));
}


static void
test_equal(void **state)
{
    mlist_platform_t  a, b;

    (void) state;

    a = test_parse(0, "windows/amd64");
    b = a;
    assert_true(mlist_platform_eq(&a, &b));

    (void) snprintf(b.os_version, sizeof(b.os_version), "10.0");
    assert_false(mlist_platform_eq(&a, &b));
    assert_true(mlist_platform_same_arch(&a, &b));

    b = a;
    (void) snprintf(b.os_features[0], sizeof(b.os_features[0]), "win32k");
    b.nfeatures = 1;
    assert_false(mlist_platform_eq(&a, &b));

    a = b;
    assert_true(mlist_platform_eq(&a, &b));
    a.os_features[0][0] = 'x';
    assert_false(mlist_platform_eq(&a, &b));

    a = test_parse(0, "unknown/unknown");
    assert_true(mlist_platform_is_unknown(&a));
    a = test_parse(0, "unknown/amd64");
    assert_false(mlist_platform_is_unknown(&a));
}


static mlist_platform_t
test_parse(int slot, const char *text)
{
    mlist_platform_t  p;

    if (mlist_platform_parse(guard(slot, text), &p) != MLIST_OK) {
        fail_msg("%s is not taken", text);
    }

    return p;
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_normalise),
        cmocka_unit_test(test_invalid),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_covers),
        cmocka_unit_test(test_contradicts),
        cmocka_unit_test(test_equal)
    };

    return cmocka_run_group_tests_name("platform", tests, NULL, NULL);
}

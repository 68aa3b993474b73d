/*
 * Location headers.  Without this a registry could lead this front, or its
 * clients, to another host than it seems to name.
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "guard.h"
#include "mlist_location.h"


static void test_parts(void **state);
static void test_invalid(void **state);
static void test_bytes(void **state);


static void
test_parts(void **state)
{
    size_t            i;
    mlist_location_t  l;

    static const struct {
        const char  *location;
        const char  *origin;
        const char  *host;
        const char  *path;
    } cases[] = {
        { "/", "", "", "/" },
        { "/v2/a?b=c//d", "", "", "/v2/a?b=c//d" },
        { "/v2/a?b#c?d", "", "", "/v2/a?b" },
        { "/a//b", "", "", "/a//b" },
        { "http://r", "http://r", "r", "" },
        { "http://r/", "http://r", "r", "/" },
        { "HTTP://R:80/a?b", "HTTP://R:80", "R:80", "/a?b" },
        { "https://r?a/b", "https://r", "r", "?a/b" },
        { "https://r#/b", "https://r", "r", "" },
        { "https://[::1]:5000//b", "https://[::1]:5000", "[::1]:5000", "//b" }
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(mlist_location_parse(guard(0, cases[i].location),
                                              &l),
                         MLIST_OK);
        assert_true(mlist_str_eq(l.origin, mlist_str(cases[i].origin)));
        assert_true(mlist_str_eq(l.host, mlist_str(cases[i].host)));
        assert_true(mlist_str_eq(l.path, mlist_str(cases[i].path)));
        assert_int_equal(l.ssl, cases[i].origin[0] != '\0'
                                && cases[i].origin[4] == 's');
    }
}


static void
test_invalid(void **state)
{
    size_t            i;
    mlist_location_t  l;

    static const char  *locations[] = {
        "", "#", "a", "?a", "//r/a", "//", "ftp://r/a", "http:", "http:/r",
        "http:///a", "https://", "https://#r", "https://?r", " http://r",
        "http//r", "httpss://r", "\\\\r"
    };

    (void) state;

    for (i = 0; i < sizeof(locations) / sizeof(locations[0]); i++) {
        assert_int_equal(mlist_location_parse(guard(0, locations[i]), &l),
                         MLIST_INVALID);
    }
}


static void
test_bytes(void **state)
{
    size_t  i;

    static const char  *good[] = {
        "", "/a?b=%2f&c=[d]#e", "https://r:1/a@b", "http://r/?a@b", "/a/b/@"
    };

    static const char  *bad[] = {
        "https://u@r/", "https://u:p@r/", "@", "/@", "//@", "http://r@",
        "http://r?@", "/a b", "/a\tb", "/a\x7f", "/\xc3\xa9", "/\"", "/<",
        "/>", "/\\", "/^", "/`", "/{", "/|", "/}", "/\r\nA: b"
    };

    (void) state;

    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_true(mlist_location_valid(guard(0, good[i])));
    }

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(mlist_location_valid(guard(0, bad[i])));
    }

    assert_false(mlist_location_valid(guard_bytes(0, "/\0", 2)));
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_invalid),
        cmocka_unit_test(test_bytes)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

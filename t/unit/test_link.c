/*
 * The header Link.  Without this one that is misread would end a list early,
 * or lead to what it was made to look like.
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "guard.h"
#include "mlist_link.h"


static void test_next(void **state);
static void test_none(void **state);
static void test_malformed(void **state);
static void test_target(void **state);


static void
test_next(void **state)
{
    size_t       i;
    mlist_str_t  target;

    static const char  *links[] = {
        "<T>; rel=\"next\"",
        "<T>;rel=next",
        " <T> ; rel = next ",
        "<T>; REL=\"Next\"",
        "<T>; rel=\"prev NEXT\"",
        "<T>; title=\"a, <b>; \\\" rel=prev\"; rel=next",
        "<T>; title=\"\\\\\"; rel=next",
        "<T>; title=\"a;b,c\"; rel=next",
        "<T>; crossorigin; rel=next",
        "<a>; rel=prev, <T>; rel=next",
        "<a,b;c>; rel=first , <T>; rel=next",
        ",, <a>, <b>;x=y,\t<T>; rel=\"next\", <c>; rel=next"
    };

    (void) state;

    for (i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
        assert_int_equal(mlist_link_next(guard(0, links[i]), &target), 1);
        assert_true(mlist_str_eq(target, mlist_str("T")));
    }
}


static void
test_none(void **state)
{
    size_t       i;
    mlist_str_t  target;

    static const char  *links[] = {
        "", " ", ",", " , ", "<a>", "<a>, ", "<a>; rel=prev",
        "<a>; rel=\"nextone\"", "<a>; rel=nextpage", "<a>; rel=\"next-page\"",
        "<a>; rel=first; rel=next", "<a>; rev=next", "<a>; rel", "<a>; rel=",
        "<a>;", "<a>; title=next", "<>; rel=\"\""
    };

    (void) state;

    for (i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
        assert_int_equal(mlist_link_next(guard(0, links[i]), &target), 0);
    }
}


static void
test_malformed(void **state)
{
    size_t       i;
    mlist_str_t  target;

    static const char  *links[] = {
        "T; rel=next", "<T", "<", "<T; rel=next", "<T> rel=next",
        "<a>; rel=prev <T>", "<a>; rel=\"prev\"x, <T>; rel=next",
        "<a>; rel=\"next", "<a>; title=\"x; rel=next", "<a>; title=\"\\",
        "<a>; title=\"\\\"", "<a>; rel=\"next\" x", "<a>; rel=prev, b"
    };

    (void) state;

    for (i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
        assert_int_equal(mlist_link_next(guard(0, links[i]), &target), -1);
    }

    assert_int_equal(mlist_link_next(guard_bytes(0, "<T>\0", 4), &target),
                     -1);
}


static void
test_target(void **state)
{
    mlist_str_t  target;

    (void) state;

    assert_int_equal(mlist_link_next(guard(0, "</v2/a?n=1&x=,;>; rel=next"),
                                     &target), 1);
    assert_true(mlist_str_eq(target, mlist_str("/v2/a?n=1&x=,;")));

    assert_int_equal(mlist_link_next(guard(0, "<>; rel=next"), &target), 1);
    assert_int_equal(target.len, 0);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_next),
        cmocka_unit_test(test_none),
        cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_target)
    };

    return cmocka_run_group_tests_name("link", tests, NULL, NULL);
}

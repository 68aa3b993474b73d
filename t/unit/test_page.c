/*
 * Pages of a registry's lists, and the query of the next one.  Without this a
 * page that is misread would shorten a list, and a registry could write into
 * the request that asks for its next page.
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "guard.h"
#include "mlist_page.h"


typedef struct {
    char        text[256];
    size_t      len;
    size_t      n;
    mlist_rc_e  rc;
} names_t;


static void test_read(void **state);
static void test_malformed(void **state);
static void test_take_ends(void **state);
static void test_query(void **state);
static void test_query_hostile(void **state);

static mlist_rc_e take(void *data, mlist_str_t name);
static void assert_query(const char *query, const char *expected);


static mlist_rc_e
take(void *data, mlist_str_t name)
{
    names_t  *names;

    names = data;

    assert_true(name.len + 1 < sizeof(names->text) - names->len);

    memcpy(names->text + names->len, name.data, name.len);
    names->len += name.len;
    names->text[names->len++] = '|';
    names->text[names->len] = '\0';
    names->n++;

    return names->rc;
}


static void
test_read(void **state)
{
    names_t  names;

    (void) state;

    memset(&names, 0, sizeof(names_t));

    assert_int_equal(mlist_page_read(mlist_str("{\"name\":1,\"tags\":"
                                               "[\"b\",\"\",\"a\"]}"),
                                     "tags", take, &names), MLIST_OK);
    assert_string_equal(names.text, "b||a|");

    memset(&names, 0, sizeof(names_t));

    assert_int_equal(mlist_page_read(mlist_str("{\"tags\":null}"), "tags",
                                     take, &names), MLIST_OK);
    assert_int_equal(mlist_page_read(mlist_str("{\"tags\":[]}"), "tags",
                                     take, &names), MLIST_OK);
    assert_int_equal(names.n, 0);
}


static void
test_malformed(void **state)
{
    size_t   i;
    names_t  names;

    static const struct {
        const char  *body;
        mlist_rc_e   rc;
    } bodies[] = {
        { "", MLIST_INVALID },
        { "null", MLIST_INVALID },
        { "[\"a\"]", MLIST_INVALID },
        { "{}", MLIST_INVALID },
        { "{\"repositories\":[]}", MLIST_INVALID },
        { "{\"tags\":\"a\"}", MLIST_INVALID },
        { "{\"tags\":{}}", MLIST_INVALID },
        { "{\"tags\":[1]}", MLIST_INVALID },
        { "{\"tags\":[null]}", MLIST_INVALID },
        { "{\"tags\":[[]]}", MLIST_INVALID },
        { "{\"tags\":[\"a\"", MLIST_INVALID },
        { "{\"tags\":[]}x", MLIST_INVALID },
        { "{\"tags\":[],\"tags\":[]}", MLIST_DUPLICATE }
    };

    (void) state;

    memset(&names, 0, sizeof(names_t));

    for (i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        assert_int_equal(mlist_page_read(guard(0, bodies[i].body), "tags",
                                         take, &names), bodies[i].rc);
        assert_int_equal(names.n, 0);
    }
}


static void
test_take_ends(void **state)
{
    names_t  names;

    (void) state;

    memset(&names, 0, sizeof(names_t));
    names.rc = MLIST_TOO_LARGE;

    assert_int_equal(mlist_page_read(mlist_str("{\"tags\":[\"a\",\"b\"]}"),
                                     "tags", take, &names), MLIST_TOO_LARGE);
    assert_int_equal(names.n, 1);
}


static void
assert_query(const char *query, const char *expected)
{
    char    out[64];
    size_t  len;

    assert_int_equal(mlist_page_query(guard(0, query), out, sizeof(out),
                                      &len), MLIST_OK);
    assert_int_equal(len, strlen(expected));
    assert_memory_equal(out, expected, len);
}


static void
test_query(void **state)
{
    (void) state;

    assert_query("", "");
    assert_query("last=a%2Fb&n=100", "last=a%2Fb&n=100");
    assert_query("n=1&last=a/b", "n=1&last=a%2Fb");
    assert_query("&&a=b&&c&", "a=b&c");
    assert_query("a=b=c", "a=b%3Dc");
    assert_query("a=x%26n%3d5", "a=x%26n%3D5");
    assert_query("a=%41+%20-._~", "a=A%20%20-._~");
    assert_query("a=?:@%00%ff", "a=%3F%3A%40%00%FF");
    assert_query("a&b=c", "a&b=c");
}


static void
test_query_hostile(void **state)
{
    char    out[8];
    size_t  i, len;

    static const char  *queries[] = {
        "a=%", "a=%4", "a=%zz", "a=%4z", "a b", "a=b#c", "a\r\nb", "\x7f",
        "\xc3\xa4"
    };

    (void) state;

    for (i = 0; i < sizeof(queries) / sizeof(queries[0]); i++) {
        assert_int_equal(mlist_page_query(guard(0, queries[i]), out,
                                          sizeof(out), &len),
                         MLIST_INVALID);
    }

    assert_int_equal(mlist_page_query(mlist_str("abcdefgh"), out, sizeof(out),
                                      &len), MLIST_OK);
    assert_int_equal(len, 8);
    assert_int_equal(mlist_page_query(mlist_str("abcdefghi"), out,
                                      sizeof(out), &len), MLIST_TOO_LARGE);
    assert_int_equal(mlist_page_query(mlist_str("abcdef/"), out, sizeof(out),
                                      &len), MLIST_TOO_LARGE);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_take_ends),
        cmocka_unit_test(test_query),
        cmocka_unit_test(test_query_hostile)
    };

    return cmocka_run_group_tests_name("page", tests, NULL, NULL);
}

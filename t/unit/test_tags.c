/*
 * The union of what sources list.  Without this a page could leave a name
 * out, give it twice, or grow without bounds.
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mlist_tags.h"


static void test_union(void **state);
static void test_required(void **state);
static void test_pages(void **state);
static void test_many(void **state);
static void test_orders(void **state);
static void test_bounds(void **state);
static void test_number(void **state);

static void add(mlist_tags_t *tags, const char *text, uint32_t sources,
    int stands);
static void assert_page(const mlist_tags_t *tags, const char *last, size_t n,
    const char *expected, int more);


static void
add(mlist_tags_t *tags, const char *text, uint32_t sources, int stands)
{
    assert_int_equal(mlist_tags_add(tags, mlist_str(text), sources, stands),
                     MLIST_OK);
}


static void
assert_page(const mlist_tags_t *tags, const char *last, size_t n,
    const char *expected, int more)
{
    char               out[256];
    size_t             len;
    mlist_str_t        name;
    mlist_tags_page_t  page;

    name = mlist_str("n");
    page = mlist_tags_page(tags, mlist_str(last), n);

    len = mlist_tags_json(tags, &page, name, NULL);
    assert_true(len < sizeof(out));
    assert_int_equal(mlist_tags_json(tags, &page, name, out), len);

    out[len] = '\0';

    assert_string_equal(out, expected);
    assert_int_equal(page.more, more);
}


static void
test_union(void **state)
{
    mlist_tags_t  tags;

    (void) state;

    memset(&tags, 0, sizeof(mlist_tags_t));

    mlist_tags_finish(&tags, 1, 0);
    assert_page(&tags, "", 9, "{\"name\":\"n\",\"tags\":[]}\n", 0);

    add(&tags, "b", 1, 0);
    add(&tags, "10", 1, 0);
    add(&tags, "1", 2, 0);
    add(&tags, "b", 2, 0);
    add(&tags, "Z", 1, 0);
    add(&tags, "b", 0, 1);

    mlist_tags_finish(&tags, 0, 0);

    assert_int_equal(tags.n, 4);
    assert_int_equal(tags.items[3].sources, 3);
    assert_int_equal(tags.items[3].stands, 1);
    assert_page(&tags, "", 9,
                "{\"name\":\"n\",\"tags\":[\"1\",\"10\",\"Z\",\"b\"]}\n", 0);

    mlist_tags_free(&tags);
    mlist_tags_free(&tags);
    assert_int_equal(tags.n, 0);
}


static void
test_required(void **state)
{
    mlist_tags_t  tags;

    (void) state;

    memset(&tags, 0, sizeof(mlist_tags_t));

    add(&tags, "first", 1, 0);
    add(&tags, "second", 2, 0);
    add(&tags, "both", 1, 0);
    add(&tags, "both", 2, 0);
    add(&tags, "none", 0, 0);
    add(&tags, "stands", 2, 1);

    mlist_tags_finish(&tags, 1, 0);
    assert_page(&tags, "", 9, "{\"name\":\"n\",\"tags\":[\"both\",\"first\","
                              "\"none\",\"stands\"]}\n", 0);

    /* whoever has every tag has this one too */

    mlist_tags_finish(&tags, 1, 2);
    assert_page(&tags, "", 9, "{\"name\":\"n\",\"tags\":[\"both\",\"first\","
                              "\"stands\"]}\n", 0);
    mlist_tags_finish(&tags, 5, 4);
    assert_int_equal(tags.n, 3);

    mlist_tags_free(&tags);
}


static void
test_pages(void **state)
{
    char               out[64];
    size_t             len;
    mlist_tags_t       tags;
    mlist_tags_page_t  page;

    (void) state;

    memset(&tags, 0, sizeof(mlist_tags_t));

    add(&tags, "a", 0, 1);
    add(&tags, "c", 0, 1);
    add(&tags, "b", 0, 1);
    mlist_tags_finish(&tags, 0, 0);

    assert_page(&tags, "", 2, "{\"name\":\"n\",\"tags\":[\"a\",\"b\"]}\n", 1);
    assert_page(&tags, "b", 2, "{\"name\":\"n\",\"tags\":[\"c\"]}\n", 0);
    assert_page(&tags, "aa", 1, "{\"name\":\"n\",\"tags\":[\"b\"]}\n", 1);
    assert_page(&tags, "A", 3,
                "{\"name\":\"n\",\"tags\":[\"a\",\"b\",\"c\"]}\n", 0);
    assert_page(&tags, "", 0, "{\"name\":\"n\",\"tags\":[]}\n", 0);
    assert_page(&tags, "c", 2, "{\"name\":\"n\",\"tags\":[]}\n", 0);
    assert_page(&tags, "\xff", 2, "{\"name\":\"n\",\"tags\":[]}\n", 0);

    page = mlist_tags_page(&tags, mlist_str(""), 1);
    len = mlist_tags_json(&tags, &page, mlist_str(""), out);
    out[len] = '\0';
    assert_string_equal(out, "{\"repositories\":[\"a\"]}\n");

    mlist_tags_free(&tags);
}


static void
test_many(void **state)
{
    char               text[16];
    unsigned           i;
    mlist_tags_t       tags;
    mlist_tags_page_t  page;

    (void) state;

    memset(&tags, 0, sizeof(mlist_tags_t));

    for (i = 0; i < 20000; i++) {
        snprintf(text, sizeof(text), "%05u", i * 7919 % 10000);
        add(&tags, text, 1u << i % 2, 0);
    }

    mlist_tags_finish(&tags, 0, 0);
    assert_int_equal(tags.n, 10000);

    for (i = 0; i < 10000; i++) {
        snprintf(text, sizeof(text), "%05u", i);
        assert_true(mlist_str_eq(tags.items[i].text, mlist_str(text)));

        page = mlist_tags_page(&tags, mlist_str(text), 3);
        assert_int_equal(page.first, i + 1);
    }

    mlist_tags_free(&tags);
}


/* Whatever the order in which they come; some differ in the ninth byte. */

static void
test_orders(void **state)
{
    char          text[16];
    size_t        i, n, step;
    mlist_tags_t  tags;

    (void) state;

    for (n = 1; n < 70; n++) {

        for (step = 1; step <= n; step++) {
            memset(&tags, 0, sizeof(mlist_tags_t));

            for (i = 0; i < 3 * n; i++) {
                snprintf(text, sizeof(text), "release%03u",
                         (unsigned) (i * step % n));
                add(&tags, text, (uint32_t) 1 << (i % n / (n / 8 + 1)), 0);
            }

            mlist_tags_finish(&tags, 0, 0);

            for (i = 0; i < tags.n; i++) {
                snprintf(text, sizeof(text), "release%03u",
                         (unsigned) (i * (n / tags.n)));
                assert_memory_equal(tags.items[i].text.data, text, 10);
                assert_int_not_equal(tags.items[i].sources, 0);
            }

            mlist_tags_free(&tags);
        }
    }
}


static void
test_bounds(void **state)
{
    char          text[256];
    size_t        i;
    mlist_rc_e    rc;
    mlist_str_t   name;
    mlist_tags_t  tags;

    (void) state;

    memset(&tags, 0, sizeof(mlist_tags_t));

    for (i = 0; i < MLIST_TAGS_MAX; i++) {
        add(&tags, "a", 1, 0);
    }

    assert_int_equal(mlist_tags_add(&tags, mlist_str("a"), 1, 0),
                     MLIST_TOO_LARGE);
    mlist_tags_free(&tags);

    memset(text, 'a', sizeof(text));
    name.data = text;
    name.len = 255;

    for (i = 0; i < MLIST_TAGS_MAX; i++) {
        rc = mlist_tags_add(&tags, name, 1, 0);

        if (rc != MLIST_OK) {
            break;
        }
    }

    assert_int_equal(rc, MLIST_TOO_LARGE);
    assert_int_equal(i, MLIST_TAGS_BYTES / 255);

    mlist_tags_free(&tags);
}


static void
test_number(void **state)
{
    size_t  i, n;

    static const char  *bad[] = {
        "", "-1", "-0", "+1", "1 ", " 1", "x", "1x", "1e3", "0x10",
        "99999999999999999999x"
    };

    (void) state;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(mlist_tags_number(mlist_str(bad[i]), &n),
                         MLIST_INVALID);
    }

    assert_int_equal(mlist_tags_number(mlist_str("0"), &n), MLIST_OK);
    assert_int_equal(n, 0);
    assert_int_equal(mlist_tags_number(mlist_str("007"), &n), MLIST_OK);
    assert_int_equal(n, 7);
    assert_int_equal(mlist_tags_number(mlist_str("10000"), &n), MLIST_OK);
    assert_int_equal(n, MLIST_TAGS_PAGE);
    assert_int_equal(mlist_tags_number(mlist_str("10001"), &n), MLIST_OK);
    assert_int_equal(n, MLIST_TAGS_PAGE);
    assert_int_equal(mlist_tags_number(mlist_str("99999999999999999999999"),
                                       &n), MLIST_OK);
    assert_int_equal(n, MLIST_TAGS_PAGE);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_union),
        cmocka_unit_test(test_required),
        cmocka_unit_test(test_pages),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_orders),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_number)
    };

    return cmocka_run_group_tests_name("tags", tests, NULL, NULL);
}

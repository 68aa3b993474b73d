/*
 * What one source's tag is taken for, and what it contributes: every kind of
 * artifact, image and index there is, and what a source may lie about.
 * Without these an artifact would be wrapped, or a lie served.
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"


static void test_check(const char *dir, int backwards);
static void test_case(void **state);
static void test_unfed(void **state);


static void
test_case(void **state)
{
    test_check(*state, 0);
    test_check(*state, 1);
}


static void
test_check(const char *dir, int backwards)
{
    char               text[64];
    mlist_rc_e         rc;
    mlist_str_t        expected;
    const char        *p;
    fixture_source_t   source;

    static const char *const  kinds[] = { "image", "index", "artifact" };

    rc = fixture_resolve(dir, backwards, &source);

    if (rc == MLIST_OK) {
        (void) snprintf(text, sizeof(text), "ok %s %zu",
                        kinds[source.part.kind], source.nwants);
        assert_string_equal(source.problem, "");

    } else {
        (void) snprintf(text, sizeof(text), "%s", fixture_rc(rc));
        assert_null(source.part.json);

        assert_memory_equal(source.problem, "sha", 3);

        for (p = source.problem; *p != '\0'; p++) {
            assert_true(*p >= ' ' && *p <= '~');
        }
    }

    assert_string_equal(text, fixture_text(dir, "expected.txt"));

    expected = fixture_read(dir, "expected.json");

    if (source.part.json != NULL) {
        assert_non_null(expected.data);
        assert_string_equal(fixture_copy(source.part.json, source.part.len),
                            fixture_copy(expected.data, expected.len));

    } else {
        assert_null(expected.data);
    }

    fixture_clean();
}


/* A part is never made of what has not all come. */

static void
test_unfed(void **state)
{
    mlist_str_t       body, type;
    mlist_part_t      part;
    mlist_digest_t    digest;
    mlist_resolve_t  *res;

    static const char  *dir = MLIST_CASES "/resolve/image-docker";

    (void) state;

    body = fixture_read(dir, "input.json");
    type = mlist_str(fixture_text(dir, "type.txt"));
    assert_int_equal(mlist_digest_compute(body, &digest), MLIST_OK);

    res = mlist_resolve_create(NULL, 0);
    assert_non_null(res);
    assert_int_equal(mlist_resolve_root(res, &digest, type, body), MLIST_OK);
    assert_int_equal(mlist_resolve_nwants(res), 1);
    assert_null(mlist_resolve_want(res, 1));
    assert_int_equal(mlist_resolve_feed(res, 1, type, body),
                     MLIST_NOT_FOUND);
    assert_int_equal(mlist_resolve_finish(res, &part), MLIST_INVALID);
    assert_null(part.json);

    mlist_resolve_free(res);
    mlist_resolve_free(NULL);
    fixture_clean();
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_unfed)
    };

    return fixture_run("resolve", test_case)
           + cmocka_run_group_tests_name("resolve calls", tests, NULL, NULL);
}

/*
 * The loader: what it takes and what it refuses, and with which result.
 * Without these, a source's JSON could exhaust the stack or the memory, or
 * mean one thing here and another at a client.
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"
#include "mlist_json.h"


static void test_case(void **state);
static void test_strings(void **state);
static void test_values(void **state);


static void
test_case(void **state)
{
    json_t      *json;
    mlist_rc_e   rc;

    json = NULL;
    rc = mlist_json_load(fixture_read(*state, "input.json"), &json);

    assert_string_equal(fixture_rc(rc), fixture_text(*state, "expected.txt"));
    assert_true((rc == MLIST_OK) == (json != NULL));

    json_decref(json);
    fixture_clean();
}


static void
test_strings(void **state)
{
    json_t  *json;

    (void) state;

    assert_int_equal(mlist_json_load(mlist_str("{\"a\":\"x\",\"b\":1}"),
                                     &json), MLIST_OK);
    assert_int_equal(mlist_json_string(json, "a").len, 1);
    assert_int_equal(mlist_json_string(json, "b").len, 0);
    assert_int_equal(mlist_json_string(json, "c").len, 0);
    assert_int_equal(mlist_json_string(NULL, "c").len, 0);
    json_decref(json);

    assert_int_equal(mlist_json_load(mlist_str(NULL), &json), MLIST_INVALID);
}


static void
test_values(void **state)
{
    char         *data;
    json_t       *json;
    mlist_str_t   s;

    (void) state;

    s.len = 2 * (MLIST_JSON_VALUES + 8);
    data = malloc(s.len);
    assert_non_null(data);
    s.data = data;

    memset(data, ' ', s.len);
    memcpy(data, "{\"a\":[1", 7);
    data[s.len - 2] = ']';
    data[s.len - 1] = '}';

    assert_int_equal(mlist_json_load(s, &json), MLIST_OK);
    json_decref(json);

    for (s.len -= 2; s.len > 8; s.len -= 2) {
        data[s.len - 2] = ',';
        data[s.len - 1] = '1';
    }

    s.len = 2 * (MLIST_JSON_VALUES + 8);
    assert_int_equal(mlist_json_load(s, &json), MLIST_TOO_LARGE);
    free(data);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_strings),
        cmocka_unit_test(test_values)
    };

    return fixture_run("json", test_case)
           + cmocka_run_group_tests_name("json bounds", tests, NULL, NULL);
}

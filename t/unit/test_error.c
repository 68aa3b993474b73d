/*
 * Errors as a registry's clients read them.  Without these a source's text
 * could break out of the JSON.
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "guard.h"
#include "mlist_error.h"


static void test_codes(void **state);
static void test_statuses(void **state);
static void test_json(void **state);
static void test_hostile(void **state);
static void test_short(void **state);


static void
test_codes(void **state)
{
    (void) state;

    assert_string_equal(mlist_error_code(MLIST_ERR_BLOB_UNKNOWN),
                        "BLOB_UNKNOWN");
    assert_string_equal(mlist_error_code(MLIST_ERR_MANIFEST_BLOB_UNKNOWN),
                        "MANIFEST_BLOB_UNKNOWN");
    assert_string_equal(mlist_error_code(MLIST_ERR_MANIFEST_UNKNOWN),
                        "MANIFEST_UNKNOWN");
    assert_string_equal(mlist_error_code(MLIST_ERR_UNSUPPORTED),
                        "UNSUPPORTED");
    assert_string_equal(mlist_error_message(MLIST_ERR_MANIFEST_UNKNOWN),
                        "manifest unknown");
    assert_string_equal(mlist_error_code((mlist_error_e) 99), "UNKNOWN");
}


static void
test_statuses(void **state)
{
    size_t  i;

    static const struct {
        unsigned     status;
        const char  *code;
    } statuses[] = {
        { 400, "UNKNOWN" }, { 401, "UNAUTHORIZED" }, { 403, "DENIED" },
        { 404, "MANIFEST_UNKNOWN" }, { 405, "UNSUPPORTED" },
        { 413, "SIZE_INVALID" }, { 416, "RANGE_INVALID" },
        { 429, "TOOMANYREQUESTS" }, { 500, "UNKNOWN" },
        { 501, "UNSUPPORTED" }, { 502, "UNAVAILABLE" },
        { 503, "UNAVAILABLE" }, { 504, "UNAVAILABLE" }, { 0, "UNKNOWN" }
    };

    (void) state;

    for (i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
        assert_string_equal(
                mlist_error_code(mlist_error_of_status(statuses[i].status)),
                statuses[i].code);
    }
}


static void
test_json(void **state)
{
    char    out[512];
    size_t  len;

    static const char  plain[] =
        "{\"errors\":[{\"code\":\"DENIED\",\"message\":\"requested access to"
        " the resource is denied\",\"detail\":null}]}\n";
    static const char  full[] =
        "{\"errors\":[{\"code\":\"UNKNOWN\",\"message\":\"a \\\"b\\\" \\\\"
        "\",\"detail\":\"\xc3\xa4\xe2\x82\xac\xf0\x9d\x84\x9e\"}]}\n";

    (void) state;

    len = mlist_error_json(MLIST_ERR_DENIED, mlist_str(NULL),
                           mlist_str(NULL), out, sizeof(out));
    assert_int_equal(len, strlen(plain));
    assert_memory_equal(out, plain, len);

    len = mlist_error_json(MLIST_ERR_UNKNOWN, guard(0, "a \"b\" \\"),
                           guard(1, "\xc3\xa4\xe2\x82\xac\xf0\x9d\x84\x9e"),
                           out, sizeof(out));
    assert_int_equal(len, strlen(full));
    assert_memory_equal(out, full, len);
}


/* Every byte alone, and UTF-8 that is none: still JSON, nothing escapes. */

static void
test_hostile(void **state)
{
    int      c;
    char     out[512], byte;
    size_t   i, k, len;
    json_t  *json;

    static const char *const  bad[] = {
        "\xc0\xaf", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80",
        "\xf0\x80\x80\x80", "\xc3", "\xe2\x82", "\xf0\x9d\x84", "\xff",
        "\xc2\x85", "\xc3(", "\x80"
    };

    (void) state;

    for (c = 0; c < 256; c++) {
        byte = (char) c;
        len = mlist_error_json(MLIST_ERR_UNKNOWN, guard_bytes(0, &byte, 1),
                               guard_bytes(1, &byte, 1), out, sizeof(out));

        json = json_loadb(out, len, 0, NULL);
        assert_non_null(json);
        json_decref(json);

        for (k = 0; k < len - 1; k++) {
            assert_true(out[k] >= ' ' && out[k] <= '~');
        }
    }

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        len = mlist_error_json(MLIST_ERR_UNKNOWN, guard(0, bad[i]),
                               guard(1, bad[i]), out, sizeof(out));
        assert_non_null(memchr(out, '?', len));

        json = json_loadb(out, len, 0, NULL);
        assert_non_null(json);
        json_decref(json);
    }
}


static void
test_short(void **state)
{
    char    out[512];
    size_t  size, len;

    (void) state;

    len = mlist_error_json(MLIST_ERR_UNKNOWN, mlist_str("m"),
                           mlist_str("d"), NULL, 100);

    for (size = 0; size <= len; size++) {
        memset(out, '#', sizeof(out));
        assert_int_equal(mlist_error_json(MLIST_ERR_UNKNOWN, mlist_str("m"),
                                          mlist_str("d"), out, size), len);
        assert_int_equal(out[size], '#');
    }

    assert_int_equal(out[len - 1], '\n');
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_codes),
        cmocka_unit_test(test_statuses),
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_short)
    };

    return cmocka_run_group_tests_name("error", tests, NULL, NULL);
}

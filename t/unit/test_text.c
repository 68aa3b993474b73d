/*
 * Views, names, routes, patterns and media types: all that is read from a
 * request or a configuration byte by byte.  Every input ends flush against
 * an unreadable page.  Without these a name could leave its repository, or
 * a walk its buffer.
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "guard.h"
#include "mlist_byte.h"
#include "mlist_media.h"
#include "mlist_name.h"
#include "mlist_pattern.h"
#include "mlist_rc.h"
#include "mlist_route.h"


#define TEST_SMALL   "abcdefghijklmnopqrstuvwxyz"
#define TEST_LARGE   "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define TEST_DIGITS  "0123456789"

#define HEX32   "0123456789abcdef0123456789abcdef"
#define HEX64   HEX32 HEX32
#define HEX128  HEX64 HEX64
#define SHA256  "sha256:" HEX64
#define SHA512  "sha512:" HEX128


typedef struct {
    const char     *path;
    mlist_route_e   kind;
    const char     *name;
    const char     *reference;
} test_route_t;


static void test_str(void **state);
static void test_rc(void **state);
static void test_byte(void **state);
static void test_name(void **state);
static void test_tag(void **state);
static void test_signature_tag(void **state);
static void test_canonical(void **state);
static void test_route(void **state);
static void test_route_prefixes(void **state);
static void test_media(void **state);
static void test_media_valid(void **state);
static void test_pattern(void **state);
static void test_pattern_invert(void **state);
static void test_view(mlist_str_t s, const char *expected);


static const test_route_t  test_routes[] = {
    { "/v2/", MLIST_ROUTE_PING, "", "" },
    { "/v2", MLIST_ROUTE_UNKNOWN, "", "" },
    { "/", MLIST_ROUTE_UNKNOWN, "", "" },
    { "/v1/", MLIST_ROUTE_UNKNOWN, "", "" },
    { "/v2/_catalog", MLIST_ROUTE_CATALOG, "", "" },
    { "/v2/_catalog/", MLIST_ROUTE_UNKNOWN, "", "" },
    { "/v2/a/tags/list", MLIST_ROUTE_TAGS, "a", "" },
    { "/v2/a/b/c/tags/list", MLIST_ROUTE_TAGS, "a/b/c", "" },
    { "/v2/tags/list", MLIST_ROUTE_UNKNOWN, "", "" },
    { "/v2/a/tags/x", MLIST_ROUTE_UNKNOWN, "", "" },
    { "/v2/a/tags/list/", MLIST_ROUTE_UNKNOWN, "", "" },
    { "/v2/a/manifests/1.0", MLIST_ROUTE_TAG, "a", "1.0" },
    { "/v2/tags/list/manifests/x", MLIST_ROUTE_TAG, "tags/list", "x" },
    { "/v2/a/manifests/manifests/x", MLIST_ROUTE_TAG, "a/manifests", "x" },
    { "/v2/a/blobs/uploads/manifests/x", MLIST_ROUTE_TAG,
      "a/blobs/uploads", "x" },
    { "/v2/a/manifests/" SHA256, MLIST_ROUTE_DIGEST, "a", SHA256 },
    { "/v2/a/manifests/" SHA512, MLIST_ROUTE_DIGEST, "a", SHA512 },
    { "/v2/a/manifests/sha256:abc", MLIST_ROUTE_DIGEST_INVALID, "a",
      "sha256:abc" },
    { "/v2/a/manifests/blake3:" HEX64, MLIST_ROUTE_DIGEST_INVALID, "a",
      "blake3:" HEX64 },
    { "/v2/a/manifests/.x", MLIST_ROUTE_TAG_INVALID, "a", ".x" },
    { "/v2/a/manifests/a~b", MLIST_ROUTE_TAG_INVALID, "a", "a~b" },
    { "/v2/a/manifests/", MLIST_ROUTE_UNKNOWN, "", "" },
    { "/v2/manifests/x", MLIST_ROUTE_UNKNOWN, "", "" },
    { "/v2/A/manifests/x", MLIST_ROUTE_NAME_INVALID, "A", "x" },
    { "/v2/_catalog/manifests/x", MLIST_ROUTE_NAME_INVALID, "_catalog",
      "x" },
    { "/v2/A/manifests/.x", MLIST_ROUTE_NAME_INVALID, "A", ".x" },
    { "/v2/a/blobs/" SHA256, MLIST_ROUTE_BLOB, "a", SHA256 },
    { "/v2/a/blobs/x", MLIST_ROUTE_DIGEST_INVALID, "a", "x" },
    { "/v2/a/blobs/uploads/", MLIST_ROUTE_UPLOADS, "a", "" },
    { "/v2/a/blobs/uploads", MLIST_ROUTE_UPLOADS, "a", "" },
    { "/v2/A/blobs/uploads/", MLIST_ROUTE_NAME_INVALID, "A", "" },
    { "/v2/blobs/uploads/", MLIST_ROUTE_UNKNOWN, "", "" },
    { "/v2/blobs/uploads/x", MLIST_ROUTE_UNKNOWN, "", "" },
    { "/v2/xblobs/uploads/x", MLIST_ROUTE_UNKNOWN, "", "" },
    { "/v2//blobs/uploads/", MLIST_ROUTE_UNKNOWN, "", "" },
    { "/v2//blobs/uploads/x", MLIST_ROUTE_UNKNOWN, "", "" },
    { "/v2//blobs/uploads", MLIST_ROUTE_UNKNOWN, "", "" },
    { "/v2//tags/list", MLIST_ROUTE_UNKNOWN, "", "" },
    { "/v2//manifests/x", MLIST_ROUTE_UNKNOWN, "", "" },
    { "/v2/a/blobs/uploads/0-1_2.3=", MLIST_ROUTE_UPLOAD, "a",
      "0-1_2.3=" },
    { "/v2/a/blobs/uploads/x/y", MLIST_ROUTE_UNKNOWN, "", "" },
    { "/v2/a/b/blobs/uploads/" SHA256, MLIST_ROUTE_UPLOAD, "a/b", SHA256 },
    { "/v2/a/referrers/" SHA256, MLIST_ROUTE_REFERRERS, "a", SHA256 },
    { "/v2/a/referrers/x", MLIST_ROUTE_DIGEST_INVALID, "a", "x" },
    { "/v2/a", MLIST_ROUTE_UNKNOWN, "", "" },
    { "/v2/a/b", MLIST_ROUTE_UNKNOWN, "", "" }
};


static void
test_str(void **state)
{
    mlist_str_t  empty = { NULL, 0 };

    (void) state;

    assert_true(mlist_str_eq(empty, mlist_str("")));
    assert_true(mlist_str_eq(guard(0, "abc"), guard(1, "abc")));
    assert_false(mlist_str_eq(guard(0, "abc"), guard(1, "ab")));
    assert_false(mlist_str_eq(guard(0, "abc"), guard(1, "abd")));

    assert_true(mlist_str_caseeq(guard(0, "aBc-1"), guard(1, "AbC-1")));
    assert_false(mlist_str_caseeq(guard(0, "a["), guard(1, "a{")));
    assert_false(mlist_str_caseeq(guard(0, "a"), guard(1, "ab")));
    assert_true(mlist_str_caseeq(empty, mlist_str("")));

    assert_true(mlist_str_starts(guard(0, "abc"), guard(1, "ab")));
    assert_true(mlist_str_starts(guard(0, "abc"), empty));
    assert_false(mlist_str_starts(guard(0, "a"), guard(1, "ab")));
    assert_true(mlist_str_ends(guard(0, "abc"), guard(1, "bc")));
    assert_true(mlist_str_ends(empty, empty));
    assert_false(mlist_str_ends(guard(0, "c"), guard(1, "bc")));

    test_view(mlist_str_trim(guard(0, " \t a b \t")), "a b");
    test_view(mlist_str_trim(guard(0, " \t ")), "");
    test_view(mlist_str_trim(empty), "");
}


static void
test_rc(void **state)
{
    int  rc;

    (void) state;

    for (rc = MLIST_OK; rc <= MLIST_NOT_FOUND; rc++) {
        assert_string_not_equal(mlist_rc_text((mlist_rc_e) rc),
                                "unknown result");
    }

    assert_string_equal(mlist_rc_text((mlist_rc_e) 99), "unknown result");
}


/* Each byte alone: in a class, or not. */

static void
test_byte(void **state)
{
    int     c;
    char    byte;
    size_t  i;

    static const struct {
        unsigned     class;
        const char  *bytes;
    } classes[] = {
        { MLIST_BYTE_PATH, TEST_SMALL TEST_LARGE TEST_DIGITS "._~:=+@-" },
        { MLIST_BYTE_NAME, TEST_SMALL TEST_DIGITS },
        { MLIST_BYTE_TAG, TEST_SMALL TEST_LARGE TEST_DIGITS "._-" },
        { MLIST_BYTE_HEX, TEST_DIGITS "abcdef" }
    };

    (void) state;

    for (i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {

        for (c = 0; c < 256; c++) {
            byte = (char) c;

            assert_int_equal(mlist_byte_span(guard_bytes(0, &byte, 1), 0,
                                             classes[i].class),
                             memchr(classes[i].bytes, byte,
                                    strlen(classes[i].bytes)) != NULL);
        }
    }

    for (i = 0; i < 12; i++) {
        assert_int_equal(mlist_byte_span(guard(0, "abcdef012345" + i), 0,
                                         MLIST_BYTE_HEX), 12 - i);
        assert_int_equal(mlist_byte_span(guard(0, "abcdef01234/ab"), i,
                                         MLIST_BYTE_HEX), 11);
    }

    assert_int_equal(mlist_byte_span(guard(0, "a/bc"), 2, MLIST_BYTE_NAME),
                     4);
    assert_int_equal(mlist_byte_span(guard(0, "ab"), 2, MLIST_BYTE_NAME), 2);
    assert_int_equal(mlist_byte_span(guard(0, ""), 0, MLIST_BYTE_NAME), 0);
}


static void
test_name(void **state)
{
    char    name[MLIST_NAME_MAX + 1];
    size_t  i;

    static const char *const  good[] = {
        "a", "0", "library/nginx", "a.b", "a_b", "a__b", "a-b", "a---b",
        "a/b/c/d", "arm32v7/app", "a.b_c-d__e/f"
    };

    static const char *const  bad[] = {
        "", "/", "a/", "/a", "a//b", "A", "a/B", "-a", "a-", ".a", "a.",
        "_a", "a_", "a..b", "a___b", "a._b", "a.-b", "a-_b", "a b", "a:b",
        "a@b", "..", "a/../b", "a\n", "\xc3\xa4", "a%2fb", "a~b"
    };

    (void) state;

    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_true(mlist_name_valid(guard(0, good[i])));
    }

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(mlist_name_valid(guard(0, bad[i])));
    }

    assert_false(mlist_name_valid(guard_bytes(0, "a\0b", 3)));

    memset(name, 'a', sizeof(name));
    assert_true(mlist_name_valid(guard_bytes(0, name, MLIST_NAME_MAX)));
    assert_false(mlist_name_valid(guard_bytes(0, name, MLIST_NAME_MAX + 1)));
}


static void
test_tag(void **state)
{
    char    tag[MLIST_TAG_MAX + 1];
    size_t  i;

    static const char *const  good[] = {
        "a", "_", "A", "0", "1.0-arm", "_a.b-C", "latest", "a..", "a--"
    };

    static const char *const  bad[] = {
        "", ".a", "-a", "a b", "a/b", "a:b", "a+b", "a*", "\xc3\xa4", "a\n"
    };

    (void) state;

    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_true(mlist_name_tag_valid(guard(0, good[i])));
    }

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(mlist_name_tag_valid(guard(0, bad[i])));
    }

    memset(tag, 'a', sizeof(tag));
    assert_true(mlist_name_tag_valid(guard_bytes(0, tag, MLIST_TAG_MAX)));
    assert_false(mlist_name_tag_valid(guard_bytes(0, tag,
                                                  MLIST_TAG_MAX + 1)));
}


static void
test_signature_tag(void **state)
{
    size_t  i;

    static const char *const  good[] = {
        "sha256-" HEX64, "sha256-" HEX64 ".sig", "sha256-" HEX64 ".att",
        "sha256-" HEX64 ".sbom", "sha512-" HEX64, "sha512-" HEX128
    };

    static const char *const  bad[] = {
        "", "sha256-", ".sig", "sha256-.sig", "sha256-" HEX32,
        "sha256-" HEX64 "0", "sha256-" HEX64 ".sig.sig",
        "sha256-" HEX64 ".txt", "sha256:" HEX64, "sha1-" HEX64,
        "sha256-" HEX32 "0123456789ABCDEF0123456789ABCDEF", "latest"
    };

    (void) state;

    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_true(mlist_name_is_signature_tag(guard(0, good[i])));
    }

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(mlist_name_is_signature_tag(guard(0, bad[i])));
    }
}


static void
test_canonical(void **state)
{
    size_t  i;

    static const char *const  good[] = {
        "/", "/v2/", "/v2/a/manifests/sha256:0", "/a/.b/..c/d.",
        "/v2/a/blobs/uploads/x_y.z=+@~-", "/..."
    };

    static const char *const  bad[] = {
        "", "v2/", "//", "/v2//a", "/v2/a//", "/.", "/..", "/a/.", "/a/..",
        "/a/./b", "/a/../b", "/a/./", "/a/../", "/a%2fb", "/a?b", "/a#b",
        "/a b", "/a\\b", "/a\nb", "/\xc3\xa4", "/a;b", "/a*b", "/a\"b"
    };

    (void) state;

    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_true(mlist_route_canonical(guard(0, good[i])));
    }

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(mlist_route_canonical(guard(0, bad[i])));
    }

    assert_false(mlist_route_canonical(guard_bytes(0, "/a\0b", 4)));
}


static void
test_route(void **state)
{
    size_t               i;
    mlist_route_t        route;
    const test_route_t  *t;

    (void) state;

    for (i = 0; i < sizeof(test_routes) / sizeof(test_routes[0]); i++) {
        t = &test_routes[i];
        route = mlist_route_parse(guard(0, t->path));

        if (route.kind != t->kind) {
            fail_msg("%s: kind %d, expected %d", t->path, route.kind,
                     t->kind);
        }

        assert_true(!mlist_route_strict(route.kind)
                    || mlist_route_canonical(guard(1, t->path)));

        if (t->kind != MLIST_ROUTE_UNKNOWN) {
            test_view(route.name, t->name);
            test_view(route.reference, t->reference);
        }
    }

    /* also what the caller should never pass */

    route = mlist_route_parse(guard(0, ""));
    assert_int_equal(route.kind, MLIST_ROUTE_UNKNOWN);
    route = mlist_route_parse(guard(0, "/v2///"));
    assert_int_equal(route.kind, MLIST_ROUTE_UNKNOWN);
}


/* Every prefix of every path, in case one of them makes it walk too far. */

static void
test_route_prefixes(void **state)
{
    size_t       i, len;
    const char  *path;
    mlist_str_t  s;

    (void) state;

    for (i = 0; i < sizeof(test_routes) / sizeof(test_routes[0]); i++) {
        path = test_routes[i].path;

        for (len = 0; len <= strlen(path); len++) {
            s = guard_bytes(0, path, len);
            assert_true(mlist_route_canonical(s)
                        || !mlist_route_strict(mlist_route_parse(s).kind));
            (void) mlist_name_valid(s);
            (void) mlist_name_tag_valid(s);
            (void) mlist_media_parse(s);
            (void) mlist_media_valid(s);
        }
    }
}


static void
test_media(void **state)
{
    int          i;
    char         upper[128];
    const char  *text;

    (void) state;

    for (i = MLIST_MEDIA_DOCKER_MANIFEST; i <= MLIST_MEDIA_OCI_CONFIG; i++) {
        text = mlist_media_text((mlist_media_e) i);

        assert_string_not_equal(text, "");
        assert_int_equal(mlist_media_parse(guard(0, text)), i);
        assert_true(mlist_media_valid(guard(0, text)));

        (void) snprintf(upper, sizeof(upper), "  %s ; charset=\"x\"", text);
        upper[2] = 'A';
        assert_int_equal(mlist_media_parse(guard(0, upper)), i);
    }

    assert_string_equal(mlist_media_text(MLIST_MEDIA_OTHER), "");
    assert_string_equal(mlist_media_text((mlist_media_e) 99), "");
    assert_int_equal(mlist_media_parse(guard(0, "")), MLIST_MEDIA_OTHER);
    assert_int_equal(mlist_media_parse(guard(0, ";")), MLIST_MEDIA_OTHER);
    assert_int_equal(mlist_media_parse(guard(0, "text/html")),
                     MLIST_MEDIA_OTHER);
    assert_int_equal(mlist_media_parse(mlist_str(NULL)), MLIST_MEDIA_OTHER);

    assert_true(mlist_media_is_list(MLIST_MEDIA_DOCKER_LIST));
    assert_true(mlist_media_is_list(MLIST_MEDIA_OCI_INDEX));
    assert_false(mlist_media_is_list(MLIST_MEDIA_OCI_MANIFEST));
    assert_true(mlist_media_is_manifest(MLIST_MEDIA_OCI_MANIFEST));
    assert_false(mlist_media_is_manifest(MLIST_MEDIA_OCI_ARTIFACT));
    assert_true(mlist_media_is_image_config(MLIST_MEDIA_DOCKER_CONFIG));
    assert_false(mlist_media_is_image_config(MLIST_MEDIA_OTHER));
}


static void
test_media_valid(void **state)
{
    char    type[MLIST_MEDIA_TYPE_MAX + 1];
    size_t  i;

    static const char *const  good[] = {
        "a/b", "application/vnd.oci.image.layer.v1.tar+gzip", "A/0",
        "a!#$&-^_.+/b!#$&-^_.+"
    };

    static const char *const  bad[] = {
        "", "a", "a/", "/b", "/", "a/b/c", "a/b;c=d", "a b/c", "a/b\r\n",
        "a/b\"", "*/*", "a/.b", "+a/b", "\xc3\xa4/b", "a/b ", "a%/b"
    };

    (void) state;

    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_true(mlist_media_valid(guard(0, good[i])));
    }

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(mlist_media_valid(guard(0, bad[i])));
    }

    memset(type, 'a', sizeof(type));
    type[127] = '/';
    assert_true(mlist_media_valid(guard_bytes(0, type, 255)));
    assert_false(mlist_media_valid(guard_bytes(0, type, 256)));
    assert_false(mlist_media_valid(guard_bytes(0, "a\0/b", 4)));
}


static void
test_pattern(void **state)
{
    char             out[16];
    mlist_pattern_t  p;

    (void) state;

    assert_int_equal(mlist_pattern_parse(guard(0, ""), &p), MLIST_INVALID);
    assert_int_equal(mlist_pattern_parse(guard(0, "**"), &p), MLIST_INVALID);
    assert_int_equal(mlist_pattern_parse(guard(0, "*a*"), &p),
                     MLIST_INVALID);

    assert_int_equal(mlist_pattern_parse(guard(0, "*"), &p), MLIST_OK);
    assert_true(mlist_pattern_is_identity(&p));
    assert_int_equal(mlist_pattern_apply(&p, guard(1, "1.0"), out, 3), 3);
    assert_memory_equal(out, "1.0", 3);

    assert_int_equal(mlist_pattern_parse(guard(0, "v*-arm"), &p), MLIST_OK);
    assert_false(mlist_pattern_is_identity(&p));
    assert_int_equal(mlist_pattern_apply(&p, guard(1, "1.0"), out, 8), 8);
    assert_memory_equal(out, "v1.0-arm", 8);
    assert_int_equal(mlist_pattern_apply(&p, guard(1, "1.0"), out, 7), 0);
    assert_int_equal(mlist_pattern_apply(&p, guard(1, "1.0"), out, 0), 0);

    assert_int_equal(mlist_pattern_parse(guard(0, "fix"), &p), MLIST_OK);
    assert_false(mlist_pattern_is_identity(&p));
    assert_int_equal(mlist_pattern_apply(&p, guard(1, "1.0"), out, 3), 3);
    assert_memory_equal(out, "fix", 3);
}


static void
test_pattern_invert(void **state)
{
    mlist_str_t      what;
    mlist_pattern_t  p;

    (void) state;

    assert_int_equal(mlist_pattern_parse(guard(0, "a*a"), &p), MLIST_OK);
    assert_false(mlist_pattern_invert(&p, guard(1, ""), &what));
    assert_false(mlist_pattern_invert(&p, guard(1, "a"), &what));
    assert_false(mlist_pattern_invert(&p, guard(1, "aa"), &what));
    assert_true(mlist_pattern_invert(&p, guard(1, "aaa"), &what));
    test_view(what, "a");
    assert_false(mlist_pattern_invert(&p, guard(1, "aab"), &what));
    assert_false(mlist_pattern_invert(&p, guard(1, "baa"), &what));

    assert_int_equal(mlist_pattern_parse(guard(0, "*-arm"), &p), MLIST_OK);
    assert_true(mlist_pattern_invert(&p, guard(1, "1.0-arm"), &what));
    test_view(what, "1.0");
    assert_false(mlist_pattern_invert(&p, guard(1, "-arm"), &what));

    assert_int_equal(mlist_pattern_parse(guard(0, "*"), &p), MLIST_OK);
    assert_false(mlist_pattern_invert(&p, guard(1, ""), &what));
    assert_true(mlist_pattern_invert(&p, guard(1, "x"), &what));
    test_view(what, "x");

    assert_int_equal(mlist_pattern_parse(guard(0, "fix"), &p), MLIST_OK);
    assert_false(mlist_pattern_invert(&p, guard(1, "fix"), &what));
}


static void
test_view(mlist_str_t s, const char *expected)
{
    if (!mlist_str_eq(s, mlist_str(expected))) {
        fail_msg("\"%.*s\", expected \"%s\"", (int) s.len,
                 s.data != NULL ? s.data : "", expected);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_str),
        cmocka_unit_test(test_rc),
        cmocka_unit_test(test_byte),
        cmocka_unit_test(test_name),
        cmocka_unit_test(test_tag),
        cmocka_unit_test(test_signature_tag),
        cmocka_unit_test(test_canonical),
        cmocka_unit_test(test_route),
        cmocka_unit_test(test_route_prefixes),
        cmocka_unit_test(test_media),
        cmocka_unit_test(test_media_valid),
        cmocka_unit_test(test_pattern),
        cmocka_unit_test(test_pattern_invert)
    };

    return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}

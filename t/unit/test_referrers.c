/*
 * Referrers of several registries in one answer, and what a query and a Link
 * header say.  Without these a signature that one registry has would be
 * hidden by another one's answer, or half of a list be taken for all of it.
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "guard.h"
#include "mlist_referrers.h"


#define A  "sha256:" "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"                       \
           "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B  "sha256:" "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"                       \
           "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define OM     "application/vnd.oci.image.manifest.v1+json"
#define OI     "application/vnd.oci.image.index.v1+json"
#define HEAD   "{\"schemaVersion\":2,\"mediaType\":\"" OI "\","
#define BEGIN  HEAD "\"manifests\":["
#define END    "]}"
#define ENTRY(digest, rest)                                                  \
    "{\"mediaType\":\"" OM "\",\"digest\":\"" digest "\",\"size\":7" rest "}"
#define SBOM   ",\"artifactType\":\"application/spdx+json\""
#define NOTE                                                                 \
    ",\"artifactType\":\"a/b\",\"annotations\":{\"k\":\"\\u00e9\"},"          \
    "\"x\":[1]"


static void test_merged(void **state);
static void test_refused(void **state);
static void test_bound(void **state);
static void test_type(void **state);
static void test_query(void **state);
static void test_tag(void **state);

static mlist_rc_e merged(const char *const *pages, const char *type,
    char **out, size_t *len);
static void merged_is(const char *const *pages, const char *type,
    const char *expected);


static mlist_rc_e
merged(const char *const *pages, const char *type, char **out, size_t *len)
{
    mlist_rc_e         rc;
    mlist_referrers_t  referrers;

    assert_int_equal(mlist_referrers_init(&referrers), MLIST_OK);

    for (rc = MLIST_OK; *pages != NULL && rc == MLIST_OK; pages++) {
        rc = mlist_referrers_add(&referrers, guard(0, *pages),
                                 mlist_str(type));
    }

    if (rc == MLIST_OK) {
        rc = mlist_referrers_write(&referrers, out, len);
    }

    mlist_referrers_free(&referrers);

    return rc;
}


static void
merged_is(const char *const *pages, const char *type, const char *expected)
{
    char    *out;
    size_t   len;

    assert_int_equal(merged(pages, type, &out, &len), MLIST_OK);
    assert_int_equal(len, strlen(expected));
    assert_memory_equal(out, expected, len);

    free(out);
}


static void
test_merged(void **state)
{
    static const char *const  none[] = { NULL };
    static const char *const  empty[] = {
        BEGIN END, "{\"schemaVersion\":2,\"manifests\":[]}", NULL
    };
    static const char *const  two[] = {
        BEGIN ENTRY(B, SBOM) "," ENTRY(B, "") END,
        BEGIN ENTRY(A, NOTE) "," ENTRY(B, NOTE) END, NULL
    };

    (void) state;

    merged_is(none, "", BEGIN END);
    merged_is(empty, "", BEGIN END);
    merged_is(two, "", BEGIN ENTRY(B, SBOM) ","
                       ENTRY(A, ",\"artifactType\":\"a/b\","
                                "\"annotations\":{\"k\":\"\xc3\xa9\"},"
                                "\"x\":[1]") END);
    merged_is(two, "application/spdx+json", BEGIN ENTRY(B, SBOM) END);
    merged_is(two, "application/SPDX+json", BEGIN END);
    merged_is(two, "application/spdx", BEGIN END);
}


static void
test_refused(void **state)
{
    char        *out;
    size_t       i, len;
    const char  *pages[3];

    static const struct {
        const char  *page;
        mlist_rc_e   rc;
    } cases[] = {
        { "", MLIST_INVALID },
        { "[]", MLIST_INVALID },
        { "{\"schemaVersion\":2}", MLIST_INVALID },
        { "{\"manifests\":[]}", MLIST_INVALID },
        { "{\"schemaVersion\":2,\"manifests\":null}", MLIST_INVALID },
        { HEAD "\"manifests\":{}}", MLIST_INVALID },
        { HEAD "\"manifests\":[],\"config\":{}}", MLIST_INVALID },
        { "{\"schemaVersion\":2,\"mediaType\":\"" OM "\",\"manifests\":[]}",
          MLIST_MISMATCH },
        { BEGIN "1" END, MLIST_INVALID },
        { BEGIN "null" END, MLIST_INVALID },
        { BEGIN ENTRY("sha256:aa", "") END, MLIST_INVALID },
        { BEGIN ENTRY(A, ",\"artifactType\":1") END, MLIST_INVALID },
        { BEGIN ENTRY(A, ",\"annotations\":{\"a\":1}") END, MLIST_INVALID },
        { BEGIN ENTRY(A, ",\"size\":8") END, MLIST_DUPLICATE },
        { BEGIN ENTRY(A, "") "," END, MLIST_INVALID },
        { BEGIN ENTRY(A, "") "]", MLIST_INVALID },
        { BEGIN "{\"digest\":\"" A "\",\"size\":1}" END, MLIST_INVALID }
    };

    (void) state;

    pages[0] = BEGIN ENTRY(B, "") END;
    pages[2] = NULL;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pages[1] = cases[i].page;

        /* also where the filter would leave it out */

        assert_int_equal(merged(pages, "", &out, &len), cases[i].rc);
        assert_int_equal(merged(pages, "a/b", &out, &len), cases[i].rc);
    }
}


static void
test_bound(void **state)
{
    char               page[512];
    int                n;
    mlist_rc_e         rc;
    mlist_referrers_t  referrers;

    (void) state;

    assert_int_equal(mlist_referrers_init(&referrers), MLIST_OK);

    for (n = 0; n <= MLIST_REFERRERS_MAX; n++) {
        assert_true((size_t) snprintf(page, sizeof(page),
                                      BEGIN "{\"mediaType\":\"" OM "\","
                                      "\"size\":1,\"digest\":\"sha256:%064x\"}"
                                      END, (unsigned) n)
                    < sizeof(page));

        rc = mlist_referrers_add(&referrers, mlist_str(page),
                                 mlist_str(NULL));
        assert_int_equal(rc, n < MLIST_REFERRERS_MAX ? MLIST_OK
                                                     : MLIST_TOO_LARGE);
    }

    mlist_referrers_free(&referrers);
}


static void
test_type(void **state)
{
    char         out[MLIST_REFERRERS_TYPE_MAX], big[1024];
    size_t       i, len;
    mlist_str_t  type;

    static const struct {
        const char  *query;
        mlist_rc_e   rc;
        const char  *type;
    } cases[] = {
        { "", MLIST_OK, "" },
        { "artifactType", MLIST_OK, "" },
        { "artifactType=", MLIST_OK, "" },
        { "ns=docker.io&n=1", MLIST_OK, "" },
        { "xartifactType=a/b", MLIST_OK, "" },
        { "artifactType=application/spdx+json", MLIST_OK,
          "application/spdx+json" },
        { "n=1&&artifactType=application%2Fspdx%2bjson&artifactType=c/d",
          MLIST_OK, "application/spdx+json" },
        { "artifactType=%", MLIST_INVALID, NULL },
        { "artifactType=a/b%2", MLIST_INVALID, NULL },
        { "artifactType=a/b%2x", MLIST_INVALID, NULL },
        { "artifactType=a/b%g0", MLIST_INVALID, NULL },
        { "artifactType=a/b%00", MLIST_INVALID, NULL },
        { "artifactType=a/b%0d%0a", MLIST_INVALID, NULL },
        { "artifactType=ab", MLIST_INVALID, NULL },
        { "artifactType=a/b%26c=d", MLIST_INVALID, NULL },
        { "artifactType=a/b c", MLIST_INVALID, NULL }
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(mlist_referrers_type(
                             guard(0, cases[i].query), out,
                             &type),
                         cases[i].rc);

        if (cases[i].rc == MLIST_OK) {
            assert_true(mlist_str_eq(type, mlist_str(cases[i].type)));
        }
    }

    len = sizeof("artifactType=") - 1 + MLIST_REFERRERS_TYPE_MAX;
    memset(big, 'a', sizeof(big));
    memcpy(big, "artifactType=a/", sizeof("artifactType=a/") - 1);
    big[len - 127] = '/';
    big[len + 1] = '\0';

    assert_int_equal(mlist_referrers_type(mlist_str(big), out, &type),
                     MLIST_TOO_LARGE);
}


static void
test_query(void **state)
{
    char         out[MLIST_REFERRERS_QUERY_MAX], text[MLIST_REFERRERS_TYPE_MAX];
    char         again[MLIST_REFERRERS_TYPE_MAX];
    size_t       len;
    mlist_str_t  type, query, got;

    static const char  expected[] = "?artifactType=a%2Fb.c-d_e%2Bf%24%26";

    (void) state;

    assert_int_equal(mlist_referrers_query(mlist_str(""), out), 0);

    type = mlist_str("a/b.c-d_e+f$&");
    len = mlist_referrers_query(type, out);
    assert_int_equal(len, sizeof(expected) - 1);
    assert_memory_equal(out, expected, len);

    query.data = out + 1;
    query.len = len - 1;
    assert_int_equal(mlist_referrers_type(query, again, &got), MLIST_OK);
    assert_true(mlist_str_eq(got, type));

    memset(text, '&', sizeof(text));
    type.data = text;
    type.len = sizeof(text);
    assert_int_equal(mlist_referrers_query(type, out), sizeof(out));
}


static void
test_tag(void **state)
{
    char            out[MLIST_REFERRERS_TAG_MAX], text[7 + 128 + 1];
    size_t          len;
    mlist_digest_t  digest;

    (void) state;

    assert_int_equal(mlist_digest_parse(mlist_str(A), &digest), MLIST_OK);
    len = mlist_referrers_tag(&digest, out);
    assert_int_equal(len, 7 + 64);
    assert_memory_equal(out, "sha256-aaaa", 11);
    assert_int_equal(out[70], 'a');

    /* cut to 64 digits, as the specification has it */

    memset(text, 'b', sizeof(text));
    memcpy(text, "sha512:", 7);
    text[sizeof(text) - 1] = '\0';
    assert_int_equal(mlist_digest_parse(mlist_str(text), &digest), MLIST_OK);
    len = mlist_referrers_tag(&digest, out);
    assert_int_equal(len, 7 + 64);
    assert_memory_equal(out, "sha512-bbbb", 11);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_merged),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_bound),
        cmocka_unit_test(test_type),
        cmocka_unit_test(test_query),
        cmocka_unit_test(test_tag)
    };

    return cmocka_run_group_tests_name("referrers", tests, NULL, NULL);
}

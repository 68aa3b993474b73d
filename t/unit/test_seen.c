/*
 * Records of what flights have seen.  Without these the status page could
 * tell of a tag what was never so, or a damaged record could bring a worker
 * down.
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "guard.h"
#include "mlist_seen.h"


static void test_round_trip(void **state);
static void test_bounds(void **state);
static void test_damaged(void **state);
static void test_digests(void **state);
static void test_list(void **state);
static void test_words(void **state);
static void fill(mlist_seen_t *seen);
static mlist_digest_t digest(const char *text);


static unsigned char  record[MLIST_SEEN_MAX];


static void
test_round_trip(void **state)
{
    size_t        len;
    mlist_seen_t  in, out;

    (void) state;

    fill(&in);

    assert_int_equal(mlist_seen_write(&in, record, sizeof(record), &len),
                     MLIST_OK);

    /* what the zone has room for beside a list */
    assert_in_range(len, 100, 400);

    assert_int_equal(mlist_seen_read(guard_bytes(0, (char *) record, len),
                                     &out),
                     MLIST_OK);

    assert_int_equal(out.when, in.when);
    assert_memory_equal(out.place, in.place, MLIST_SEEN_PLACE);
    assert_int_equal(out.verdict, MLIST_SEEN_PARTIAL);
    assert_true(mlist_str_eq(out.name, in.name));
    assert_true(mlist_str_eq(out.tag, in.tag));
    assert_int_equal(out.nsources, 3);
    assert_int_equal(out.sources[0].what, MLIST_SEEN_PRESENT);
    assert_memory_equal(&out.sources[0].digest, &in.sources[0].digest,
                        sizeof(mlist_seen_digest_t));
    assert_int_equal(out.sources[1].what, MLIST_SEEN_STATUS);
    assert_int_equal(out.sources[1].left_out, 1);
    assert_int_equal(out.sources[1].status, 503);
    assert_int_equal(out.sources[1].ms, 70000);
    assert_true(mlist_str_eq(out.sources[2].reason, in.sources[2].reason));
    assert_int_equal(out.nchildren, 2);
    assert_int_equal(out.children[1].size, (uint64_t) 1 << 40);
    assert_int_equal(out.children[1].source, MLIST_SEEN_NOBODY);
    assert_true(mlist_str_eq(out.children[1].platform,
                             in.children[1].platform));
}


static void
test_bounds(void **state)
{
    char           text[1000];
    size_t         len, size;
    mlist_seen_t   in, out;
    mlist_str_t    view;

    (void) state;

    memset(text, 'r', sizeof(text));

    fill(&in);
    in.reason.data = text;
    in.reason.len = sizeof(text);
    in.nchildren = 1000;

    assert_int_equal(mlist_seen_write(&in, record, sizeof(record), &len),
                     MLIST_OK);

    view.data = (char *) record;
    view.len = len;

    assert_int_equal(mlist_seen_read(view, &out), MLIST_OK);
    assert_int_equal(out.reason.len, MLIST_SEEN_TEXT);
    assert_int_equal(out.nchildren, 1000);

    for (size = 0; size < len; size++) {
        assert_int_equal(mlist_seen_write(&in, record, size, &len),
                         MLIST_TOO_LARGE);
    }
}


static void
test_damaged(void **state)
{
    char           copy[1024];
    size_t         i, len;
    unsigned       bit;
    mlist_seen_t   in, out;

    (void) state;

    fill(&in);

    assert_int_equal(mlist_seen_write(&in, record, sizeof(copy), &len),
                     MLIST_OK);

    for (i = 0; i < len; i++) {
        assert_int_equal(mlist_seen_read(guard_bytes(0, (char *) record, i),
                                         &out),
                         MLIST_INVALID);
    }

    for (i = 0; i < len; i++) {
        for (bit = 0; bit < 8; bit++) {
            memcpy(copy, record, len);
            copy[i] = (char) (copy[i] ^ (1 << bit));

            if (mlist_seen_read(guard_bytes(0, copy, len), &out) == MLIST_OK)
            {
                assert_true(out.nsources <= MLIST_SEEN_SOURCES);
                assert_true(out.name.len <= len && out.tag.len <= len);
            }
        }
    }
}


static void
test_digests(void **state)
{
    size_t               i;
    char                 text[MLIST_DIGEST_MAX + 1];
    mlist_digest_t       d;
    mlist_seen_digest_t  seen;

    static const char *const  texts[] = {
        "sha256:00112233445566778899aabbccddeeff"
        "ffeeddccbbaa99887766554433221100",
        "sha512:00112233445566778899aabbccddeeff"
        "ffeeddccbbaa9988776655443322110000112233445566778899aabbccddeeff"
        "ffeeddccbbaa99887766554433221100"
    };

    (void) state;

    for (i = 0; i < 2; i++) {
        d = digest(texts[i]);
        mlist_seen_digest(&d, &seen);

        assert_int_equal(seen.len, 32 << i);
        assert_int_equal(mlist_seen_digest_text(&seen, text), d.len);
        assert_string_equal(text, texts[i]);
    }

    d.len = 0;
    mlist_seen_digest(&d, &seen);
    assert_int_equal(mlist_seen_digest_text(&seen, text), 0);
    assert_string_equal(text, "");
}


static void
test_list(void **state)
{
    mlist_seen_t        seen;
    mlist_seen_text_t   texts[MLIST_SEEN_CHILDREN];

    static const char  list[] =
        "{\"manifests\":["
        "{\"digest\":\"sha256:00000000000000000000000000000000"
        "00000000000000000000000000000000\",\"size\":5,\"mediaType\":"
        "\"application/vnd.oci.image.manifest.v1+json\",\"platform\":"
        "{\"os\":\"linux\",\"architecture\":\"arm\",\"variant\":\"v7\"}},"
        "{\"digest\":\"sha256:10000000000000000000000000000000"
        "00000000000000000000000000000000\",\"size\":6,\"mediaType\":"
        "\"application/vnd.oci.image.manifest.v1+json\",\"platform\":"
        "{\"os\":\"unknown\",\"architecture\":\"unknown\"}}]}";

    (void) state;

    memset(&seen, 0, sizeof(seen));

    assert_int_equal(mlist_seen_list(mlist_str(list), &seen, texts),
                     MLIST_OK);
    assert_int_equal(seen.nchildren, 1);
    assert_int_equal(seen.children[0].size, 5);
    assert_int_equal(seen.children[0].source, MLIST_SEEN_NOBODY);
    assert_true(mlist_str_eq(seen.children[0].platform,
                             mlist_str("linux/arm/v7")));

    assert_int_equal(mlist_seen_part(mlist_str(list), 7, &seen), MLIST_OK);
    assert_int_equal(seen.children[0].source, 7);
    assert_int_equal(mlist_seen_part(mlist_str(list), 8, &seen), MLIST_OK);
    assert_int_equal(seen.children[0].source, 7);

    assert_int_not_equal(mlist_seen_list(mlist_str("{"), &seen, texts),
                         MLIST_OK);
    assert_int_equal(seen.nchildren, 0);
}


static void
test_words(void **state)
{
    int  i;

    (void) state;

    for (i = 0; i < MLIST_SEEN_SOURCE_LAST; i++) {
        assert_true(strlen(mlist_seen_source_text(i)) > 2);
    }

    for (i = 0; i < MLIST_SEEN_VERDICT_LAST; i++) {
        assert_true(strlen(mlist_seen_verdict_text(i)) > 2);
    }

    assert_string_equal(mlist_seen_source_text(MLIST_SEEN_SOURCE_LAST), "");
    assert_string_equal(mlist_seen_verdict_text(MLIST_SEEN_VERDICT_LAST),
                        "");
}


static void
fill(mlist_seen_t *seen)
{
    mlist_digest_t  d;

    memset(seen, 0, sizeof(mlist_seen_t));

    d = digest("sha256:0123456789abcdef0123456789abcdef"
               "0123456789abcdef0123456789abcdef");

    seen->when = 1795467600;
    memcpy(seen->place, "location", MLIST_SEEN_PLACE);
    seen->verdict = MLIST_SEEN_PARTIAL;
    seen->name = mlist_str("library/app");
    seen->tag = mlist_str("1.0");
    mlist_seen_digest(&d, &seen->digest);
    seen->size = 700;

    seen->nsources = 3;
    seen->sources[0].what = MLIST_SEEN_PRESENT;
    seen->sources[0].status = 200;
    mlist_seen_digest(&d, &seen->sources[0].digest);
    seen->sources[1].what = MLIST_SEEN_STATUS;
    seen->sources[1].status = 503;
    seen->sources[1].ms = 70000;
    seen->sources[1].left_out = 1;
    seen->sources[2].what = MLIST_SEEN_BAD;
    seen->sources[2].reason = mlist_str("its manifest is no JSON");

    seen->nchildren = 2;
    mlist_seen_digest(&d, &seen->children[0].digest);
    seen->children[0].platform = mlist_str("linux/amd64");
    mlist_seen_digest(&d, &seen->children[1].digest);
    seen->children[1].size = (uint64_t) 1 << 40;
    seen->children[1].source = MLIST_SEEN_NOBODY;
    seen->children[1].platform = mlist_str("linux/arm/v7");
}


static mlist_digest_t
digest(const char *text)
{
    mlist_digest_t  d;

    assert_int_equal(mlist_digest_parse(mlist_str(text), &d), MLIST_OK);

    return d;
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_digests),
        cmocka_unit_test(test_list),
        cmocka_unit_test(test_words)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

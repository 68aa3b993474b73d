/*
 * Stored images: what is made is read again, the same list makes the same
 * bytes, and nothing is read from what does not fit.  Without these a store
 * in a registry would give one repository's list for another's, or a list of
 * other bytes, and fronts of two versions could not share a store.
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"
#include "guard.h"
#include "mlist_keep.h"
#include "mlist_kept.h"


#define OM   "application/vnd.oci.image.manifest.v1+json"
#define OI   "application/vnd.oci.image.index.v1+json"
#define KEY                                                                  \
    "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

#define LIST  "{\"schemaVersion\":2,\"mediaType\":\"" OI "\",\"manifests\":[]}"

#define LIST_HEX                                                             \
    "dff9de10919148711140d349bf03f1a99eb06f94b03e51715ccebfa7cdc518e2"


static void test_tags(void **state);
static void test_golden(void **state);
static void test_list(void **state);
static void test_list_mismatch(void **state);
static void test_last(void **state);
static void test_last_mismatch(void **state);
static void test_verify(void **state);
static void test_text(void **state);

static void list_of(mlist_keep_list_t *list, mlist_digest_t *digest);
static mlist_rc_e list_with(const char *from, const char *to,
    mlist_kept_problem_t *problem);
static mlist_rc_e last_with(const char *from, const char *to,
    mlist_kept_problem_t *problem);
static char *replaced(const char *s, const char *from, const char *to);


static void
test_tags(void **state)
{
    char            tag[MLIST_KEEP_TAG + 1], hex[MLIST_KEEP_TAG + 1];
    mlist_digest_t  digest, name, other;

    (void) state;

    assert_int_equal(mlist_digest_compute(mlist_str(LIST), &digest),
                     MLIST_OK);
    assert_int_equal(mlist_digest_compute(mlist_str("a/b"), &name), MLIST_OK);

    assert_int_equal(mlist_keep_list_tag(guard(0, "a/b"),
                                         guard(1, digest.text), tag),
                     MLIST_OK);
    assert_int_equal(strlen(tag), MLIST_KEEP_TAG);
    assert_memory_equal(tag, digest.text + 7, 64);
    assert_int_equal(tag[64], '-');
    assert_memory_equal(tag + 65, name.text + 7, 16);

    memset(digest.text, '0', MLIST_DIGEST_MAX);
    memcpy(digest.text, "sha512:", 7);
    digest.text[MLIST_DIGEST_MAX] = '\0';
    digest.len = MLIST_DIGEST_MAX;

    assert_int_equal(mlist_digest_compute(mlist_digest_str(&digest), &other),
                     MLIST_OK);
    assert_int_equal(mlist_keep_list_tag(mlist_str("a/b"),
                                         mlist_digest_str(&digest), hex),
                     MLIST_OK);
    assert_memory_equal(hex, other.text + 7, 64);
    assert_string_equal(hex + 64, tag + 64);

    assert_int_equal(mlist_keep_list_tag(mlist_str("a"), mlist_str("b"), tag),
                     MLIST_INVALID);
    assert_int_equal(mlist_keep_last_tag(guard(0, KEY), tag), MLIST_OK);
    assert_string_equal(tag, "t-" KEY);
    assert_int_equal(mlist_keep_last_tag(mlist_str("00"), tag),
                     MLIST_INVALID);
}


/* Fronts of any version find what the others have written. */

static void
test_golden(void **state)
{
    mlist_digest_t      digest;
    mlist_keep_list_t   list;
    mlist_keep_image_t  image;

    (void) state;

    list_of(&list, &digest);

    assert_int_equal(mlist_keep_list_make(mlist_str("a/b"),
                                          mlist_digest_str(&digest), &list,
                                          &image), MLIST_OK);

    assert_string_equal(image.config,
        "{\"architecture\":\"unknown\",\"os\":\"unknown\",\"config\":{},"
        "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"sha256:" LIST_HEX
        "\"]}}");
    assert_string_equal(image.manifest,
        "{\"schemaVersion\":2,\"mediaType\":\"" OM "\",\"config\":{"
        "\"mediaType\":\"application/vnd.oci.image.config.v1+json\","
        "\"size\":167,\"digest\":\"sha256:"
        "a220583a9cedf4dfbee18320322a7a12db50b326d92028d76a6663ffdfb46e18"
        "\"},\"layers\":[{"
        "\"mediaType\":\"application/vnd.oci.image.layer.v1.tar\","
        "\"size\":88,\"digest\":\"sha256:" LIST_HEX "\"}],\"annotations\":{"
        "\"vnd.mlist.format\":\"1\",\"vnd.mlist.name\":\"a/b\","
        "\"vnd.mlist.digest\":\"sha256:" LIST_HEX "\","
        "\"vnd.mlist.type\":\"" OI "\","
        "\"vnd.mlist.platforms\":\"linux/amd64,linux/arm/v7\"}}");
    assert_int_equal(image.manifest_len, strlen(image.manifest));
    assert_int_equal(mlist_digest_verify(mlist_str(image.manifest),
                                         &image.manifest_digest), MLIST_OK);

    mlist_keep_clean(&image);

    list.platforms[0] = '\n';
    assert_int_equal(mlist_keep_list_make(mlist_str("a/b"),
                                          mlist_digest_str(&digest), &list,
                                          &image), MLIST_INVALID);
    mlist_keep_clean(&image);
}


static void
test_list(void **state)
{
    size_t                cut;
    mlist_str_t           bytes;
    mlist_digest_t        digest;
    mlist_keep_list_t     list, read;
    mlist_keep_image_t    image;
    mlist_kept_problem_t  problem;

    (void) state;

    list_of(&list, &digest);

    assert_int_equal(mlist_keep_list_make(mlist_str("a/b"),
                                          mlist_digest_str(&digest), &list,
                                          &image), MLIST_OK);
    assert_int_equal(mlist_kept_list_parse(guard(0, OM),
                                           guard(1, image.manifest),
                                           mlist_str("a/b"),
                                           mlist_digest_str(&digest), &read,
                                           &problem), MLIST_OK);
    assert_int_equal(read.type, list.type);
    assert_int_equal(read.size, list.size);
    assert_string_equal(read.platforms, list.platforms);
    assert_true(mlist_digest_eq(&read.layer, &list.layer));

    for (cut = 0; cut < image.manifest_len; cut++) {
        bytes = guard_bytes(1, image.manifest, cut);
        assert_int_not_equal(mlist_kept_list_parse(mlist_str(OM), bytes,
                                                   mlist_str("a/b"),
                                                   mlist_digest_str(&digest),
                                                   &read, &problem),
                             MLIST_OK);
        assert_string_equal(problem.what, "manifest");
    }

    mlist_keep_clean(&image);
}


static void
test_list_mismatch(void **state)
{
    char                  text[1300];
    size_t                i;
    mlist_kept_problem_t  problem;

    static const char *const  cases[][3] = {
        { "\"vnd.mlist.format\":\"1\"", "\"vnd.mlist.format\":\"2\"",
          "vnd.mlist.format" },
        { "\"vnd.mlist.name\":\"a/b\"", "\"vnd.mlist.name\":\"a/c\"",
          "vnd.mlist.name" },
        { "\"vnd.mlist.name\":\"a/b\"", "\"vnd.mlist.name\":null",
          "vnd.mlist.name" },
        { "\"vnd.mlist.digest\":\"sha256:df",
          "\"vnd.mlist.digest\":\"sha256:fd", "vnd.mlist.digest" },
        { "\"vnd.mlist.type\":\"" OI, "\"vnd.mlist.type\":\"" OM,
          "vnd.mlist.type" },
        { "linux/amd64,", "linux/amd64\\n", "vnd.mlist.platforms" },
        { "\"annotations\":{", "\"annotations\":[],\"x\":{",
          "vnd.mlist.format" },
        { "\"mediaType\":\"" OM, "\"mediaType\":\"" OI, "mediaType" },
        { "\"layers\":[", "\"layers\":[{},", "layers" },
        { "\"layers\":[{", "\"layers\":[],\"x\":[{", "layers" },
        { "\"size\":88", "\"size\":-1", "layers" },
        { "\"size\":88", "\"size\":\"88\"", "layers" },
        { "tar\",\"size\":88,\"digest\":\"sha256:df",
          "tar\",\"size\":88,\"digest\":\"sha256:fd", "digest of the layer" },
        { "tar\",\"size\":88,\"digest\":\"sha256:df",
          "tar\",\"size\":88,\"digest\":\"sha1:df", "layers" },
        { "{\"schemaVersion\"", "{\"layers\":[],\"schemaVersion\"",
          "manifest" }
    };

    (void) state;

    assert_int_equal(list_with("", "", &problem), MLIST_OK);

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_not_equal(list_with(cases[i][0], cases[i][1], &problem),
                             MLIST_OK);
        assert_string_equal(problem.what, cases[i][2]);
    }

    memset(text, 'p', sizeof(text));
    memcpy(text + 1200, "linux/amd64", sizeof("linux/amd64"));
    assert_int_equal(list_with("linux/amd64", text, &problem),
                     MLIST_MISMATCH);
    assert_int_equal(strlen(problem.seen), MLIST_KEPT_SHOWN);
}


static void
test_last(void **state)
{
    mlist_digest_t        digest;
    mlist_keep_list_t     list;
    mlist_keep_last_t     last, read;
    mlist_keep_image_t    image, other;
    mlist_kept_problem_t  problem;

    (void) state;

    list_of(&list, &digest);
    memset(&last, 0, sizeof(last));

    last.number = UINT64_MAX;
    last.missing = UINT32_MAX;
    last.type = MLIST_MEDIA_OCI_INDEX;
    last.oci = digest;
    last.layer = list.layer;
    last.size = list.size;

    assert_int_equal(mlist_keep_last_make(mlist_str(KEY), &last, &image),
                     MLIST_OK);
    assert_int_equal(mlist_kept_last_parse(guard(0, OM),
                                           guard(1, image.manifest),
                                           mlist_str(KEY), &read, &problem),
                     MLIST_OK);
    assert_true(read.number == UINT64_MAX);
    assert_true(read.missing == UINT32_MAX);
    assert_int_equal(read.type, MLIST_MEDIA_OCI_INDEX);
    assert_int_equal(read.docker.len, 0);
    assert_true(mlist_digest_eq(&read.oci, &digest));
    assert_true(mlist_digest_eq(&read.layer, &list.layer));
    assert_int_equal(read.size, list.size);

    /* a tag's last list costs no blob: its list has brought them all */

    assert_int_equal(mlist_keep_list_make(mlist_str("a/b"),
                                          mlist_digest_str(&digest), &list,
                                          &other), MLIST_OK);
    assert_string_equal(image.config, other.config);

    mlist_keep_clean(&other);
    mlist_keep_clean(&image);
}


static void
test_last_mismatch(void **state)
{
    size_t                i;
    mlist_kept_problem_t  problem;

    static const char *const  cases[][3] = {
        { "\"vnd.mlist.tag\":\"00", "\"vnd.mlist.tag\":\"11",
          "vnd.mlist.tag" },
        { "\"vnd.mlist.number\":\"7\"", "\"vnd.mlist.number\":7",
          "vnd.mlist.number" },
        { "\"vnd.mlist.number\":\"7\"", "\"vnd.mlist.number\":\"-7\"",
          "vnd.mlist.number" },
        { "\"vnd.mlist.number\":\"7\"",
          "\"vnd.mlist.number\":\"18446744073709551616\"",
          "vnd.mlist.number" },
        { "\"vnd.mlist.number\":\"7\"", "\"vnd.mlist.number\":\"7 \"",
          "vnd.mlist.number" },
        { "\"vnd.mlist.missing\":\"3\"",
          "\"vnd.mlist.missing\":\"4294967296\"", "vnd.mlist.missing" },
        { "\"vnd.mlist.docker\":\"\"", "\"vnd.mlist.docker\":\"x\"",
          "vnd.mlist.docker" },
        { "\"vnd.mlist.oci\":\"sha256", "\"vnd.mlist.oci\":\"sha257",
          "vnd.mlist.oci" },
        { "\"vnd.mlist.type\":\"" OI, "\"vnd.mlist.type\":\"",
          "vnd.mlist.type" }
    };

    (void) state;

    assert_int_equal(last_with("", "", &problem), MLIST_OK);
    assert_int_equal(last_with("\"vnd.mlist.number\":\"7\"",
                               "\"vnd.mlist.number\":"
                               "\"18446744073709551615\"", &problem),
                     MLIST_OK);

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_not_equal(last_with(cases[i][0], cases[i][1], &problem),
                             MLIST_OK);
        assert_string_equal(problem.what, cases[i][2]);
    }
}


static void
test_verify(void **state)
{
    mlist_digest_t        digest;
    mlist_keep_list_t     list;
    mlist_kept_problem_t  problem;

    (void) state;

    list_of(&list, &digest);

    assert_int_equal(mlist_kept_list_verify(guard(0, LIST),
                                            mlist_digest_str(&digest), &list,
                                            &problem), MLIST_OK);
    assert_int_equal(mlist_kept_list_verify(guard(0, LIST " "),
                                            mlist_digest_str(&digest), &list,
                                            &problem), MLIST_MISMATCH);

    list.type = MLIST_MEDIA_DOCKER_LIST;
    assert_int_equal(mlist_kept_list_verify(guard(0, LIST),
                                            mlist_digest_str(&digest), &list,
                                            &problem), MLIST_MISMATCH);
    assert_string_equal(problem.what, "layer");
}


static void
test_text(void **state)
{
    (void) state;

    assert_true(mlist_str_printable(guard(0, "")));
    assert_true(mlist_str_printable(guard(0, " az~")));
    assert_false(mlist_str_printable(guard(0, "a\n")));
    assert_false(mlist_str_printable(guard(0, "\x7f")));
    assert_false(mlist_str_printable(guard(0, "\xc3\xa4")));
}


static void
list_of(mlist_keep_list_t *list, mlist_digest_t *digest)
{
    memset(list, 0, sizeof(mlist_keep_list_t));

    assert_int_equal(mlist_digest_compute(mlist_str(LIST), digest), MLIST_OK);

    list->type = MLIST_MEDIA_OCI_INDEX;
    memcpy(list->platforms, "linux/amd64,linux/arm/v7",
           sizeof("linux/amd64,linux/arm/v7"));
    list->layer = *digest;
    list->size = sizeof(LIST) - 1;
}


/* Reads a manifest in which "from" has become "to". */

static mlist_rc_e
list_with(const char *from, const char *to, mlist_kept_problem_t *problem)
{
    char                *text;
    mlist_rc_e           rc;
    mlist_digest_t       digest;
    mlist_keep_list_t    list;
    mlist_keep_image_t   image;

    list_of(&list, &digest);

    assert_int_equal(mlist_keep_list_make(mlist_str("a/b"),
                                          mlist_digest_str(&digest), &list,
                                          &image), MLIST_OK);

    text = replaced(image.manifest, from, to);
    rc = mlist_kept_list_parse(mlist_str(OM), mlist_str(text),
                               mlist_str("a/b"), mlist_digest_str(&digest),
                               &list, problem);

    free(text);
    mlist_keep_clean(&image);

    return rc;
}


static mlist_rc_e
last_with(const char *from, const char *to, mlist_kept_problem_t *problem)
{
    char                *text;
    mlist_rc_e           rc;
    mlist_keep_list_t    list;
    mlist_keep_last_t    last;
    mlist_keep_image_t   image;

    memset(&last, 0, sizeof(last));
    list_of(&list, &last.oci);

    last.number = 7;
    last.missing = 3;
    last.type = MLIST_MEDIA_OCI_INDEX;
    last.layer = list.layer;
    last.size = list.size;

    assert_int_equal(mlist_keep_last_make(mlist_str(KEY), &last, &image),
                     MLIST_OK);

    text = replaced(image.manifest, from, to);
    rc = mlist_kept_last_parse(mlist_str(OM), mlist_str(text), mlist_str(KEY),
                               &last, problem);

    free(text);
    mlist_keep_clean(&image);

    return rc;
}


static char *
replaced(const char *s, const char *from, const char *to)
{
    char        *out;
    size_t       size;
    const char  *p;

    p = strstr(s, from);
    assert_non_null(p);

    size = strlen(s) + strlen(to) + 1;
    out = malloc(size);
    assert_non_null(out);

    (void) snprintf(out, size, "%.*s%s%s", (int) (p - s), s, to,
                    p + strlen(from));

    return out;
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_tags),
        cmocka_unit_test(test_golden),
        cmocka_unit_test(test_list),
        cmocka_unit_test(test_list_mismatch),
        cmocka_unit_test(test_last),
        cmocka_unit_test(test_last_mismatch),
        cmocka_unit_test(test_verify),
        cmocka_unit_test(test_text)
    };

    return cmocka_run_group_tests_name("keep", tests, NULL, NULL);
}

/*
 * What manifests name.  Without these an image would be put into a
 * repository that lacks a part of it, or could not be put at all.
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "mlist_contents.h"


#define OCI     "application/vnd.oci.image."
#define DOCKER  "application/vnd.docker."

#define TEST_BODY  4096


static void test_image(void **state);
static void test_list(void **state);
static void test_again(void **state);
static void test_broken(void **state);
static void test_bounds(void **state);
static mlist_rc_e test_add(mlist_media_e type, const char *body);
static const char *test_found(void);
static void test_put(char *body, const char *text, const char *type,
    int digest);
static const char *test_one(const char *type, int digest, int size);


static mlist_contents_t  contents;


static void
test_image(void **state)
{
    char  body[TEST_BODY];

    (void) state;

    memset(&contents, 0, sizeof(contents));

    body[0] = '\0';

    test_put(body, "{\"config\":", OCI "config.v1+json", 1);
    test_put(body, ",\"layers\":[", OCI "layer.v1.tar+gzip", 2);
    test_put(body, ",", OCI "layer.nondistributable.v1.tar", 3);
    test_put(body, ",", DOCKER "image.rootfs.foreign.diff.tar.gzip", 4);
    test_put(body, ",", "application/vnd.in-toto+json", 5);
    test_put(body, "],\"subject\":", OCI "manifest.v1+json", 6);
    test_put(body, "}", NULL, 0);

    assert_int_equal(test_add(MLIST_MEDIA_OCI_MANIFEST, body), MLIST_OK);
    assert_string_equal(test_found(), "b1 b2 b5");

    memset(&contents, 0, sizeof(contents));

    assert_int_equal(test_add(MLIST_MEDIA_OCI_MANIFEST, "{}"), MLIST_OK);
    assert_int_equal(test_add(MLIST_MEDIA_DOCKER_MANIFEST,
                              "{\"config\":null,\"layers\":null}"),
                     MLIST_OK);
    assert_string_equal(test_found(), "");
}


static void
test_list(void **state)
{
    char  body[TEST_BODY];

    (void) state;

    memset(&contents, 0, sizeof(contents));

    body[0] = '\0';

    test_put(body, "{\"manifests\":[", OCI "index.v1+json", 1);
    test_put(body, ",", DOCKER "distribution.manifest.v2+json", 2);
    test_put(body, ",", OCI "layer.v1.tar+gzip", 3);
    test_put(body, "]}", NULL, 0);

    assert_int_equal(test_add(MLIST_MEDIA_OCI_INDEX, body), MLIST_OK);
    assert_string_equal(test_found(), "m1 m2");
    assert_int_equal(contents.items[0].media, MLIST_MEDIA_OCI_INDEX);
    assert_int_equal(contents.items[1].media, MLIST_MEDIA_DOCKER_MANIFEST);
    assert_int_equal(contents.items[1].size, 20);
}


/* Each digest once; what is said to be two things is neither. */

static void
test_again(void **state)
{
    char  body[1024];

    (void) state;

    memset(&contents, 0, sizeof(contents));

    (void) snprintf(body, sizeof(body), "{\"config\":%s}",
                    test_one(OCI "config.v1+json", 1, 10));
    assert_int_equal(test_add(MLIST_MEDIA_OCI_MANIFEST, body), MLIST_OK);
    assert_int_equal(test_add(MLIST_MEDIA_OCI_MANIFEST, body), MLIST_OK);
    assert_string_equal(test_found(), "b1");

    (void) snprintf(body, sizeof(body), "{\"config\":%s}",
                    test_one(OCI "config.v1+json", 1, 11));
    assert_int_equal(test_add(MLIST_MEDIA_OCI_MANIFEST, body),
                     MLIST_MISMATCH);

    (void) snprintf(body, sizeof(body), "{\"manifests\":[%s]}",
                    test_one(OCI "manifest.v1+json", 1, 10));
    assert_int_equal(test_add(MLIST_MEDIA_OCI_INDEX, body), MLIST_MISMATCH);

    (void) snprintf(body, sizeof(body), "{\"manifests\":[%s]}",
                    test_one(OCI "manifest.v1+json", 2, 10));
    assert_int_equal(test_add(MLIST_MEDIA_OCI_INDEX, body), MLIST_OK);

    (void) snprintf(body, sizeof(body), "{\"manifests\":[%s]}",
                    test_one(OCI "index.v1+json", 2, 10));
    assert_int_equal(test_add(MLIST_MEDIA_OCI_INDEX, body), MLIST_MISMATCH);
}


static void
test_broken(void **state)
{
    (void) state;

    memset(&contents, 0, sizeof(contents));

    assert_int_equal(test_add(MLIST_MEDIA_OCI_MANIFEST, "no"),
                     MLIST_INVALID);
    assert_int_equal(test_add(MLIST_MEDIA_OCI_MANIFEST, "{\"config\":1}"),
                     MLIST_INVALID);
    assert_int_equal(test_add(MLIST_MEDIA_OCI_MANIFEST, "{\"layers\":{}}"),
                     MLIST_INVALID);
    assert_int_equal(test_add(MLIST_MEDIA_OCI_INDEX, "{\"manifests\":[{}]}"),
                     MLIST_INVALID);
    assert_int_equal(contents.n, 0);
}


static void
test_bounds(void **state)
{
    int   i;
    char  body[1024];

    (void) state;

    memset(&contents, 0, sizeof(contents));

    for (i = 0; i <= MLIST_CONTENTS_MAX; i++) {
        (void) snprintf(body, sizeof(body), "{\"config\":%s}",
                        test_one(OCI "config.v1+json", i, 1));
        assert_int_equal(test_add(MLIST_MEDIA_OCI_MANIFEST, body),
                         (i < MLIST_CONTENTS_MAX) ? MLIST_OK
                                                  : MLIST_TOO_LARGE);
    }
}


static mlist_rc_e
test_add(mlist_media_e type, const char *body)
{
    return mlist_contents_add(&contents, type, mlist_str(body));
}


/* "b1 m2": the last digits of the digests of blobs and manifests. */

static const char *
test_found(void)
{
    size_t       i, len;

    static char  text[256];

    text[0] = '\0';
    len = 0;

    for (i = 0; i < contents.n; i++) {
        len += (size_t) snprintf(text + len, sizeof(text) - len, "%s%c%c",
                                 (i != 0) ? " " : "",
                                 contents.items[i].manifest ? 'm' : 'b',
                                 contents.items[i].digest.text
                                     [contents.items[i].digest.len - 1]);
    }

    return text;
}


/* Adds the text, and a descriptor unless "type" is NULL. */

static void
test_put(char *body, const char *text, const char *type, int digest)
{
    size_t  len;

    len = strlen(body);
    (void) snprintf(body + len, TEST_BODY - len, "%s%s", text,
                    (type != NULL) ? test_one(type, digest, 10 * digest)
                                   : "");
}


static const char *
test_one(const char *type, int digest, int size)
{
    static char  text[512];

    (void) snprintf(text, sizeof(text), "{\"mediaType\":\"%s\",\"size\":%d,"
                    "\"digest\":\"sha256:%064d\"}", type, size, digest);

    return text;
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_image),
        cmocka_unit_test(test_list),
        cmocka_unit_test(test_again),
        cmocka_unit_test(test_broken),
        cmocka_unit_test(test_bounds)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * Which sources a pushed image is meant for.  Without these an image would
 * land under another platform's tag, or be refused though there is a place
 * for it.
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "mlist_spread.h"


#define TEST_SOURCES  8


static void test_choose(void **state);
static void test_broken(void **state);
static void test_disguised(void **state);
static void test_one(const char *declared, const char *pushed,
    const char *expected);
static size_t test_declare(const char *text, mlist_platform_t *platforms);
static void test_list(const char *pushed, char *out, size_t size);
static void test_part(const char **text, const char *ends, char *part);
static void test_word(const char **text, char *word, size_t size);


/* Sources and what is pushed; "1 3" is chosen, "?" what is to blame. */

static void
test_choose(void **state)
{
    size_t  i;

    static const char *const  cases[][3] = {

        { "linux/amd64 linux/arm/v7", "linux/amd64", "1" },
        { "linux/amd64 linux/arm/v7", "linux/arm/v7", "2" },
        { "linux/amd64 linux/arm64", "linux/arm64/v8", "2" },
        { "linux/amd64 linux/arm64", "linux/x86_64", "1" },
        { "linux/amd64/v1", "linux/amd64", "1" },

        /* without a variant: the only one that has none either */

        { "linux/arm linux/arm64", "linux/arm/v7", "1" },
        { "linux/arm linux/arm/v7", "linux/arm/v7", "2" },
        { "linux/arm/v7 linux/arm", "linux/arm/v6", "2" },
        { "linux/arm/v7 linux/arm", "linux/arm", "2" },
        { "linux/arm linux/arm", "linux/arm/v7", "twice linux/arm/v7" },
        { "linux/arm linux/arm", "linux/arm", "1" },
        { "linux/amd64", "linux/amd64/v3", "1" },

        /* a variant is never dropped from what a source declares */

        { "linux/arm/v7", "linux/arm", "none linux/arm" },
        { "linux/arm/v7", "linux/arm/v6", "none linux/arm/v6" },
        { "linux/amd64", "linux/riscv64", "none linux/riscv64" },
        { "linux/amd64", "windows/amd64", "none windows/amd64" },
        { "", "linux/amd64", "none linux/amd64" },

        /* os.version is not what a source can declare */

        { "linux/amd64 windows/amd64", "windows/amd64@10.0.1", "2" },
        { "windows/amd64", "windows/amd64@10.0.1 windows/amd64@10.0.2",
          "1" },

        /* indexes */

        { "linux/amd64 linux/arm/v7 linux/arm64",
          "linux/arm64 linux/amd64", "1 3" },
        { "linux/amd64 linux/arm/v7", "linux/amd64 unknown/unknown", "1" },
        { "linux/amd64", "- linux/amd64", "1" },
        { "linux/amd64 linux/arm/v7", "linux/s390x linux/arm/v7 linux/386",
          "2 left linux/s390x" },
        { "linux/amd64", "linux/s390x linux/386", "none linux/s390x" },
        { "linux/amd64", "unknown/unknown", "none" },
        { "linux/amd64", "", "none" },
        { "linux/amd64 linux/arm linux/arm", "linux/amd64 linux/arm/v6",
          "twice linux/arm/v6" }
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        test_one(cases[i][0], cases[i][1], cases[i][2]);
    }
}


static void
test_broken(void **state)
{
    mlist_str_t       json;
    mlist_spread_t    source;
    mlist_platform_t  declared, p;

    static const mlist_str_t  amd64 = MLIST_STR("linux/amd64");

    (void) state;

    assert_int_equal(mlist_platform_parse(amd64, &declared), MLIST_OK);
    source.declared = &declared;
    source.chosen = 1;

    json = mlist_str("{\"manifests\":[{}]}");
    assert_int_equal(mlist_spread_choose(json, &source, 1, &p),
                     MLIST_INVALID);
    assert_int_equal(source.chosen, 0);

    json = mlist_str("{\"manifests\":1}");
    assert_int_equal(mlist_spread_choose(json, &source, 1, &p),
                     MLIST_INVALID);

    json = mlist_str("{\"a\":1,\"a\":1}");
    assert_int_equal(mlist_spread_choose(json, &source, 1, &p),
                     MLIST_DUPLICATE);
}


static void
test_disguised(void **state)
{
    mlist_str_t  manifest, artifact, none;

    (void) state;

    manifest = mlist_str("{\"mediaType\":"
                         "\"application/vnd.oci.image.manifest.v1+json\"}");
    artifact = mlist_str("{\"mediaType\":"
                         "\"application/vnd.oci.artifact.manifest.v1+json\"}");
    none = mlist_str("no JSON");

    assert_int_equal(mlist_spread_disguised(MLIST_MEDIA_OTHER, manifest),
                     MLIST_MISMATCH);
    assert_int_equal(mlist_spread_disguised(MLIST_MEDIA_DOCKER_SCHEMA1,
                                            manifest), MLIST_MISMATCH);
    assert_int_equal(mlist_spread_disguised(MLIST_MEDIA_OCI_INDEX, manifest),
                     MLIST_OK);
    assert_int_equal(mlist_spread_disguised(MLIST_MEDIA_OTHER, artifact),
                     MLIST_OK);
    assert_int_equal(mlist_spread_disguised(MLIST_MEDIA_OTHER, none),
                     MLIST_OK);
}


static void
test_one(const char *declared, const char *pushed, const char *expected)
{
    char              json[2048], text[MLIST_PLATFORM_TEXT], got[256];
    size_t            i, n, len;
    mlist_rc_e        rc;
    mlist_spread_t    sources[TEST_SOURCES];
    mlist_platform_t  platforms[TEST_SOURCES], p;

    n = test_declare(declared, platforms);

    for (i = 0; i < n; i++) {
        sources[i].declared = &platforms[i];
    }

    test_list(pushed, json, sizeof(json));

    rc = mlist_spread_choose(mlist_str(json), sources, n, &p);
    len = 0;
    got[0] = '\0';

    for (i = 0; i < n; i++) {
        if (rc == MLIST_OK && sources[i].chosen) {
            len += (size_t) snprintf(got + len, sizeof(got) - len, "%s%d",
                                     (len != 0) ? " " : "", (int) i + 1);
        }
    }

    if (rc != MLIST_OK) {
        len = (size_t) snprintf(got, sizeof(got), "%s",
                                (rc == MLIST_NOT_FOUND)   ? "none"
                                : (rc == MLIST_DUPLICATE) ? "twice"
                                                          : "error");
    }

    if (p.os[0] != '\0') {
        (void) mlist_platform_text(&p, text);
        (void) snprintf(got + len, sizeof(got) - len, "%s %s",
                        (rc == MLIST_OK) ? " left" : "", text);
    }

    assert_string_equal(got, expected);
}


static size_t
test_declare(const char *text, mlist_platform_t *platforms)
{
    char    word[64];
    size_t  n;

    for (n = 0; *text != '\0'; n++) {
        test_word(&text, word, sizeof(word));
        assert_true(n < TEST_SOURCES);
        assert_int_equal(mlist_platform_parse(mlist_str(word), &platforms[n]),
                         MLIST_OK);
    }

    return n;
}


/* "os/arch/variant@os.version", "-" for an entry without a platform. */

static void
test_list(const char *pushed, char *out, size_t size)
{
    char         word[64], parts[4][16];
    size_t       len;
    const char  *rest;

    len = (size_t) snprintf(out, size, "{\"manifests\":[");

    while (*pushed != '\0') {
        test_word(&pushed, word, sizeof(word));

        rest = word;
        test_part(&rest, "/@", parts[0]);
        test_part(&rest, "/@", parts[1]);
        test_part(&rest, "@", parts[2]);
        test_part(&rest, "", parts[3]);

        len += (size_t) snprintf(out + len, size - len,
            "%s{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\","
            "\"size\":1,\"digest\":\"sha256:%064d\"",
            (out[len - 1] == '[') ? "" : ",", (int) len);

        if (strcmp(word, "-") != 0) {
            len += (size_t) snprintf(out + len, size - len,
                ",\"platform\":{\"os\":\"%s\",\"architecture\":\"%s\","
                "\"variant\":\"%s\",\"os.version\":\"%s\"}", parts[0],
                parts[1], parts[2], parts[3]);
        }

        len += (size_t) snprintf(out + len, size - len, "}");
    }

    len += (size_t) snprintf(out + len, size - len, "]}");
    assert_true(len < size);
}


/* Takes what stands before the next of "ends", and one such byte. */

static void
test_part(const char **text, const char *ends, char *part)
{
    size_t  len;

    if (ends[0] == '@' && (*text)[-1] == '@') {
        part[0] = '\0';
        return;
    }

    len = strcspn(*text, ends);
    assert_true(len < 16);

    memcpy(part, *text, len);
    part[len] = '\0';

    *text += len + ((*text)[len] != '\0');
}


static void
test_word(const char **text, char *word, size_t size)
{
    size_t  len;

    len = strcspn(*text, " ");
    assert_true(len < size);

    memcpy(word, *text, len);
    word[len] = '\0';

    *text += len;
    *text += strspn(*text, " ");
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_choose),
        cmocka_unit_test(test_broken),
        cmocka_unit_test(test_disguised)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

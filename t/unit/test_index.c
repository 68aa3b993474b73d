/*
 * The list, to the byte: golden lists of given children, sources in the
 * folders 1, 2, 3 of a case.  Without these two replicas would announce two
 * digests for one tag, or a shared index would lose its signatures.
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
#include "mlist_index.h"


typedef struct {
    fixture_source_t     sources[MLIST_INDEX_INPUTS];
    mlist_index_input_t  inputs[MLIST_INDEX_INPUTS];
    size_t               n;
    mlist_media_e        verbatim;
} test_sources_t;


static void test_case(void **state);
static void test_check(const char *dir, int backwards);
static void test_load(const char *dir, int backwards, test_sources_t *s);
static mlist_type_e test_type(const char *dir);
static void test_used(const char *dir, const test_sources_t *s);
static void test_read_again(const mlist_index_t *list);
static void test_find(void **state);
static void test_limits(void **state);
static void test_entries(void **state);
static void test_unequal(void **state);
static void test_unreadable(void **state);
static void test_platforms_cut(void **state);
static char *test_part(size_t n, size_t arch, size_t *len);
static void test_input(mlist_index_input_t *input, const char *json,
    size_t len, size_t number);


static void
test_case(void **state)
{
    test_check(*state, 0);
    test_check(*state, 1);
}


static void
test_check(const char *dir, int backwards)
{
    char             text[128];
    mlist_rc_e       rc;
    mlist_str_t      expected;
    mlist_index_t    list;
    test_sources_t   s;

    test_load(dir, backwards, &s);

    rc = mlist_index_build(s.inputs, s.n, test_type(dir), s.verbatim,
                           fixture_read(dir, "drop.txt").data == NULL, &list);

    (void) snprintf(text, sizeof(text), "%s %s%s", fixture_rc(rc),
                    rc != MLIST_OK ? ""
                    : list.type == MLIST_MEDIA_DOCKER_LIST ? "docker" : "oci",
                    list.verbatim ? " verbatim" : "");

    assert_string_equal(text, fixture_text(dir, "expected.txt"));
    test_used(dir, &s);

    if (rc != MLIST_OK) {
        assert_null(list.json);
        fixture_clean();
        return;
    }

    assert_string_equal(list.digest.text,
                        fixture_text(dir, "expected.digest"));
    assert_string_equal(list.platforms,
                        fixture_text(dir, "expected.platforms"));

    if (list.verbatim) {
        assert_null(list.json);

    } else {
        expected = fixture_read(dir, "expected.json");
        assert_non_null(expected.data);
        assert_string_equal(fixture_copy(list.json, list.len),
                            fixture_copy(expected.data, expected.len));
        test_read_again(&list);
        free(list.json);
    }

    fixture_clean();
}


static void
test_load(const char *dir, int backwards, test_sources_t *s)
{
    char              path[1024];
    size_t            i;
    mlist_rc_e        rc;
    mlist_str_t       type;
    fixture_source_t  *source;

    memset(s, 0, sizeof(test_sources_t));

    for (i = 0; i < MLIST_INDEX_INPUTS; i++) {
        (void) snprintf(path, sizeof(path), "%s/%zu", dir, i + 1);
        type = mlist_str(fixture_text(path, "type.txt"));

        if (type.len == 0) {
            break;
        }

        source = &s->sources[i];
        rc = fixture_resolve(path, backwards, source);

        if (rc != MLIST_OK) {
            fail_msg("%s: %s", path, source->problem);
        }

        s->inputs[i].kind = source->part.kind;
        s->inputs[i].digest = source->digest;
        s->inputs[i].part.data = source->part.json;
        s->inputs[i].part.len = source->part.len;
        s->inputs[i].declared = source->declared ? &source->platform : NULL;

        if (source->part.kind == MLIST_PART_INDEX) {
            s->verbatim = mlist_media_parse(type);
        }
    }

    s->n = i;
    assert_int_not_equal(s->n, 0);
}


static mlist_type_e
test_type(const char *dir)
{
    char  *type;

    type = fixture_text(dir, "type.txt");
    assert_non_null(type);

    return strcmp(type, "docker") == 0 ? MLIST_TYPE_DOCKER
           : strcmp(type, "oci") == 0 ? MLIST_TYPE_OCI : MLIST_TYPE_AUTO;
}


/* expected.used has used/shadowed of each source. */

static void
test_used(const char *dir, const test_sources_t *s)
{
    char    text[1024];
    char   *expected;
    size_t  i, len;

    expected = fixture_text(dir, "expected.used");

    if (expected == NULL) {
        return;
    }

    text[0] = '\0';

    for (i = 0, len = 0; i < s->n; i++) {
        len += (size_t) snprintf(text + len, sizeof(text) - len, "%s%u/%u",
                                 i != 0 ? " " : "", s->inputs[i].used,
                                 s->inputs[i].shadowed);
    }

    assert_string_equal(text, expected);
}


/* What is built can be read again, and says the same. */

static void
test_read_again(const mlist_index_t *list)
{
    char             platforms[MLIST_INDEX_PLATFORMS];
    size_t           n;
    mlist_str_t      bytes;
    mlist_digest_t   digest;
    mlist_digest_t  *children;

    bytes.data = list->json;
    bytes.len = list->len;

    assert_int_equal(mlist_digest_compute(bytes, &digest), MLIST_OK);
    assert_true(mlist_digest_eq(&digest, &list->digest));

    assert_int_equal(mlist_index_platforms(bytes, platforms), MLIST_OK);
    assert_string_equal(platforms, list->platforms);

    children = calloc(MLIST_INDEX_ENTRIES, sizeof(mlist_digest_t));
    assert_non_null(children);
    assert_int_equal(mlist_index_children(bytes, children,
                                          MLIST_INDEX_ENTRIES, &n), MLIST_OK);
    assert_int_not_equal(n, 0);
    assert_int_equal(mlist_index_children(bytes, children, 1, &n), MLIST_OK);
    assert_int_equal(n, 1);
    free(children);
}


static void
test_find(void **state)
{
    mlist_str_t        list;
    mlist_media_e      type;
    mlist_digest_t     digest;
    mlist_platform_t   p;

    static const char  *dir = MLIST_CASES "/list/arm-variants";

    (void) state;

    list = fixture_read(dir, "expected.json");

    assert_int_equal(mlist_platform_parse(mlist_str("linux/arm/v6"), &p),
                     MLIST_OK);
    assert_int_equal(mlist_index_find(list, &p, &digest, &type), MLIST_OK);
    assert_string_equal(digest.text, fixture_text(dir, "arm-v6.digest"));
    assert_int_equal(type, MLIST_MEDIA_OCI_MANIFEST);

    /* linux/amd64 is not amd64/v3, nor the other way round */

    assert_int_equal(mlist_platform_parse(mlist_str("linux/amd64"), &p),
                     MLIST_OK);
    assert_int_equal(mlist_index_find(list, &p, &digest, &type), MLIST_OK);
    assert_string_equal(digest.text, fixture_text(dir, "amd64.digest"));

    assert_int_equal(mlist_platform_parse(mlist_str("linux/arm"), &p),
                     MLIST_OK);
    assert_int_equal(mlist_index_find(list, &p, &digest, &type),
                     MLIST_NOT_FOUND);

    assert_int_equal(mlist_index_find(mlist_str("{}"), &p, &digest, &type),
                     MLIST_INVALID);
    assert_int_equal(mlist_index_find(mlist_str("{\"manifests\":[1]}"), &p,
                                      &digest, &type), MLIST_INVALID);
    fixture_clean();
}


/* Many parts of many entries, all of one platform: twins in each. */

static void
test_limits(void **state)
{
    char                 *json;
    size_t                i, len;
    mlist_index_t         list;
    mlist_index_input_t   inputs[MLIST_INDEX_INPUTS + 1];

    (void) state;

    assert_int_equal(mlist_index_build(inputs, 0, MLIST_TYPE_AUTO,
                                       MLIST_MEDIA_OTHER, 1, &list),
                     MLIST_NOT_FOUND);

    json = test_part(MLIST_RESOLVE_ENTRIES, 0, &len);
    memset(inputs, 0, sizeof(inputs));

    for (i = 0; i <= MLIST_INDEX_INPUTS; i++) {
        test_input(&inputs[i], json, len, i);
    }

    assert_int_equal(mlist_index_build(inputs, MLIST_INDEX_INPUTS,
                                       MLIST_TYPE_AUTO, MLIST_MEDIA_OTHER, 1,
                                       &list), MLIST_OK);
    assert_int_equal(inputs[31].used, MLIST_RESOLVE_ENTRIES);
    assert_int_equal(inputs[31].shadowed, 0);
    assert_string_equal(list.platforms, "l/a0");
    free(list.json);

    assert_int_equal(mlist_index_build(inputs, MLIST_INDEX_INPUTS + 1,
                                       MLIST_TYPE_AUTO, MLIST_MEDIA_OTHER, 1,
                                       &list), MLIST_TOO_LARGE);
    free(json);

    json = test_part(MLIST_RESOLVE_ENTRIES + 1, 0, &len);
    test_input(&inputs[0], json, len, 0);
    assert_int_equal(mlist_index_build(inputs, 1, MLIST_TYPE_AUTO,
                                       MLIST_MEDIA_OTHER, 1, &list),
                     MLIST_TOO_LARGE);
    free(json);
}


/* A list of as many entries as there may be, and one of one more. */

static void
test_entries(void **state)
{
    char                 *json[3];
    size_t                i, len;
    mlist_index_t         list;
    mlist_index_input_t   inputs[3];

    (void) state;

    memset(inputs, 0, sizeof(inputs));

    for (i = 0; i < 3; i++) {
        json[i] = test_part((i < 2) ? MLIST_RESOLVE_ENTRIES : 1, i, &len);
        test_input(&inputs[i], json[i], len, i);
    }

    assert_int_equal(mlist_index_build(inputs, 2, MLIST_TYPE_AUTO,
                                       MLIST_MEDIA_OTHER, 1, &list),
                     MLIST_OK);
    free(list.json);

    assert_int_equal(mlist_index_build(inputs, 3, MLIST_TYPE_AUTO,
                                       MLIST_MEDIA_OTHER, 1, &list),
                     MLIST_TOO_LARGE);
    assert_null(list.json);

    for (i = 0; i < 3; i++) {
        free(json[i]);
    }
}


/* Parts that claim one index but differ in length are no index whole. */

static void
test_unequal(void **state)
{
    char                 *json[2];
    size_t                i, len;
    mlist_index_t         list;
    mlist_index_input_t   inputs[2];

    (void) state;

    memset(inputs, 0, sizeof(inputs));

    for (i = 0; i < 2; i++) {
        json[i] = test_part(1 + 8 * i, 0, &len);
        test_input(&inputs[i], json[i], len, 0);
    }

    assert_int_equal(mlist_index_build(inputs, 2, MLIST_TYPE_AUTO,
                                       MLIST_MEDIA_OCI_INDEX, 1, &list),
                     MLIST_OK);
    assert_false(list.verbatim);
    free(list.json);
    free(json[0]);
    free(json[1]);
}


/* What cannot be read is an error wherever it stands. */

static void
test_unreadable(void **state)
{
    char                  platforms[MLIST_INDEX_PLATFORMS];
    size_t                i, n;
    mlist_str_t           s;
    mlist_index_t         list;
    mlist_digest_t        digest;
    mlist_index_input_t   input;

    static const char *const  bad[] = {
        "", "[]", "{}", "{\"manifests\":{}}", "{\"manifests\":[1]}",
        "{\"manifests\":[{}]}"
    };

    (void) state;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        s = mlist_str(bad[i]);

        memset(&input, 0, sizeof(input));
        test_input(&input, bad[i], s.len, 0);

        assert_int_equal(mlist_index_build(&input, 1, MLIST_TYPE_AUTO,
                                           MLIST_MEDIA_OTHER, 1, &list),
                         MLIST_INVALID);
        assert_int_equal(mlist_index_platforms(s, platforms), MLIST_INVALID);
        assert_int_equal(mlist_index_children(s, &digest, 1, &n),
                         MLIST_INVALID);
    }
}


/* "n" images of the platform l/a<arch>, each of another digest. */

static char *
test_part(size_t n, size_t arch, size_t *len)
{
    char    *json;
    size_t   i, size;

    size = 64 + n * 256;
    json = malloc(size);
    assert_non_null(json);

    *len = (size_t) snprintf(json, size, "{\"manifests\":[");

    for (i = 0; i < n; i++) {
        *len += (size_t) snprintf(json + *len, size - *len,
                    "%s{\"mediaType\":\"application/vnd.oci.image.manifest."
                    "v1+json\",\"digest\":\"sha256:%064zx\",\"size\":1,"
                    "\"platform\":{\"architecture\":\"a%zu\",\"os\":"
                    "\"l\"}}", i == 0 ? "" : ",", i, arch);
    }

    *len += (size_t) snprintf(json + *len, size - *len, "]}");
    assert_true(*len < size);

    return json;
}


static void
test_input(mlist_index_input_t *input, const char *json, size_t len,
    size_t number)
{
    input->kind = MLIST_PART_INDEX;
    input->part.data = json;
    input->part.len = len;
    input->digest.text[0] = (char) ('0' + number);
    input->digest.len = 1;
}


/* The platforms' text ends at a comma where it would be too long. */

static void
test_platforms_cut(void **state)
{
    char    json[16384], platforms[MLIST_INDEX_PLATFORMS];
    size_t  i, len;

    (void) state;

    for (i = 0, len = 0; i < 64; i++) {
        len += (size_t) snprintf(json + len, sizeof(json) - len,
                                 "%s{\"mediaType\":\"a/b\",\"digest\":\"sha2"
                                 "56:%064zx\",\"size\":1,\"platform\":{\"arc"
                                 "hitecture\":\"arch%040zu\",\"os\":\"l\"}}",
                                 i == 0 ? "{\"manifests\":[" : ",", i, i);
    }

    (void) snprintf(json + len, sizeof(json) - len, "]}");

    assert_int_equal(mlist_index_platforms(mlist_str(json), platforms),
                     MLIST_OK);

    /* 46 bytes each, and a comma */

    assert_int_equal(strlen(platforms), 21 * 47 - 1);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_entries),
        cmocka_unit_test(test_unequal),
        cmocka_unit_test(test_unreadable),
        cmocka_unit_test(test_platforms_cut)
    };

    return fixture_run("list", test_case)
           + cmocka_run_group_tests_name("index calls", tests, NULL, NULL);
}

/*
 * Accept: what the real clients send, as it was seen on the wire, and what
 * RFC 9110 allows besides.  Without these a client would be given a type it
 * does not take.
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "guard.h"
#include "mlist_accept.h"


#define D1   "application/vnd.docker.distribution.manifest.v1+json"
#define D1J  "application/vnd.docker.distribution.manifest.v1+prettyjws"
#define D2   "application/vnd.docker.distribution.manifest.v2+json"
#define DL   "application/vnd.docker.distribution.manifest.list.v2+json"
#define OM   "application/vnd.oci.image.manifest.v1+json"
#define OI   "application/vnd.oci.image.index.v1+json"
#define OA   "application/vnd.oci.artifact.manifest.v1+json"


typedef struct {
    const char      *value;          /* lines are parted by "|" */
    mlist_accept_e   docker;         /* for a Docker list */
    mlist_accept_e   oci;            /* for an OCI index */
} test_accept_t;


static void test_choose(void **state);
static void test_q(void **state);
static void test_html(void **state);
static void test_many(void **state);
static void test_prefixes(void **state);
static void test_takes(void **state);
static void test_weight_of(void **state);
static void test_read(mlist_accept_t *a, const char *value);


static const test_accept_t  test_values[] = {
    { "", MLIST_ACCEPT_LIST, MLIST_ACCEPT_LIST },
    { "*/*", MLIST_ACCEPT_LIST, MLIST_ACCEPT_LIST },
    { "application/*", MLIST_ACCEPT_LIST, MLIST_ACCEPT_LIST },

    /* docker 20.10, containerd, podman, crane, oras */
    { "application/json|" OM "|" D2 "|" DL "|" OI "|" D1J,
      MLIST_ACCEPT_LIST, MLIST_ACCEPT_LIST },
    { D2 ", " DL ", " OM ", " OI ", */*",
      MLIST_ACCEPT_LIST, MLIST_ACCEPT_LIST },
    { OM "|" D2 "|" D1J "|" D1 "|" DL "|" OI,
      MLIST_ACCEPT_LIST, MLIST_ACCEPT_LIST },
    { D1 "," D1J "," D2 "," OM "," DL "," OI,
      MLIST_ACCEPT_LIST, MLIST_ACCEPT_LIST },
    { D2 ", " DL ", " OM ", " OI ", " OA,
      MLIST_ACCEPT_LIST, MLIST_ACCEPT_LIST },
    { D2 ", */*", MLIST_ACCEPT_LIST, MLIST_ACCEPT_LIST },

    { DL, MLIST_ACCEPT_LIST, MLIST_ACCEPT_OTHER_LIST },
    { OI, MLIST_ACCEPT_OTHER_LIST, MLIST_ACCEPT_LIST },
    { OI ", " D2, MLIST_ACCEPT_OTHER_LIST, MLIST_ACCEPT_LIST },
    { D2, MLIST_ACCEPT_CHILD, MLIST_ACCEPT_CHILD },
    { OM, MLIST_ACCEPT_CHILD, MLIST_ACCEPT_CHILD },
    { D2 "," D1J, MLIST_ACCEPT_CHILD, MLIST_ACCEPT_CHILD },
    { D1J, MLIST_ACCEPT_NOTHING, MLIST_ACCEPT_NOTHING },
    { "application/json", MLIST_ACCEPT_NOTHING, MLIST_ACCEPT_NOTHING },
    { "text/*", MLIST_ACCEPT_NOTHING, MLIST_ACCEPT_NOTHING },
    { "text/html", MLIST_ACCEPT_NOTHING, MLIST_ACCEPT_NOTHING },

    { DL ";q=0, " OI, MLIST_ACCEPT_OTHER_LIST, MLIST_ACCEPT_LIST },
    { DL ";q=0.5, " OI ";q=1", MLIST_ACCEPT_LIST, MLIST_ACCEPT_LIST },
    { DL ";q=0, */*", MLIST_ACCEPT_OTHER_LIST, MLIST_ACCEPT_LIST },
    { DL ";q=0, " OI ";q=0.000, */*",
      MLIST_ACCEPT_CHILD, MLIST_ACCEPT_CHILD },
    { "*/*;q=0", MLIST_ACCEPT_NOTHING, MLIST_ACCEPT_NOTHING },
    { "*/*;q=0, " D2, MLIST_ACCEPT_CHILD, MLIST_ACCEPT_CHILD },
    { "application/*;q=0, */*", MLIST_ACCEPT_NOTHING,
      MLIST_ACCEPT_NOTHING },
    { "text/html, image/gif, *; q=.2, */*; q=.2",
      MLIST_ACCEPT_LIST, MLIST_ACCEPT_LIST },

    { "  " DL " ;  a = b ; Q = 0.3 , ,, ", MLIST_ACCEPT_LIST,
      MLIST_ACCEPT_OTHER_LIST },
    { "APPLICATION/VND.OCI.IMAGE.INDEX.V1+JSON",
      MLIST_ACCEPT_OTHER_LIST, MLIST_ACCEPT_LIST },
    { "text/x;a=\"" OI ",\\\"\";q=1, " D2, MLIST_ACCEPT_CHILD,
      MLIST_ACCEPT_CHILD },

    /* nothing in it is a media range, so it is as if there were none */
    { ",,;,", MLIST_ACCEPT_LIST, MLIST_ACCEPT_LIST },
    { "garbage", MLIST_ACCEPT_LIST, MLIST_ACCEPT_LIST },
    { "\"", MLIST_ACCEPT_LIST, MLIST_ACCEPT_LIST },
    { "/, a/, /b", MLIST_ACCEPT_LIST, MLIST_ACCEPT_LIST },
    { "a b/c", MLIST_ACCEPT_LIST, MLIST_ACCEPT_LIST },
    { "garbage, " D2, MLIST_ACCEPT_CHILD, MLIST_ACCEPT_CHILD },
    { OI ";q=x, " D2, MLIST_ACCEPT_CHILD, MLIST_ACCEPT_CHILD }
};


static void
test_choose(void **state)
{
    size_t                i;
    mlist_accept_t        a;
    const test_accept_t  *t;

    (void) state;

    for (i = 0; i < sizeof(test_values) / sizeof(test_values[0]); i++) {
        t = &test_values[i];
        test_read(&a, t->value);

        if (mlist_accept_choose(&a, MLIST_MEDIA_DOCKER_LIST) != t->docker
            || mlist_accept_choose(&a, MLIST_MEDIA_OCI_INDEX) != t->oci)
        {
            fail_msg("Accept: %s: %d, %d", t->value,
                     mlist_accept_choose(&a, MLIST_MEDIA_DOCKER_LIST),
                     mlist_accept_choose(&a, MLIST_MEDIA_OCI_INDEX));
        }
    }
}


static void
test_q(void **state)
{
    size_t          i;
    mlist_accept_t  a;

    static const struct {
        const char  *value;
        int          q;                  /* of text/html; -1: malformed */
    } values[] = {
        { "text/html", 1000 }, { "text/html;q=1", 1000 },
        { "text/html;q=1.", 1000 }, { "text/html;q=1.000", 1000 },
        { "text/html;q=0", 0 }, { "text/html;q=0.", 0 },
        { "text/html;q=0.5", 500 }, { "text/html;q=0.05", 50 },
        { "text/html;q=0.123", 123 }, { "text/html;q=.7", 700 },
        { "text/html;level=1;q=0.4", 400 },
        { "text/html;q=0.4;ext=1", 400 },
        { "text/html;q=1.001", -1 }, { "text/html;q=2", -1 },
        { "text/html;q=0.1234", -1 }, { "text/html;q=", -1 },
        { "text/html;q", -1 }, { "text/html;q=.", -1 },
        { "text/html;q=-1", -1 }, { "text/html;q=0.1x", -1 },
        { "text/html;q=00.1", -1 }, { "text/html;q=\"1\"", -1 }
    };

    (void) state;

    for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        test_read(&a, values[i].value);

        if (values[i].q < 0) {
            if (a.seen) {
                fail_msg("%s is taken", values[i].value);
            }

        } else if (!a.seen || a.html != (unsigned) values[i].q) {
            fail_msg("%s: %u", values[i].value, a.html);
        }
    }
}


static void
test_html(void **state)
{
    size_t          i;
    mlist_accept_t  a;

    static const char *const  browsers[] = {
        "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        "text/html, */*", "text/html", "text/html;q=0.5, text/plain;q=0.5"
    };

    static const char *const  others[] = {
        "", "*/*", D2 ", text/html", "text/html, " OI ";q=0.1",
        "text/html;q=0.5, text/plain", "text/html;q=0",
        "text/*", "application/json"
    };

    (void) state;

    for (i = 0; i < sizeof(browsers) / sizeof(browsers[0]); i++) {
        test_read(&a, browsers[i]);
        assert_true(mlist_accept_prefers_html(&a));
    }

    for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        test_read(&a, others[i]);
        assert_false(mlist_accept_prefers_html(&a));
    }
}


/* Only so many ranges of a line are read, whatever comes after them. */

static void
test_many(void **state)
{
    char            *line;
    size_t           i, n;
    mlist_str_t      s;
    mlist_accept_t   a;

    (void) state;

    n = 300;
    s.len = 4 * n + sizeof(OI) - 1;
    line = malloc(s.len);
    assert_non_null(line);
    s.data = line;

    for (i = 0; i < n; i++) {
        memcpy(line + 4 * i, "a/b,", 4);
    }

    memcpy(line + 4 * n, OI, sizeof(OI) - 1);

    mlist_accept_init(&a);
    mlist_accept_add(&a, s);
    assert_true(a.seen);
    assert_false(mlist_accept_takes(&a, MLIST_MEDIA_OCI_INDEX));
    free(line);
}


static void
test_prefixes(void **state)
{
    size_t          i, len;
    mlist_accept_t  a;

    (void) state;

    for (i = 0; i < sizeof(test_values) / sizeof(test_values[0]); i++) {
        for (len = 0; len <= strlen(test_values[i].value); len++) {
            mlist_accept_init(&a);
            mlist_accept_add(&a, guard_bytes(0, test_values[i].value, len));
        }
    }

    mlist_accept_init(&a);
    mlist_accept_add(&a, guard(0, "a/b;x=\"\\"));
    mlist_accept_add(&a, guard_bytes(0, "a\0/b\xff", 5));
    assert_false(a.any);
}


static void
test_takes(void **state)
{
    mlist_accept_t  a;

    (void) state;

    test_read(&a, "");
    assert_true(mlist_accept_takes(&a, MLIST_MEDIA_DOCKER_MANIFEST));

    test_read(&a, DL ", " D2);
    assert_true(mlist_accept_takes(&a, MLIST_MEDIA_DOCKER_MANIFEST));
    assert_false(mlist_accept_takes(&a, MLIST_MEDIA_OCI_MANIFEST));
    assert_false(mlist_accept_takes(&a, MLIST_MEDIA_OTHER));

    test_read(&a, D2 ";q=0|" D2);
    assert_true(mlist_accept_takes(&a, MLIST_MEDIA_DOCKER_MANIFEST));

    test_read(&a, "*/*|" OM ";q=0");
    assert_true(mlist_accept_takes(&a, MLIST_MEDIA_DOCKER_MANIFEST));
    assert_false(mlist_accept_takes(&a, MLIST_MEDIA_OCI_MANIFEST));
}


static void
test_read(mlist_accept_t *a, const char *value)
{
    size_t  len;

    mlist_accept_init(a);

    for ( ;; ) {
        len = strcspn(value, "|");
        mlist_accept_add(a, guard_bytes(0, value, len));

        if (value[len] == '\0') {
            return;
        }

        value += len + 1;
    }
}


static void
test_weight_of(void **state)
{
    size_t  i;

    static const struct {
        const char  *value;
        unsigned     weight;
    } lines[] = {
        { "text/html", 1000 }, { "a/b, TEXT/HTML ;q=0.9", 900 },
        { "text/html;q=0.2, text/html;level=1;q=0.4", 400 },
        { "text/html;q=0", 0 }, { "text/html;q=x", 0 }, { "", 0 },
        { "*/*, text/*", 0 }, { "text/htmlx", 0 },
        { "a/b;x=\"text/html, \", c/d", 0 }
    };

    (void) state;

    for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        assert_int_equal(mlist_accept_weight_of(guard(0, lines[i].value),
                                                mlist_str("text/html")),
                         lines[i].weight);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_choose),
        cmocka_unit_test(test_q),
        cmocka_unit_test(test_html),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_prefixes),
        cmocka_unit_test(test_takes),
        cmocka_unit_test(test_weight_of)
    };

    return cmocka_run_group_tests_name("accept", tests, NULL, NULL);
}

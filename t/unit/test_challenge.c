/*
 * What a registry asks for, and where a password may go: challenges, token
 * services' URLs, tokens and scopes.  Without these a registry's header could
 * lead the front's password elsewhere, or its bytes into a request.
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"
#include "guard.h"
#include "mlist_challenge.h"
#include "mlist_realm.h"
#include "mlist_token.h"


#define HEADERS_MAX  8
#define TEXT_MAX     4096

#define HEX32        "0123456789abcdef0123456789abcdef"
#define SHA256       "sha256:" HEX32 HEX32

#define NAME50       "12345678901234567890123456789012345678901234567/ab"
#define NAME255      NAME50 NAME50 NAME50 NAME50 NAME50 "12345"


typedef struct {
    const char  *url;
    const char  *other;
    int          same;                       /* all up to the query */
} test_realm_t;


typedef struct {
    const char     *path;
    const char     *query;
    mlist_token_e   what;
    const char     *scope;
} test_scope_t;


static void test_challenge(void **state);
static void test_challenge_prefixes(void **state);
static void test_token(void **state);
static void test_realm(void **state);
static void test_realm_parts(void **state);
static void test_realm_refused(void **state);
static void test_good(void **state);
static void test_scope(void **state);


/* A header a line; expected.txt: the result, then what is taken. */

static void
test_challenge(void **state)
{
    char                text[TEXT_MAX];
    size_t              n, len;
    mlist_rc_e          rc;
    const char         *p, *end, *lf;
    mlist_str_t         input, values[HEADERS_MAX];
    mlist_challenge_t   c;

    input = fixture_read(*state, "input.txt");
    end = input.data + input.len;
    n = 0;

    for (p = input.data; p < end; p = lf + 1) {
        lf = memchr(p, '\n', (size_t) (end - p));
        assert_non_null(lf);
        assert_true(n < HEADERS_MAX);
        values[n].data = p;
        values[n++].len = (size_t) (lf - p);
    }

    rc = mlist_challenge_parse(values, n, &c);
    len = (size_t) snprintf(text, sizeof(text), "%s", fixture_rc(rc));

    if (rc == MLIST_OK && c.scheme == MLIST_CHALLENGE_BASIC) {
        snprintf(text + len, sizeof(text) - len, "\nbasic");

    } else if (rc == MLIST_OK) {
        snprintf(text + len, sizeof(text) - len,
                 "\nbearer realm=%.*s service=%.*s%s",
                 (int) c.realm_len, c.realm,
                 (int) c.service_len, c.service,
                 c.insufficient ? " insufficient" : "");
    }

    assert_string_equal(text, fixture_text(*state, "expected.txt"));
    fixture_clean();
}


/* Wherever a header ends, nothing behind it is read. */

static void
test_challenge_prefixes(void **state)
{
    size_t              len;
    mlist_str_t         value;
    mlist_challenge_t   challenge;

    static const char   whole[] = "Negotiate YWJj==, Basic realm=\"a\\\"b\", "
                                  "Bearer realm=\"http://r/t\" , service=s,"
                                  "error = \"insufficient_scope\"";

    (void) state;

    for (len = 0; len < sizeof(whole); len++) {
        value = guard_bytes(0, whole, len);
        (void) mlist_challenge_parse(&value, 1, &challenge);
    }

    assert_int_equal(challenge.scheme, MLIST_CHALLENGE_BEARER);
    assert_int_equal(mlist_challenge_parse(NULL, 0, &challenge),
                     MLIST_NOT_FOUND);
}


static void
test_token(void **state)
{
    char           *text;
    mlist_rc_e      rc;
    mlist_token_t   token;

    static char     buffer[MLIST_TOKEN_SIZE + 64];

    token.doc = NULL;
    rc = mlist_token_parse(fixture_read(*state, "input.json"), &token);
    text = fixture_text(*state, "expected.txt");

    if (rc == MLIST_OK) {
        snprintf(buffer, sizeof(buffer), "ok %.*s %ld",
                 (int) token.token.len, token.token.data, token.life);

    } else {
        snprintf(buffer, sizeof(buffer), "%s", fixture_rc(rc));
    }

    assert_true((rc == MLIST_OK) == (token.doc != NULL));
    assert_string_equal(buffer, text);

    json_decref(token.doc);
    fixture_clean();
}


static void
test_realm(void **state)
{
    size_t         i;
    mlist_realm_t  a, b;

    static const test_realm_t  pairs[] = {
        { "http://r/t", "http://r/t", 1 },
        { "http://r/t", "HTTP://R:80/t?service=x", 1 },
        { "https://r:443/t", "https://r/t", 1 },
        { "http://r", "http://r/", 1 },
        { "http://r?a=b", "http://r/?c", 1 },
        { "http://[::1]:5000/t", "http://[::1]:5000/t", 1 },
        { "http://r/t", "http://r/T", 0 },
        { "http://r/t", "http://r/t/", 0 },
        { "http://r/t", "http://r/t2", 0 },
        { "http://r/t", "https://r/t", 0 },
        { "http://r/t", "http://r:81/t", 0 },
        { "http://r/t", "http://r.evil/t", 0 },
        { "http://r/t", "http://evil/t", 0 },
        { "https://r:80/t", "http://r:80/t", 0 }
    };

    (void) state;

    for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        assert_int_equal(mlist_realm_parse(guard(0, pairs[i].url), &a),
                         MLIST_OK);
        assert_int_equal(mlist_realm_parse(guard(1, pairs[i].other), &b),
                         MLIST_OK);
        assert_int_equal(mlist_realm_same(&a, &b), pairs[i].same);
    }
}


static void
test_realm_parts(void **state)
{
    mlist_realm_t  a, b;

    (void) state;

    assert_int_equal(mlist_realm_parse(guard(0, "https://R.x:5000/a/b?c=d?e"),
                                       &a), MLIST_OK);
    assert_true(a.ssl);
    assert_int_equal(a.port, 5000);
    assert_true(mlist_str_eq(a.origin, mlist_str("https://R.x:5000")));
    assert_true(mlist_str_eq(a.host, mlist_str("R.x")));
    assert_true(mlist_str_eq(a.path, mlist_str("/a/b")));
    assert_true(mlist_str_eq(a.query, mlist_str("c=d?e")));

    assert_int_equal(mlist_realm_parse(guard(1, "https://r.X:5000"), &b),
                     MLIST_OK);
    assert_int_equal(b.path.len, 0);
    assert_int_equal(b.query.len, 0);
    assert_true(mlist_realm_same_origin(&a, &b));
    assert_false(mlist_realm_same(&a, &b));
}


static void
test_realm_refused(void **state)
{
    size_t         i;
    mlist_realm_t  realm;

    static const char *const  urls[] = {
        "", "r", "/token", "//r/token", "ftp://r/t", "http:/r", "http:",
        "http://", "https://", "http:///t", "http://?x", "http://u@r/t",
        "http://u:p@r/t", "http://r:/t", "http://r:0/t", "http://r:65536/t",
        "http://r:99999999999/t", "http://r:80x/t", "http://r/t#f",
        "http://r/a b", "http://r/a\tb", "http://r/\"", "http://r\\@e/t",
        "http://r%2e/t", "http://[::1/t", "http://[::1]x/t", "http://[r]/t",
        "http://r/\xc3\xa9", "http://r\x01/t"
    };

    (void) state;

    for (i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        assert_int_equal(mlist_realm_parse(guard(0, urls[i]), &realm),
                         MLIST_INVALID);
    }
}


static void
test_good(void **state)
{
    size_t  i;

    static const long  cases[][4] = {       /* life, left, upload, good */
        { 60, 60, 0, 1 }, { 60, 7, 0, 1 }, { 60, 6, 0, 0 },
        { 60, 31, 1, 1 }, { 60, 30, 1, 0 }, { 60, -1, 0, 0 },
        { 300, 31, 0, 1 }, { 300, 30, 0, 0 }, { 300, 150, 1, 0 },
        { 3600, 31, 0, 1 }, { 3600, 30, 0, 0 }, { 3600, 301, 1, 1 },
        { 3600, 300, 1, 0 }
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(mlist_token_good(cases[i][0], cases[i][1],
                                          (int) cases[i][2]),
                         cases[i][3]);
    }
}


static void
test_scope(void **state)
{
    char    scope[MLIST_SCOPE_SIZE];
    size_t  i, len;

    static const test_scope_t  scopes[] = {
        { "/v2/", "", MLIST_TOKEN_READ, "" },
        { "/v2/_catalog", "n=1", MLIST_TOKEN_READ, "registry:catalog:*" },
        { "/v2/a/b/manifests/1", "", MLIST_TOKEN_READ,
          "repository:a/b:pull" },
        { "/v2/a/tags/list", "", MLIST_TOKEN_READ, "repository:a:pull" },
        { "/v2/a/referrers/" SHA256, "", MLIST_TOKEN_READ,
          "repository:a:pull" },
        { "/v2/a/manifests/1", "", MLIST_TOKEN_WRITE,
          "repository:a:pull,push" },
        { "/v2/a/manifests/" SHA256, "", MLIST_TOKEN_DELETE,
          "repository:a:pull,push,delete" },
        { "/v2/a/blobs/" SHA256, "from=b", MLIST_TOKEN_READ,
          "repository:a:pull" },
        { "/v2/a/blobs/uploads/", "", MLIST_TOKEN_WRITE,
          "repository:a:pull,push" },
        { "/v2/a/blobs/uploads/1", "from=b", MLIST_TOKEN_READ,
          "repository:a:pull,push" },
        { "/v2/a/blobs/uploads/", "mount=" SHA256 "&from=b/c",
          MLIST_TOKEN_WRITE,
          "repository:a:pull,push repository:b/c:pull" },
        { "/v2/a/blobs/uploads/", "from=a&x", MLIST_TOKEN_WRITE,
          "repository:a:pull,push" },
        { "/v2/a/blobs/uploads/", "from=B C", MLIST_TOKEN_WRITE,
          "repository:a:pull,push" },
        { "/v2/" NAME255 "/blobs/uploads/", "from=x" NAME50,
          MLIST_TOKEN_WRITE, "repository:" NAME255 ":pull,push "
          "repository:x" NAME50 ":pull" },
        { "/v2/a/b", "", MLIST_TOKEN_READ, "" },
        { "/", "", MLIST_TOKEN_READ, "" }
    };

    (void) state;

    for (i = 0; i < sizeof(scopes) / sizeof(scopes[0]); i++) {
        len = mlist_token_scope(guard(0, scopes[i].path),
                                guard(1, scopes[i].query), scopes[i].what,
                                scope);
        assert_int_equal(len, strlen(scopes[i].scope));
        assert_memory_equal(scope, scopes[i].scope, len);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_challenge_prefixes),
        cmocka_unit_test(test_realm),
        cmocka_unit_test(test_realm_parts),
        cmocka_unit_test(test_realm_refused),
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_scope)
    };

    return fixture_run("challenge", test_challenge)
           + fixture_run("token", test_token)
           + cmocka_run_group_tests_name("realms and scopes", tests, NULL,
                                         NULL);
}

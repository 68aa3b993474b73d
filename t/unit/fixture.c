/*
 * fixture: cases that are folders.  Keeps a list of all it has allocated, so
 * that the tests need not.  Called by the tests.
 */

#include <dirent.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "fixture.h"


#define FIXTURE_BLOCKS  4096
#define FIXTURE_CASES   256
#define FIXTURE_PATH    1024


static void *fixture_keep(void *block);
static char *fixture_path(const char *dir, const char *name);
static int fixture_compare(const void *a, const void *b);
static size_t fixture_list(const char *suite, char **names);
static mlist_rc_e fixture_feed(const char *dir, mlist_resolve_t *res,
    size_t i);
static mlist_rc_e fixture_feed_all(const char *dir, mlist_resolve_t *res,
    int backwards);


static void    *fixture_blocks[FIXTURE_BLOCKS];
static size_t   fixture_nblocks;


mlist_str_t
fixture_read(const char *dir, const char *name)
{
    FILE         *f;
    char         *data, *path;
    struct stat   st;
    mlist_str_t   s;

    s.data = NULL;
    s.len = 0;

    path = fixture_path(dir, name);
    f = fopen(path, "rb");

    if (f == NULL) {
        return s;
    }

    if (stat(path, &st) != 0) {
        fail_msg("%s cannot be read", path);
    }

    /* of the exact size, so that a sanitizer sees one byte too far */

    data = fixture_keep(malloc((size_t) st.st_size + (st.st_size == 0)));

    if (fread(data, 1, (size_t) st.st_size, f) != (size_t) st.st_size) {
        fail_msg("%s cannot be read", path);
    }

    fclose(f);

    s.data = data;
    s.len = (size_t) st.st_size;

    return s;
}


char *
fixture_text(const char *dir, const char *name)
{
    mlist_str_t  s;

    s = fixture_read(dir, name);

    if (s.data == NULL) {
        return NULL;
    }

    if (s.len != 0 && s.data[s.len - 1] == '\n') {
        s.len--;
    }

    return fixture_copy(s.data, s.len);
}


char *
fixture_copy(const char *s, size_t len)
{
    char  *copy;

    copy = fixture_keep(malloc(len + 1));

    if (len != 0) {
        memcpy(copy, s, len);
    }

    copy[len] = '\0';

    return copy;
}


void
fixture_clean(void)
{
    while (fixture_nblocks != 0) {
        free(fixture_blocks[--fixture_nblocks]);
    }
}


int
fixture_run(const char *suite, void (*test)(void **state))
{
    int                 failed;
    char               *names[FIXTURE_CASES];
    size_t              i, n;
    struct CMUnitTest   tests[FIXTURE_CASES];

    memset(tests, 0, sizeof(tests));
    n = fixture_list(suite, names);

    for (i = 0; i < n; i++) {
        tests[i].name = strrchr(names[i], '/') + 1;
        tests[i].test_func = test;
        tests[i].initial_state = names[i];
    }

    failed = _cmocka_run_group_tests(suite, tests, n, NULL, NULL);

    for (i = 0; i < n; i++) {
        free(names[i]);
    }

    return failed;
}


const char *
fixture_rc(mlist_rc_e rc)
{
    static const char *const  names[] = {
        "ok", "nomem", "invalid", "too-large", "too-deep", "duplicate",
        "mismatch", "contradiction", "not-found"
    };

    return names[rc];
}


mlist_rc_e
fixture_resolve(const char *dir, int backwards, fixture_source_t *source)
{
    char             *text;
    mlist_rc_e        rc;
    mlist_str_t       body, type;
    mlist_resolve_t  *res;

    memset(source, 0, sizeof(fixture_source_t));

    body = fixture_read(dir, "input.json");
    type = mlist_str(fixture_text(dir, "type.txt"));
    text = fixture_text(dir, "digest.txt");

    if (text != NULL) {
        assert_int_equal(mlist_digest_parse(mlist_str(text),
                                            &source->digest), MLIST_OK);
    } else {
        assert_int_equal(mlist_digest_compute(body, &source->digest),
                         MLIST_OK);
    }

    text = fixture_text(dir, "platform.txt");
    source->declared = (text != NULL);

    if (text != NULL) {
        assert_int_equal(mlist_platform_parse(mlist_str(text),
                                              &source->platform), MLIST_OK);
    }

    res = mlist_resolve_create(source->declared ? &source->platform : NULL,
                               fixture_read(dir, "verify.txt").data != NULL
                               ? MLIST_RESOLVE_VERIFY : 0);
    assert_non_null(res);

    rc = mlist_resolve_root(res, &source->digest, type, body);

    if (rc == MLIST_OK) {
        rc = fixture_feed_all(dir, res, backwards);
    }

    if (rc == MLIST_OK) {
        rc = mlist_resolve_finish(res, &source->part);
    }

    if (source->part.json != NULL) {
        fixture_keep(source->part.json);
    }

    text = (char *) mlist_resolve_problem(res);
    source->problem = fixture_copy(text, strlen(text));
    source->nwants = mlist_resolve_nwants(res);
    mlist_resolve_free(res);

    return rc;
}


static mlist_rc_e
fixture_feed_all(const char *dir, mlist_resolve_t *res, int backwards)
{
    size_t         i, n;
    mlist_rc_e     rc;
    mlist_want_t  *want;

    for ( ;; ) {
        n = mlist_resolve_nwants(res);
        want = NULL;

        for (i = 0; i < n; i++) {
            want = mlist_resolve_want(res, backwards ? n - 1 - i : i);

            if (!want->fed) {
                break;
            }
        }

        if (i == n) {
            return MLIST_OK;
        }

        rc = fixture_feed(dir, res, backwards ? n - 1 - i : i);

        if (rc != MLIST_OK) {
            return rc;
        }

        assert_true(want->fed);
    }
}


static mlist_rc_e
fixture_feed(const char *dir, mlist_resolve_t *res, size_t i)
{
    char             name[64];
    char            *text;
    unsigned         k;
    mlist_str_t      body;
    mlist_want_t    *want;
    mlist_digest_t   digest;

    want = mlist_resolve_want(res, i);

    for (k = 1; /* void */ ; k++) {
        (void) snprintf(name, sizeof(name), "fetch-%u.json", k);
        body = fixture_read(dir, name);

        if (body.data == NULL) {
            fail_msg("%s: nothing has the digest %s", dir,
                     want->digest.text);
        }

        (void) snprintf(name, sizeof(name), "fetch-%u.digest", k);
        text = fixture_text(dir, name);

        if (text != NULL) {
            assert_int_equal(mlist_digest_parse(mlist_str(text), &digest),
                             MLIST_OK);
        } else {
            assert_int_equal(mlist_digest_compute(body, &digest), MLIST_OK);
        }

        if (mlist_digest_eq(&digest, &want->digest)) {
            break;
        }
    }

    (void) snprintf(name, sizeof(name), "fetch-%u.type", k);
    text = fixture_text(dir, name);

    return mlist_resolve_feed(res, i,
                              mlist_str(text != NULL ? text : want->type),
                              body);
}


static void *
fixture_keep(void *block)
{
    assert_non_null(block);
    assert_true(fixture_nblocks < FIXTURE_BLOCKS);
    fixture_blocks[fixture_nblocks++] = block;

    return block;
}


static char *
fixture_path(const char *dir, const char *name)
{
    char  path[FIXTURE_PATH];
    int   n;

    n = snprintf(path, sizeof(path), "%s/%s", dir, name);
    assert_true(n > 0 && (size_t) n < sizeof(path));

    return fixture_copy(path, (size_t) n);
}


static int
fixture_compare(const void *a, const void *b)
{
    return strcmp(*(char *const *) a, *(char *const *) b);
}


/* The paths of a suite's cases in the order of their names. */

static size_t
fixture_list(const char *suite, char **names)
{
    DIR            *dir;
    char            path[FIXTURE_PATH];
    size_t          n, len;
    struct dirent  *d;

    (void) snprintf(path, sizeof(path), MLIST_CASES "/%s", suite);
    dir = opendir(path);

    if (dir == NULL) {
        fprintf(stderr, "%s cannot be opened\n", path);
        exit(1);
    }

    for (n = 0; (d = readdir(dir)) != NULL && n < FIXTURE_CASES; /* void */ ) {

        if (d->d_name[0] == '.') {
            continue;
        }

        len = strlen(path) + strlen(d->d_name) + 2;
        names[n] = malloc(len);

        if (names[n] == NULL) {
            exit(1);
        }

        (void) snprintf(names[n++], len, "%s/%s", path, d->d_name);
    }

    closedir(dir);

    if (n == 0) {
        fprintf(stderr, "%s has no cases\n", path);
        exit(1);
    }

    qsort(names, n, sizeof(char *), fixture_compare);

    return n;
}

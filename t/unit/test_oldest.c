/*
 * What a store removes: never a name that was added to the set of those in
 * use, and always the oldest files.  Without this the current list of a tag
 * could go, or one that was pulled a minute ago before one of last year.
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mlist_digest.h"
#include "mlist_named.h"
#include "mlist_oldest.h"


#define NAMES  100000
#define FILES  20000


static void test_valid(void **state);
static void test_named(void **state);
static void test_oldest(void **state);
static void test_few(void **state);

static void name_of(unsigned i, char name[MLIST_NAMED_LEN + 1]);


static void
test_valid(void **state)
{
    char  name[MLIST_NAMED_LEN + 2];

    (void) state;

    name_of(1, name);
    assert_true(mlist_named_valid(name));

    name[7] = 'A';
    assert_false(mlist_named_valid(name));

    name[7] = '/';
    assert_false(mlist_named_valid(name));

    name_of(1, name);
    name[MLIST_NAMED_LEN - 1] = '\0';
    assert_false(mlist_named_valid(name));

    name[MLIST_NAMED_LEN - 1] = '0';
    name[MLIST_NAMED_LEN] = '0';
    name[MLIST_NAMED_LEN + 1] = '\0';
    assert_false(mlist_named_valid(name));
    assert_false(mlist_named_valid(""));
    assert_false(mlist_named_valid(".."));
}


static void
test_named(void **state)
{
    char            name[MLIST_NAMED_LEN + 1];
    unsigned        i, wrong;
    mlist_named_t  *named;

    (void) state;

    named = calloc(1, sizeof(mlist_named_t));
    assert_non_null(named);

    for (i = 0; i < NAMES; i++) {
        name_of(i, name);
        mlist_named_add(named, name);
    }

    for (i = 0; i < NAMES; i++) {
        name_of(i, name);
        assert_true(mlist_named_has(named, name));
    }

    wrong = 0;

    for (i = NAMES; i < 2 * NAMES; i++) {
        name_of(i, name);
        wrong += (unsigned) mlist_named_has(named, name);
    }

    assert_true(wrong < NAMES / 1000);

    free(named);
}


static void
test_oldest(void **state)
{
    char             name[MLIST_NAMED_LEN + 1];
    unsigned         i, used;
    mlist_oldest_t  *oldest;

    (void) state;

    oldest = calloc(1, sizeof(mlist_oldest_t));
    assert_non_null(oldest);

    /* 7919 is prime to FILES: each "used" once, in no order */

    for (i = 0; i < FILES; i++) {
        used = i * 7919 % FILES;
        name_of(used, name);
        mlist_oldest_add(oldest, used, used + 1, name);
    }

    assert_int_equal(oldest->n, MLIST_OLDEST_MAX);

    mlist_oldest_sort(oldest);

    for (i = 0; i < MLIST_OLDEST_MAX; i++) {
        name_of(i, name);
        assert_int_equal(oldest->files[i].used, i);
        assert_int_equal(oldest->files[i].size, i + 1);
        assert_string_equal(oldest->files[i].name, name);
    }

    free(oldest);
}


static void
test_few(void **state)
{
    char             name[MLIST_NAMED_LEN + 1];
    mlist_oldest_t  *oldest;

    (void) state;

    oldest = calloc(1, sizeof(mlist_oldest_t));
    assert_non_null(oldest);

    mlist_oldest_sort(oldest);
    assert_int_equal(oldest->n, 0);

    name_of(1, name);
    mlist_oldest_add(oldest, 5, 50, name);
    mlist_oldest_add(oldest, UINT64_MAX, 1, name);
    mlist_oldest_add(oldest, 5, 51, name);
    mlist_oldest_add(oldest, 0, 2, name);
    mlist_oldest_sort(oldest);

    assert_int_equal(oldest->n, 4);
    assert_int_equal(oldest->files[0].used, 0);
    assert_int_equal(oldest->files[1].used, 5);
    assert_int_equal(oldest->files[2].used, 5);
    assert_true(oldest->files[3].used == UINT64_MAX);

    free(oldest);
}


static void
name_of(unsigned i, char name[MLIST_NAMED_LEN + 1])
{
    char            text[16];
    mlist_digest_t  digest;

    (void) snprintf(text, sizeof(text), "%u", i);

    assert_int_equal(mlist_digest_compute(mlist_str(text), &digest),
                     MLIST_OK);

    memcpy(name, digest.text + sizeof("sha256:") - 1, MLIST_NAMED_LEN + 1);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_valid),
        cmocka_unit_test(test_named),
        cmocka_unit_test(test_oldest),
        cmocka_unit_test(test_few)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

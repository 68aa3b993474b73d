/*
 * Durations in ranges.  Without these the status page's medians and the
 * histogram's buckets could tell something else than what was measured.
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "mlist_latency.h"


static void test_buckets(void **state);
static void test_median(void **state);


static void
test_buckets(void **state)
{
    size_t         i;
    unsigned long  bound;

    (void) state;

    assert_int_equal(mlist_latency_bucket(0), 0);
    assert_int_equal(mlist_latency_bucket(10001), MLIST_LATENCY_BUCKETS - 1);
    assert_int_equal(mlist_latency_bucket((unsigned long) -1),
                     MLIST_LATENCY_BUCKETS - 1);
    assert_int_equal(mlist_latency_bound(MLIST_LATENCY_BUCKETS - 1), 0);
    assert_int_equal(mlist_latency_bound(MLIST_LATENCY_BUCKETS), 0);

    for (i = 0; i < MLIST_LATENCY_BUCKETS - 1; i++) {
        bound = mlist_latency_bound(i);

        assert_true(bound > (i ? mlist_latency_bound(i - 1) : 0));
        assert_int_equal(mlist_latency_bucket(bound), i);
        assert_int_equal(mlist_latency_bucket(bound + 1), i + 1);
    }
}


static void
test_median(void **state)
{
    unsigned long  counts[MLIST_LATENCY_BUCKETS] = { 0 };

    (void) state;

    assert_int_equal(mlist_latency_median(counts), 0);

    counts[1] = 1;
    assert_int_equal(mlist_latency_median(counts), 8);

    counts[4] = 100;
    assert_in_range(mlist_latency_median(counts), 51, 100);

    counts[0] = 1000;
    assert_in_range(mlist_latency_median(counts), 1, 5);

    counts[MLIST_LATENCY_BUCKETS - 1] = 10000;
    assert_int_equal(mlist_latency_median(counts), 10000);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_buckets),
        cmocka_unit_test(test_median)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

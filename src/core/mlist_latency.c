/*
 * mlist_latency: see mlist_latency.h.  Never allocates.
 */

#include "mlist_latency.h"


static const unsigned long  mlist_latency_bounds[MLIST_LATENCY_BUCKETS] = {
    5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 0
};


size_t
mlist_latency_bucket(unsigned long ms)
{
    size_t  i;

    for (i = 0; i < MLIST_LATENCY_BUCKETS - 1; i++) {
        if (ms <= mlist_latency_bounds[i]) {
            break;
        }
    }

    return i;
}


unsigned long
mlist_latency_bound(size_t bucket)
{
    return bucket < MLIST_LATENCY_BUCKETS ? mlist_latency_bounds[bucket] : 0;
}


unsigned long
mlist_latency_median(const unsigned long counts[MLIST_LATENCY_BUCKETS])
{
    size_t         i;
    double         rank;
    unsigned long  below, total, width;

    total = 0;

    for (i = 0; i < MLIST_LATENCY_BUCKETS; i++) {
        total += counts[i];
    }

    if (total == 0) {
        return 0;
    }

    rank = (double) total / 2;
    below = 0;

    for (i = 0; i < MLIST_LATENCY_BUCKETS - 1; i++) {

        if (counts[i] && (double) counts[i] >= rank) {
            width = mlist_latency_bounds[i] - below;

            return below + (unsigned long) ((double) width * rank
                                            / (double) counts[i] + 0.5);
        }

        rank -= (double) counts[i];
        below = mlist_latency_bounds[i];
    }

    return below;
}

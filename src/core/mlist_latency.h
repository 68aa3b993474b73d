/*
 * mlist_latency: how long answers took, counted by ranges, as Prometheus
 * counts a histogram.  Pure; the counts are the caller's.  Called by the
 * glue's stats and status rooms.
 */

#ifndef MLIST_LATENCY_H
#define MLIST_LATENCY_H

#include <stddef.h>


#define MLIST_LATENCY_BUCKETS  12    /* the last one has no upper bound */


/* The bucket of a duration in milliseconds: less than BUCKETS. */
size_t mlist_latency_bucket(unsigned long ms);

/* The upper bound of a bucket, inclusive, in milliseconds; 0: none. */
unsigned long mlist_latency_bound(size_t bucket);

/*
 * About the median of what was counted, in milliseconds, within its bucket as
 * if all there were evenly spread.  0 where nothing was counted; of the last
 * bucket its lower bound.
 */
unsigned long mlist_latency_median(
    const unsigned long counts[MLIST_LATENCY_BUCKETS]);


#endif /* MLIST_LATENCY_H */

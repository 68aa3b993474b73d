/*
 * mlist_oldest: a heap with the newest of the oldest on top, which is the
 * next one to go.  Called by the glue's store_manager.
 */

#include <stdlib.h>
#include <string.h>

#include "mlist_oldest.h"


static void mlist_oldest_set(mlist_oldest_file_t *file, uint64_t used,
    uint64_t size, const char *name);
static void mlist_oldest_swap(mlist_oldest_file_t *a, mlist_oldest_file_t *b);
static void mlist_oldest_up(mlist_oldest_file_t *files, size_t i);
static void mlist_oldest_down(mlist_oldest_file_t *files, size_t n);
static int mlist_oldest_compare(const void *a, const void *b);


void
mlist_oldest_add(mlist_oldest_t *oldest, uint64_t used, uint64_t size,
    const char *name)
{
    if (oldest->n < MLIST_OLDEST_MAX) {
        mlist_oldest_set(&oldest->files[oldest->n], used, size, name);
        mlist_oldest_up(oldest->files, oldest->n);
        oldest->n++;
        return;
    }

    if (used >= oldest->files[0].used) {
        return;
    }

    mlist_oldest_set(&oldest->files[0], used, size, name);
    mlist_oldest_down(oldest->files, oldest->n);
}


void
mlist_oldest_sort(mlist_oldest_t *oldest)
{
    qsort(oldest->files, oldest->n, sizeof(mlist_oldest_file_t),
          mlist_oldest_compare);
}


static void
mlist_oldest_set(mlist_oldest_file_t *file, uint64_t used, uint64_t size,
    const char *name)
{
    file->used = used;
    file->size = size;

    memcpy(file->name, name, MLIST_NAMED_LEN);
    file->name[MLIST_NAMED_LEN] = '\0';
}


static void
mlist_oldest_swap(mlist_oldest_file_t *a, mlist_oldest_file_t *b)
{
    mlist_oldest_file_t  file;

    file = *a;
    *a = *b;
    *b = file;
}


static void
mlist_oldest_up(mlist_oldest_file_t *files, size_t i)
{
    size_t  parent;

    while (i > 0) {
        parent = (i - 1) / 2;

        if (files[parent].used >= files[i].used) {
            return;
        }

        mlist_oldest_swap(&files[parent], &files[i]);
        i = parent;
    }
}


static void
mlist_oldest_down(mlist_oldest_file_t *files, size_t n)
{
    size_t  i, child;

    i = 0;

    for ( ;; ) {
        child = 2 * i + 1;

        if (child >= n) {
            return;
        }

        if (child + 1 < n && files[child + 1].used > files[child].used) {
            child++;
        }

        if (files[i].used >= files[child].used) {
            return;
        }

        mlist_oldest_swap(&files[i], &files[child]);
        i = child;
    }
}


static int
mlist_oldest_compare(const void *a, const void *b)
{
    const mlist_oldest_file_t  *x = a, *y = b;

    return (x->used > y->used) - (x->used < y->used);
}

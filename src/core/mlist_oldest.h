/*
 * mlist_oldest: of any number of files, those that were not used for the
 * longest time, in a bounded room.  Pure; never allocates.  Called by the
 * glue's store_manager.
 */

#ifndef MLIST_OLDEST_H
#define MLIST_OLDEST_H

#include <stdint.h>

#include "mlist_named.h"


#define MLIST_OLDEST_MAX  4096


typedef struct {
    uint64_t            used;                /* when, in any unit */
    uint64_t            size;                /* bytes */
    char                name[MLIST_NAMED_LEN + 1];
} mlist_oldest_file_t;


typedef struct {
    mlist_oldest_file_t  files[MLIST_OLDEST_MAX];
    size_t               n;                  /* 0 to begin with */
} mlist_oldest_t;


/* Adds a file; of more than MLIST_OLDEST_MAX the newest goes. */
void mlist_oldest_add(mlist_oldest_t *oldest, uint64_t used, uint64_t size,
    const char *name);

/* Puts them in order, the oldest first; nothing may be added after that. */
void mlist_oldest_sort(mlist_oldest_t *oldest);


#endif /* MLIST_OLDEST_H */

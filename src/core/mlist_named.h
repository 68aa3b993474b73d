/*
 * mlist_named: a set of file names (64 hex digits) of fixed size.  It never
 * forgets one, but takes a few others for members, the more the fuller it
 * is: below 1 in 1000 up to half a million names.  Pure.  Called by the
 * glue's store_manager.
 */

#ifndef MLIST_NAMED_H
#define MLIST_NAMED_H

#include <stddef.h>


#define MLIST_NAMED_LEN   64                 /* digits of a name */
#define MLIST_NAMED_SIZE  (1 << 20)          /* bytes of the set */


typedef struct {
    unsigned char  bits[MLIST_NAMED_SIZE];   /* zeroed by the caller */
} mlist_named_t;


/* 1 if the NUL-terminated "name" is 64 lower-case hex digits, else 0. */
int mlist_named_valid(const char *name);

/* Both take valid names only. */
void mlist_named_add(mlist_named_t *named, const char *name);
int mlist_named_has(const mlist_named_t *named, const char *name);


#endif /* MLIST_NAMED_H */

/*
 * guard: an input that ends flush against a page that may not be read, so
 * that one byte too far is a crash and not luck.  Called by the tests of the
 * rooms that walk over text.
 */

#ifndef MLIST_TEST_GUARD_H
#define MLIST_TEST_GUARD_H

#include "mlist_str.h"


/*
 * A copy of "s" that ends at the page's end.  The next call reuses the same
 * pages, so only one copy lives at a time for each "slot" (0 or 1).
 */
mlist_str_t guard(int slot, const char *s);
mlist_str_t guard_bytes(int slot, const char *s, size_t len);


#endif /* MLIST_TEST_GUARD_H */

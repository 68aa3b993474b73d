/*
 * mlist_page: one page of what a registry lists, tags or repositories, and
 * the query that asks for the next one.  Pure.
 */

#ifndef MLIST_PAGE_H
#define MLIST_PAGE_H

#include "mlist_rc.h"
#include "mlist_str.h"


/* Takes one name of a page; what is not MLIST_OK ends the reading. */
typedef mlist_rc_e (*mlist_page_take_pt)(void *data, mlist_str_t name);


/*
 * Gives each string of the array at "key" to take(), as a view that lives
 * until that returns; null is an empty array.  Whether they are valid names
 * is not looked at.  MLIST_OK, what take() returned, or as
 * mlist_json_load(); MLIST_INVALID too where the array is missing or holds
 * anything but strings.
 */
mlist_rc_e mlist_page_read(mlist_str_t body, const char *key,
    mlist_page_take_pt take, void *data);

/*
 * Takes a query apart (without its "?") and writes its parameters anew, in
 * their order, with all escaped that is not unreserved.  MLIST_OK and *len;
 * MLIST_INVALID: an escape or a byte that no query has; MLIST_TOO_LARGE: it
 * does not fit into out[0..size).
 */
mlist_rc_e mlist_page_query(mlist_str_t query, char *out, size_t size,
    size_t *len);


#endif /* MLIST_PAGE_H */

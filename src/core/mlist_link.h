/*
 * mlist_link: where a registry's Link header says that the next page is
 * (RFC 8288, as distribution-spec v1.1.1 uses it).  Pure.  Called by the
 * glue's page room.
 */

#ifndef MLIST_LINK_H
#define MLIST_LINK_H

#include "mlist_str.h"


/*
 * The target of the first link of a header's value whose rel has the
 * relation "next", as a view of what stands between < and >.  1 and *target
 * is set; 0: none has; -1: the value is no list of links, and what it says
 * of a next page is not known.
 */
int mlist_link_next(mlist_str_t value, mlist_str_t *target);


#endif /* MLIST_LINK_H */

/*
 * mlist_realm: URLs of token services, and whether a password may go there.
 * Pure; views into what is parsed.  Called by the glue's login rooms.
 */

#ifndef MLIST_REALM_H
#define MLIST_REALM_H

#include "mlist_rc.h"
#include "mlist_str.h"


typedef struct {
    int           ssl;
    mlist_str_t   origin;        /* scheme://host[:port] as written */
    mlist_str_t   host;          /* without the port; of an IPv6 address with
                                    its brackets */
    unsigned      port;          /* the scheme's if none is given */
    mlist_str_t   path;          /* begins with "/", or is empty */
    mlist_str_t   query;         /* without the "?"; may be empty */
} mlist_realm_t;


/*
 * Parses an absolute http or https URL: no user, no fragment, no byte that a
 * URL does not have.  MLIST_OK or MLIST_INVALID.
 */
mlist_rc_e mlist_realm_parse(mlist_str_t url, mlist_realm_t *realm);

/* 1 if scheme, host and port are the same, else 0. */
int mlist_realm_same_origin(const mlist_realm_t *a, const mlist_realm_t *b);

/* 1 if all up to the query is the same, else 0. */
int mlist_realm_same(const mlist_realm_t *a, const mlist_realm_t *b);


#endif /* MLIST_REALM_H */

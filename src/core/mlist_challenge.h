/*
 * mlist_challenge: what a registry asks for, read from its WWW-Authenticate
 * headers (RFC 9110, 11.6.1): several challenges in one header and in
 * several.  Of what clients do too there are Basic (RFC 7617) and the Bearer
 * flow of distribution ("Token Authentication").  Pure.  Called by the
 * glue's login rooms.
 */

#ifndef MLIST_CHALLENGE_H
#define MLIST_CHALLENGE_H

#include "mlist_rc.h"
#include "mlist_str.h"


#define MLIST_CHALLENGE_REALM    1024
#define MLIST_CHALLENGE_SERVICE  256


typedef enum {
    MLIST_CHALLENGE_BASIC,
    MLIST_CHALLENGE_BEARER
} mlist_challenge_e;


/* Plain data, without pointers: it may be copied into shared memory. */
typedef struct {
    mlist_challenge_e  scheme;

    /* of a Bearer challenge; printable ASCII */

    size_t             realm_len;      /* never 0 */
    char               realm[MLIST_CHALLENGE_REALM];
    size_t             service_len;    /* 0: none is named */
    char               service[MLIST_CHALLENGE_SERVICE];
    int                insufficient;   /* error="insufficient_scope": another
                                          token of that scope is no better */
} mlist_challenge_t;


/*
 * Takes the first Bearer challenge of "n" header values, else Basic, if there
 * is one.  A header that breaks the grammar counts as if it were not there,
 * as does a Bearer challenge without a realm, or with a value that is no
 * printable ASCII or is longer than the bounds above.
 *
 * MLIST_OK; MLIST_NOT_FOUND: neither is asked for; MLIST_INVALID: neither,
 * and something did not count.
 */
mlist_rc_e mlist_challenge_parse(const mlist_str_t *values, size_t n,
    mlist_challenge_t *challenge);


#endif /* MLIST_CHALLENGE_H */

/*
 * mlist_accept: which manifest types a client takes (RFC 9110, 12.5.1), and
 * which of two lists it is to be given.  Pure; fed line by line.
 */

#ifndef MLIST_ACCEPT_H
#define MLIST_ACCEPT_H

#include "mlist_media.h"
#include "mlist_str.h"


typedef struct {
    unsigned  seen:1;            /* any Accept line with a media range */
    unsigned  any:1;             /* a wildcard range that covers manifests
                                    with q > 0 */
    unsigned  no_application:1;  /* application slash * with q=0, which
                                    takes "any" back: see _takes() */
    unsigned  types;             /* bit (1 << mlist_media_e): named, q > 0 */
    unsigned  refused;           /* the same: named with q=0 */
    unsigned  html;              /* q of text/html in thousandths */
    unsigned  best;              /* the highest q of another range than
                                    text/html and wildcards, thousandths */
} mlist_accept_t;


typedef enum {
    MLIST_ACCEPT_LIST,           /* the list as it is */
    MLIST_ACCEPT_OTHER_LIST,     /* the list in the other type */
    MLIST_ACCEPT_CHILD,          /* no list, but manifests */
    MLIST_ACCEPT_NOTHING         /* neither */
} mlist_accept_e;


void mlist_accept_init(mlist_accept_t *a);

/*
 * Adds one Accept header's value.  What is malformed in it is passed over;
 * quoted strings are understood; at most 256 ranges a line are read.
 */
void mlist_accept_add(mlist_accept_t *a, mlist_str_t value);

/*
 * 1 if the client takes "type": named with q > 0, or covered by a wildcard
 * and not named with q=0, or no Accept was seen.
 */
int mlist_accept_takes(const mlist_accept_t *a, mlist_media_e type) MLIST_HOT;

/*
 * What to give for a list whose own type is "own" (DOCKER_LIST or
 * OCI_INDEX).  Without Accept, or where a wildcard covers it: LIST.
 */
mlist_accept_e mlist_accept_choose(const mlist_accept_t *a,
    mlist_media_e own) MLIST_HOT;

/*
 * 1 if text/html is preferred: its q is positive and at least that of every
 * other range that is not a wildcard, and no manifest type is named.
 */
int mlist_accept_prefers_html(const mlist_accept_t *a);

/*
 * The weight, in thousandths, that one Accept header's value gives "type"
 * where it names just that; the highest, of several; 0 where it does not.
 */
unsigned mlist_accept_weight_of(mlist_str_t value, mlist_str_t type);


#endif /* MLIST_ACCEPT_H */

/*
 * mlist_pattern: the one * of tag= and name=, applied and taken back.  Pure.
 */

#ifndef MLIST_PATTERN_H
#define MLIST_PATTERN_H

#include "mlist_rc.h"
#include "mlist_str.h"


typedef struct {
    mlist_str_t  before;     /* views into the pattern's text */
    mlist_str_t  after;
    unsigned     star:1;     /* has a *; else "before" is the whole text */
} mlist_pattern_t;


/*
 * MLIST_OK, or MLIST_INVALID for an empty text or more than one *.
 * Whether what the pattern makes is a tag or a name is not looked at.
 */
mlist_rc_e mlist_pattern_parse(mlist_str_t text, mlist_pattern_t *p);

/* 1 if the pattern is "*" alone, so that it changes nothing. */
int mlist_pattern_is_identity(const mlist_pattern_t *p) MLIST_HOT;

/*
 * Writes the pattern with "what" for its * into out[0..size).
 * Returns the length, or 0 if it does not fit.
 */
size_t mlist_pattern_apply(const mlist_pattern_t *p, mlist_str_t what,
    char *out, size_t size);

/*
 * The inverse: 1 and *what (a view into "text", never empty) if the pattern
 * with some *what gives "text"; 0 otherwise.  A pattern without a * stands
 * for no single name, so it is never taken back.
 */
int mlist_pattern_invert(const mlist_pattern_t *p, mlist_str_t text,
    mlist_str_t *what);


#endif /* MLIST_PATTERN_H */

/*
 * mlist_escape: text from anywhere, written safely into JSON, HTML or the
 * label of a metric.  Never allocates, never changes its input: it gives the
 * pieces to be written, one after the other.  Pure.  Called by the error room
 * and the glue's out room.
 */

#ifndef MLIST_ESCAPE_H
#define MLIST_ESCAPE_H

#include "mlist_str.h"


typedef enum {
    MLIST_ESCAPE_JSON,       /* within a string */
    MLIST_ESCAPE_HTML,       /* text, or an attribute in double quotes */
    MLIST_ESCAPE_LABEL       /* Prometheus, within double quotes */
} mlist_escape_e;


/*
 * The next piece of "s" from *i on, which it moves on: for instance
 *
 *     while (i < s.len) {
 *         put(mlist_escape_next(form, s, &i));
 *     }
 *
 * What is not valid UTF-8, and each control character, becomes "?", but for
 * the line feed of a label.  A piece lives as long as "s".  *i < s.len.
 */
mlist_str_t mlist_escape_next(mlist_escape_e form, mlist_str_t s, size_t *i);


#endif /* MLIST_ESCAPE_H */

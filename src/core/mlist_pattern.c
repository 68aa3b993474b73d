/*
 * mlist_pattern: the one * of tag= and name=, applied and taken back.  Pure:
 * views into the pattern's text, which the caller keeps.  Called by the
 * glue's configuration, target, handler and fold rooms.
 */

#include <string.h>

#include "mlist_pattern.h"


mlist_rc_e
mlist_pattern_parse(mlist_str_t text, mlist_pattern_t *p)
{
    size_t       rest;
    const char  *star;

    if (text.len == 0) {
        return MLIST_INVALID;
    }

    star = memchr(text.data, '*', text.len);

    if (star == NULL) {
        p->before = text;
        p->after = mlist_str(NULL);
        p->star = 0;
        return MLIST_OK;
    }

    p->before.data = text.data;
    p->before.len = (size_t) (star - text.data);

    rest = text.len - p->before.len - 1;

    if (rest != 0 && memchr(star + 1, '*', rest) != NULL) {
        return MLIST_INVALID;
    }

    p->after.data = star + 1;
    p->after.len = rest;
    p->star = 1;

    return MLIST_OK;
}


int
mlist_pattern_is_identity(const mlist_pattern_t *p)
{
    return p->star && p->before.len == 0 && p->after.len == 0;
}


size_t
mlist_pattern_apply(const mlist_pattern_t *p, mlist_str_t what, char *out,
    size_t size)
{
    size_t       i, len;
    mlist_str_t  pieces[3];

    if (!p->star) {
        what.len = 0;
    }

    pieces[0] = p->before;
    pieces[1] = what;
    pieces[2] = p->after;

    for (len = 0, i = 0; i < 3; i++) {

        if (pieces[i].len > size - len) {
            return 0;
        }

        if (pieces[i].len != 0) {
            memcpy(out + len, pieces[i].data, pieces[i].len);
            len += pieces[i].len;
        }
    }

    return len;
}


int
mlist_pattern_invert(const mlist_pattern_t *p, mlist_str_t text,
    mlist_str_t *what)
{
    if (!p->star
        || text.len <= p->before.len
        || text.len - p->before.len <= p->after.len
        || !mlist_str_starts(text, p->before)
        || !mlist_str_ends(text, p->after))
    {
        return 0;
    }

    what->data = text.data + p->before.len;
    what->len = text.len - p->before.len - p->after.len;

    return 1;
}

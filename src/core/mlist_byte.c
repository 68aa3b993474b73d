/*
 * mlist_byte: classes of bytes, by a table, since every request's path is
 * looked at byte by byte.  Never reads past a view.  Called by the rooms of
 * routes, names and digests.
 */

#include "mlist_byte.h"


/* ASCII, 16 to a line; no other byte is in any class */
static const unsigned char  mlist_byte_classes[256] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 5, 5, 0,
    15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 1, 0, 0, 1, 0, 0,
    1, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5,
    5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 0, 0, 0, 0, 5,
    0, 15, 15, 15, 15, 15, 15, 7, 7, 7, 7, 7, 7, 7, 7, 7,
    7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 0, 0, 0, 1, 0
};


size_t
mlist_byte_span(mlist_str_t s, size_t i, unsigned class)
{
    const unsigned char  *p, *end;

    p = (const unsigned char *) s.data + i;
    end = (const unsigned char *) s.data + s.len;

    /* mostly long runs: eight at once take half of the instructions */

    while (end - p >= 8
           && (mlist_byte_classes[p[0]] & mlist_byte_classes[p[1]]
               & mlist_byte_classes[p[2]] & mlist_byte_classes[p[3]]
               & mlist_byte_classes[p[4]] & mlist_byte_classes[p[5]]
               & mlist_byte_classes[p[6]] & mlist_byte_classes[p[7]]
               & class))
    {
        p += 8;
    }

    while (p != end && (mlist_byte_classes[*p] & class)) {
        p++;
    }

    return (size_t) ((const char *) p - s.data);
}

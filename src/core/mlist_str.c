/*
 * mlist_str: comparing and trimming views of bytes.  Never allocates, never
 * reads past a view.  Called by every room of the core and by the glue.
 */

#include <string.h>

#include "mlist_str.h"


static int mlist_str_lower(int c);


mlist_str_t
mlist_str(const char *s)
{
    mlist_str_t  view;

    view.data = (s != NULL) ? s : "";
    view.len = strlen(view.data);

    return view;
}


int
mlist_str_eq(mlist_str_t a, mlist_str_t b)
{
    if (a.len != b.len) {
        return 0;
    }

    /* an empty view may have no data at all */
    return a.len == 0 || memcmp(a.data, b.data, a.len) == 0;
}


int
mlist_str_caseeq(mlist_str_t a, mlist_str_t b)
{
    size_t  i;

    if (a.len != b.len) {
        return 0;
    }

    for (i = 0; i < a.len; i++) {
        if (mlist_str_lower(a.data[i]) != mlist_str_lower(b.data[i])) {
            return 0;
        }
    }

    return 1;
}


int
mlist_str_order(mlist_str_t a, mlist_str_t b)
{
    int     rc;
    size_t  len;

    len = (a.len < b.len) ? a.len : b.len;
    rc = (len != 0) ? memcmp(a.data, b.data, len) : 0;

    return (rc != 0) ? rc : (a.len > b.len) - (a.len < b.len);
}


int
mlist_str_starts(mlist_str_t s, mlist_str_t part)
{
    if (s.len < part.len) {
        return 0;
    }

    s.len = part.len;

    return mlist_str_eq(s, part);
}


int
mlist_str_ends(mlist_str_t s, mlist_str_t part)
{
    if (s.len < part.len) {
        return 0;
    }

    if (part.len == 0) {
        return 1;
    }

    s.data += s.len - part.len;
    s.len = part.len;

    return mlist_str_eq(s, part);
}


int
mlist_str_printable(mlist_str_t s)
{
    size_t  i;

    for (i = 0; i < s.len; i++) {
        if (s.data[i] < ' ' || s.data[i] > '~') {
            return 0;
        }
    }

    return 1;
}


size_t
mlist_str_find(mlist_str_t s, const char *bytes)
{
    size_t  i, n;

    n = strlen(bytes);

    for (i = 0; i < s.len; i++) {
        if (memchr(bytes, s.data[i], n) != NULL) {
            break;
        }
    }

    return i;
}


mlist_str_t
mlist_str_trim(mlist_str_t s)
{
    while (s.len != 0 && (s.data[0] == ' ' || s.data[0] == '\t')) {
        s.data++;
        s.len--;
    }

    while (s.len != 0
           && (s.data[s.len - 1] == ' ' || s.data[s.len - 1] == '\t'))
    {
        s.len--;
    }

    return s;
}


static int
mlist_str_lower(int c)
{
    return (c >= 'A' && c <= 'Z') ? c - 'A' + 'a' : c;
}

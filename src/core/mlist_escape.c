/*
 * mlist_escape: see mlist_escape.h.
 */

#include "mlist_escape.h"


static mlist_str_t mlist_escape_special(mlist_escape_e form, unsigned char c);
static size_t mlist_escape_utf8(mlist_str_t s, size_t i);


mlist_str_t
mlist_escape_next(mlist_escape_e form, mlist_str_t s, size_t *i)
{
    size_t       n;
    mlist_str_t  piece, special;

    piece.data = s.data + *i;
    piece.len = 0;

    /* as much as stands for itself; else the one that does not */

    while (*i < s.len) {
        special = mlist_escape_special(form, (unsigned char) s.data[*i]);
        n = 1;

        if (special.len == 0) {
            n = mlist_escape_utf8(s, *i);

            if (n == 0) {
                special = mlist_str("?");
                n = 1;
            }
        }

        if (special.len) {

            if (piece.len == 0) {
                *i += n;
                return special;
            }

            break;
        }

        *i += n;
        piece.len += n;
    }

    return piece;
}


/* What stands for "c"; empty: itself. */

static mlist_str_t
mlist_escape_special(mlist_escape_e form, unsigned char c)
{
    static const mlist_str_t  none = MLIST_STR("");

    if (form == MLIST_ESCAPE_LABEL && c == '\n') {
        return mlist_str("\\n");
    }

    if (c < 0x20 || c == 0x7f) {
        return mlist_str("?");
    }

    if (form != MLIST_ESCAPE_HTML) {
        return c == '"' ? mlist_str("\\\"")
               : c == '\\' ? mlist_str("\\\\") : none;
    }

    switch (c) {

    case '&':
        return mlist_str("&amp;");

    case '<':
        return mlist_str("&lt;");

    case '>':
        return mlist_str("&gt;");

    case '"':
        return mlist_str("&quot;");

    case '\'':
        return mlist_str("&#39;");

    default:
        return none;
    }
}


/*
 * The length of the UTF-8 sequence at "i" (RFC 3629: no overlong form, no
 * surrogate, nothing over U+10FFFF), or 0.  A C1 control gives 0 too: logs
 * and terminals may obey it.
 */

static size_t
mlist_escape_utf8(mlist_str_t s, size_t i)
{
    size_t                n, k;
    const unsigned char  *p;

    p = (const unsigned char *) s.data + i;

    if (p[0] < 0x80) {
        return 1;
    }

    n = (p[0] >= 0xc2 && p[0] <= 0xdf) ? 2
        : (p[0] >= 0xe0 && p[0] <= 0xef) ? 3
        : (p[0] >= 0xf0 && p[0] <= 0xf4) ? 4 : 0;

    if (n == 0 || n > s.len - i) {
        return 0;
    }

    for (k = 1; k < n; k++) {
        if ((p[k] & 0xc0) != 0x80) {
            return 0;
        }
    }

    if ((p[0] == 0xc2 && p[1] < 0xa0)
        || (p[0] == 0xe0 && p[1] < 0xa0)
        || (p[0] == 0xed && p[1] > 0x9f)
        || (p[0] == 0xf0 && p[1] < 0x90)
        || (p[0] == 0xf4 && p[1] > 0x8f))
    {
        return 0;
    }

    return n;
}

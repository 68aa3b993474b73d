/*
 * mlist_name: the grammar of repository names and tags, by hand, since it
 * runs on every request.  Pure, reads nothing past a view.  Called by the
 * route room and by the glue.
 */

#include "mlist_byte.h"
#include "mlist_name.h"


static size_t mlist_name_component(mlist_str_t s, size_t i);
static size_t mlist_name_separator(mlist_str_t s, size_t i);
static int mlist_name_hex(mlist_str_t s, size_t min, size_t max);


int
mlist_name_valid(mlist_str_t s)
{
    size_t  i, end;

    if (s.len == 0 || s.len > MLIST_NAME_MAX) {
        return 0;
    }

    for (i = 0; /* void */ ; i = end + 1) {
        end = mlist_name_component(s, i);

        if (end == i) {
            return 0;
        }

        if (end == s.len) {
            return 1;
        }

        if (s.data[end] != '/') {
            return 0;
        }
    }
}


int
mlist_name_tag_valid(mlist_str_t s)
{
    return s.len != 0 && s.len <= MLIST_TAG_MAX
           && s.data[0] != '.' && s.data[0] != '-'
           && mlist_byte_span(s, 0, MLIST_BYTE_TAG) == s.len;
}


int
mlist_name_is_signature_tag(mlist_str_t s)
{
    size_t                    i, max;
    static const mlist_str_t  sha256 = MLIST_STR("sha256-");
    static const mlist_str_t  sha512 = MLIST_STR("sha512-");
    static const mlist_str_t  ends[] = {
        MLIST_STR(".sig"), MLIST_STR(".att"), MLIST_STR(".sbom")
    };

    /* the tag schema cuts the hex of sha512 to 64 digits, cosign does not */

    if (mlist_str_starts(s, sha256)) {
        max = 64;

    } else if (mlist_str_starts(s, sha512)) {
        max = 128;

    } else {
        return 0;
    }

    s.data += sha256.len;
    s.len -= sha256.len;

    for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        if (mlist_str_ends(s, ends[i])) {
            s.len -= ends[i].len;
            break;
        }
    }

    return mlist_name_hex(s, 64, max);
}


/* The end of the path component at "i"; "i" itself if there is none. */

static size_t
mlist_name_component(mlist_str_t s, size_t i)
{
    size_t  start, end;

    end = i;

    for ( ;; ) {
        start = i;

        i = mlist_byte_span(s, i, MLIST_BYTE_NAME);

        if (i == start) {
            /* a separator must be followed by a letter or digit */
            return end;
        }

        end = i;
        i = mlist_name_separator(s, i);

        if (i == end) {
            return end;
        }
    }
}


/* The end of ".", "_", "__" or "-"+ at "i"; "i" itself if there is none. */

static size_t
mlist_name_separator(mlist_str_t s, size_t i)
{
    if (i == s.len) {
        return i;
    }

    switch (s.data[i]) {

    case '.':
        return i + 1;

    case '_':
        i++;
        return (i < s.len && s.data[i] == '_') ? i + 1 : i;

    case '-':
        while (i < s.len && s.data[i] == '-') {
            i++;
        }
        return i;

    default:
        return i;
    }
}


static int
mlist_name_hex(mlist_str_t s, size_t min, size_t max)
{
    return s.len >= min && s.len <= max
           && mlist_byte_span(s, 0, MLIST_BYTE_HEX) == s.len;
}

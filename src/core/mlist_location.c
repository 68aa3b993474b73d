/*
 * mlist_location: Location headers, taken apart.  Called by the glue's
 * location, redirect, page, store_upload and copy_blob.
 */

#include <string.h>

#include "mlist_location.h"


static size_t mlist_location_scheme(mlist_str_t location, const char *scheme);


int
mlist_location_valid(mlist_str_t location)
{
    char    c;
    size_t  i, slashes;

    slashes = 0;

    for (i = 0; i < location.len; i++) {
        c = location.data[i];

        if (c <= ' ' || c > '~' || strchr("\"<>\\^`{|}", c) != NULL) {
            return 0;
        }

        slashes += c == '/';

        if (c == '@' && slashes < 3) {
            return 0;
        }
    }

    return 1;
}


mlist_rc_e
mlist_location_parse(mlist_str_t location, mlist_location_t *parts)
{
    size_t  scheme;

    location.len = mlist_str_find(location, "#");

    memset(parts, 0, sizeof(mlist_location_t));

    parts->path = location;

    scheme = mlist_location_scheme(location, "https://");
    parts->ssl = scheme != 0;

    if (scheme == 0) {
        scheme = mlist_location_scheme(location, "http://");
    }

    if (scheme == 0) {
        return location.len > 0 && location.data[0] == '/'
               && (location.len == 1 || location.data[1] != '/')
                   ? MLIST_OK : MLIST_INVALID;
    }

    parts->path.data += scheme;
    parts->path.len -= scheme;

    parts->host.data = parts->path.data;
    parts->host.len = mlist_str_find(parts->path, "/?");

    parts->origin.data = location.data;
    parts->origin.len = scheme + parts->host.len;

    parts->path.data += parts->host.len;
    parts->path.len -= parts->host.len;

    return parts->host.len > 0 ? MLIST_OK : MLIST_INVALID;
}


/* The length of "scheme" if it begins with it, in whatever case; or 0. */

static size_t
mlist_location_scheme(mlist_str_t location, const char *scheme)
{
    mlist_str_t  expected;

    expected = mlist_str(scheme);

    if (location.len < expected.len) {
        return 0;
    }

    location.len = expected.len;

    return mlist_str_caseeq(location, expected) ? expected.len : 0;
}

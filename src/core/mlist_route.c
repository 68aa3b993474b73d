/*
 * mlist_route: a request path taken apart from its end, since a repository's
 * name may itself hold "tags", "manifests" or "blobs".  Pure: views into
 * the path, no decoding (a canonical path has no escapes).  Called by the
 * glue's handler.
 */

#include <string.h>

#include "mlist_byte.h"
#include "mlist_digest.h"
#include "mlist_name.h"
#include "mlist_route.h"


static void mlist_route_cut_two(mlist_str_t *path, mlist_str_t *what,
    mlist_str_t *last);
static void mlist_route_parse_two(mlist_route_t *route, mlist_str_t path,
    mlist_str_t what, mlist_str_t reference);
static mlist_route_e mlist_route_manifest(mlist_str_t reference);
static mlist_route_e mlist_route_of_digest(mlist_str_t reference,
    mlist_route_e kind);


static const mlist_str_t  mlist_route_root = MLIST_STR("/v2/");


int
mlist_route_canonical(mlist_str_t raw)
{
    size_t       i, start;
    mlist_str_t  segment;

    static const mlist_str_t  dots = MLIST_STR("..");

    if (raw.len == 0 || raw.data[0] != '/') {
        return 0;
    }

    for (i = 0; i < raw.len; /* void */) {

        start = i + 1;
        i = mlist_byte_span(raw, start, MLIST_BYTE_PATH);

        if (i < raw.len && raw.data[i] != '/') {
            return 0;
        }

        segment.data = raw.data + start;
        segment.len = i - start;

        if (segment.len == 0) {
            return i == raw.len;
        }

        /* "." and ".." */

        if (segment.data[0] == '.'
            && segment.len <= dots.len && mlist_str_starts(dots, segment))
        {
            return 0;
        }
    }

    return 1;
}


int
mlist_route_strict(mlist_route_e kind)
{
    return kind < MLIST_ROUTE_NAME_INVALID && kind != MLIST_ROUTE_UPLOAD;
}


mlist_route_t
mlist_route_parse(mlist_str_t path)
{
    mlist_str_t    last, what;
    mlist_route_t  route;

    static const mlist_str_t  catalog = MLIST_STR("_catalog");
    static const mlist_str_t  uploads = MLIST_STR("uploads");
    static const mlist_str_t  blobs = MLIST_STR("blobs");

    memset(&route, 0, sizeof(mlist_route_t));
    route.kind = MLIST_ROUTE_UNKNOWN;

    if (!mlist_str_starts(path, mlist_route_root)) {
        return route;
    }

    path.data += mlist_route_root.len;
    path.len -= mlist_route_root.len;

    if (path.len == 0) {
        route.kind = MLIST_ROUTE_PING;
        return route;
    }

    if (mlist_str_eq(path, catalog)) {
        route.kind = MLIST_ROUTE_CATALOG;
        return route;
    }

    mlist_route_cut_two(&path, &what, &last);

    if (mlist_str_eq(what, uploads)
        && mlist_str_ends(path, blobs)
        && path.len > blobs.len + 1
        && path.data[path.len - blobs.len - 1] == '/')
    {
        path.len -= blobs.len + 1;
        route.kind = (last.len == 0) ? MLIST_ROUTE_UPLOADS
                                     : MLIST_ROUTE_UPLOAD;
        route.name = path;
        route.reference = last;

    } else {
        mlist_route_parse_two(&route, path, what, last);
    }

    if (route.name.len != 0 && !mlist_name_valid(route.name)) {
        route.kind = MLIST_ROUTE_NAME_INVALID;
    }

    return route;
}


/* "path" is the name, followed in the request by "what" and "reference". */

static void
mlist_route_parse_two(mlist_route_t *route, mlist_str_t path,
    mlist_str_t what, mlist_str_t reference)
{
    static const mlist_str_t  tags = MLIST_STR("tags");
    static const mlist_str_t  list = MLIST_STR("list");
    static const mlist_str_t  manifests = MLIST_STR("manifests");
    static const mlist_str_t  blobs = MLIST_STR("blobs");
    static const mlist_str_t  uploads = MLIST_STR("uploads");
    static const mlist_str_t  referrers = MLIST_STR("referrers");

    if (path.len == 0 || reference.len == 0) {
        return;
    }

    route->reference = reference;

    if (mlist_str_eq(what, manifests)) {
        route->kind = mlist_route_manifest(reference);

    } else if (mlist_str_eq(what, blobs)) {

        if (mlist_str_eq(reference, uploads)) {
            route->kind = MLIST_ROUTE_UPLOADS;
            route->reference.len = 0;

        } else {
            route->kind = mlist_route_of_digest(reference, MLIST_ROUTE_BLOB);
        }

    } else if (mlist_str_eq(what, referrers)) {
        route->kind = mlist_route_of_digest(reference,
                                            MLIST_ROUTE_REFERRERS);

    } else if (mlist_str_eq(what, tags) && mlist_str_eq(reference, list)) {
        route->kind = MLIST_ROUTE_TAGS;
        route->reference.len = 0;
    }

    if (route->kind != MLIST_ROUTE_UNKNOWN) {
        route->name = path;
    }
}


static mlist_route_e
mlist_route_manifest(mlist_str_t reference)
{
    /* a tag has no colon, so whatever has one is meant as a digest */

    if (memchr(reference.data, ':', reference.len) != NULL) {
        return mlist_route_of_digest(reference, MLIST_ROUTE_DIGEST);
    }

    return mlist_name_tag_valid(reference) ? MLIST_ROUTE_TAG
                                           : MLIST_ROUTE_TAG_INVALID;
}


static mlist_route_e
mlist_route_of_digest(mlist_str_t reference, mlist_route_e kind)
{
    mlist_digest_t  digest;

    if (mlist_digest_parse(reference, &digest) != MLIST_OK) {
        return MLIST_ROUTE_DIGEST_INVALID;
    }

    return kind;
}


/*
 * Takes the last two segments, and the slashes before them, off the path's
 * end.  Forwards, since memchr() passes over a digest faster than any loop.
 */

static void
mlist_route_cut_two(mlist_str_t *path, mlist_str_t *what, mlist_str_t *last)
{
    const char  *p, *end, *slash, *previous;

    end = path->data + path->len;
    slash = NULL;
    previous = NULL;

    for (p = path->data; p != end; p = slash + 1) {
        p = memchr(p, '/', (size_t) (end - p));

        if (p == NULL) {
            break;
        }

        previous = slash;
        slash = p;
    }

    last->data = (slash != NULL) ? slash + 1 : path->data;
    last->len = (size_t) (end - last->data);

    what->data = (previous != NULL) ? previous + 1 : path->data;
    what->len = (slash != NULL) ? (size_t) (slash - what->data) : 0;

    path->len = (previous != NULL) ? (size_t) (previous - path->data) : 0;
}

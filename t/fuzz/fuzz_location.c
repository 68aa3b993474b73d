/*
 * The header Location.  Without this a registry could lead a front to a host
 * that it only seems not to name.
 */

#include <assert.h>
#include <string.h>

#include "fuzz.h"
#include "mlist_location.h"
#include "mlist_realm.h"


static void target_parts(const mlist_location_t *parts, mlist_str_t location);
static void target_same(const mlist_location_t *parts, mlist_str_t location);


void
fuzz_one(void)
{
    mlist_str_t       location;
    mlist_location_t  parts;

    location = fuzz_rest();

    if (mlist_location_valid(location)) {
        assert(mlist_str_printable(location));
        assert(location.len == 0
               || (memchr(location.data, ' ', location.len) == NULL
                   && memchr(location.data, '\\', location.len) == NULL));
    }

    if (fuzz_rc(mlist_location_parse(location, &parts)) != MLIST_OK) {
        return;
    }

    target_parts(&parts, location);
    target_same(&parts, location);
}


/* The parts, one after another, are the Location up to its fragment. */

static void
target_parts(const mlist_location_t *parts, mlist_str_t location)
{
    size_t  len;

    len = parts->origin.len + parts->path.len;

    assert(len > 0 && len <= location.len);
    assert(len == location.len || location.data[len] == '#');
    assert(memchr(location.data, '#', len) == NULL);
    assert(parts->path.data == location.data + parts->origin.len);

    if (parts->origin.len == 0) {
        assert(parts->host.len == 0 && !parts->ssl);
        assert(parts->path.data[0] == '/');
        assert(parts->path.len == 1 || parts->path.data[1] != '/');
        return;
    }

    assert(parts->origin.data == location.data && parts->host.len > 0);
    assert(parts->host.data + parts->host.len == parts->path.data);
    assert(memchr(parts->host.data, '/', parts->host.len) == NULL);
    assert(memchr(parts->host.data, '?', parts->host.len) == NULL);
    assert(parts->path.len == 0 || parts->path.data[0] == '/'
           || parts->path.data[0] == '?');

    if (mlist_location_valid(location)) {
        assert(memchr(parts->host.data, '@', parts->host.len) == NULL);
    }
}


/* Where a password could go it names the same host. */

static void
target_same(const mlist_location_t *parts, mlist_str_t location)
{
    mlist_realm_t  realm;

    if (mlist_realm_parse(location, &realm) != MLIST_OK) {
        return;
    }

    assert(realm.ssl == parts->ssl);
    assert(mlist_str_eq(realm.origin, parts->origin));
    assert(mlist_str_starts(parts->host, realm.host));
}

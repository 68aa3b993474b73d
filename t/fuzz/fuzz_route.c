/*
 * Request paths.  Without this a path could mean one thing here and another
 * to the registry that gets what is rebuilt of it.
 */

#include <assert.h>
#include <string.h>

#include "fuzz.h"
#include "mlist_digest.h"
#include "mlist_name.h"
#include "mlist_route.h"
#include "mlist_token.h"


static mlist_str_t target_rebuild(const mlist_route_t *route);
static void target_reference(const mlist_route_t *route);
static void target_scope(mlist_str_t path, mlist_str_t query,
    mlist_token_e what);


void
fuzz_one(void)
{
    mlist_str_t    path, query, again;
    mlist_route_t  route, second;

    path = fuzz_field('?');
    query = fuzz_rest();

    route = mlist_route_parse(path);

    if (!mlist_route_canonical(path)) {
        assert(!mlist_route_strict(route.kind));
        return;
    }

    assert(fuzz_only(path, "._~:=+@/-"));
    assert(fuzz_within(route.name, path));
    assert(fuzz_within(route.reference, path));

    target_scope(path, query, MLIST_TOKEN_READ);
    target_scope(path, query, MLIST_TOKEN_WRITE);
    target_scope(path, query, MLIST_TOKEN_DELETE);

    if (route.kind >= MLIST_ROUTE_NAME_INVALID) {
        return;
    }

    assert((route.name.len != 0) == (route.kind > MLIST_ROUTE_CATALOG));
    assert(route.name.len == 0 || mlist_name_valid(route.name));
    target_reference(&route);

    again = target_rebuild(&route);
    second = mlist_route_parse(again);

    assert(mlist_route_canonical(again));
    assert(second.kind == route.kind);
    assert(mlist_str_eq(second.name, route.name));
    assert(mlist_str_eq(second.reference, route.reference));

    /* an upload may be begun without the slash at the end */

    assert(mlist_str_eq(again, path)
           || (route.kind == MLIST_ROUTE_UPLOADS
               && again.len == path.len + 1
               && mlist_str_starts(again, path)));
}


static mlist_str_t
target_rebuild(const mlist_route_t *route)
{
    mlist_str_t  parts[4];

    static const char *const  middles[] = {
        "", "_catalog", "/tags/list", "/manifests/", "/manifests/",
        "/blobs/", "/blobs/uploads/", "/blobs/uploads/", "/referrers/"
    };

    parts[0] = mlist_str("/v2/");
    parts[1] = route->name;
    parts[2] = mlist_str(middles[route->kind]);
    parts[3] = route->reference;

    return fuzz_join(parts, 4);
}


static void
target_reference(const mlist_route_t *route)
{
    mlist_digest_t  digest;

    switch (route->kind) {

    case MLIST_ROUTE_TAG:
        assert(mlist_name_tag_valid(route->reference));
        break;

    case MLIST_ROUTE_DIGEST:
    case MLIST_ROUTE_BLOB:
    case MLIST_ROUTE_REFERRERS:
        assert(mlist_digest_parse(route->reference, &digest) == MLIST_OK);
        break;

    case MLIST_ROUTE_UPLOAD:
        assert(route->reference.len != 0);
        assert(memchr(route->reference.data, '/', route->reference.len)
               == NULL);
        break;

    default:
        assert(route->reference.len == 0);
        break;
    }
}


/* Two scopes at most, each of a valid name. */

static void
target_scope(mlist_str_t path, mlist_str_t query, mlist_token_e what)
{
    char         *out;
    size_t        i, spaces;
    mlist_str_t   scope;

    out = fuzz_room(MLIST_SCOPE_SIZE);
    scope.data = out;
    scope.len = mlist_token_scope(path, query, what, out);

    assert(scope.len <= MLIST_SCOPE_SIZE);
    assert(fuzz_only(scope, ":/._-,* "));

    for (i = 0, spaces = 0; i < scope.len; i++) {
        spaces += (out[i] == ' ');
    }

    assert(spaces <= 1);
    assert(scope.len == 0 || mlist_str_starts(scope, mlist_str("rep"))
           || mlist_str_eq(scope, mlist_str("registry:catalog:*")));
}

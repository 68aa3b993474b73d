/*
 * Queries: a registry's for its next page, and a client's for referrers.
 * Without this a query could leave its place in the request that is made of
 * it.
 */

#include <assert.h>
#include <string.h>

#include "fuzz.h"
#include "mlist_media.h"
#include "mlist_referrers.h"


void
fuzz_one(void)
{
    char         *out, *made, *second;
    mlist_rc_e    rc;
    mlist_str_t   query, type, asked, again;

    query = fuzz_rest();
    out = fuzz_room(MLIST_REFERRERS_TYPE_MAX);
    rc = fuzz_rc(mlist_referrers_type(query, out, &type));

    if (rc != MLIST_OK) {
        assert(rc == MLIST_INVALID || rc == MLIST_TOO_LARGE);
        return;
    }

    assert(type.len == 0 || mlist_media_valid(type));

    made = fuzz_room(MLIST_REFERRERS_QUERY_MAX);
    asked.data = made;
    asked.len = mlist_referrers_query(type, made);

    assert(asked.len <= MLIST_REFERRERS_QUERY_MAX);
    assert((asked.len == 0) == (type.len == 0));

    if (asked.len == 0) {
        return;
    }

    assert(fuzz_only(asked, "?=%-._"));

    asked.data++;
    asked.len--;
    asked = fuzz_copy(asked.data, asked.len);

    second = fuzz_room(MLIST_REFERRERS_TYPE_MAX);
    assert(mlist_referrers_type(asked, second, &again) == MLIST_OK);
    assert(mlist_str_eq(again, type));
}

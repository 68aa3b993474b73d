/*
 * URLs of token services.  Without this a password could go to a host that
 * only looks like the declared one.
 */

#include <assert.h>
#include <string.h>

#include "fuzz.h"
#include "mlist_realm.h"


static void target_parts(const mlist_realm_t *realm, mlist_str_t url);


void
fuzz_one(void)
{
    mlist_rc_e     rc, other;
    mlist_str_t    one, two;
    mlist_realm_t  a, b;

    one = fuzz_field(FUZZ_LINE);
    two = fuzz_rest();

    rc = fuzz_rc(mlist_realm_parse(one, &a));
    other = fuzz_rc(mlist_realm_parse(two, &b));

    if (rc == MLIST_OK) {
        target_parts(&a, one);
        assert(mlist_realm_same_origin(&a, &a) && mlist_realm_same(&a, &a));
    }

    if (other == MLIST_OK) {
        target_parts(&b, two);
    }

    if (rc != MLIST_OK || other != MLIST_OK) {
        return;
    }

    assert(mlist_realm_same(&a, &b) == mlist_realm_same(&b, &a));
    assert(!mlist_realm_same(&a, &b) || mlist_realm_same_origin(&a, &b));

    if (mlist_realm_same_origin(&a, &b)) {
        assert(a.ssl == b.ssl && a.port == b.port);
        assert(mlist_str_caseeq(a.host, b.host));
    }
}


/* The parts, one after another, are the URL: nothing is overlooked. */

static void
target_parts(const mlist_realm_t *realm, mlist_str_t url)
{
    size_t         scheme, question;
    mlist_str_t    copy;
    mlist_realm_t  origin;

    scheme = realm->ssl ? sizeof("https://") - 1 : sizeof("http://") - 1;
    question = (realm->origin.len + realm->path.len < url.len);

    assert(mlist_str_printable(url));
    assert(memchr(url.data, '#', url.len) == NULL);
    assert(memchr(url.data, '\\', url.len) == NULL);

    assert(realm->origin.data == url.data);
    assert(realm->host.data == url.data + scheme && realm->host.len != 0);
    assert(fuzz_within(realm->host, realm->origin));
    assert(fuzz_only(realm->host, "._-[]:"));
    assert(realm->port > 0 && realm->port <= 65535);
    assert(realm->path.len == 0 || realm->path.data[0] == '/');

    assert(realm->origin.len + realm->path.len + question
           + realm->query.len == url.len);
    assert(fuzz_within(realm->path, url) && fuzz_within(realm->query, url));

    copy = fuzz_copy(realm->origin.data, realm->origin.len);
    assert(mlist_realm_parse(copy, &origin) == MLIST_OK);
    assert(mlist_realm_same_origin(realm, &origin));
}

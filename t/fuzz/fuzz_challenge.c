/*
 * WWW-Authenticate headers.  Without this a registry could make the front
 * ask elsewhere than what it seems to say.
 */

#include <assert.h>
#include <string.h>

#include "fuzz.h"
#include "mlist_challenge.h"
#include "mlist_realm.h"


#define TARGET_LINES  16


static size_t target_quote(char *out, const char *s, size_t len);
static void target_again(const mlist_challenge_t *challenge);


void
fuzz_one(void)
{
    size_t             n;
    mlist_rc_e         rc;
    mlist_str_t        lines[TARGET_LINES], realm, service;
    mlist_challenge_t  challenge;

    n = fuzz_fields(FUZZ_LINE, lines, TARGET_LINES);
    rc = fuzz_rc(mlist_challenge_parse(lines, n, &challenge));

    if (rc != MLIST_OK) {
        assert(rc == MLIST_NOT_FOUND || rc == MLIST_INVALID);
        return;
    }

    assert(n != 0);

    if (challenge.scheme == MLIST_CHALLENGE_BASIC) {
        return;
    }

    assert(challenge.scheme == MLIST_CHALLENGE_BEARER);
    assert(challenge.realm_len != 0);
    assert(challenge.realm_len <= MLIST_CHALLENGE_REALM);
    assert(challenge.service_len <= MLIST_CHALLENGE_SERVICE);

    realm = fuzz_copy(challenge.realm, challenge.realm_len);
    service = fuzz_copy(challenge.service, challenge.service_len);

    assert(mlist_str_printable(realm) && mlist_str_printable(service));
    target_again(&challenge);
}


/* Written anew, it says the same. */

static void
target_again(const mlist_challenge_t *challenge)
{
    char               *out;
    size_t              len;
    mlist_str_t         line;
    mlist_challenge_t   again;

    static const char  begin[] = "Basic realm=\"x\", Bearer realm=\"";
    static const char  middle[] = "\",service=\"";
    static const char  end[] = "\",error=insufficient_scope";

    out = fuzz_room(sizeof(begin) + sizeof(middle) + sizeof(end)
                    + 2 * (MLIST_CHALLENGE_REALM + MLIST_CHALLENGE_SERVICE));

    memcpy(out, begin, sizeof(begin) - 1);
    len = sizeof(begin) - 1;
    len += target_quote(out + len, challenge->realm, challenge->realm_len);
    memcpy(out + len, middle, sizeof(middle) - 1);
    len += sizeof(middle) - 1;
    len += target_quote(out + len, challenge->service,
                        challenge->service_len);
    memcpy(out + len, end, sizeof(end) - 1);
    len += challenge->insufficient ? sizeof(end) - 1 : 1;

    line = fuzz_copy(out, len);
    assert(mlist_challenge_parse(&line, 1, &again) == MLIST_OK);

    assert(again.scheme == MLIST_CHALLENGE_BEARER);
    assert(again.insufficient == challenge->insufficient);
    assert(again.realm_len == challenge->realm_len);
    assert(again.service_len == challenge->service_len);
    assert(memcmp(again.realm, challenge->realm, again.realm_len) == 0);
    assert(memcmp(again.service, challenge->service, again.service_len) == 0);
}


static size_t
target_quote(char *out, const char *s, size_t len)
{
    size_t  i, n;

    for (i = 0, n = 0; i < len; i++) {
        if (s[i] == '"' || s[i] == '\\') {
            out[n++] = '\\';
        }

        out[n++] = s[i];
    }

    return n;
}

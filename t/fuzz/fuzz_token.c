/*
 * What token services answer.  Without this a token could bring a header of
 * its own, or be sent for longer than it lives.
 */

#include <assert.h>
#include <string.h>

#include "fuzz.h"
#include "mlist_token.h"


void
fuzz_one(void)
{
    long           left;
    mlist_str_t    text;
    mlist_token_t  token;

    text = fuzz_rest();
    memset(&token, 0, sizeof(token));

    if (fuzz_rc(mlist_token_parse(text, &token)) != MLIST_OK) {
        assert(token.doc == NULL);
        return;
    }

    assert(token.doc != NULL);
    assert(token.token.len != 0 && token.token.len <= MLIST_TOKEN_SIZE);
    assert(fuzz_only(token.token, "-._~+/="));
    assert(token.token.data[0] != '=');
    assert(token.life >= MLIST_TOKEN_LIFE && token.life <= MLIST_TOKEN_MAX);

    assert(mlist_token_good(token.life, token.life, 0));
    assert(mlist_token_good(token.life, token.life, 1));
    assert(!mlist_token_good(token.life, 0, 0));
    assert(!mlist_token_good(token.life, -1, 1));

    left = (long) (text.len * 7919 % (size_t) token.life);

    assert(!mlist_token_good(token.life, left, 1)
           || mlist_token_good(token.life, left, 0));

    json_decref(token.doc);
}

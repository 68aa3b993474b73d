/*
 * Platforms as an operator writes them.  Without this one could be matched
 * in one place and not in another.
 */

#include <assert.h>
#include <string.h>

#include "fuzz.h"
#include "mlist_platform.h"


void
fuzz_one(void)
{
    char              *text;
    size_t             len;
    mlist_str_t        s;
    mlist_platform_t   p, again, bare;

    s = fuzz_rest();

    if (fuzz_rc(mlist_platform_parse(s, &p)) != MLIST_OK) {
        return;
    }

    assert(p.os[0] != '\0' && p.arch[0] != '\0' && p.nfeatures == 0);

    text = fuzz_room(MLIST_PLATFORM_TEXT);
    len = mlist_platform_text(&p, text);
    assert(len < MLIST_PLATFORM_TEXT && len == strlen(text));

    assert(mlist_platform_parse(fuzz_copy(text, len), &again) == MLIST_OK);
    assert(mlist_platform_eq(&again, &p));

    mlist_platform_normalise(&again);
    assert(mlist_platform_eq(&again, &p));

    bare = p;
    memset(bare.variant, 0, sizeof(bare.variant));

    assert(mlist_platform_eq(&p, &again));
    assert(mlist_platform_covers(&p, &p));
    assert(mlist_platform_covers(&bare, &p));
    assert(!mlist_platform_contradicts(&p, &p));
    assert(!mlist_platform_contradicts(&p, &bare));
    assert(!mlist_platform_contradicts(&bare, &p));
    assert(mlist_platform_covers(&p, &bare) == (p.variant[0] == '\0'));
}

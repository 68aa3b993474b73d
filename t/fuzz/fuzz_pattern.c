/*
 * The * of tag= and name=.  Without this a tag could be folded to one that
 * is then asked for under another spelling.
 */

#include <assert.h>
#include <string.h>

#include "fuzz.h"
#include "mlist_pattern.h"


void
fuzz_one(void)
{
    char              *out;
    size_t             len;
    mlist_str_t        text, what, made, back;
    mlist_pattern_t    p;

    text = fuzz_field(FUZZ_LINE);
    what = fuzz_rest();

    if (fuzz_rc(mlist_pattern_parse(text, &p)) != MLIST_OK) {
        return;
    }

    assert(fuzz_within(p.before, text) && fuzz_within(p.after, text));
    assert(p.before.len + p.after.len + p.star == text.len);

    len = p.before.len + p.after.len + (p.star ? what.len : 0);

    out = fuzz_room(len + 1);
    made.data = out;
    made.len = mlist_pattern_apply(&p, what, out, len);

    assert(made.len == len);
    assert(len == 0 || mlist_pattern_apply(&p, what, out, len - 1) == 0);
    assert(mlist_pattern_apply(&p, what, out, len) == len);
    assert(!mlist_pattern_is_identity(&p) || mlist_str_eq(made, what));

    made = fuzz_copy(out, len);

    if (p.star && what.len != 0) {
        assert(mlist_pattern_invert(&p, made, &back) == 1);
        assert(fuzz_within(back, made) && mlist_str_eq(back, what));
    }

    if (mlist_pattern_invert(&p, what, &back)) {
        assert(p.star && back.len != 0 && fuzz_within(back, what));

        out = fuzz_room(what.len);
        made.data = out;
        made.len = mlist_pattern_apply(&p, back, out, what.len);
        assert(mlist_str_eq(made, what));
    }
}

/*
 * What a store's directory keeps of a tag.  Without this a damaged record
 * could be taken for a tag's last list.
 */

#include <assert.h>
#include <string.h>

#include "fuzz.h"
#include "mlist_last.h"


static mlist_str_t target_sealed(mlist_str_t text);
static void target_parse(mlist_str_t text, mlist_str_t key);


void
fuzz_one(void)
{
    mlist_str_t  text, key;

    key = fuzz_field(FUZZ_LINE);
    text = fuzz_rest();

    target_parse(text, key);
    target_parse(target_sealed(text), key);
}


/* With the checksum that it should have: else no change would get far. */

static mlist_str_t
target_sealed(mlist_str_t text)
{
    mlist_str_t     parts[4];
    mlist_digest_t  digest;

    if (fuzz_rc(mlist_digest_compute(text, &digest)) != MLIST_OK) {
        return text;
    }

    parts[0] = text;
    parts[1] = mlist_str("check: ");
    parts[2] = mlist_digest_str(&digest);
    parts[3] = mlist_str("\n");

    return fuzz_join(parts, 4);
}


/* What counts is, byte for byte, what would be written. */

static void
target_parse(mlist_str_t text, mlist_str_t key)
{
    char          *out;
    size_t         len;
    mlist_rc_e     rc;
    mlist_last_t   last;

    rc = fuzz_rc(mlist_last_parse(text, key, &last));

    if (rc != MLIST_OK) {
        assert(rc == MLIST_MISMATCH || rc == MLIST_NOMEM);
        return;
    }

    assert(text.len <= MLIST_LAST_MAX);
    assert(fuzz_within(last.name, text));
    assert(last.name.len <= MLIST_LAST_NAME);
    assert(mlist_str_printable(last.name));
    assert(mlist_media_is_list(last.type));

    out = fuzz_room(MLIST_LAST_MAX);
    rc = fuzz_rc(mlist_last_write(key, &last, out, &len));

    if (rc == MLIST_OK) {
        assert(len == text.len && memcmp(out, text.data, len) == 0);

    } else {
        assert(fuzz_told != NULL);
    }
}

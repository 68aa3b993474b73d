/*
 * Digests, and what is made of them.  Without this one could be taken that
 * cannot be verified, or other bytes for its own.
 */

#include <assert.h>
#include <string.h>

#include "fuzz.h"
#include "mlist_digest.h"
#include "mlist_keep.h"
#include "mlist_name.h"
#include "mlist_referrers.h"


static void target_bytes(mlist_str_t bytes);
static void target_names(const mlist_digest_t *digest, mlist_str_t name);


void
fuzz_one(void)
{
    mlist_str_t     text, bytes;
    mlist_digest_t  digest, copy;

    text = fuzz_field(FUZZ_LINE);
    bytes = fuzz_rest();
    target_bytes(bytes);

    memset(&digest, 'x', sizeof(digest));
    copy = digest;

    if (fuzz_rc(mlist_digest_parse(text, &digest)) != MLIST_OK) {
        assert(memcmp(&digest, &copy, sizeof(digest)) == 0);
        return;
    }

    assert(mlist_str_eq(mlist_digest_str(&digest), text));
    assert(digest.text[digest.len] == '\0');

    target_names(&digest, bytes);
}


/* One bit is enough to make other bytes of them. */

static void
target_bytes(mlist_str_t bytes)
{
    char            *p;
    mlist_str_t      pieces[2], other;
    mlist_digest_t   digest, again;
    unsigned char    whole[MLIST_SHA256_SIZE], parts[MLIST_SHA256_SIZE];

    if (fuzz_rc(mlist_digest_compute(bytes, &digest)) != MLIST_OK) {
        return;
    }

    assert(mlist_digest_parse(mlist_digest_str(&digest), &again)
           == MLIST_OK);
    assert(mlist_digest_eq(&digest, &again));

    if (fuzz_rc(mlist_digest_verify(bytes, &digest)) != MLIST_OK) {
        assert(fuzz_told != NULL);
        return;
    }

    pieces[0] = fuzz_copy(bytes.data, bytes.len / 2);
    pieces[1] = fuzz_copy(bytes.len / 2 ? bytes.data + bytes.len / 2
                                        : bytes.data,
                          bytes.len - bytes.len / 2);

    if (fuzz_rc(mlist_digest_sha256(&bytes, 1, whole)) != MLIST_OK
        || fuzz_rc(mlist_digest_sha256(pieces, 2, parts)) != MLIST_OK)
    {
        return;
    }

    assert(memcmp(whole, parts, sizeof(whole)) == 0);

    if (bytes.len != 0) {
        other = fuzz_copy(bytes.data, bytes.len);
        p = (char *) other.data;
        p[bytes.len - 1] ^= 1;

        assert(fuzz_rc(mlist_digest_verify(other, &digest)) != MLIST_OK);
    }
}


static void
target_names(const mlist_digest_t *digest, mlist_str_t name)
{
    char         *out;
    mlist_str_t   tag, parts[2];

    out = fuzz_room(MLIST_REFERRERS_TAG_MAX);
    tag.data = out;
    tag.len = mlist_referrers_tag(digest, out);

    assert(tag.len <= MLIST_REFERRERS_TAG_MAX);
    assert(mlist_name_tag_valid(tag) && mlist_name_is_signature_tag(tag));

    parts[0] = tag;
    parts[1] = mlist_str(".sig");
    assert(mlist_name_is_signature_tag(fuzz_join(parts, 2)));
    parts[1] = mlist_str("x");
    assert(!mlist_name_is_signature_tag(fuzz_join(parts, 2)));

    out = fuzz_room(MLIST_KEEP_TAG + 1);

    if (fuzz_rc(mlist_keep_list_tag(name, mlist_digest_str(digest), out))
        == MLIST_OK)
    {
        assert(strlen(out) == MLIST_KEEP_TAG);
        assert(mlist_name_tag_valid(mlist_str(out)));
        assert(!mlist_name_is_signature_tag(mlist_str(out)));
    }
}

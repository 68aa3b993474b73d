/*
 * mlist_siphash: a keyed hash of short inputs.  It owns nothing, never
 * allocates and never fails.  Called by the glue's zone.
 */

#include <stdint.h>
#include <string.h>

#include "mlist_siphash.h"


typedef struct {
    uint64_t  v0;
    uint64_t  v1;
    uint64_t  v2;
    uint64_t  v3;
} mlist_siphash_t;


static uint64_t mlist_siphash_word(const void *p, size_t len);
static uint64_t mlist_siphash_rotate(uint64_t x, int bits);
static void mlist_siphash_rounds(mlist_siphash_t *s, int n);
static void mlist_siphash_add(mlist_siphash_t *s, uint64_t word);
static uint64_t mlist_siphash_add_bytes(mlist_siphash_t *s, mlist_str_t piece);
static void mlist_siphash_put(unsigned char *p, uint64_t word);


void
mlist_siphash(const unsigned char secret[MLIST_SIPHASH_SIZE],
    const mlist_str_t *pieces, size_t n,
    unsigned char hash[MLIST_SIPHASH_SIZE])
{
    size_t           i;
    uint64_t         k0, k1, len;
    mlist_siphash_t  s;

    k0 = mlist_siphash_word(secret, 8);
    k1 = mlist_siphash_word(secret + 8, 8);

    s.v0 = k0 ^ UINT64_C(0x736f6d6570736575);
    s.v1 = k1 ^ UINT64_C(0x646f72616e646f6d) ^ 0xee;
    s.v2 = k0 ^ UINT64_C(0x6c7967656e657261);
    s.v3 = k1 ^ UINT64_C(0x7465646279746573);

    len = 0;

    for (i = 0; i < n; i++) {
        len += mlist_siphash_add_bytes(&s, pieces[i]);
    }

    mlist_siphash_add(&s, len << 56);

    s.v2 ^= 0xee;
    mlist_siphash_rounds(&s, 4);
    mlist_siphash_put(hash, s.v0 ^ s.v1 ^ s.v2 ^ s.v3);

    s.v1 ^= 0xdd;
    mlist_siphash_rounds(&s, 4);
    mlist_siphash_put(hash + 8, s.v0 ^ s.v1 ^ s.v2 ^ s.v3);
}


/* Returns how many bytes of input that was. */

static uint64_t
mlist_siphash_add_bytes(mlist_siphash_t *s, mlist_str_t piece)
{
    size_t  i;

    mlist_siphash_add(s, piece.len);

    for (i = 0; i + 8 <= piece.len; i += 8) {
        mlist_siphash_add(s, mlist_siphash_word(piece.data + i, 8));
    }

    if (i == piece.len) {
        return 8 + (uint64_t) i;
    }

    mlist_siphash_add(s, mlist_siphash_word(piece.data + i, piece.len - i));

    return 16 + (uint64_t) i;
}


/* The lowest byte first; compilers make one load of whole words. */

static uint64_t
mlist_siphash_word(const void *p, size_t len)
{
    size_t                i;
    uint64_t              word;
    const unsigned char  *bytes;

    bytes = p;

    if (len == 8) {
        return (uint64_t) bytes[0] | (uint64_t) bytes[1] << 8
               | (uint64_t) bytes[2] << 16 | (uint64_t) bytes[3] << 24
               | (uint64_t) bytes[4] << 32 | (uint64_t) bytes[5] << 40
               | (uint64_t) bytes[6] << 48 | (uint64_t) bytes[7] << 56;
    }

    word = 0;

    for (i = 0; i < len; i++) {
        word |= (uint64_t) bytes[i] << (8 * i);
    }

    return word;
}


static void
mlist_siphash_add(mlist_siphash_t *s, uint64_t word)
{
    s->v3 ^= word;
    mlist_siphash_rounds(s, 2);
    s->v0 ^= word;
}


static void
mlist_siphash_rounds(mlist_siphash_t *s, int n)
{
    uint64_t  v0, v1, v2, v3;

    v0 = s->v0;
    v1 = s->v1;
    v2 = s->v2;
    v3 = s->v3;

    while (n--) {
        v0 += v1;
        v1 = mlist_siphash_rotate(v1, 13) ^ v0;
        v0 = mlist_siphash_rotate(v0, 32);

        v2 += v3;
        v3 = mlist_siphash_rotate(v3, 16) ^ v2;

        v0 += v3;
        v3 = mlist_siphash_rotate(v3, 21) ^ v0;

        v2 += v1;
        v1 = mlist_siphash_rotate(v1, 17) ^ v2;
        v2 = mlist_siphash_rotate(v2, 32);
    }

    s->v0 = v0;
    s->v1 = v1;
    s->v2 = v2;
    s->v3 = v3;
}


static uint64_t
mlist_siphash_rotate(uint64_t x, int bits)
{
    return (x << bits) | (x >> (64 - bits));
}


static void
mlist_siphash_put(unsigned char *p, uint64_t word)
{
    size_t  i;

    for (i = 0; i < 8; i++) {
        p[i] = (unsigned char) (word >> (8 * i));
    }
}

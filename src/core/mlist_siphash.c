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


static inline uint64_t mlist_siphash_word(const char *p, size_t len);
static inline void mlist_siphash_add(mlist_siphash_t *s, uint64_t word);
static void mlist_siphash_put(unsigned char *p, uint64_t word);
static inline void mlist_siphash_round(mlist_siphash_t *s);
static inline uint64_t mlist_siphash_rotate(uint64_t x, int bits);


void
mlist_siphash(const unsigned char secret[MLIST_SIPHASH_SIZE],
    const mlist_str_t *pieces, size_t n,
    unsigned char hash[MLIST_SIPHASH_SIZE])
{
    size_t           i, rest, total;
    uint64_t         k0, k1;
    const char      *p;
    mlist_siphash_t  s;

    k0 = mlist_siphash_word((const char *) secret, 8);
    k1 = mlist_siphash_word((const char *) secret + 8, 8);

    s.v0 = k0 ^ UINT64_C(0x736f6d6570736575);
    s.v1 = k1 ^ UINT64_C(0x646f72616e646f6d) ^ 0xee;
    s.v2 = k0 ^ UINT64_C(0x6c7967656e657261);
    s.v3 = k1 ^ UINT64_C(0x7465646279746573);

    total = 0;

    for (i = 0; i < n; i++) {
        p = pieces[i].data;
        rest = pieces[i].len;

        mlist_siphash_add(&s, rest);

        for ( /* void */ ; rest >= 8; rest -= 8) {
            mlist_siphash_add(&s, mlist_siphash_word(p, 8));
            p += 8;
        }

        if (rest != 0) {
            mlist_siphash_add(&s, mlist_siphash_word(p, rest));
        }

        total += 8 + (pieces[i].len + 7) / 8 * 8;
    }

    mlist_siphash_add(&s, (uint64_t) total << 56);

    s.v2 ^= 0xee;
    mlist_siphash_round(&s);
    mlist_siphash_round(&s);
    mlist_siphash_round(&s);
    mlist_siphash_put(hash, s.v0 ^ s.v1 ^ s.v2 ^ s.v3);

    s.v1 ^= 0xdd;
    mlist_siphash_round(&s);
    mlist_siphash_round(&s);
    mlist_siphash_round(&s);
    mlist_siphash_put(hash + 8, s.v0 ^ s.v1 ^ s.v2 ^ s.v3);
}


/* The lowest byte first; compilers make one load of a whole word. */

static inline uint64_t
mlist_siphash_word(const char *p, size_t len)
{
    uint64_t              word;
    const unsigned char  *b;

    b = (const unsigned char *) p;

    if (len == 8) {
        return (uint64_t) b[0] | (uint64_t) b[1] << 8
               | (uint64_t) b[2] << 16 | (uint64_t) b[3] << 24
               | (uint64_t) b[4] << 32 | (uint64_t) b[5] << 40
               | (uint64_t) b[6] << 48 | (uint64_t) b[7] << 56;
    }

    word = 0;

    while (len--) {
        word = word << 8 | b[len];
    }

    return word;
}


static inline void
mlist_siphash_add(mlist_siphash_t *s, uint64_t word)
{
    s->v3 ^= word;
    mlist_siphash_round(s);
    s->v0 ^= word;
}


static void
mlist_siphash_put(unsigned char *p, uint64_t word)
{
    p[0] = (unsigned char) word;
    p[1] = (unsigned char) (word >> 8);
    p[2] = (unsigned char) (word >> 16);
    p[3] = (unsigned char) (word >> 24);
    p[4] = (unsigned char) (word >> 32);
    p[5] = (unsigned char) (word >> 40);
    p[6] = (unsigned char) (word >> 48);
    p[7] = (unsigned char) (word >> 56);
}


static inline void
mlist_siphash_round(mlist_siphash_t *s)
{
    s->v0 += s->v1;
    s->v1 = mlist_siphash_rotate(s->v1, 13) ^ s->v0;
    s->v0 = mlist_siphash_rotate(s->v0, 32);

    s->v2 += s->v3;
    s->v3 = mlist_siphash_rotate(s->v3, 16) ^ s->v2;

    s->v0 += s->v3;
    s->v3 = mlist_siphash_rotate(s->v3, 21) ^ s->v0;

    s->v2 += s->v1;
    s->v1 = mlist_siphash_rotate(s->v1, 17) ^ s->v2;
    s->v2 = mlist_siphash_rotate(s->v2, 32);
}


static inline uint64_t
mlist_siphash_rotate(uint64_t x, int bits)
{
    return (x << bits) | (x >> (64 - bits));
}

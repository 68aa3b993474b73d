/*
 * mlist_named: a Bloom filter.  The names are hashes, so that their own
 * digits serve as its hash functions.  Called by the glue's store_manager.
 */

#include <string.h>

#include "mlist_named.h"


#define MLIST_NAMED_HASHES  8
#define MLIST_NAMED_DIGITS  6                /* at least log2(bits) / 4 */


static size_t mlist_named_bit(const char *name, size_t i);


int
mlist_named_valid(const char *name)
{
    return strlen(name) == MLIST_NAMED_LEN
           && strspn(name, "0123456789abcdef") == MLIST_NAMED_LEN;
}


void
mlist_named_add(mlist_named_t *named, const char *name)
{
    size_t  i, bit;

    for (i = 0; i < MLIST_NAMED_HASHES; i++) {
        bit = mlist_named_bit(name, i);
        named->bits[bit / 8] |= (unsigned char) (1 << bit % 8);
    }
}


int
mlist_named_has(const mlist_named_t *named, const char *name)
{
    size_t  i, bit;

    for (i = 0; i < MLIST_NAMED_HASHES; i++) {
        bit = mlist_named_bit(name, i);

        if (!(named->bits[bit / 8] & 1 << bit % 8)) {
            return 0;
        }
    }

    return 1;
}


static size_t
mlist_named_bit(const char *name, size_t i)
{
    size_t  j, n;

    n = 0;
    name += i * MLIST_NAMED_DIGITS;

    for (j = 0; j < MLIST_NAMED_DIGITS; j++) {
        n = n * 16 + (size_t) (name[j] <= '9' ? name[j] - '0'
                                              : name[j] - 'a' + 10);
    }

    return n % (MLIST_NAMED_SIZE * (size_t) 8);
}

/*
 * mlist_siphash: SipHash with 128 bits (Aumasson, Bernstein 2012), a short
 * and keyed hash: who does not know the secret can neither tell a hash nor
 * find two inputs of one.  Of its rounds it has 1 and 3, as the tables of
 * Linux, Rust and Ruby, since a hash is never seen outside.  Pure.  Called
 * by the glue's zone.
 */

#ifndef MLIST_SIPHASH_H
#define MLIST_SIPHASH_H

#include "mlist_str.h"


#define MLIST_SIPHASH_SIZE  16           /* bytes: of a hash, of a secret */


/*
 * Hashes "n" pieces, each as its length (8 bytes, the lowest first) and its
 * bytes with zeros up to a multiple of 8, so that no two lists of pieces are
 * one input.
 */
void mlist_siphash(const unsigned char secret[MLIST_SIPHASH_SIZE],
    const mlist_str_t *pieces, size_t n,
    unsigned char hash[MLIST_SIPHASH_SIZE]) MLIST_HOT;


#endif /* MLIST_SIPHASH_H */

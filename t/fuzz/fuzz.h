/*
 * fuzz: what all targets share: an input taken apart into fields, each an
 * allocation of its exact size, so that a sanitizer sees one byte too far;
 * and what becomes of result codes.  A target asserts properties with
 * assert(); it is one file, fuzz_NAME.c, for libFuzzer and for alloc.c.
 */

#ifndef MLIST_FUZZ_H
#define MLIST_FUZZ_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "mlist_rc.h"
#include "mlist_str.h"


#define FUZZ_LINE    '\n'
#define FUZZ_DOC     '\036'          /* between documents */
#define FUZZ_SOURCE  '\035'          /* between sources */


/* What libFuzzer calls, and alloc.c. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


/* Each target's: it may return at any time, but frees what the core gave. */
void fuzz_one(void);

/* The next byte of the input; 0 at its end. */
unsigned fuzz_byte(void);

/* All up to the next "end", which is taken off, or to the input's end. */
mlist_str_t fuzz_field(char end);

/* Up to "max" such fields; how many there are. */
size_t fuzz_fields(char end, mlist_str_t *fields, size_t max);

/* The same of a text. */
size_t fuzz_split(mlist_str_t text, char end, mlist_str_t *fields,
    size_t max);

/* What is left of the input. */
mlist_str_t fuzz_rest(void);

/* A copy of the exact size; it lives until fuzz_one() has returned. */
mlist_str_t fuzz_copy(const char *data, size_t len);

/* One after another. */
mlist_str_t fuzz_join(const mlist_str_t *parts, size_t n);

/* Room of the exact size, as long. */
char *fuzz_room(size_t size);

/*
 * Every result code of the core goes through here.  Outside of alloc.c
 * memory is never short.
 */
mlist_rc_e fuzz_rc(mlist_rc_e rc);

/* The document, for a target's own look at it; NULL if it is no JSON. */
json_t *fuzz_json(mlist_str_t text);
void fuzz_json_free(json_t *json);

/* 1 if the view lies within the other one. */
int fuzz_within(mlist_str_t view, mlist_str_t whole);

/* 1 if all bytes are letters, digits or of "others". */
int fuzz_only(mlist_str_t s, const char *others);


/* For alloc.c: who is told of result codes; above 0: the harness's memory. */
extern void  (*fuzz_told)(mlist_rc_e rc);
extern int     fuzz_harness;


#endif /* MLIST_FUZZ_H */

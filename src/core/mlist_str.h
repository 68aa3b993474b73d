/*
 * mlist_str: a view of bytes.  Owns nothing, never allocates.
 * Called by every room of the core and by the glue.
 */

#ifndef MLIST_STR_H
#define MLIST_STR_H

#include <stddef.h>


typedef struct {
    const char  *data;       /* not NUL-terminated, never owned */
    size_t       len;
} mlist_str_t;


/* A view of a string literal (not of a pointer: sizeof is taken). */
#define MLIST_STR(literal)  { (literal), sizeof(literal) - 1 }


/*
 * What every answer that is known runs through: the compiler puts it side by
 * side, so that a handful of pages hold it.
 */
#if (defined __GNUC__ || defined __clang__)
#define MLIST_HOT  __attribute__((hot))
#else
#define MLIST_HOT
#endif


/* A view of a NUL-terminated string; NULL gives the empty view. */
mlist_str_t mlist_str(const char *s);

/* 1 if both views hold the same bytes, else 0. */
int mlist_str_eq(mlist_str_t a, mlist_str_t b) MLIST_HOT;

/* The same without regard to the case of ASCII letters. */
int mlist_str_caseeq(mlist_str_t a, mlist_str_t b);

/* Which comes first, byte by byte: below 0, 0 or above 0, as memcmp(). */
int mlist_str_order(mlist_str_t a, mlist_str_t b);

/* 1 if "s" starts (ends) with "part", else 0. */
int mlist_str_starts(mlist_str_t s, mlist_str_t part) MLIST_HOT;
int mlist_str_ends(mlist_str_t s, mlist_str_t part);

/* 1 if "s" is printable ASCII only, spaces included; else 0. */
int mlist_str_printable(mlist_str_t s);

/* The index of the first byte of "s" that "bytes" has, else s.len. */
size_t mlist_str_find(mlist_str_t s, const char *bytes);

/* "s" without white space (space, tab) at its ends. */
mlist_str_t mlist_str_trim(mlist_str_t s);


#endif /* MLIST_STR_H */

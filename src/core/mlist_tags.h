/*
 * mlist_tags: what all sources together list, tags or repositories: a union
 * that is gathered name by name, then sorted, and given out in pages.  Pure,
 * but for memory, which is bounded.
 */

#ifndef MLIST_TAGS_H
#define MLIST_TAGS_H

#include <stddef.h>
#include <stdint.h>

#include "mlist_rc.h"
#include "mlist_str.h"


#define MLIST_TAGS_MAX    262144             /* names that are gathered */
#define MLIST_TAGS_BYTES  16777216           /* of them all: 16m */
#define MLIST_TAGS_PAGE   10000              /* names on the largest page */


typedef struct {
    mlist_str_t   text;
    uint64_t      head;      /* its first bytes, to sort by */
    uint32_t      sources;   /* bits: which have it under their spelling */
    unsigned      stands:1;  /* it is listed whichever have it */
} mlist_tags_item_t;


typedef struct mlist_tags_chunk_s  mlist_tags_chunk_t;


typedef struct {             /* zeroed by the caller */
    mlist_tags_item_t   *items;
    size_t               n;
    size_t               size;
    size_t               bytes;
    mlist_tags_chunk_t  *chunks;  /* where the texts lie */
} mlist_tags_t;


/* A page: items[first..first + n) of a finished union. */
typedef struct {
    size_t        first;
    size_t        n;
    int           more;      /* others follow */
} mlist_tags_page_t;


/*
 * Adds a valid name or tag; the text is copied.  MLIST_OK, MLIST_NOMEM, or
 * MLIST_TOO_LARGE beyond the bounds above.
 */
mlist_rc_e mlist_tags_add(mlist_tags_t *tags, mlist_str_t text,
    uint32_t sources, int stands);

/*
 * Sorts by bytes and unites equal names.  "always" are sources that have
 * every tag.  A name that some source has, but one of "required" has not, is
 * dropped unless it stands; one that no source has stands for itself.
 */
void mlist_tags_finish(mlist_tags_t *tags, uint32_t required,
    uint32_t always);

/*
 * The names after "last" (which need not be there), at most "n".  No others
 * follow where none were wanted.
 */
mlist_tags_page_t mlist_tags_page(const mlist_tags_t *tags, mlist_str_t last,
    size_t n);

/*
 * Writes a page as JSON, with a newline: {"name":...,"tags":[...]}, or with
 * "name" empty {"repositories":[...]}.  Returns the length; with "out" NULL
 * it writes nothing, else out[] is as long as that.
 */
size_t mlist_tags_json(const mlist_tags_t *tags,
    const mlist_tags_page_t *page, mlist_str_t name, char *out);

/*
 * How many are asked for: "text" is the value of n.  MLIST_OK and *n, at most
 * MLIST_TAGS_PAGE; MLIST_INVALID: it is no number.
 */
mlist_rc_e mlist_tags_number(mlist_str_t text, size_t *n);

/* Frees all; the union is empty then. */
void mlist_tags_free(mlist_tags_t *tags);


#endif /* MLIST_TAGS_H */

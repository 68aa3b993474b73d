/*
 * mlist_tree: what one source's tag holds while it is being resolved: lists,
 * their entries (nodes), what is to be fetched (wants), and what went wrong.
 * Plain storage: it decides nothing.  Called by the resolve room; nobody
 * else needs it.
 *
 * Equal digests share a want.  What a want brought is kept with it, so that
 * it makes no difference in which order wants are fed.
 */

#ifndef MLIST_TREE_H
#define MLIST_TREE_H

#include <jansson.h>

#include "mlist_entry.h"
#include "mlist_resolve.h"


#define MLIST_TREE_NONE     ((size_t) -1)
#define MLIST_TREE_PROBLEM  512


/* The entries of one list stand one after another among the nodes. */
typedef struct {
    size_t             first;
    size_t             n;
    unsigned           depth;    /* 1 for what the tag names; 0: not set */
    unsigned           visited:1;
} mlist_tree_list_t;


typedef struct {
    mlist_entry_t      entry;
    size_t             want;     /* its nested list, manifest or config,
                                    or MLIST_TREE_NONE */
} mlist_tree_node_t;


typedef struct {
    mlist_want_t       want;
    mlist_media_e      media;

    /* fed: a nested list */
    json_t            *doc;      /* its nodes view it */
    mlist_tree_list_t  list;

    /* fed: a manifest */
    size_t             next;     /* its config, or MLIST_TREE_NONE */

    /* fed: a config */
    mlist_platform_t   platform;
    unsigned           named:1;  /* names an os and an architecture */
} mlist_tree_want_t;


typedef struct {
    json_t             *doc;     /* of the root, if it is a list */
    mlist_tree_list_t   list;

    mlist_tree_node_t  *nodes;   /* moves while nodes are added */
    size_t              nnodes;
    size_t              size;

    mlist_tree_want_t  *wants[MLIST_RESOLVE_WANTS];
    size_t              nwants;

    char                problem[MLIST_TREE_PROBLEM];
} mlist_tree_t;


/* Frees what hangs on a tree; one of all zeroes is empty. */
void mlist_tree_clean(mlist_tree_t *tree);

/* MLIST_OK, or MLIST_NOMEM.  The entry's views must outlive the tree. */
mlist_rc_e mlist_tree_add_node(mlist_tree_t *tree,
    const mlist_entry_t *entry);

/*
 * The want of a digest, added if there is none yet.  "type" is a valid media
 * type, or empty for a config.  MLIST_OK and *index; MLIST_TOO_LARGE,
 * MLIST_NOMEM; MLIST_MISMATCH if it is known with another size or type.
 */
mlist_rc_e mlist_tree_add_want(mlist_tree_t *tree,
    const mlist_digest_t *digest, size_t size, mlist_str_t type,
    size_t *index);

/*
 * Writes the entries in the order of the documents, nested lists where they
 * stand, into out[0..nnodes); *n is how many.  A list that stands in two
 * places is flattened at the first.  Once only.  MLIST_OK or MLIST_TOO_DEEP.
 */
mlist_rc_e mlist_tree_flatten(mlist_tree_t *tree, const mlist_entry_t **out,
    size_t *n);

/* Keeps "<digest>: <text>", printable ASCII only, and returns "rc". */
mlist_rc_e mlist_tree_fail(mlist_tree_t *tree, mlist_rc_e rc,
    const mlist_digest_t *digest, const char *fmt, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 4, 5)))
#endif
    ;


#endif /* MLIST_TREE_H */

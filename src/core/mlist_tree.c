/*
 * mlist_tree: storage for lists, entries and wants while a source's tag is
 * being resolved.  Never parses, never decides what to fetch.  Called by the
 * resolve room.
 */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mlist_tree.h"


static mlist_rc_e mlist_tree_new_want(mlist_tree_t *tree,
    const mlist_digest_t *digest, size_t size, mlist_str_t type);
static mlist_rc_e mlist_tree_walk(mlist_tree_t *tree,
    mlist_tree_list_t *list, unsigned depth, const mlist_entry_t **out,
    size_t *n);


void
mlist_tree_clean(mlist_tree_t *tree)
{
    size_t  i;

    for (i = 0; i < tree->nwants; i++) {
        json_decref(tree->wants[i]->doc);
        free(tree->wants[i]);
    }

    json_decref(tree->doc);
    free(tree->nodes);
}


mlist_rc_e
mlist_tree_add_node(mlist_tree_t *tree, const mlist_entry_t *entry)
{
    size_t              size;
    mlist_tree_node_t  *nodes;

    if (tree->nnodes == tree->size) {
        size = (tree->size != 0) ? 2 * tree->size : 16;
        nodes = realloc(tree->nodes, size * sizeof(mlist_tree_node_t));

        if (nodes == NULL) {
            return MLIST_NOMEM;
        }

        tree->nodes = nodes;
        tree->size = size;
    }

    tree->nodes[tree->nnodes].entry = *entry;
    tree->nodes[tree->nnodes].want = MLIST_TREE_NONE;
    tree->nnodes++;

    return MLIST_OK;
}


mlist_rc_e
mlist_tree_add_want(mlist_tree_t *tree, const mlist_digest_t *digest,
    size_t size, mlist_str_t type, size_t *index)
{
    size_t              i;
    mlist_rc_e          rc;
    mlist_tree_want_t  *w;

    for (i = 0; i < tree->nwants; i++) {
        w = tree->wants[i];

        if (!mlist_digest_eq(&w->want.digest, digest)) {
            continue;
        }

        if (w->want.size != size
            || !mlist_str_eq(mlist_str(w->want.type), type))
        {
            return mlist_tree_fail(tree, MLIST_MISMATCH, digest,
                                   "is described in two ways");
        }

        *index = i;
        return MLIST_OK;
    }

    rc = mlist_tree_new_want(tree, digest, size, type);

    if (rc == MLIST_OK) {
        *index = tree->nwants - 1;
    }

    return rc;
}


mlist_rc_e
mlist_tree_flatten(mlist_tree_t *tree, const mlist_entry_t **out, size_t *n)
{
    *n = 0;

    return mlist_tree_walk(tree, &tree->list, 1, out, n);
}


mlist_rc_e
mlist_tree_fail(mlist_tree_t *tree, mlist_rc_e rc,
    const mlist_digest_t *digest, const char *fmt, ...)
{
    int       n;
    char     *p;
    size_t    size;
    va_list   args;

    size = sizeof(tree->problem);
    n = snprintf(tree->problem, size, "%s: ", digest->text);

    if (n > 0 && (size_t) n < size) {
        va_start(args, fmt);
        (void) vsnprintf(tree->problem + n, size - (size_t) n, fmt, args);
        va_end(args);
    }

    for (p = tree->problem; *p != '\0'; p++) {
        if (*p < ' ' || *p > '~') {
            *p = '?';
        }
    }

    return rc;
}


static mlist_rc_e
mlist_tree_new_want(mlist_tree_t *tree, const mlist_digest_t *digest,
    size_t size, mlist_str_t type)
{
    mlist_tree_want_t  *w;

    if (tree->nwants == MLIST_RESOLVE_WANTS) {
        return mlist_tree_fail(tree, MLIST_TOO_LARGE, digest,
                               "is one manifest or config more than %d",
                               MLIST_RESOLVE_WANTS);
    }

    if (type.len == 0 && size > MLIST_CONFIG_MAX) {
        return mlist_tree_fail(tree, MLIST_TOO_LARGE, digest,
                               "is a config of %zu bytes, more than %d",
                               size, MLIST_CONFIG_MAX);
    }

    if (type.len > MLIST_MEDIA_TYPE_MAX) {
        return mlist_tree_fail(tree, MLIST_INVALID, digest,
                               "has too long a media type");
    }

    w = calloc(1, sizeof(mlist_tree_want_t));

    if (w == NULL) {
        return mlist_tree_fail(tree, MLIST_NOMEM, digest, "out of memory");
    }

    if (type.len != 0) {
        memcpy(w->want.type, type.data, type.len);
    }

    w->want.digest = *digest;
    w->want.size = size;
    w->want.blob = (type.len == 0);
    w->media = mlist_media_parse(type);
    w->next = MLIST_TREE_NONE;

    tree->wants[tree->nwants++] = w;

    return MLIST_OK;
}


static mlist_rc_e
mlist_tree_walk(mlist_tree_t *tree, mlist_tree_list_t *list, unsigned depth,
    const mlist_entry_t **out, size_t *n)
{
    size_t              i;
    mlist_rc_e          rc;
    mlist_tree_node_t  *node;

    if (list->visited) {
        return MLIST_OK;
    }

    list->visited = 1;

    for (i = list->first; i < list->first + list->n; i++) {
        node = &tree->nodes[i];

        if (!mlist_media_is_list(node->entry.media)) {
            out[(*n)++] = &node->entry;
            continue;
        }

        if (depth == MLIST_RESOLVE_DEPTH) {
            return mlist_tree_fail(tree, MLIST_TOO_DEEP, &node->entry.digest,
                                   "is nested more than %d deep",
                                   MLIST_RESOLVE_DEPTH);
        }

        rc = mlist_tree_walk(tree, &tree->wants[node->want]->list, depth + 1,
                             out, n);

        if (rc != MLIST_OK) {
            return rc;
        }
    }

    return MLIST_OK;
}

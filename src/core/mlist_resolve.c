/*
 * mlist_resolve: from the manifest under a source's tag to what the source
 * contributes: which manifests and configs are wanted, what they are checked
 * against, and the part that comes of them.  Never fetches, never knows
 * about other sources, never selects for the list: a part holds all entries.
 * Called by the glue's list room.
 */

#include <stdlib.h>
#include <string.h>

#include "mlist_config.h"
#include "mlist_entry.h"
#include "mlist_json.h"
#include "mlist_manifest.h"
#include "mlist_resolve.h"
#include "mlist_tree.h"


#define MLIST_RESOLVE_SHOWN  128         /* of a foreign text in a problem */


struct mlist_resolve_s {
    mlist_config_t  cf;
    mlist_part_e    kind;
    mlist_tree_t    tree;
};


static mlist_rc_e mlist_resolve_root_image(mlist_resolve_t *res,
    const mlist_digest_t *digest, mlist_media_e type, size_t size,
    const mlist_manifest_t *m);
static mlist_rc_e mlist_resolve_add_list(mlist_resolve_t *res,
    mlist_tree_list_t *list, const json_t *entries,
    const mlist_digest_t *digest);
static mlist_rc_e mlist_resolve_plan(mlist_resolve_t *res,
    mlist_tree_node_t *node, unsigned depth);
static mlist_rc_e mlist_resolve_check_want(mlist_resolve_t *res,
    const mlist_tree_want_t *w, mlist_str_t content_type, mlist_str_t body);
static mlist_rc_e mlist_resolve_feed_manifest(mlist_resolve_t *res,
    mlist_tree_want_t *w, mlist_str_t body);
static mlist_rc_e mlist_resolve_feed_config(mlist_resolve_t *res,
    mlist_tree_want_t *w, mlist_str_t body);
static mlist_rc_e mlist_resolve_check(mlist_resolve_t *res,
    const mlist_digest_t *digest, mlist_str_t body);
static mlist_rc_e mlist_resolve_settle(mlist_resolve_t *res,
    mlist_tree_node_t *node);
static mlist_rc_e mlist_resolve_write(mlist_resolve_t *res,
    const mlist_entry_t **entries, mlist_part_t *part);
static mlist_rc_e mlist_resolve_contradiction(mlist_resolve_t *res,
    const mlist_digest_t *digest, const mlist_platform_t *expected,
    const mlist_platform_t *seen);


mlist_resolve_t *
mlist_resolve_create(const mlist_platform_t *declared, unsigned flags)
{
    mlist_resolve_t  *res;

    res = calloc(1, sizeof(mlist_resolve_t));

    if (res == NULL) {
        return NULL;
    }

    if (declared != NULL) {
        res->cf.declared = *declared;
        res->cf.has_declared = 1;
    }

    res->cf.verify = ((flags & MLIST_RESOLVE_VERIFY) != 0);
    res->kind = MLIST_PART_ARTIFACT;

    return res;
}


void
mlist_resolve_free(mlist_resolve_t *res)
{
    if (res == NULL) {
        return;
    }

    mlist_tree_clean(&res->tree);
    free(res);
}


mlist_rc_e
mlist_resolve_root(mlist_resolve_t *res, const mlist_digest_t *digest,
    mlist_str_t content_type, mlist_str_t body)
{
    mlist_rc_e        rc;
    mlist_media_e     type;
    mlist_manifest_t  m;

    rc = mlist_resolve_check(res, digest, body);

    if (rc != MLIST_OK) {
        return rc;
    }

    type = mlist_media_parse(content_type);
    rc = mlist_manifest_parse(type, body, &m);

    if (rc != MLIST_OK) {
        return mlist_tree_fail(&res->tree, rc, digest,
                               "expected \"%s\", its body is: %s",
                               mlist_media_text(type), mlist_rc_text(rc));
    }

    switch (m.kind) {

    case MLIST_MANIFEST_IMAGE:
        res->kind = MLIST_PART_IMAGE;
        return mlist_resolve_root_image(res, digest, type, body.len, &m);

    case MLIST_MANIFEST_LIST:
        res->kind = MLIST_PART_INDEX;
        res->tree.doc = m.doc;
        res->tree.list.depth = 1;
        return mlist_resolve_add_list(res, &res->tree.list, m.entries,
                                      digest);

    default:
        return MLIST_OK;
    }
}


size_t
mlist_resolve_nwants(const mlist_resolve_t *res)
{
    return res->tree.nwants;
}


mlist_want_t *
mlist_resolve_want(mlist_resolve_t *res, size_t i)
{
    return (i < res->tree.nwants) ? &res->tree.wants[i]->want : NULL;
}


mlist_rc_e
mlist_resolve_feed(mlist_resolve_t *res, size_t i, mlist_str_t content_type,
    mlist_str_t body)
{
    mlist_rc_e          rc;
    mlist_tree_want_t  *w;

    if (i >= res->tree.nwants) {
        return MLIST_NOT_FOUND;
    }

    w = res->tree.wants[i];

    if (w->want.fed) {
        return MLIST_OK;
    }

    rc = mlist_resolve_check_want(res, w, content_type, body);

    if (rc == MLIST_OK) {
        rc = w->want.blob ? mlist_resolve_feed_config(res, w, body)
                          : mlist_resolve_feed_manifest(res, w, body);
    }

    w->want.fed = (rc == MLIST_OK);

    return rc;
}


mlist_rc_e
mlist_resolve_finish(mlist_resolve_t *res, mlist_part_t *part)
{
    size_t                 i;
    mlist_rc_e             rc;
    mlist_tree_t          *tree;
    const mlist_entry_t  **entries;

    memset(part, 0, sizeof(mlist_part_t));
    part->kind = MLIST_PART_ARTIFACT;
    tree = &res->tree;

    for (i = 0; i < tree->nwants; i++) {
        if (!tree->wants[i]->want.fed) {
            return mlist_tree_fail(tree, MLIST_INVALID,
                                   &tree->wants[i]->want.digest,
                                   "has not been fed");
        }
    }

    for (i = 0; i < tree->nnodes; i++) {
        rc = mlist_resolve_settle(res, &tree->nodes[i]);

        if (rc != MLIST_OK) {
            return rc;
        }
    }

    if (res->kind == MLIST_PART_ARTIFACT || tree->nnodes == 0) {
        return MLIST_OK;
    }

    entries = malloc(tree->nnodes * sizeof(mlist_entry_t *));

    if (entries == NULL) {
        return MLIST_NOMEM;
    }

    rc = mlist_resolve_write(res, entries, part);
    free(entries);

    return rc;
}


const char *
mlist_resolve_problem(const mlist_resolve_t *res)
{
    return res->tree.problem;
}


/* The tag names one manifest: a list of one node stands for it. */

static mlist_rc_e
mlist_resolve_root_image(mlist_resolve_t *res, const mlist_digest_t *digest,
    mlist_media_e type, size_t size, const mlist_manifest_t *m)
{
    mlist_rc_e     rc;
    mlist_entry_t  entry;

    memset(&entry, 0, sizeof(mlist_entry_t));
    entry.digest = *digest;
    entry.size = size;
    entry.media = type;
    entry.type = mlist_str(mlist_media_text(type));

    if (res->cf.has_declared) {
        entry.platform = res->cf.declared;
        entry.has_platform = 1;
    }

    res->tree.list.n = 1;
    rc = mlist_tree_add_node(&res->tree, &entry);

    if (rc != MLIST_OK
        || (!m->odd && !mlist_config_wanted(&res->cf, &entry)))
    {
        return rc;
    }

    return mlist_tree_add_want(&res->tree, &m->config, m->config_size,
                               mlist_str(NULL), &res->tree.nodes[0].want);
}


/* Adds the nodes of a list and what they want; "digest" is the list's. */

static mlist_rc_e
mlist_resolve_add_list(mlist_resolve_t *res, mlist_tree_list_t *list,
    const json_t *entries, const mlist_digest_t *digest)
{
    size_t         i, n;
    mlist_rc_e     rc;
    mlist_entry_t  entry;

    n = json_array_size(entries);

    if (n > MLIST_RESOLVE_ENTRIES - res->tree.nnodes) {
        return mlist_tree_fail(&res->tree, MLIST_TOO_LARGE, digest,
                               "brings more than %d entries",
                               MLIST_RESOLVE_ENTRIES);
    }

    list->first = res->tree.nnodes;
    list->n = n;

    for (i = 0; i < n; i++) {
        rc = mlist_entry_parse(json_array_get(entries, i), &entry);

        if (rc != MLIST_OK) {
            return mlist_tree_fail(&res->tree, rc, digest,
                                   "its entry %zu is: %s", i,
                                   mlist_rc_text(rc));
        }

        rc = mlist_tree_add_node(&res->tree, &entry);

        if (rc != MLIST_OK) {
            return rc;
        }
    }

    for (i = 0; i < n; i++) {
        rc = mlist_resolve_plan(res, &res->tree.nodes[list->first + i],
                                list->depth);

        if (rc != MLIST_OK) {
            return rc;
        }
    }

    return MLIST_OK;
}


/* What an entry of a list at "depth" wants to be fetched. */

static mlist_rc_e
mlist_resolve_plan(mlist_resolve_t *res, mlist_tree_node_t *node,
    unsigned depth)
{
    int                 nested;
    mlist_rc_e          rc;
    mlist_entry_t      *entry;
    mlist_tree_want_t  *w;

    entry = &node->entry;
    nested = mlist_media_is_list(entry->media);

    if (nested && depth >= MLIST_RESOLVE_DEPTH) {
        return mlist_tree_fail(&res->tree, MLIST_TOO_DEEP, &entry->digest,
                               "is nested more than %d deep",
                               MLIST_RESOLVE_DEPTH);
    }

    if (!nested && (!mlist_media_is_manifest(entry->media)
                    || !mlist_config_wanted(&res->cf, entry)))
    {
        return MLIST_OK;
    }

    rc = mlist_tree_add_want(&res->tree, &entry->digest, entry->size,
                             entry->type, &node->want);

    if (rc == MLIST_OK && nested) {
        w = res->tree.wants[node->want];

        if (w->list.depth == 0) {
            w->list.depth = depth + 1;
        }
    }

    return rc;
}


static mlist_rc_e
mlist_resolve_check_want(mlist_resolve_t *res, const mlist_tree_want_t *w,
    mlist_str_t content_type, mlist_str_t body)
{
    size_t  shown;

    if (!w->want.blob && mlist_media_parse(content_type) != w->media) {
        shown = (content_type.len < MLIST_RESOLVE_SHOWN)
                ? content_type.len : MLIST_RESOLVE_SHOWN;

        return mlist_tree_fail(&res->tree, MLIST_MISMATCH, &w->want.digest,
                               "expected type \"%s\", got \"%.*s\"",
                               w->want.type, (int) shown,
                               (shown != 0) ? content_type.data : "");
    }

    if (body.len != w->want.size) {
        return mlist_tree_fail(&res->tree, MLIST_MISMATCH, &w->want.digest,
                               "expected %zu bytes, got %zu", w->want.size,
                               body.len);
    }

    return mlist_resolve_check(res, &w->want.digest, body);
}


static mlist_rc_e
mlist_resolve_feed_manifest(mlist_resolve_t *res, mlist_tree_want_t *w,
    mlist_str_t body)
{
    mlist_rc_e        rc;
    mlist_manifest_t  m;

    rc = mlist_manifest_parse(w->media, body, &m);

    if (rc != MLIST_OK) {
        return mlist_tree_fail(&res->tree, rc, &w->want.digest,
                               "expected \"%s\", its body is: %s",
                               w->want.type, mlist_rc_text(rc));
    }

    switch (m.kind) {

    case MLIST_MANIFEST_IMAGE:
        return mlist_tree_add_want(&res->tree, &m.config, m.config_size,
                                   mlist_str(NULL), &w->next);

    case MLIST_MANIFEST_LIST:
        w->doc = m.doc;
        return mlist_resolve_add_list(res, &w->list, m.entries,
                                      &w->want.digest);

    default:
        return MLIST_OK;
    }
}


static mlist_rc_e
mlist_resolve_feed_config(mlist_resolve_t *res, mlist_tree_want_t *w,
    mlist_str_t body)
{
    int          named;
    json_t      *doc;
    mlist_rc_e   rc;

    named = 0;
    rc = mlist_json_load(body, &doc);

    if (rc == MLIST_OK) {
        rc = mlist_entry_platform(doc, &w->platform, &named);
        json_decref(doc);
    }

    if (rc != MLIST_OK) {
        return mlist_tree_fail(&res->tree, rc, &w->want.digest,
                               "expected an image's config, it is: %s",
                               mlist_rc_text(rc));
    }

    w->named = (named != 0);

    return MLIST_OK;
}


static mlist_rc_e
mlist_resolve_check(mlist_resolve_t *res, const mlist_digest_t *digest,
    mlist_str_t body)
{
    mlist_rc_e      rc;
    mlist_digest_t  seen;

    rc = mlist_digest_verify(body, digest);

    if (rc != MLIST_MISMATCH) {
        return rc;
    }

    if (mlist_digest_compute(body, &seen) != MLIST_OK) {
        return MLIST_NOMEM;
    }

    return mlist_tree_fail(&res->tree, rc, digest,
                           "expected other bytes, got %zu that are %s",
                           body.len, seen.text);
}


/* All is fed: what a node's config, if it was wanted, makes of its entry. */

static mlist_rc_e
mlist_resolve_settle(mlist_resolve_t *res, mlist_tree_node_t *node)
{
    size_t              i;
    mlist_rc_e          rc;
    mlist_tree_want_t  *w;

    i = node->want;

    if (i != MLIST_TREE_NONE && !res->tree.wants[i]->want.blob) {
        i = res->tree.wants[i]->next;
    }

    if (i == MLIST_TREE_NONE) {
        return MLIST_OK;
    }

    w = res->tree.wants[i];

    if (res->kind == MLIST_PART_IMAGE) {

        if (!w->named) {
            res->kind = MLIST_PART_ARTIFACT;
            return MLIST_OK;
        }

        rc = mlist_config_apply_image(&res->cf, &w->platform, &node->entry);

    } else {

        if (!w->named) {
            return MLIST_OK;
        }

        rc = mlist_config_apply(&res->cf, &w->platform, &node->entry);
    }

    if (rc == MLIST_CONTRADICTION) {
        return mlist_resolve_contradiction(res, &node->entry.digest,
                                           &node->entry.platform,
                                           &w->platform);
    }

    return rc;
}


/* "entries" has room for all nodes. */

static mlist_rc_e
mlist_resolve_write(mlist_resolve_t *res, const mlist_entry_t **entries,
    mlist_part_t *part)
{
    size_t        i, n;
    mlist_rc_e    rc;
    mlist_part_e  kind;

    rc = mlist_tree_flatten(&res->tree, entries, &n);

    if (rc != MLIST_OK) {
        return rc;
    }

    kind = MLIST_PART_ARTIFACT;

    for (i = 0; i < n; i++) {
        if (mlist_entry_is_image(entries[i])) {
            kind = res->kind;
        }
    }

    if (kind == MLIST_PART_ARTIFACT) {
        return MLIST_OK;
    }

    rc = mlist_entry_write(entries, n, MLIST_MEDIA_OCI_INDEX, &part->json,
                           &part->len);

    if (rc == MLIST_OK) {
        part->kind = kind;
    }

    return rc;
}


static mlist_rc_e
mlist_resolve_contradiction(mlist_resolve_t *res,
    const mlist_digest_t *digest, const mlist_platform_t *expected,
    const mlist_platform_t *seen)
{
    char  a[MLIST_PLATFORM_TEXT], b[MLIST_PLATFORM_TEXT];

    (void) mlist_platform_text(expected, a);
    (void) mlist_platform_text(seen, b);

    return mlist_tree_fail(&res->tree, MLIST_CONTRADICTION, digest,
                           "expected an image for %s, its config says %s",
                           a, b);
}

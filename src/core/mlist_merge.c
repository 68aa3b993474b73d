/*
 * mlist_merge: which entries of which source stand in a list.  Never orders
 * them, never writes.  Called by the index room.
 */

#include <stdlib.h>
#include <string.h>

#include "mlist_json.h"
#include "mlist_merge.h"


/* marks on the entries of the part that is being added */
#define MLIST_MERGE_SELECTED  0x01
#define MLIST_MERGE_USED      0x02       /* in the list, or its equal is */


typedef struct {
    mlist_merge_t        *merge;
    mlist_index_input_t  *input;
    size_t                number;
    mlist_entry_t        *entries;
    unsigned char        *marks;
    size_t                n;
} mlist_merge_part_t;


static mlist_rc_e mlist_merge_read(mlist_merge_part_t *part,
    const json_t *array);
static mlist_rc_e mlist_merge_part(mlist_merge_part_t *part);
static int mlist_merge_selects(const mlist_merge_part_t *part,
    const mlist_entry_t *entry);
static mlist_rc_e mlist_merge_image(mlist_merge_part_t *part, size_t i);
static mlist_rc_e mlist_merge_other(mlist_merge_part_t *part, size_t i);
static mlist_rc_e mlist_merge_attestation(mlist_merge_part_t *part,
    size_t i);
static mlist_rc_e mlist_merge_append(mlist_merge_part_t *part, size_t i,
    mlist_merge_e kind);
static mlist_rc_e mlist_merge_note(mlist_merge_part_t *part);
static uint32_t mlist_merge_hash(uint32_t hash, const char *s);
static uint32_t mlist_merge_hash_platform(const mlist_platform_t *p);


void
mlist_merge_clean(mlist_merge_t *m)
{
    size_t  i;

    for (i = 0; i < m->ndocs; i++) {
        json_decref(m->docs[i]);
    }

    free(m->items);
    free(m->selected);
}


mlist_rc_e
mlist_merge_add(mlist_merge_t *m, mlist_index_input_t *input)
{
    json_t              *array;
    mlist_rc_e           rc;
    mlist_merge_part_t   part;

    input->used = 0;
    input->shadowed = 0;

    if (m->ndocs == MLIST_INDEX_INPUTS) {
        return MLIST_TOO_LARGE;
    }

    rc = mlist_entry_load(input->part, &m->docs[m->ndocs], &array);

    if (rc != MLIST_OK) {
        return rc;
    }

    memset(&part, 0, sizeof(mlist_merge_part_t));
    part.merge = m;
    part.input = input;
    part.number = m->ndocs++;

    rc = mlist_merge_read(&part, array);

    if (rc == MLIST_OK) {
        rc = mlist_merge_part(&part);
    }

    free(part.entries);
    free(part.marks);

    return rc;
}


int
mlist_merge_is_whole(const mlist_merge_t *m)
{
    size_t  i;

    if (!m->same) {
        return 0;
    }

    for (i = 0; i < m->nselected; i++) {
        if (!m->selected[i]) {
            return 0;
        }
    }

    return 1;
}


static mlist_rc_e
mlist_merge_read(mlist_merge_part_t *part, const json_t *array)
{
    size_t      i, n;
    mlist_rc_e  rc;

    n = json_array_size(array);

    if (n > MLIST_RESOLVE_ENTRIES) {
        return MLIST_TOO_LARGE;
    }

    /* one more, since an allocation of nothing may give NULL */

    part->entries = malloc((n + 1) * sizeof(mlist_entry_t));
    part->marks = calloc(n + 1, 1);

    if (part->entries == NULL || part->marks == NULL) {
        return MLIST_NOMEM;
    }

    for (i = 0; i < n; i++) {
        rc = mlist_entry_parse(json_array_get(array, i), &part->entries[i]);

        if (rc != MLIST_OK) {
            return rc;
        }
    }

    part->n = n;

    return MLIST_OK;
}


/* Images first, since the others depend on which of them are selected. */

static mlist_rc_e
mlist_merge_part(mlist_merge_part_t *part)
{
    size_t       i;
    mlist_rc_e   rc;

    rc = MLIST_OK;

    for (i = 0; rc == MLIST_OK && i < part->n; i++) {
        if (mlist_entry_is_image(&part->entries[i])
            && mlist_merge_selects(part, &part->entries[i]))
        {
            part->marks[i] = MLIST_MERGE_SELECTED;
            rc = mlist_merge_image(part, i);
        }
    }

    if (rc != MLIST_OK
        || (part->input->used == 0 && part->input->shadowed == 0))
    {
        return rc;
    }

    for (i = 0; rc == MLIST_OK && i < part->n; i++) {
        if (!mlist_entry_is_image(&part->entries[i])
            && !mlist_entry_is_attestation(&part->entries[i]))
        {
            rc = mlist_merge_other(part, i);
        }
    }

    for (i = 0; rc == MLIST_OK && i < part->n; i++) {
        if (mlist_entry_is_attestation(&part->entries[i])) {
            rc = mlist_merge_attestation(part, i);
        }
    }

    return (rc == MLIST_OK) ? mlist_merge_note(part) : rc;
}


static int
mlist_merge_selects(const mlist_merge_part_t *part,
    const mlist_entry_t *entry)
{
    const mlist_platform_t  *declared;

    declared = part->input->declared;

    /* an image's own platform was settled when it was resolved */

    return declared == NULL
           || part->input->kind == MLIST_PART_IMAGE
           || mlist_platform_covers(declared, &entry->platform);
}


static mlist_rc_e
mlist_merge_image(mlist_merge_part_t *part, size_t i)
{
    int                        shadowed;
    size_t                     k;
    uint32_t                   hash;
    const mlist_entry_t       *entry;
    const mlist_merge_item_t  *item;

    entry = &part->entries[i];
    hash = mlist_merge_hash_platform(&entry->platform);
    shadowed = 0;

    for (k = 0; k < part->merge->n; k++) {
        item = &part->merge->items[k];

        if (item->platform != hash
            || item->kind != MLIST_MERGE_IMAGE
            || !mlist_platform_eq(&item->entry.platform, &entry->platform))
        {
            continue;
        }

        if (mlist_digest_eq(&item->entry.digest, &entry->digest)) {
            part->marks[i] |= MLIST_MERGE_USED;
            part->input->used++;
            return MLIST_OK;
        }

        /* twins within one source stay */

        if (item->input != part->number) {
            shadowed = 1;
        }
    }

    if (shadowed) {
        part->input->shadowed++;
        return MLIST_OK;
    }

    part->marks[i] |= MLIST_MERGE_USED;
    part->input->used++;

    return mlist_merge_append(part, i, MLIST_MERGE_IMAGE);
}


static mlist_rc_e
mlist_merge_other(mlist_merge_part_t *part, size_t i)
{
    if (part->input->declared != NULL) {
        return MLIST_OK;
    }

    part->marks[i] = MLIST_MERGE_SELECTED | MLIST_MERGE_USED;

    return mlist_merge_append(part, i, MLIST_MERGE_OTHER);
}


/* One that speaks of nothing in its index is like any other entry. */

static mlist_rc_e
mlist_merge_attestation(mlist_merge_part_t *part, size_t i)
{
    int          found;
    size_t       k;
    mlist_str_t  subject;

    if (!part->merge->attestations) {
        return MLIST_OK;
    }

    subject = mlist_json_string(part->entries[i].annotations,
                                "vnd.docker.reference.digest");
    found = 0;

    for (k = 0; k < part->n; k++) {

        if (!mlist_entry_is_attestation(&part->entries[k])
            && mlist_str_eq(mlist_digest_str(&part->entries[k].digest),
                            subject))
        {
            found = 1;
            part->marks[i] |= part->marks[k];
        }
    }

    if (!found) {
        return mlist_merge_other(part, i);
    }

    return (part->marks[i] & MLIST_MERGE_USED)
           ? mlist_merge_append(part, i, MLIST_MERGE_ATTESTATION)
           : MLIST_OK;
}


/* What is no image is kept once, whatever number of sources have it. */

static mlist_rc_e
mlist_merge_append(mlist_merge_part_t *part, size_t i, mlist_merge_e kind)
{
    size_t               k, size;
    uint32_t             hash;
    mlist_merge_t       *m;
    mlist_merge_item_t  *item;

    m = part->merge;
    hash = mlist_merge_hash(0, part->entries[i].digest.text);

    for (k = 0; kind != MLIST_MERGE_IMAGE && k < m->n; k++) {
        item = &m->items[k];

        if (item->digest == hash
            && item->kind != MLIST_MERGE_IMAGE
            && mlist_digest_eq(&item->entry.digest,
                               &part->entries[i].digest))
        {
            return MLIST_OK;
        }
    }

    if (m->n == MLIST_INDEX_ENTRIES) {
        return MLIST_TOO_LARGE;
    }

    if (m->n == m->size) {
        size = (m->size != 0) ? 2 * m->size : 16;
        item = realloc(m->items, size * sizeof(mlist_merge_item_t));

        if (item == NULL) {
            return MLIST_NOMEM;
        }

        m->items = item;
        m->size = size;
    }

    item = &m->items[m->n++];
    item->entry = part->entries[i];
    item->kind = kind;
    item->input = part->number;
    item->digest = hash;

    /* analyzer-malloc-leak is mistaken: what was allocated is m->items */

    item->platform = mlist_merge_hash_platform(&item->entry.platform);

    return MLIST_OK;
}


/* Keeps account of whether all sources together select one index whole. */

static mlist_rc_e
mlist_merge_note(mlist_merge_part_t *part)
{
    size_t                      i;
    mlist_merge_t              *m;
    const mlist_index_input_t  *input;

    m = part->merge;
    input = part->input;

    if (m->digest == NULL) {
        m->selected = calloc(part->n + 1, 1);

        if (m->selected == NULL) {
            return MLIST_NOMEM;
        }

        m->digest = &input->digest;
        m->nselected = part->n;
        m->same = 1;
    }

    if (input->kind != MLIST_PART_INDEX
        || part->n != m->nselected
        || !mlist_digest_eq(&input->digest, m->digest))
    {
        m->same = 0;
        return MLIST_OK;
    }

    for (i = 0; i < part->n; i++) {
        m->selected[i] |= part->marks[i] & MLIST_MERGE_SELECTED;
    }

    return MLIST_OK;
}


/* FNV-1a; the end of a string counts, so that parts do not run together. */

static uint32_t
mlist_merge_hash(uint32_t hash, const char *s)
{
    if (hash == 0) {
        hash = 2166136261u;
    }

    do {
        hash = (hash ^ (unsigned char) *s) * 16777619u;
    } while (*s++ != '\0');

    return hash;
}


static uint32_t
mlist_merge_hash_platform(const mlist_platform_t *p)
{
    uint32_t  hash;
    unsigned  i;

    hash = mlist_merge_hash(0, p->os);
    hash = mlist_merge_hash(hash, p->arch);
    hash = mlist_merge_hash(hash, p->variant);
    hash = mlist_merge_hash(hash, p->os_version);

    for (i = 0; i < p->nfeatures; i++) {
        hash = mlist_merge_hash(hash, p->os_features[i]);
    }

    return hash;
}

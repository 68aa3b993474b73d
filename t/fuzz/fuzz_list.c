/*
 * The list that several sources give.  Without this two replicas could make
 * two lists of the same children, or a list name what no source has.
 *
 *     TYPE (of docker, oci, auto: its first letter) DROP
 *     a source (source.h) <FUZZ_SOURCE> a source ...
 */

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "mlist_entry.h"
#include "mlist_index.h"
#include "source.h"


#define TARGET_SOURCES  6


typedef struct {
    source_t             sources[TARGET_SOURCES];
    mlist_part_t         parts[TARGET_SOURCES];
    mlist_index_input_t  inputs[TARGET_SOURCES];
    size_t               n;
    mlist_media_e        verbatim;
} target_t;


static int target_load(target_t *t);
static void target_build(target_t *t, mlist_type_e type, int attestations);
static void target_again(target_t *t, mlist_type_e type, int attestations,
    const mlist_index_t *list);
static void target_check(const target_t *t, const mlist_index_t *list);
static void target_entries(const target_t *t, const mlist_index_t *list,
    const json_t *array);
static int target_has(const target_t *t, const mlist_entry_t *entry);
static int target_part_has(const mlist_part_t *part,
    const mlist_entry_t *entry);


void
fuzz_one(void)
{
    int           attestations;
    size_t        i;
    target_t     *t;
    mlist_str_t   line;
    mlist_type_e  type;

    line = fuzz_field(FUZZ_LINE);
    type = (line.len == 0) ? MLIST_TYPE_AUTO
           : (line.data[0] == 'd') ? MLIST_TYPE_DOCKER
           : (line.data[0] == 'o') ? MLIST_TYPE_OCI : MLIST_TYPE_AUTO;
    attestations = (line.len < 2);

    t = (target_t *) fuzz_room(sizeof(target_t));
    memset(t, 0, sizeof(target_t));

    if (target_load(t) && t->n != 0) {
        target_build(t, type, attestations);
    }

    for (i = 0; i < TARGET_SOURCES; i++) {
        free(t->parts[i].json);
    }
}


/* Sources that fail or have artifacts are left out; 0: memory is short. */

static int
target_load(target_t *t)
{
    size_t                n;
    source_t             *source;
    mlist_rc_e            rc;
    mlist_part_t         *part;
    mlist_index_input_t  *input;

    for (n = 0; n < TARGET_SOURCES; n++) {
        source = &t->sources[t->n];
        part = &t->parts[t->n];
        rc = source_read(source, FUZZ_SOURCE);

        if (rc == MLIST_OK) {
            rc = source_resolve(source, 0, part);
        }

        if (rc == MLIST_NOMEM) {
            return 0;
        }

        if (rc != MLIST_OK || part->kind == MLIST_PART_ARTIFACT) {
            continue;
        }

        input = &t->inputs[t->n++];
        input->kind = part->kind;
        input->digest = source->docs[0].digest;
        input->part = fuzz_copy(part->json, part->len);
        input->declared = source->has_declared ? &source->declared : NULL;

        if (part->kind == MLIST_PART_INDEX) {
            t->verbatim = mlist_media_parse(source->docs[0].type);
        }
    }

    return 1;
}


static void
target_build(target_t *t, mlist_type_e type, int attestations)
{
    size_t         i, used;
    mlist_rc_e     rc;
    mlist_index_t  list;

    rc = fuzz_rc(mlist_index_build(t->inputs, t->n, type, t->verbatim,
                                   attestations, &list));

    if (rc != MLIST_OK) {
        assert(list.json == NULL);
        assert(rc == MLIST_NOT_FOUND || rc == MLIST_NOMEM
               || rc == MLIST_TOO_LARGE);
        return;
    }

    for (i = 0, used = 0; i < t->n; i++) {
        used += t->inputs[i].used;
    }

    assert(used != 0 && list.platforms[0] != '\0');
    assert(mlist_media_is_list(list.type));

    if (list.verbatim) {
        assert(list.json == NULL && list.type == t->verbatim);

        for (i = 0; i < t->n; i++) {
            assert(mlist_digest_eq(&list.digest, &t->inputs[i].digest)
                   || (t->inputs[i].used == 0 && t->inputs[i].shadowed == 0));
        }

    } else {
        target_check(t, &list);
    }

    target_again(t, type, attestations, &list);
    free(list.json);
}


/* The same children make the same list. */

static void
target_again(target_t *t, mlist_type_e type, int attestations,
    const mlist_index_t *list)
{
    mlist_index_t  again;

    if (fuzz_rc(mlist_index_build(t->inputs, t->n, type, t->verbatim,
                                  attestations, &again)) != MLIST_OK)
    {
        assert(fuzz_told != NULL);
        return;
    }

    assert(again.type == list->type && again.verbatim == list->verbatim);
    assert(mlist_digest_eq(&again.digest, &list->digest));
    assert(strcmp(again.platforms, list->platforms) == 0);
    assert(again.len == list->len);
    assert(again.len == 0 || memcmp(again.json, list->json, list->len) == 0);

    free(again.json);
}


static void
target_check(const target_t *t, const mlist_index_t *list)
{
    char             *platforms;
    json_t           *json;
    mlist_str_t       bytes;
    mlist_digest_t    digest;

    bytes = fuzz_copy(list->json, list->len);
    platforms = fuzz_room(MLIST_INDEX_PLATFORMS);

    if (fuzz_rc(mlist_digest_compute(bytes, &digest)) != MLIST_OK
        || fuzz_rc(mlist_index_platforms(bytes, platforms)) != MLIST_OK)
    {
        assert(fuzz_told != NULL);
        return;
    }

    assert(mlist_digest_eq(&digest, &list->digest));
    assert(strcmp(platforms, list->platforms) == 0);

    json = fuzz_json(bytes);
    assert(json != NULL);
    assert(strcmp(json_string_value(json_object_get(json, "mediaType")),
                  mlist_media_text(list->type)) == 0);
    target_entries(t, list, json_object_get(json, "manifests"));
    fuzz_json_free(json);
}


static void
target_entries(const target_t *t, const mlist_index_t *list,
    const json_t *array)
{
    int            images;
    size_t         i;
    mlist_entry_t  entry;

    images = 1;
    assert(json_array_size(array) != 0);

    for (i = 0; i < json_array_size(array); i++) {
        assert(mlist_entry_parse(json_array_get(array, i), &entry)
               == MLIST_OK);
        assert(target_has(t, &entry));

        /* images first */

        assert(images || !mlist_entry_is_image(&entry));
        images = mlist_entry_is_image(&entry);

        assert(list->type == MLIST_MEDIA_OCI_INDEX
               || (images && entry.annotations == NULL
                   && entry.artifact_type.len == 0
                   && mlist_media_is_manifest(entry.media)));
    }
}


static int
target_has(const target_t *t, const mlist_entry_t *entry)
{
    size_t  i;

    for (i = 0; i < t->n; i++) {
        if (target_part_has(&t->parts[i], entry)) {
            return 1;
        }
    }

    return 0;
}


static int
target_part_has(const mlist_part_t *part, const mlist_entry_t *entry)
{
    int             found;
    size_t          i;
    json_t         *json, *array;
    mlist_str_t     text;
    mlist_entry_t   one;

    text.data = part->json;
    text.len = part->len;
    json = fuzz_json(text);
    array = json_object_get(json, "manifests");
    found = 0;

    for (i = 0; !found && i < json_array_size(array); i++) {
        found = mlist_entry_parse(json_array_get(array, i), &one) == MLIST_OK
                && mlist_digest_eq(&one.digest, &entry->digest)
                && mlist_str_eq(one.type, entry->type)
                && one.size == entry->size
                && one.has_platform == entry->has_platform
                && mlist_platform_eq(&one.platform, &entry->platform);
    }

    fuzz_json_free(json);

    return found;
}

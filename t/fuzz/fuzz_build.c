/*
 * The round trip: a list is built of parts that are made here, read again,
 * and compared with a second reckoning of what it has to hold, and in which
 * order (spec: "A tag", 5 to 7).  Without this an entry could be lost, stand
 * elsewhere, or come back with another platform, size or type.
 *
 * The input is bytes: how the list is to be; for each source what it
 * declares and how many entries it has; for each entry its platform, its
 * digest, and what else it has.
 */

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "model.h"


static void target_compare(const model_t *m, const mlist_index_t *list,
    mlist_media_e type);
static void target_entry(const mlist_entry_t *expected,
    const mlist_entry_t *seen, mlist_media_e type);


void
fuzz_one(void)
{
    int            attestations;
    size_t         i;
    model_t       *m;
    unsigned       how;
    mlist_rc_e     rc;
    mlist_type_e   type;
    mlist_index_t  list;

    static const mlist_type_e  types[] = {
        MLIST_TYPE_AUTO, MLIST_TYPE_DOCKER, MLIST_TYPE_OCI
    };

    how = fuzz_byte();
    type = types[how % 3];
    attestations = (how / 3) & 1;

    m = (model_t *) fuzz_room(sizeof(model_t));

    if (model_make(m, attestations) != MLIST_OK) {
        model_free(m);
        return;
    }

    rc = fuzz_rc(mlist_index_build(m->inputs, m->nsources, type,
                                   MLIST_MEDIA_OTHER, attestations, &list));

    if (rc != MLIST_NOMEM) {
        model_order(m, type);
        assert(rc == (m->n != 0 ? MLIST_OK : MLIST_NOT_FOUND));

        for (i = 0; i < m->nsources; i++) {
            assert(m->inputs[i].used == m->used[i]);
            assert(m->inputs[i].shadowed == m->shadowed[i]);
        }
    }

    if (rc == MLIST_OK) {
        assert(!list.verbatim && list.type == m->type);
        target_compare(m, &list, m->type);
        free(list.json);
    }

    model_free(m);
}


static void
target_compare(const model_t *m, const mlist_index_t *list,
    mlist_media_e type)
{
    size_t          i, n, images;
    json_t         *json, *array;
    mlist_str_t     bytes;
    mlist_entry_t   entry;
    mlist_digest_t  children[MODEL_ENTRIES * MODEL_SOURCES];

    bytes = fuzz_copy(list->json, list->len);
    json = fuzz_json(bytes);
    assert(json != NULL);
    array = json_object_get(json, "manifests");
    assert(json_array_size(array) == m->n);

    for (i = 0, images = 0; i < m->n; i++) {
        assert(mlist_entry_parse(json_array_get(array, i), &entry)
               == MLIST_OK);
        target_entry(m->order[i], &entry, type);
        images += mlist_entry_is_image(&entry) ? 1 : 0;
    }

    fuzz_json_free(json);

    if (fuzz_rc(mlist_index_children(bytes, children,
                                     MODEL_ENTRIES * MODEL_SOURCES, &n))
        != MLIST_OK)
    {
        assert(fuzz_told != NULL);
        return;
    }

    assert(n == images);

    for (i = 0, n = 0; i < m->n; i++) {
        if (mlist_entry_is_image(m->order[i])) {
            assert(mlist_digest_eq(&children[n++], &m->order[i]->digest));
        }
    }
}


static void
target_entry(const mlist_entry_t *expected, const mlist_entry_t *seen,
    mlist_media_e type)
{
    assert(mlist_digest_eq(&expected->digest, &seen->digest));
    assert(expected->size == seen->size);
    assert(mlist_str_eq(expected->type, seen->type));
    assert(expected->has_platform == seen->has_platform);
    assert(mlist_platform_eq(&expected->platform, &seen->platform));

    if (type == MLIST_MEDIA_OCI_INDEX) {
        assert(mlist_str_eq(expected->artifact_type, seen->artifact_type));
        assert(expected->annotations == NULL
               ? seen->annotations == NULL
               : json_equal(expected->annotations, seen->annotations));

    } else {
        assert(seen->artifact_type.len == 0 && seen->annotations == NULL);
    }
}

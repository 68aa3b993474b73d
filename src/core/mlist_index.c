/*
 * mlist_index: a list put in order and written, and lists read again.  Never
 * fetches; which entries stand in a list is decided in the merge room.
 * Called by the glue's list and digest rooms.
 */

#include <stdlib.h>
#include <string.h>

#include "mlist_entry.h"
#include "mlist_index.h"
#include "mlist_json.h"
#include "mlist_merge.h"


static mlist_rc_e mlist_index_verbatim(const mlist_merge_t *m,
    mlist_media_e type, mlist_index_t *out);
static mlist_media_e mlist_index_type(const mlist_merge_t *m,
    mlist_type_e type);
static mlist_rc_e mlist_index_write(const mlist_merge_t *m,
    mlist_media_e type, mlist_index_t *out);
static size_t mlist_index_order(const mlist_merge_t *m, mlist_media_e type,
    const mlist_entry_t **order, unsigned char *placed);
static size_t mlist_index_group(const mlist_merge_t *m, size_t first,
    int variants, const mlist_entry_t **order, unsigned char *placed);
static int mlist_index_fits(const mlist_entry_t *entry, mlist_media_e type);
static int mlist_index_platform(const mlist_entry_t *entry, char *out,
    size_t *len);
static int mlist_index_named(const char *list, mlist_str_t name);


mlist_rc_e
mlist_index_build(mlist_index_input_t *inputs, size_t n, mlist_type_e type,
    mlist_media_e verbatim_type, int attestations, mlist_index_t *out)
{
    size_t         i;
    mlist_rc_e     rc;
    mlist_media_e  media;
    mlist_merge_t  m;

    memset(out, 0, sizeof(mlist_index_t));
    memset(&m, 0, sizeof(mlist_merge_t));
    m.attestations = attestations;

    rc = MLIST_OK;

    for (i = 0; rc == MLIST_OK && i < n; i++) {
        rc = mlist_merge_add(&m, &inputs[i]);
    }

    if (rc == MLIST_OK && m.n == 0) {
        rc = MLIST_NOT_FOUND;
    }

    if (rc == MLIST_OK) {
        media = mlist_index_type(&m, type);

        if (mlist_media_is_list(verbatim_type)
            && (type == MLIST_TYPE_AUTO || media == verbatim_type)
            && mlist_merge_is_whole(&m))
        {
            rc = mlist_index_verbatim(&m, verbatim_type, out);

        } else {
            rc = mlist_index_write(&m, media, out);
        }
    }

    mlist_merge_clean(&m);

    return rc;
}


mlist_rc_e
mlist_index_find(mlist_str_t list, const mlist_platform_t *p,
    mlist_digest_t *digest, mlist_media_e *type)
{
    size_t          i;
    json_t         *doc, *array;
    mlist_rc_e      rc;
    mlist_entry_t   entry;

    rc = mlist_entry_load(list, &doc, &array);

    if (rc != MLIST_OK) {
        return rc;
    }

    for (i = 0; i < json_array_size(array); i++) {
        rc = mlist_entry_parse(json_array_get(array, i), &entry);

        if (rc != MLIST_OK) {
            break;
        }

        if (entry.has_platform
            && mlist_media_is_manifest(entry.media)
            && mlist_platform_same_arch(&entry.platform, p)
            && strcmp(entry.platform.variant, p->variant) == 0)
        {
            *digest = entry.digest;
            *type = entry.media;
            json_decref(doc);
            return MLIST_OK;
        }
    }

    json_decref(doc);

    return (rc == MLIST_OK) ? MLIST_NOT_FOUND : rc;
}


mlist_rc_e
mlist_index_platforms(mlist_str_t list, char out[MLIST_INDEX_PLATFORMS])
{
    size_t          i, len;
    json_t         *doc, *array;
    mlist_rc_e      rc;
    mlist_entry_t   entry;

    out[0] = '\0';
    rc = mlist_entry_load(list, &doc, &array);

    if (rc != MLIST_OK) {
        return rc;
    }

    for (i = 0, len = 0; i < json_array_size(array); i++) {
        rc = mlist_entry_parse(json_array_get(array, i), &entry);

        if (rc != MLIST_OK || !mlist_index_platform(&entry, out, &len)) {
            break;
        }
    }

    json_decref(doc);

    return rc;
}


mlist_rc_e
mlist_index_children(mlist_str_t list, mlist_digest_t *digests, size_t max,
    size_t *n)
{
    size_t          i;
    json_t         *doc, *array;
    mlist_rc_e      rc;
    mlist_entry_t   entry;

    *n = 0;
    rc = mlist_entry_load(list, &doc, &array);

    if (rc != MLIST_OK) {
        return rc;
    }

    for (i = 0; *n < max && i < json_array_size(array); i++) {
        rc = mlist_entry_parse(json_array_get(array, i), &entry);

        if (rc != MLIST_OK) {
            break;
        }

        if (mlist_entry_is_image(&entry)) {
            digests[(*n)++] = entry.digest;
        }
    }

    json_decref(doc);

    return rc;
}


static mlist_rc_e
mlist_index_verbatim(const mlist_merge_t *m, mlist_media_e type,
    mlist_index_t *out)
{
    size_t  i, len;

    out->type = type;
    out->verbatim = 1;
    out->digest = *m->digest;

    for (i = 0, len = 0; i < m->n; i++) {
        if (!mlist_index_platform(&m->items[i].entry, out->platforms, &len)) {
            break;
        }
    }

    return MLIST_OK;
}


static mlist_media_e
mlist_index_type(const mlist_merge_t *m, mlist_type_e type)
{
    size_t  i;

    if (type != MLIST_TYPE_AUTO) {
        return (type == MLIST_TYPE_DOCKER) ? MLIST_MEDIA_DOCKER_LIST
                                           : MLIST_MEDIA_OCI_INDEX;
    }

    for (i = 0; i < m->n; i++) {
        if (m->items[i].kind == MLIST_MERGE_IMAGE
            && m->items[i].entry.media != MLIST_MEDIA_DOCKER_MANIFEST)
        {
            return MLIST_MEDIA_OCI_INDEX;
        }
    }

    return MLIST_MEDIA_DOCKER_LIST;
}


static mlist_rc_e
mlist_index_write(const mlist_merge_t *m, mlist_media_e type,
    mlist_index_t *out)
{
    size_t                 i, n, len;
    mlist_rc_e             rc;
    mlist_str_t            bytes;
    unsigned char         *placed;
    const mlist_entry_t  **order;

    order = malloc(m->n * sizeof(mlist_entry_t *));
    placed = calloc(m->n, 1);

    if (order == NULL || placed == NULL) {
        free(order);
        free(placed);
        return MLIST_NOMEM;
    }

    n = mlist_index_order(m, type, order, placed);

    rc = (n != 0) ? mlist_entry_write(order, n, type, &out->json, &out->len)
                  : MLIST_NOT_FOUND;

    if (rc == MLIST_OK) {
        bytes.data = out->json;
        bytes.len = out->len;
        rc = mlist_digest_compute(bytes, &out->digest);

        if (rc != MLIST_OK) {
            free(out->json);
            out->json = NULL;
            out->len = 0;
        }
    }

    for (i = 0, len = 0; i < n; i++) {
        if (!mlist_index_platform(order[i], out->platforms, &len)) {
            break;
        }
    }

    out->type = type;
    free(order);
    free(placed);

    return rc;
}


/*
 * Spec, "A tag", 7; then what is no image, then the attestations.  Returns
 * how many there are: a Docker list has no place for some.
 */

static size_t
mlist_index_order(const mlist_merge_t *m, mlist_media_e type,
    const mlist_entry_t **order, unsigned char *placed)
{
    size_t         i, n;
    mlist_merge_e  kind;

    for (i = 0; i < m->n; i++) {
        placed[i] = !mlist_index_fits(&m->items[i].entry, type);
    }

    for (n = 0, i = 0; i < m->n; i++) {
        if (!placed[i] && m->items[i].kind == MLIST_MERGE_IMAGE) {
            n += mlist_index_group(m, i, 0, order + n, placed);
            n += mlist_index_group(m, i, 1, order + n, placed);
        }
    }

    for (kind = MLIST_MERGE_OTHER; kind <= MLIST_MERGE_ATTESTATION; kind++) {
        for (i = 0; i < m->n; i++) {
            if (!placed[i] && m->items[i].kind == kind) {
                order[n++] = &m->items[i].entry;
            }
        }
    }

    return n;
}


/*
 * The images of the first one's os and architecture, with a variant or
 * without one.
 */

static size_t
mlist_index_group(const mlist_merge_t *m, size_t first, int variants,
    const mlist_entry_t **order, unsigned char *placed)
{
    size_t                   i, n;
    const mlist_platform_t  *p, *q;

    p = &m->items[first].entry.platform;

    for (n = 0, i = first; i < m->n; i++) {
        q = &m->items[i].entry.platform;

        if (placed[i]
            || m->items[i].kind != MLIST_MERGE_IMAGE
            || !mlist_platform_same_arch(p, q)
            || (q->variant[0] != '\0') != variants)
        {
            continue;
        }

        placed[i] = 1;
        order[n++] = &m->items[i].entry;
    }

    return n;
}


static int
mlist_index_fits(const mlist_entry_t *entry, mlist_media_e type)
{
    return type != MLIST_MEDIA_DOCKER_LIST
           || (mlist_entry_is_image(entry)
               && mlist_media_is_manifest(entry->media));
}


/* Adds an image's platform; 0 if it does not fit, so that no more may. */

static int
mlist_index_platform(const mlist_entry_t *entry, char *out, size_t *len)
{
    char         text[MLIST_PLATFORM_TEXT];
    mlist_str_t  name;

    if (!mlist_entry_is_image(entry)) {
        return 1;
    }

    name.data = text;
    name.len = mlist_platform_text(&entry->platform, text);

    if (mlist_index_named(out, name)) {
        return 1;
    }

    if (name.len + 2 > MLIST_INDEX_PLATFORMS - *len) {
        return 0;
    }

    if (*len != 0) {
        out[(*len)++] = ',';
    }

    memcpy(out + *len, text, name.len + 1);
    *len += name.len;

    return 1;
}


static int
mlist_index_named(const char *list, mlist_str_t name)
{
    size_t  len;

    for ( ;; ) {
        len = strcspn(list, ",");

        if (len == name.len && memcmp(list, name.data, len) == 0) {
            return 1;
        }

        if (list[len] == '\0') {
            return 0;
        }

        list += len + 1;
    }
}

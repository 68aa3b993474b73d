/*
 * mlist_contents: what manifests name.  Never fetches, never decides what is
 * done with it.  Called by the glue's copy room.
 */

#include "mlist_contents.h"
#include "mlist_entry.h"
#include "mlist_json.h"


static mlist_rc_e mlist_contents_list(mlist_contents_t *contents,
    const json_t *array, int manifests);
static mlist_rc_e mlist_contents_one(mlist_contents_t *contents,
    const json_t *descriptor, int manifest);
static int mlist_contents_elsewhere(mlist_str_t type);


mlist_rc_e
mlist_contents_add(mlist_contents_t *contents, mlist_media_e type,
    mlist_str_t body)
{
    json_t      *doc, *config;
    mlist_rc_e   rc;

    rc = mlist_json_load(body, &doc);

    if (rc != MLIST_OK) {
        return rc;
    }

    if (mlist_media_is_list(type)) {
        rc = mlist_contents_list(contents,
                                 mlist_entry_member(doc, "manifests"), 1);

    } else {
        config = mlist_entry_member(doc, "config");

        if (config != NULL) {
            rc = mlist_contents_one(contents, config, 0);
        }

        if (rc == MLIST_OK) {
            rc = mlist_contents_list(contents,
                                     mlist_entry_member(doc, "layers"), 0);
        }
    }

    json_decref(doc);

    return rc;
}


static mlist_rc_e
mlist_contents_list(mlist_contents_t *contents, const json_t *array,
    int manifests)
{
    size_t      i;
    mlist_rc_e  rc;

    if (array != NULL && !json_is_array(array)) {
        return MLIST_INVALID;
    }

    for (i = 0; i < json_array_size(array); i++) {
        rc = mlist_contents_one(contents, json_array_get(array, i),
                                manifests);

        if (rc != MLIST_OK) {
            return rc;
        }
    }

    return MLIST_OK;
}


static mlist_rc_e
mlist_contents_one(mlist_contents_t *contents, const json_t *descriptor,
    int manifest)
{
    size_t            i;
    mlist_rc_e        rc;
    mlist_entry_t     entry;
    mlist_content_t  *item;

    rc = mlist_entry_parse(descriptor, &entry);

    if (rc != MLIST_OK) {
        return rc;
    }

    if (manifest ? !mlist_media_is_manifest(entry.media)
                   && !mlist_media_is_list(entry.media)
                 : mlist_contents_elsewhere(entry.type))
    {
        return MLIST_OK;
    }

    for (i = 0; i < contents->n; i++) {
        item = &contents->items[i];

        if (mlist_digest_eq(&item->digest, &entry.digest)) {
            return (item->manifest == (unsigned) manifest
                    && item->size == entry.size
                    && (!manifest || item->media == entry.media))
                   ? MLIST_OK : MLIST_MISMATCH;
        }
    }

    if (contents->n == MLIST_CONTENTS_MAX) {
        return MLIST_TOO_LARGE;
    }

    item = &contents->items[contents->n++];

    item->digest = entry.digest;
    item->size = entry.size;
    item->media = entry.media;
    item->manifest = (manifest != 0);

    return MLIST_OK;
}


/* Layers that are fetched from where their "urls" say. */

static int
mlist_contents_elsewhere(mlist_str_t type)
{
    static const mlist_str_t  docker =
        MLIST_STR("application/vnd.docker.image.rootfs.foreign.");
    static const mlist_str_t  oci =
        MLIST_STR("application/vnd.oci.image.layer.nondistributable.");

    return mlist_str_starts(type, docker) || mlist_str_starts(type, oci);
}

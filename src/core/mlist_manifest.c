/*
 * mlist_manifest: the body of one manifest or index, checked and sorted.
 * Never reads a list's entries, never decides on platforms.  Called by the
 * resolve and referrers rooms.
 */

#include <string.h>

#include "mlist_entry.h"
#include "mlist_json.h"
#include "mlist_manifest.h"


static mlist_rc_e mlist_manifest_head(const json_t *doc, mlist_media_e type);
static mlist_rc_e mlist_manifest_list(json_t *doc, mlist_manifest_t *m);
static mlist_rc_e mlist_manifest_image(const json_t *doc,
    mlist_manifest_t *m);
static int mlist_manifest_odd(const json_t *layers);


mlist_rc_e
mlist_manifest_parse(mlist_media_e type, mlist_str_t body,
    mlist_manifest_t *m)
{
    json_t      *doc;
    mlist_rc_e   rc;

    memset(m, 0, sizeof(mlist_manifest_t));
    m->kind = MLIST_MANIFEST_OTHER;

    if (!mlist_media_is_manifest(type) && !mlist_media_is_list(type)) {
        return MLIST_OK;
    }

    rc = mlist_json_load(body, &doc);

    if (rc != MLIST_OK) {
        return rc;
    }

    rc = mlist_manifest_head(doc, type);

    if (rc == MLIST_OK) {
        rc = mlist_media_is_list(type) ? mlist_manifest_list(doc, m)
                                       : mlist_manifest_image(doc, m);
    }

    if (m->doc == NULL) {
        json_decref(doc);
    }

    return rc;
}


static mlist_rc_e
mlist_manifest_head(const json_t *doc, mlist_media_e type)
{
    json_t       *version, *media, *artifact;
    mlist_str_t   said;

    version = json_object_get(doc, "schemaVersion");

    if (!json_is_integer(version) || json_integer_value(version) != 2) {
        return MLIST_INVALID;
    }

    media = mlist_entry_member(doc, "mediaType");
    artifact = mlist_entry_member(doc, "artifactType");

    if ((media != NULL && !json_is_string(media))
        || (artifact != NULL && !json_is_string(artifact)))
    {
        return MLIST_INVALID;
    }

    said = mlist_json_string(doc, "mediaType");

    if (said.len != 0 && mlist_media_parse(said) != type) {
        return MLIST_MISMATCH;
    }

    return MLIST_OK;
}


static mlist_rc_e
mlist_manifest_list(json_t *doc, mlist_manifest_t *m)
{
    json_t  *entries;

    /* clients differ in what they take such a document for */

    if (mlist_entry_member(doc, "config") != NULL
        || mlist_entry_member(doc, "layers") != NULL
        || mlist_entry_member(doc, "fsLayers") != NULL)
    {
        return MLIST_INVALID;
    }

    entries = mlist_entry_member(doc, "manifests");

    if (!json_is_array(entries)) {
        return MLIST_INVALID;
    }

    m->kind = MLIST_MANIFEST_LIST;
    m->doc = doc;
    m->entries = entries;

    return MLIST_OK;
}


static mlist_rc_e
mlist_manifest_image(const json_t *doc, mlist_manifest_t *m)
{
    json_t         *config, *layers;
    mlist_rc_e      rc;
    mlist_str_t     type;
    mlist_entry_t   entry;

    if (mlist_entry_member(doc, "manifests") != NULL
        || mlist_entry_member(doc, "fsLayers") != NULL)
    {
        return MLIST_INVALID;
    }

    config = mlist_entry_member(doc, "config");
    layers = mlist_entry_member(doc, "layers");

    if (!json_is_object(config)
        || !json_is_string(json_object_get(config, "mediaType"))
        || (layers != NULL && !json_is_array(layers)))
    {
        return MLIST_INVALID;
    }

    type = mlist_json_string(config, "mediaType");

    if (!mlist_media_is_image_config(mlist_media_parse(type))
        || mlist_entry_is_foreign(mlist_json_string(doc, "artifactType"),
                                  type))
    {
        return MLIST_OK;
    }

    rc = mlist_entry_parse(config, &entry);

    if (rc != MLIST_OK) {
        return rc;
    }

    m->kind = MLIST_MANIFEST_IMAGE;
    m->config = entry.digest;
    m->config_size = entry.size;
    m->odd = mlist_manifest_odd(layers) ? 1 : 0;

    return MLIST_OK;
}


/*
 * cosign, for one, gives its objects an image's config; their layers tell
 * them apart.
 */

static int
mlist_manifest_odd(const json_t *layers)
{
    size_t       i;
    mlist_str_t  type;

    static const mlist_str_t  docker = MLIST_STR("application/vnd.docker.");
    static const mlist_str_t  oci =
        MLIST_STR("application/vnd.oci.image.layer.");

    for (i = 0; i < json_array_size(layers); i++) {
        type = mlist_json_string(json_array_get(layers, i), "mediaType");

        if (!mlist_str_starts(type, docker) && !mlist_str_starts(type, oci)) {
            return 1;
        }
    }

    return 0;
}

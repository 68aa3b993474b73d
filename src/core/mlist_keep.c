/*
 * mlist_keep: stored images made.  Never decides what is kept.  Called by the
 * glue's store_image.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "mlist_json.h"
#include "mlist_keep.h"


#define MLIST_KEEP_LAYER_TYPE   "application/vnd.oci.image.layer.v1.tar"


static mlist_rc_e mlist_keep_image(json_t *annotations,
    const mlist_digest_t *layer, size_t size, mlist_keep_image_t *image);
static mlist_rc_e mlist_keep_dump(json_t *json, char **out, size_t *len,
    mlist_digest_t *digest);


mlist_rc_e
mlist_keep_list_tag(mlist_str_t name, mlist_str_t digest,
    char out[MLIST_KEEP_TAG + 1])
{
    size_t          prefix;
    mlist_rc_e      rc;
    mlist_digest_t  d, n;

    prefix = sizeof("sha256:") - 1;

    rc = mlist_digest_parse(digest, &d);

    if (rc == MLIST_OK && d.len != MLIST_SHA256_TEXT_LEN) {
        rc = mlist_digest_compute(digest, &d);
    }

    if (rc == MLIST_OK) {
        rc = mlist_digest_compute(name, &n);
    }

    if (rc == MLIST_OK) {
        (void) snprintf(out, MLIST_KEEP_TAG + 1, "%.64s-%.16s",
                        d.text + prefix, n.text + prefix);
    }

    return rc;
}


mlist_rc_e
mlist_keep_last_tag(mlist_str_t key, char out[MLIST_KEEP_TAG + 1])
{
    if (key.len != MLIST_KEEP_KEY) {
        return MLIST_INVALID;
    }

    (void) snprintf(out, MLIST_KEEP_TAG + 1, "t-%.64s", key.data);

    return MLIST_OK;
}


mlist_rc_e
mlist_keep_list_make(mlist_str_t name, mlist_str_t digest,
    const mlist_keep_list_t *list, mlist_keep_image_t *image)
{
    json_t  *annotations;

    memset(image, 0, sizeof(mlist_keep_image_t));

    if (!mlist_str_printable(name)
        || !mlist_str_printable(mlist_str(list->platforms)))
    {
        return MLIST_INVALID;
    }

    annotations = json_pack("{s:s, s:s%, s:s%, s:s, s:s}",
                            MLIST_KEEP_A_FORMAT, MLIST_KEEP_FORMAT,
                            MLIST_KEEP_A_NAME, name.data, name.len,
                            MLIST_KEEP_A_DIGEST, digest.data, digest.len,
                            MLIST_KEEP_A_TYPE, mlist_media_text(list->type),
                            MLIST_KEEP_A_PLATFORMS, list->platforms);

    return mlist_keep_image(annotations, &list->layer, list->size, image);
}


mlist_rc_e
mlist_keep_last_make(mlist_str_t key, const mlist_keep_last_t *last,
    mlist_keep_image_t *image)
{
    char     number[24], missing[24];
    json_t  *annotations;

    memset(image, 0, sizeof(mlist_keep_image_t));

    (void) snprintf(number, sizeof(number), "%llu",
                    (unsigned long long) last->number);
    (void) snprintf(missing, sizeof(missing), "%lu",
                    (unsigned long) last->missing);

    annotations = json_pack("{s:s, s:s%, s:s, s:s, s:s, s:s, s:s}",
                            MLIST_KEEP_A_FORMAT, MLIST_KEEP_FORMAT,
                            MLIST_KEEP_A_KEY, key.data, key.len,
                            MLIST_KEEP_A_NUMBER, number,
                            MLIST_KEEP_A_TYPE, mlist_media_text(last->type),
                            MLIST_KEEP_A_MISSING, missing,
                            MLIST_KEEP_A_DOCKER,
                            last->docker.len ? last->docker.text : "",
                            MLIST_KEEP_A_OCI,
                            last->oci.len ? last->oci.text : "");

    return mlist_keep_image(annotations, &last->layer, last->size, image);
}


void
mlist_keep_clean(mlist_keep_image_t *image)
{
    free(image->config);
    free(image->manifest);

    image->config = NULL;
    image->manifest = NULL;
}


/* Takes over "annotations", which may be NULL: no memory. */

static mlist_rc_e
mlist_keep_image(json_t *annotations, const mlist_digest_t *layer,
    size_t size, mlist_keep_image_t *image)
{
    json_t      *json;
    mlist_rc_e   rc;

    if (annotations == NULL) {
        return MLIST_NOMEM;
    }

    json = json_pack("{s:s, s:s, s:{}, s:{s:s, s:[s]}}",
                     "architecture", "unknown", "os", "unknown", "config",
                     "rootfs", "type", "layers", "diff_ids", layer->text);

    rc = mlist_keep_dump(json, &image->config, &image->config_len,
                         &image->config_digest);

    if (rc != MLIST_OK) {
        json_decref(annotations);
        return rc;
    }

    json = json_pack("{s:i, s:s, s:{s:s, s:I, s:s}, s:[{s:s, s:I, s:s}],"
                     " s:o}",
                     "schemaVersion", 2,
                     "mediaType", mlist_media_text(MLIST_MEDIA_OCI_MANIFEST),
                     "config",
                     "mediaType", mlist_media_text(MLIST_MEDIA_OCI_CONFIG),
                     "size", (json_int_t) image->config_len,
                     "digest", image->config_digest.text,
                     "layers",
                     "mediaType", MLIST_KEEP_LAYER_TYPE,
                     "size", (json_int_t) size,
                     "digest", layer->text,
                     "annotations", annotations);

    return mlist_keep_dump(json, &image->manifest, &image->manifest_len,
                           &image->manifest_digest);
}


/* Takes over "json", which may be NULL: no memory. */

static mlist_rc_e
mlist_keep_dump(json_t *json, char **out, size_t *len,
    mlist_digest_t *digest)
{
    mlist_rc_e   rc;
    mlist_str_t  bytes;

    if (json == NULL) {
        return MLIST_NOMEM;
    }

    rc = mlist_json_dump(json, out, len);

    json_decref(json);

    if (rc != MLIST_OK) {
        return rc;
    }

    bytes.data = *out;
    bytes.len = *len;

    return mlist_digest_compute(bytes, digest);
}

/*
 * mlist_entry: one descriptor of an index, read and written.  Never cuts a
 * text and never guesses: what has not the right form is an error.  Called
 * by the manifest, resolve, index and referrers rooms.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mlist_entry.h"
#include "mlist_json.h"


static mlist_rc_e mlist_entry_string(const json_t *object, const char *key,
    mlist_str_t *out);
static mlist_rc_e mlist_entry_size(const json_t *descriptor, size_t *size);
static mlist_rc_e mlist_entry_annotations(const json_t *descriptor,
    json_t **annotations);
static mlist_rc_e mlist_entry_text(const json_t *object, const char *key,
    const char *extra, char *out);
static mlist_rc_e mlist_entry_copy(const json_t *value, const char *extra,
    char *out);
static mlist_rc_e mlist_entry_features(const json_t *object,
    mlist_platform_t *p);
static json_t *mlist_entry_json(const mlist_entry_t *entry, int docker);
static json_t *mlist_entry_platform_json(const mlist_platform_t *p);
static int mlist_entry_set(json_t *object, const char *key, mlist_str_t s);


/* what os, architecture and variant may hold besides letters and digits */
static const char  mlist_entry_plain[] = "._-";

/* and os.version and os.features: all else that is printable ASCII */
static const char  mlist_entry_loose[] =
    " !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";


json_t *
mlist_entry_member(const json_t *object, const char *key)
{
    json_t  *value;

    value = json_object_get(object, key);

    return json_is_null(value) ? NULL : value;
}


mlist_rc_e
mlist_entry_parse(const json_t *descriptor, mlist_entry_t *entry)
{
    int          named;
    json_t      *platform;
    mlist_rc_e   rc;
    mlist_str_t  digest;

    memset(entry, 0, sizeof(mlist_entry_t));

    if (!json_is_object(descriptor)) {
        return MLIST_INVALID;
    }

    rc = mlist_entry_string(descriptor, "mediaType", &entry->type);

    if (rc == MLIST_OK && !mlist_media_valid(entry->type)) {
        rc = MLIST_INVALID;
    }

    if (rc == MLIST_OK) {
        entry->media = mlist_media_parse(entry->type);
        rc = mlist_entry_string(descriptor, "digest", &digest);

        if (rc == MLIST_OK) {
            rc = mlist_digest_parse(digest, &entry->digest);
        }
    }

    if (rc == MLIST_OK) {
        rc = mlist_entry_size(descriptor, &entry->size);
    }

    if (rc == MLIST_OK) {
        rc = mlist_entry_string(descriptor, "artifactType",
                                &entry->artifact_type);
    }

    if (rc == MLIST_OK) {
        rc = mlist_entry_annotations(descriptor, &entry->annotations);
    }

    platform = mlist_entry_member(descriptor, "platform");

    if (rc == MLIST_OK && platform != NULL) {
        rc = mlist_entry_platform(platform, &entry->platform, &named);
        entry->has_platform = (rc == MLIST_OK && named);
    }

    return rc;
}


mlist_rc_e
mlist_entry_platform(const json_t *object, mlist_platform_t *p, int *named)
{
    mlist_rc_e  rc;

    memset(p, 0, sizeof(mlist_platform_t));

    if (!json_is_object(object)) {
        return MLIST_INVALID;
    }

    rc = mlist_entry_text(object, "os", mlist_entry_plain, p->os);

    if (rc == MLIST_OK) {
        rc = mlist_entry_text(object, "architecture", mlist_entry_plain,
                              p->arch);
    }

    if (rc == MLIST_OK) {
        rc = mlist_entry_text(object, "variant", mlist_entry_plain,
                              p->variant);
    }

    if (rc == MLIST_OK) {
        rc = mlist_entry_text(object, "os.version", mlist_entry_loose,
                              p->os_version);
    }

    if (rc == MLIST_OK) {
        rc = mlist_entry_features(object, p);
    }

    *named = (p->os[0] != '\0' && p->arch[0] != '\0');
    mlist_platform_normalise(p);

    return rc;
}


mlist_rc_e
mlist_entry_load(mlist_str_t list, json_t **doc, json_t **array)
{
    json_t      *json, *manifests;
    mlist_rc_e   rc;

    rc = mlist_json_load(list, &json);

    if (rc != MLIST_OK) {
        return rc;
    }

    manifests = json_object_get(json, "manifests");

    if (!json_is_array(manifests)) {
        json_decref(json);
        return MLIST_INVALID;
    }

    *doc = json;
    *array = manifests;

    return MLIST_OK;
}


int
mlist_entry_is_image(const mlist_entry_t *entry)
{
    return entry->has_platform
           && !mlist_platform_is_unknown(&entry->platform);
}


int
mlist_entry_is_attestation(const mlist_entry_t *entry)
{
    static const mlist_str_t  type = MLIST_STR("attestation-manifest");

    return entry->has_platform
           && mlist_platform_is_unknown(&entry->platform)
           && mlist_str_eq(mlist_json_string(entry->annotations,
                                             "vnd.docker.reference.type"),
                           type);
}


int
mlist_entry_is_foreign(mlist_str_t artifact_type, mlist_str_t config)
{
    return artifact_type.len != 0
           && !mlist_str_caseeq(artifact_type, config);
}


mlist_rc_e
mlist_entry_write(const mlist_entry_t *const *entries, size_t n,
    mlist_media_e type, char **out, size_t *len)
{
    int          docker, failed;
    size_t       i;
    json_t      *array;
    mlist_rc_e   rc;

    docker = (type == MLIST_MEDIA_DOCKER_LIST);
    array = json_array();
    failed = 0;

    for (i = 0; !failed && i < n; i++) {
        failed = json_array_append_new(array,
                                       mlist_entry_json(entries[i], docker));
    }

    rc = failed ? MLIST_NOMEM : mlist_entry_wrap(array, type, out, len);

    json_decref(array);

    return rc;
}


mlist_rc_e
mlist_entry_wrap(json_t *array, mlist_media_e type, char **out, size_t *len)
{
    int          failed;
    json_t      *list;
    mlist_rc_e   rc;

    list = json_object();

    failed = json_object_set_new(list, "schemaVersion", json_integer(2))
             || mlist_entry_set(list, "mediaType",
                                mlist_str(mlist_media_text(type)))
             || json_object_set(list, "manifests", array);

    rc = failed ? MLIST_NOMEM : mlist_json_dump(list, out, len);

    json_decref(list);

    return rc;
}


/* A member that is a string, or absent and then "". */

static mlist_rc_e
mlist_entry_string(const json_t *object, const char *key, mlist_str_t *out)
{
    json_t  *value;

    value = mlist_entry_member(object, key);

    if (value != NULL && !json_is_string(value)) {
        return MLIST_INVALID;
    }

    *out = mlist_json_string(object, key);

    return MLIST_OK;
}


static mlist_rc_e
mlist_entry_size(const json_t *descriptor, size_t *size)
{
    json_t      *value;
    json_int_t   n;

    value = json_object_get(descriptor, "size");

    if (!json_is_integer(value)) {
        return MLIST_INVALID;
    }

    n = json_integer_value(value);

    if (n < 0) {
        return MLIST_INVALID;
    }

    if ((uintmax_t) n > SIZE_MAX) {
        return MLIST_TOO_LARGE;
    }

    *size = (size_t) n;

    return MLIST_OK;
}


static mlist_rc_e
mlist_entry_annotations(const json_t *descriptor, json_t **annotations)
{
    json_t  *object;
    void    *iter;

    object = mlist_entry_member(descriptor, "annotations");

    if (object == NULL) {
        return MLIST_OK;
    }

    if (!json_is_object(object)) {
        return MLIST_INVALID;
    }

    for (iter = json_object_iter(object);
         iter != NULL;
         iter = json_object_iter_next(object, iter))
    {
        if (!json_is_string(json_object_iter_value(iter))) {
            return MLIST_INVALID;
        }
    }

    if (json_object_size(object) != 0) {
        *annotations = object;
    }

    return MLIST_OK;
}


/* Copies a part of a platform; absent gives "". */

static mlist_rc_e
mlist_entry_text(const json_t *object, const char *key, const char *extra,
    char *out)
{
    json_t  *value;

    value = mlist_entry_member(object, key);

    return (value != NULL) ? mlist_entry_copy(value, extra, out) : MLIST_OK;
}


static mlist_rc_e
mlist_entry_copy(const json_t *value, const char *extra, char *out)
{
    char         c;
    size_t       i, len;
    const char  *s;

    if (!json_is_string(value)) {
        return MLIST_INVALID;
    }

    s = json_string_value(value);
    len = json_string_length(value);

    if (len >= MLIST_PLATFORM_PART) {
        return MLIST_TOO_LARGE;
    }

    for (i = 0; i < len; i++) {
        c = s[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || (c != '\0' && strchr(extra, c) != NULL)))
        {
            return MLIST_INVALID;
        }
    }

    memcpy(out, s, len);
    out[len] = '\0';

    return MLIST_OK;
}


static mlist_rc_e
mlist_entry_features(const json_t *object, mlist_platform_t *p)
{
    size_t      i, n;
    json_t     *features;
    mlist_rc_e  rc;

    features = mlist_entry_member(object, "os.features");

    if (features == NULL) {
        return MLIST_OK;
    }

    if (!json_is_array(features)) {
        return MLIST_INVALID;
    }

    n = json_array_size(features);

    if (n > MLIST_PLATFORM_FEATURES) {
        return MLIST_TOO_LARGE;
    }

    for (i = 0; i < n; i++) {
        rc = mlist_entry_copy(json_array_get(features, i),
                              mlist_entry_loose, p->os_features[i]);

        if (rc != MLIST_OK) {
            return rc;
        }
    }

    p->nfeatures = (unsigned) n;

    return MLIST_OK;
}


/* A new reference; NULL when memory is short. */

static json_t *
mlist_entry_json(const mlist_entry_t *entry, int docker)
{
    int      failed;
    json_t  *json;

    json = json_object();

    failed = mlist_entry_set(json, "mediaType", entry->type)
             || mlist_entry_set(json, "digest",
                                mlist_digest_str(&entry->digest))
             || json_object_set_new(json, "size",
                                    json_integer((json_int_t) entry->size));

    if (!failed && !docker && entry->artifact_type.len != 0) {
        failed = mlist_entry_set(json, "artifactType", entry->artifact_type);
    }

    if (!failed && entry->has_platform) {
        failed = json_object_set_new(json, "platform",
                                 mlist_entry_platform_json(&entry->platform));
    }

    if (!failed && !docker && entry->annotations != NULL) {
        failed = json_object_set(json, "annotations", entry->annotations);
    }

    if (failed) {
        json_decref(json);
        return NULL;
    }

    return json;
}


static json_t *
mlist_entry_platform_json(const mlist_platform_t *p)
{
    int        failed;
    json_t    *json, *features;
    unsigned   i;

    json = json_object();

    failed = mlist_entry_set(json, "architecture", mlist_str(p->arch))
             || mlist_entry_set(json, "os", mlist_str(p->os));

    if (!failed && p->os_version[0] != '\0') {
        failed = mlist_entry_set(json, "os.version",
                                 mlist_str(p->os_version));
    }

    if (!failed && p->nfeatures != 0) {
        features = json_array();

        for (i = 0; i < p->nfeatures; i++) {
            failed |= json_array_append_new(features,
                                            json_string(p->os_features[i]));
        }

        failed |= json_object_set_new(json, "os.features", features);
    }

    if (!failed && p->variant[0] != '\0') {
        failed = mlist_entry_set(json, "variant", mlist_str(p->variant));
    }

    if (failed) {
        json_decref(json);
        return NULL;
    }

    return json;
}


static int
mlist_entry_set(json_t *object, const char *key, mlist_str_t s)
{
    return json_object_set_new(object, key, json_stringn(s.data, s.len));
}

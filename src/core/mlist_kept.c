/*
 * mlist_kept: stored images read.  Believes nothing of what it reads: a
 * registry may hold anything under a tag.  Called by the glue's store_image.
 */

#include <string.h>

#include "mlist_entry.h"
#include "mlist_json.h"
#include "mlist_kept.h"
#include "mlist_manifest.h"


static mlist_rc_e mlist_kept_load(mlist_str_t served, mlist_str_t manifest,
    json_t **doc, const json_t **annotations, mlist_entry_t *layer,
    mlist_kept_problem_t *problem);
static mlist_rc_e mlist_kept_layer(const json_t *doc, mlist_entry_t *layer,
    mlist_kept_problem_t *problem);
static mlist_rc_e mlist_kept_list_read(const json_t *annotations,
    mlist_str_t name, mlist_str_t digest, mlist_keep_list_t *list,
    mlist_kept_problem_t *problem);
static mlist_rc_e mlist_kept_last_read(const json_t *annotations,
    mlist_str_t key, mlist_keep_last_t *last, mlist_kept_problem_t *problem);
static mlist_rc_e mlist_kept_equal(const json_t *annotations,
    const char *key, mlist_str_t expected, mlist_kept_problem_t *problem);
static mlist_rc_e mlist_kept_type(const json_t *annotations,
    mlist_media_e *type, mlist_kept_problem_t *problem);
static mlist_rc_e mlist_kept_number(const json_t *annotations,
    const char *key, uint64_t max, uint64_t *out,
    mlist_kept_problem_t *problem);
static mlist_rc_e mlist_kept_digest(const json_t *annotations,
    const char *key, mlist_digest_t *digest, mlist_kept_problem_t *problem);
static mlist_rc_e mlist_kept_fail(mlist_kept_problem_t *problem,
    mlist_rc_e rc, const char *what, mlist_str_t expected, mlist_str_t seen);
static void mlist_kept_show(mlist_str_t s, char *out);


mlist_rc_e
mlist_kept_list_parse(mlist_str_t served, mlist_str_t manifest,
    mlist_str_t name, mlist_str_t digest, mlist_keep_list_t *list,
    mlist_kept_problem_t *problem)
{
    json_t         *doc;
    mlist_rc_e      rc;
    const json_t   *annotations;
    mlist_entry_t   layer;

    rc = mlist_kept_load(served, manifest, &doc, &annotations, &layer,
                         problem);

    if (rc != MLIST_OK) {
        return rc;
    }

    memset(list, 0, sizeof(mlist_keep_list_t));

    list->layer = layer.digest;
    list->size = layer.size;

    rc = mlist_kept_list_read(annotations, name, digest, list, problem);

    json_decref(doc);

    return rc;
}


mlist_rc_e
mlist_kept_last_parse(mlist_str_t served, mlist_str_t manifest,
    mlist_str_t key, mlist_keep_last_t *last, mlist_kept_problem_t *problem)
{
    json_t         *doc;
    mlist_rc_e      rc;
    const json_t   *annotations;
    mlist_entry_t   layer;

    rc = mlist_kept_load(served, manifest, &doc, &annotations, &layer,
                         problem);

    if (rc != MLIST_OK) {
        return rc;
    }

    memset(last, 0, sizeof(mlist_keep_last_t));

    last->layer = layer.digest;
    last->size = layer.size;

    rc = mlist_kept_last_read(annotations, key, last, problem);

    json_decref(doc);

    return rc;
}


mlist_rc_e
mlist_kept_list_verify(mlist_str_t bytes, mlist_str_t digest,
    const mlist_keep_list_t *list, mlist_kept_problem_t *problem)
{
    mlist_rc_e        rc;
    mlist_digest_t    d;
    mlist_manifest_t  m;

    rc = mlist_digest_parse(digest, &d);

    if (rc == MLIST_OK) {
        rc = mlist_digest_verify(bytes, &d);
    }

    if (rc == MLIST_NOMEM) {
        return rc;
    }

    if (rc != MLIST_OK) {
        return mlist_kept_fail(problem, rc, "digest of the layer", digest,
                               mlist_str("other bytes"));
    }

    rc = mlist_manifest_parse(list->type, bytes, &m);

    json_decref(m.doc);

    if (rc != MLIST_OK && rc != MLIST_NOMEM) {
        return mlist_kept_fail(problem, rc, "layer",
                               mlist_str(mlist_media_text(list->type)),
                               mlist_str(mlist_rc_text(rc)));
    }

    return rc;
}


/*
 * What is common to both kinds.  On MLIST_OK *doc is the caller's to
 * json_decref(), and the rest lives as long.
 */

static mlist_rc_e
mlist_kept_load(mlist_str_t served, mlist_str_t manifest, json_t **doc,
    const json_t **annotations, mlist_entry_t *layer,
    mlist_kept_problem_t *problem)
{
    mlist_rc_e   rc;
    mlist_str_t  type;

    type = mlist_str(mlist_media_text(MLIST_MEDIA_OCI_MANIFEST));

    if (mlist_media_parse(served) != MLIST_MEDIA_OCI_MANIFEST) {
        return mlist_kept_fail(problem, MLIST_MISMATCH, "Content-Type", type,
                               served);
    }

    rc = mlist_json_load(manifest, doc);

    if (rc == MLIST_NOMEM) {
        return rc;
    }

    if (rc != MLIST_OK) {
        return mlist_kept_fail(problem, rc, "manifest", type,
                               mlist_str(mlist_rc_text(rc)));
    }

    *annotations = mlist_entry_member(*doc, "annotations");

    rc = mlist_kept_equal(*doc, "mediaType", type, problem);

    if (rc == MLIST_OK) {
        rc = mlist_kept_equal(*annotations, MLIST_KEEP_A_FORMAT,
                              mlist_str(MLIST_KEEP_FORMAT), problem);
    }

    if (rc == MLIST_OK) {
        rc = mlist_kept_layer(*doc, layer, problem);
    }

    if (rc != MLIST_OK) {
        json_decref(*doc);
    }

    return rc;
}


static mlist_rc_e
mlist_kept_layer(const json_t *doc, mlist_entry_t *layer,
    mlist_kept_problem_t *problem)
{
    json_t  *layers;

    layers = mlist_entry_member(doc, "layers");

    if (json_array_size(layers) != 1
        || mlist_entry_parse(json_array_get(layers, 0), layer) != MLIST_OK)
    {
        return mlist_kept_fail(problem, MLIST_MISMATCH, "layers",
                               mlist_str("one descriptor"),
                               mlist_str("another number or form"));
    }

    return MLIST_OK;
}


static mlist_rc_e
mlist_kept_list_read(const json_t *annotations, mlist_str_t name,
    mlist_str_t digest, mlist_keep_list_t *list,
    mlist_kept_problem_t *problem)
{
    mlist_rc_e      rc;
    mlist_str_t     platforms;
    mlist_digest_t  d;

    rc = mlist_kept_equal(annotations, MLIST_KEEP_A_NAME, name, problem);

    if (rc == MLIST_OK) {
        rc = mlist_kept_equal(annotations, MLIST_KEEP_A_DIGEST, digest,
                              problem);
    }

    if (rc == MLIST_OK) {
        rc = mlist_kept_type(annotations, &list->type, problem);
    }

    if (rc != MLIST_OK) {
        return rc;
    }

    platforms = mlist_json_string(annotations, MLIST_KEEP_A_PLATFORMS);

    if (platforms.len >= sizeof(list->platforms)
        || !mlist_str_printable(platforms))
    {
        return mlist_kept_fail(problem, MLIST_MISMATCH,
                               MLIST_KEEP_A_PLATFORMS,
                               mlist_str("a short printable text"),
                               platforms);
    }

    if (platforms.len != 0) {
        memcpy(list->platforms, platforms.data, platforms.len);
    }

    if (mlist_digest_parse(digest, &d) == MLIST_OK
        && d.len == list->layer.len
        && !mlist_digest_eq(&d, &list->layer))
    {
        return mlist_kept_fail(problem, MLIST_MISMATCH,
                               "digest of the layer", digest,
                               mlist_digest_str(&list->layer));
    }

    return MLIST_OK;
}


static mlist_rc_e
mlist_kept_last_read(const json_t *annotations, mlist_str_t key,
    mlist_keep_last_t *last, mlist_kept_problem_t *problem)
{
    uint64_t    missing;
    mlist_rc_e  rc;

    rc = mlist_kept_equal(annotations, MLIST_KEEP_A_KEY, key, problem);

    if (rc == MLIST_OK) {
        rc = mlist_kept_number(annotations, MLIST_KEEP_A_NUMBER, UINT64_MAX,
                               &last->number, problem);
    }

    if (rc == MLIST_OK) {
        rc = mlist_kept_type(annotations, &last->type, problem);
    }

    if (rc == MLIST_OK) {
        rc = mlist_kept_number(annotations, MLIST_KEEP_A_MISSING, UINT32_MAX,
                               &missing, problem);

        if (rc == MLIST_OK) {
            last->missing = (uint32_t) missing;
        }
    }

    if (rc == MLIST_OK) {
        rc = mlist_kept_digest(annotations, MLIST_KEEP_A_DOCKER,
                               &last->docker, problem);
    }

    if (rc == MLIST_OK) {
        rc = mlist_kept_digest(annotations, MLIST_KEEP_A_OCI, &last->oci,
                               problem);
    }

    return rc;
}


static mlist_rc_e
mlist_kept_equal(const json_t *annotations, const char *key,
    mlist_str_t expected, mlist_kept_problem_t *problem)
{
    mlist_str_t  seen;

    seen = mlist_json_string(annotations, key);

    return mlist_str_eq(seen, expected)
               ? MLIST_OK
               : mlist_kept_fail(problem, MLIST_MISMATCH, key, expected,
                                 seen);
}


static mlist_rc_e
mlist_kept_type(const json_t *annotations, mlist_media_e *type,
    mlist_kept_problem_t *problem)
{
    mlist_str_t  text;

    text = mlist_json_string(annotations, MLIST_KEEP_A_TYPE);
    *type = mlist_media_parse(text);

    return mlist_media_is_list(*type)
               ? MLIST_OK
               : mlist_kept_fail(problem, MLIST_MISMATCH, MLIST_KEEP_A_TYPE,
                                 mlist_str("a list's media type"), text);
}


static mlist_rc_e
mlist_kept_number(const json_t *annotations, const char *key, uint64_t max,
    uint64_t *out, mlist_kept_problem_t *problem)
{
    size_t       i;
    uint64_t     n, digit;
    mlist_str_t  text;

    text = mlist_json_string(annotations, key);

    for (i = 0, n = 0; i < text.len; i++) {

        if (text.data[i] < '0' || text.data[i] > '9') {
            break;
        }

        digit = (uint64_t) (text.data[i] - '0');

        if (n > (max - digit) / 10) {
            break;
        }

        n = n * 10 + digit;
    }

    if (text.len == 0 || i < text.len) {
        return mlist_kept_fail(problem, MLIST_MISMATCH, key,
                               mlist_str("a number"), text);
    }

    *out = n;

    return MLIST_OK;
}


/* A digest, or none where the text is empty. */

static mlist_rc_e
mlist_kept_digest(const json_t *annotations, const char *key,
    mlist_digest_t *digest, mlist_kept_problem_t *problem)
{
    mlist_str_t  text;

    text = mlist_json_string(annotations, key);

    if (text.len == 0 || mlist_digest_parse(text, digest) == MLIST_OK) {
        return MLIST_OK;
    }

    return mlist_kept_fail(problem, MLIST_MISMATCH, key,
                           mlist_str("a digest"), text);
}


static mlist_rc_e
mlist_kept_fail(mlist_kept_problem_t *problem, mlist_rc_e rc,
    const char *what, mlist_str_t expected, mlist_str_t seen)
{
    problem->what = what;

    mlist_kept_show(expected, problem->expected);
    mlist_kept_show(seen, problem->seen);

    return rc;
}


static void
mlist_kept_show(mlist_str_t s, char *out)
{
    size_t  i;

    for (i = 0; i < s.len && i < MLIST_KEPT_SHOWN; i++) {
        out[i] = s.data[i];

        if (out[i] < ' ' || out[i] > '~') {
            out[i] = '?';
        }
    }

    out[i] = '\0';
}

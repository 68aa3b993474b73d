/*
 * Bodies of manifests and indexes.  Without this a body could be taken for
 * something that it is not, or be read past its end.
 */

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "mlist_contents.h"
#include "mlist_entry.h"
#include "mlist_index.h"
#include "mlist_json.h"
#include "mlist_manifest.h"
#include "mlist_spread.h"


#define TARGET_CHILDREN  64


static void target_manifest(mlist_media_e type, mlist_str_t body);
static void target_entries(const json_t *entries);
static void target_entry(const mlist_entry_t *entry);
static void target_contents(mlist_media_e type, mlist_str_t body);
static void target_list(mlist_str_t body);
static void target_first(mlist_str_t body);
static void target_find(mlist_str_t body, const mlist_digest_t *digest,
    const mlist_platform_t *p);
static void target_spread(mlist_str_t body);


void
fuzz_one(void)
{
    mlist_str_t    text, body;
    mlist_media_e  type;

    text = fuzz_field(FUZZ_LINE);
    body = fuzz_rest();
    type = mlist_media_parse(text);

    if (mlist_media_exact(text) != MLIST_MEDIA_OTHER) {
        assert(type == mlist_media_exact(text) && mlist_media_valid(text));
        assert(mlist_str_eq(mlist_str(mlist_media_text(type)), text));
    }

    if (mlist_media_valid(text)) {
        assert(text.len <= MLIST_MEDIA_TYPE_MAX);
        assert(fuzz_only(text, "!#$&-^_.+/"));
    }

    target_manifest(type, body);
    target_contents(type, body);
    target_list(body);
    target_spread(body);

    if (fuzz_rc(mlist_spread_disguised(type, body)) == MLIST_MISMATCH) {
        assert(!mlist_media_is_manifest(type) && !mlist_media_is_list(type));
    }
}


static void
target_manifest(mlist_media_e type, mlist_str_t body)
{
    mlist_rc_e        rc;
    mlist_manifest_t  m;

    rc = fuzz_rc(mlist_manifest_parse(type, body, &m));

    if (rc != MLIST_OK) {
        assert(m.doc == NULL);
        return;
    }

    switch (m.kind) {

    case MLIST_MANIFEST_LIST:
        assert(mlist_media_is_list(type));
        assert(m.doc != NULL && json_is_array(m.entries));
        target_entries(m.entries);
        json_decref(m.doc);
        break;

    case MLIST_MANIFEST_IMAGE:
        assert(mlist_media_is_manifest(type) && m.doc == NULL);
        assert(m.config.len != 0);
        break;

    default:
        assert(!mlist_media_is_list(type) && m.doc == NULL);
        break;
    }
}


static void
target_entries(const json_t *entries)
{
    size_t         i;
    mlist_entry_t  entry;

    for (i = 0; i < json_array_size(entries); i++) {
        if (fuzz_rc(mlist_entry_parse(json_array_get(entries, i), &entry))
            == MLIST_OK)
        {
            target_entry(&entry);
        }
    }
}


/* What was read can be written, and is then read as the same. */

static void
target_entry(const mlist_entry_t *entry)
{
    char                 *text, *second;
    size_t                len, second_len;
    json_t               *doc, *array;
    mlist_str_t           view;
    mlist_entry_t         again;
    const mlist_entry_t  *one;

    assert(mlist_media_valid(entry->type));
    assert(!mlist_entry_is_image(entry) || !mlist_entry_is_attestation(entry));
    assert(entry->has_platform == (entry->platform.os[0] != '\0'
                                   && entry->platform.arch[0] != '\0'));

    one = entry;

    if (fuzz_rc(mlist_entry_write(&one, 1, MLIST_MEDIA_OCI_INDEX, &text,
                                  &len)) != MLIST_OK)
    {
        return;
    }

    view = fuzz_copy(text, len);
    free(text);

    if (fuzz_rc(mlist_entry_load(view, &doc, &array)) != MLIST_OK) {
        assert(fuzz_told != NULL);
        return;
    }

    assert(mlist_entry_parse(json_array_get(array, 0), &again) == MLIST_OK);
    one = &again;

    if (fuzz_rc(mlist_entry_write(&one, 1, MLIST_MEDIA_OCI_INDEX, &second,
                                  &second_len)) == MLIST_OK)
    {
        assert(second_len == len && memcmp(second, view.data, len) == 0);
        free(second);
    }

    json_decref(doc);
}


/* What is named twice counts once. */

static void
target_contents(mlist_media_e type, mlist_str_t body)
{
    size_t            n;
    mlist_rc_e        rc;
    mlist_contents_t  *contents;

    contents = (mlist_contents_t *) fuzz_room(sizeof(mlist_contents_t));
    memset(contents, 0, sizeof(mlist_contents_t));

    rc = fuzz_rc(mlist_contents_add(contents, type, body));
    n = contents->n;
    assert(n <= MLIST_CONTENTS_MAX);

    if (rc == MLIST_OK
        && fuzz_rc(mlist_contents_add(contents, type, body)) == MLIST_OK)
    {
        assert(contents->n == n);
    }
}


static void
target_list(mlist_str_t body)
{
    char            *platforms;
    size_t           n;
    mlist_digest_t   children[TARGET_CHILDREN];

    platforms = fuzz_room(MLIST_INDEX_PLATFORMS);

    if (fuzz_rc(mlist_index_platforms(body, platforms)) != MLIST_OK) {
        return;
    }

    assert(strlen(platforms) < MLIST_INDEX_PLATFORMS);
    assert(fuzz_only(mlist_str(platforms), "/,._-"));

    if (fuzz_rc(mlist_index_children(body, children, TARGET_CHILDREN, &n))
        != MLIST_OK)
    {
        return;
    }

    assert(n <= TARGET_CHILDREN && (n != 0) == (platforms[0] != '\0'));

    target_first(body);
}


/* The first entry is the one that is found for its platform. */

static void
target_first(mlist_str_t body)
{
    json_t         *json, *array;
    mlist_entry_t   entry;

    json = fuzz_json(body);

    if (json == NULL) {
        return;
    }

    array = json_object_get(json, "manifests");

    if (json_array_size(array) != 0
        && mlist_entry_parse(json_array_get(array, 0), &entry) == MLIST_OK
        && entry.has_platform
        && mlist_media_is_manifest(entry.media))
    {
        target_find(body, &entry.digest, &entry.platform);
    }

    fuzz_json_free(json);
}


static void
target_find(mlist_str_t body, const mlist_digest_t *digest,
    const mlist_platform_t *p)
{
    mlist_media_e   type;
    mlist_digest_t  found;

    if (fuzz_rc(mlist_index_find(body, p, &found, &type)) == MLIST_OK) {
        assert(mlist_digest_eq(digest, &found));
        assert(mlist_media_is_manifest(type));

    } else {
        assert(fuzz_told != NULL);
    }
}


static void
target_spread(mlist_str_t body)
{
    size_t            i, chosen;
    mlist_rc_e        rc;
    mlist_spread_t    sources[4];
    mlist_platform_t  p, declared[4];

    static const char *const  platforms[] = {
        "linux/amd64", "linux/arm", "linux/arm/v7", "windows/amd64"
    };

    for (i = 0; i < 4; i++) {
        assert(mlist_platform_parse(mlist_str(platforms[i]), &declared[i])
               == MLIST_OK);
        sources[i].declared = &declared[i];
    }

    rc = fuzz_rc(mlist_spread_choose(body, sources, 4, &p));

    for (i = 0, chosen = 0; i < 4; i++) {
        chosen += sources[i].chosen;
    }

    assert(rc != MLIST_OK || chosen != 0);
    assert(rc != MLIST_NOT_FOUND || chosen == 0);
    assert(rc != MLIST_DUPLICATE || p.os[0] == '\0'
           || !mlist_platform_is_unknown(&p));
}

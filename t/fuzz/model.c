/*
 * model: see model.h.  It never calls what decides in the core, but compares
 * platforms and digests as that does.  Called by the build target.
 */

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "model.h"


#define MODEL_DIGESTS  12


static mlist_rc_e model_source(model_t *m, model_source_t *s);
static void model_entry(mlist_entry_t *entry);
static void model_annotate(mlist_entry_t *entry, unsigned how);
static void model_digest(mlist_digest_t *digest, unsigned i);
static void model_platform(mlist_platform_t *p, unsigned i);
static void model_take(model_t *m, size_t s, int attestations);
static int model_image(model_t *m, size_t s, size_t i);
static void model_other(model_t *m, size_t s, size_t i, model_kind_e kind);
static void model_attestation(model_t *m, size_t s, size_t i);
static void model_append(model_t *m, size_t s, size_t i, model_kind_e kind);
static void model_group(model_t *m, const mlist_entry_t *first,
    int variants);
static void model_put(model_t *m, const mlist_entry_t *entry);
static int model_fits(const model_t *m, const mlist_entry_t *entry);


static const char *const  model_platforms[] = {
    "linux/amd64", "linux/amd64/v3", "linux/arm", "linux/arm/v6",
    "linux/arm/v7", "linux/arm64", "linux/arm64/v9", "windows/amd64",
    "freebsd/amd64", "unknown/unknown"
};

#define MODEL_PLATFORMS  (sizeof(model_platforms)                            \
                          / sizeof(model_platforms[0]))


mlist_rc_e
model_make(model_t *m, int attestations)
{
    size_t           i, n;
    mlist_rc_e       rc;
    model_source_t  *s;

    memset(m, 0, sizeof(model_t));
    n = 1 + fuzz_byte() % MODEL_SOURCES;

    for (i = 0; i < n; i++) {
        s = &m->sources[m->nsources++];
        rc = model_source(m, s);

        if (rc != MLIST_OK) {
            return rc;
        }

        model_take(m, i, attestations);
    }

    return MLIST_OK;
}


void
model_free(model_t *m)
{
    size_t  i, k;

    for (i = 0; i < m->nsources; i++) {
        for (k = 0; k < m->sources[i].n; k++) {
            fuzz_json_free(m->sources[i].entries[k].annotations);
        }

        free(m->sources[i].json);
    }
}


/* Reads a source and has its part written. */

static mlist_rc_e
model_source(model_t *m, model_source_t *s)
{
    size_t                i, len;
    unsigned              how;
    mlist_rc_e            rc;
    mlist_index_input_t  *input;
    const mlist_entry_t  *entries[MODEL_ENTRIES];

    how = fuzz_byte();
    s->n = 1 + how % MODEL_ENTRIES;
    s->has_declared = (how / MODEL_ENTRIES) & 1;

    how = fuzz_byte();
    model_platform(&s->declared, how % (MODEL_PLATFORMS - 1));
    s->declared.os_version[0] = '\0';
    s->declared.nfeatures = 0;

    for (i = 0; i < s->n; i++) {
        model_entry(&s->entries[i]);
        entries[i] = &s->entries[i];
    }

    rc = fuzz_rc(mlist_entry_write(entries, s->n, MLIST_MEDIA_OCI_INDEX,
                                   &s->json, &len));

    if (rc != MLIST_OK) {
        return rc;
    }

    input = &m->inputs[m->nsources - 1];
    input->kind = MLIST_PART_INDEX;
    input->part = fuzz_copy(s->json, len);
    input->declared = s->has_declared ? &s->declared : NULL;
    model_digest(&input->digest, (unsigned) m->nsources);

    return MLIST_OK;
}


static void
model_entry(mlist_entry_t *entry)
{
    unsigned  platform, digest, how;

    platform = fuzz_byte();
    digest = fuzz_byte() % MODEL_DIGESTS;
    how = fuzz_byte();

    memset(entry, 0, sizeof(mlist_entry_t));
    model_digest(&entry->digest, digest);

    entry->size = (size_t) digest * digest * 1000003;
    entry->media = (how & 1) ? MLIST_MEDIA_DOCKER_MANIFEST
                             : MLIST_MEDIA_OCI_MANIFEST;
    entry->type = mlist_str(mlist_media_text(entry->media));

    if ((how & 6) == 6) {
        entry->media = MLIST_MEDIA_OTHER;
        entry->type = mlist_str("application/x.other");
    }

    if (how & 8) {
        entry->artifact_type = mlist_str("application/x.artifact");
    }

    if (platform % (MODEL_PLATFORMS + 1) != MODEL_PLATFORMS) {
        entry->has_platform = 1;
        model_platform(&entry->platform, platform % (MODEL_PLATFORMS + 1));

        if (how & 16) {
            memcpy(entry->platform.os_version, "10.0", sizeof("10.0"));
        }

        if (how & 32) {
            entry->platform.nfeatures = 1;
            memcpy(entry->platform.os_features[0], "f", sizeof("f"));
        }
    }

    model_annotate(entry, how >> 6);
}


/* Nothing, a text, or what attestations have. */

static void
model_annotate(mlist_entry_t *entry, unsigned how)
{
    json_t          *object;
    mlist_digest_t   subject;

    if (how == 0) {
        return;
    }

    fuzz_harness++;
    object = json_object();

    if (how == 1) {
        json_object_set_new(object, "a", json_string("\n\"\\/\xc3\xa9"));

    } else {
        model_digest(&subject, fuzz_byte() % MODEL_DIGESTS);
        json_object_set_new(object, "vnd.docker.reference.type",
                            json_string("attestation-manifest"));
        json_object_set_new(object, "vnd.docker.reference.digest",
                            json_string(subject.text));
    }

    fuzz_harness--;
    entry->annotations = object;
}


static void
model_digest(mlist_digest_t *digest, unsigned i)
{
    memset(digest, 0, sizeof(mlist_digest_t));
    digest->len = (size_t) snprintf(digest->text, sizeof(digest->text),
                                    "sha256:%064x", i);
}


static void
model_platform(mlist_platform_t *p, unsigned i)
{
    assert(mlist_platform_parse(mlist_str(model_platforms[i]), p)
           == MLIST_OK);
}


/* What one source adds to the list. */

static void
model_take(model_t *m, size_t s, int attestations)
{
    size_t                i;
    model_source_t       *source;
    const mlist_entry_t  *entry;

    source = &m->sources[s];

    for (i = 0; i < source->n; i++) {
        entry = &source->entries[i];

        if (mlist_entry_is_image(entry)
            && (!source->has_declared
                || mlist_platform_covers(&source->declared,
                                         &entry->platform)))
        {
            source->taken[i] = model_image(m, s, i);
        }
    }

    if (m->used[s] == 0 && m->shadowed[s] == 0) {
        return;
    }

    for (i = 0; i < source->n; i++) {
        entry = &source->entries[i];

        if (!mlist_entry_is_image(entry)
            && !mlist_entry_is_attestation(entry))
        {
            model_other(m, s, i, MODEL_OTHER);
        }
    }

    for (i = 0; attestations && i < source->n; i++) {
        if (mlist_entry_is_attestation(&source->entries[i])) {
            model_attestation(m, s, i);
        }
    }
}


/* 1 if the list has it, be it another source's. */

static int
model_image(model_t *m, size_t s, size_t i)
{
    int                   elsewhere;
    size_t                k;
    const mlist_entry_t  *entry;
    const model_item_t   *item;

    entry = &m->sources[s].entries[i];
    elsewhere = 0;

    for (k = 0; k < m->nitems; k++) {
        item = &m->items[k];

        if (item->kind == MODEL_IMAGE
            && mlist_platform_eq(&item->entry->platform, &entry->platform))
        {
            if (mlist_digest_eq(&item->entry->digest, &entry->digest)) {
                m->used[s]++;
                return 1;
            }

            elsewhere |= (item->source != s);
        }
    }

    if (elsewhere) {
        m->shadowed[s]++;
        return 0;
    }

    m->used[s]++;
    model_append(m, s, i, MODEL_IMAGE);

    return 1;
}


/* What is no image stands once. */

static void
model_other(model_t *m, size_t s, size_t i, model_kind_e kind)
{
    size_t                k;
    const mlist_entry_t  *entry;

    entry = &m->sources[s].entries[i];

    if (kind == MODEL_OTHER) {
        if (m->sources[s].has_declared) {
            return;
        }

        m->sources[s].taken[i] = 1;
    }

    for (k = 0; k < m->nitems; k++) {
        if (m->items[k].kind != MODEL_IMAGE
            && mlist_digest_eq(&m->items[k].entry->digest, &entry->digest))
        {
            return;
        }
    }

    model_append(m, s, i, kind);
}


/* It goes with its subject; without one it is like any other entry. */

static void
model_attestation(model_t *m, size_t s, size_t i)
{
    int              found, taken;
    size_t           k;
    mlist_str_t      subject;
    model_source_t  *source;

    source = &m->sources[s];
    subject = mlist_str(json_string_value(json_object_get(
                            source->entries[i].annotations,
                            "vnd.docker.reference.digest")));
    found = 0;
    taken = 0;

    for (k = 0; k < source->n; k++) {
        if (!mlist_entry_is_attestation(&source->entries[k])
            && mlist_str_eq(mlist_digest_str(&source->entries[k].digest),
                            subject))
        {
            found = 1;
            taken |= source->taken[k];
        }
    }

    if (!found) {
        model_other(m, s, i, MODEL_OTHER);

    } else if (taken) {
        model_other(m, s, i, MODEL_ATTESTATION);
    }
}


static void
model_append(model_t *m, size_t s, size_t i, model_kind_e kind)
{
    model_item_t  *item;

    item = &m->items[m->nitems++];
    item->entry = &m->sources[s].entries[i];
    item->kind = kind;
    item->source = s;
}


void
model_order(model_t *m, mlist_type_e type)
{
    size_t        i;
    model_kind_e  kind;

    m->type = (type == MLIST_TYPE_OCI) ? MLIST_MEDIA_OCI_INDEX
                                       : MLIST_MEDIA_DOCKER_LIST;

    for (i = 0; i < m->nitems; i++) {
        if (type == MLIST_TYPE_AUTO
            && m->items[i].kind == MODEL_IMAGE
            && m->items[i].entry->media != MLIST_MEDIA_DOCKER_MANIFEST)
        {
            m->type = MLIST_MEDIA_OCI_INDEX;
        }
    }

    for (i = 0; i < m->nitems; i++) {
        if (m->items[i].kind == MODEL_IMAGE
            && model_fits(m, m->items[i].entry))
        {
            model_group(m, m->items[i].entry, 0);
            model_group(m, m->items[i].entry, 1);
        }
    }

    for (kind = MODEL_OTHER; kind <= MODEL_ATTESTATION; kind++) {
        for (i = 0; i < m->nitems; i++) {
            if (m->items[i].kind == kind) {
                model_put(m, m->items[i].entry);
            }
        }
    }
}


/* All images of the first one's os and architecture; none a second time. */

static void
model_group(model_t *m, const mlist_entry_t *first, int variants)
{
    size_t                i;
    const mlist_entry_t  *entry;

    for (i = 0; i < m->nitems; i++) {
        entry = m->items[i].entry;

        if (m->items[i].kind == MODEL_IMAGE
            && mlist_platform_same_arch(&entry->platform, &first->platform)
            && (entry->platform.variant[0] != '\0') == variants)
        {
            model_put(m, entry);
        }
    }
}


static void
model_put(model_t *m, const mlist_entry_t *entry)
{
    size_t  i;

    if (!model_fits(m, entry)) {
        return;
    }

    for (i = 0; i < m->n; i++) {
        if (m->order[i] == entry) {
            return;
        }
    }

    m->order[m->n++] = entry;
}


/* A Docker list has no place for some. */

static int
model_fits(const model_t *m, const mlist_entry_t *entry)
{
    return m->type == MLIST_MEDIA_OCI_INDEX
           || (mlist_entry_is_image(entry)
               && mlist_media_is_manifest(entry->media));
}

/*
 * source: see source.h.  It never judges what a source contributes, but that
 * it is well-formed.  Called by the resolve and list targets.
 */

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mlist_entry.h"
#include "mlist_manifest.h"
#include "source.h"


#define SOURCE_PIECES  1024
#define SOURCE_OTHER   4096          /* bytes of a body that is made up */


static size_t source_number(char c);
static mlist_str_t source_fill(const source_t *source, size_t i);
static mlist_str_t source_value(const source_t *source, size_t i,
    const char *p, const char *end);
static mlist_rc_e source_feed_all(const source_t *source,
    mlist_resolve_t *res, int backwards);
static mlist_rc_e source_feed(const source_t *source, mlist_resolve_t *res,
    size_t i);
static void source_check(const source_t *source, const mlist_part_t *part);
static void source_check_entries(const source_t *source,
    const mlist_part_t *part, const json_t *array);
static void source_rewrite(const mlist_part_t *part,
    const mlist_entry_t *entries, size_t n);


mlist_rc_e
source_read(source_t *source, char end)
{
    size_t       i;
    mlist_str_t  text, docs[SOURCE_DOCS], line;
    const char  *p;

    memset(source, 0, sizeof(source_t));

    line = fuzz_field(FUZZ_LINE);
    source->has_declared = (mlist_platform_parse(line, &source->declared)
                            == MLIST_OK);

    line = fuzz_field(FUZZ_LINE);
    source->flags = line.len != 0 ? MLIST_RESOLVE_VERIFY : 0;

    text = fuzz_field(end);
    source->n = fuzz_split(text, FUZZ_DOC, docs, SOURCE_DOCS);

    for (i = source->n; i-- != 0; /* void */ ) {
        p = docs[i].len != 0 ? memchr(docs[i].data, '\n', docs[i].len) : NULL;

        if (p != NULL) {
            source->docs[i].type.data = docs[i].data;
            source->docs[i].type.len = (size_t) (p - docs[i].data);
            source->docs[i].body.data = p + 1;
            source->docs[i].body.len = docs[i].len - (size_t) (p + 1
                                                            - docs[i].data);
        }

        source->docs[i].body = source_fill(source, i);

        if (fuzz_rc(mlist_digest_compute(source->docs[i].body,
                                         &source->docs[i].digest))
            != MLIST_OK)
        {
            return MLIST_NOMEM;
        }
    }

    return MLIST_OK;
}


mlist_rc_e
source_resolve(const source_t *source, int backwards, mlist_part_t *part)
{
    mlist_rc_e        rc;
    const char       *problem;
    mlist_resolve_t  *res;

    memset(part, 0, sizeof(mlist_part_t));

    if (source->n == 0) {
        return MLIST_NOT_FOUND;
    }

    res = mlist_resolve_create(source->has_declared ? &source->declared
                                                    : NULL, source->flags);

    if (fuzz_rc(res != NULL ? MLIST_OK : MLIST_NOMEM) != MLIST_OK) {
        return MLIST_NOMEM;
    }

    rc = fuzz_rc(mlist_resolve_root(res, &source->docs[0].digest,
                                    source->docs[0].type,
                                    source->docs[0].body));

    if (rc == MLIST_OK) {
        rc = source_feed_all(source, res, backwards);
    }

    if (rc == MLIST_OK) {
        rc = fuzz_rc(mlist_resolve_finish(res, part));
    }

    problem = mlist_resolve_problem(res);
    assert(mlist_str_printable(mlist_str(problem)));

    if (rc != MLIST_OK) {
        assert(part->json == NULL);
        assert(rc == MLIST_NOMEM || rc == MLIST_NOT_FOUND
               || strncmp(problem, "sha", 3) == 0);

    } else {
        source_check(source, part);
    }

    mlist_resolve_free(res);

    return rc;
}


static mlist_rc_e
source_feed_all(const source_t *source, mlist_resolve_t *res, int backwards)
{
    size_t         i, k, n;
    mlist_rc_e     rc;
    mlist_want_t  *want;

    for ( ;; ) {
        n = mlist_resolve_nwants(res);
        assert(n <= MLIST_RESOLVE_WANTS);
        want = NULL;

        for (i = 0, k = 0; i < n; i++) {
            k = backwards ? n - 1 - i : i;
            want = mlist_resolve_want(res, k);

            if (!want->fed) {
                break;
            }
        }

        if (i == n) {
            assert(mlist_resolve_want(res, n) == NULL);
            return MLIST_OK;
        }

        rc = source_feed(source, res, k);

        if (rc != MLIST_OK) {
            return rc;
        }

        assert(want == mlist_resolve_want(res, k) && want->fed);
    }
}


/* MLIST_NOT_FOUND: no document has that digest. */

static mlist_rc_e
source_feed(const source_t *source, mlist_resolve_t *res, size_t i)
{
    char                *other;
    size_t               k;
    mlist_str_t          type, body;
    mlist_want_t        *want;
    const source_doc_t  *doc;

    want = mlist_resolve_want(res, i);
    assert(want->blob == (want->type[0] == '\0'));

    for (k = 0; k < source->n; k++) {
        doc = &source->docs[k];

        if (mlist_digest_eq(&doc->digest, &want->digest)) {
            type = doc->type.len != 0 ? doc->type : mlist_str(want->type);

            return fuzz_rc(mlist_resolve_feed(res, i, type, doc->body));
        }
    }

    /* other bytes than those of the digest are never taken */

    body = source->docs[0].body;

    if (want->size <= SOURCE_OTHER) {
        other = fuzz_room(want->size);

        if (want->size != 0) {
            memset(other, ' ', want->size);
        }

        body.data = other;
        body.len = want->size;
    }

    assert(fuzz_rc(mlist_resolve_feed(res, i, mlist_str(want->type), body))
           != MLIST_OK);
    assert(!want->fed);

    return MLIST_NOT_FOUND;
}


static void
source_check(const source_t *source, const mlist_part_t *part)
{
    mlist_rc_e        rc;
    mlist_str_t       json;
    mlist_manifest_t  m;

    if (part->kind == MLIST_PART_ARTIFACT) {
        assert(part->json == NULL);
        return;
    }

    json = fuzz_copy(part->json, part->len);
    rc = fuzz_rc(mlist_manifest_parse(MLIST_MEDIA_OCI_INDEX, json, &m));

    if (rc == MLIST_NOMEM) {
        return;
    }

    assert(rc == MLIST_OK && m.kind == MLIST_MANIFEST_LIST);
    source_check_entries(source, part, m.entries);
    json_decref(m.doc);
}


static void
source_check_entries(const source_t *source, const mlist_part_t *part,
    const json_t *array)
{
    size_t              i, n, images;
    mlist_entry_t      *entries;
    mlist_platform_t    p;

    n = json_array_size(array);
    assert(n != 0 && n <= MLIST_RESOLVE_ENTRIES);

    entries = (mlist_entry_t *) fuzz_room(n * sizeof(mlist_entry_t));

    for (i = 0, images = 0; i < n; i++) {
        assert(mlist_entry_parse(json_array_get(array, i), &entries[i])
               == MLIST_OK);
        assert(!mlist_media_is_list(entries[i].media));

        p = entries[i].platform;
        mlist_platform_normalise(&p);
        assert(mlist_platform_eq(&p, &entries[i].platform));

        images += mlist_entry_is_image(&entries[i]) ? 1 : 0;
    }

    assert(images != 0);

    if (part->kind == MLIST_PART_IMAGE) {
        assert(n == 1 && entries[0].size == source->docs[0].body.len);
        assert(mlist_digest_eq(&entries[0].digest,
                               &source->docs[0].digest));
    }

    source_rewrite(part, entries, n);
}


/* Read and written again it is the same to the byte. */

static void
source_rewrite(const mlist_part_t *part, const mlist_entry_t *entries,
    size_t n)
{
    char                  *text;
    size_t                 i, len;
    const mlist_entry_t  **order;

    order = (const mlist_entry_t **)
            fuzz_room(n * sizeof(mlist_entry_t *));

    for (i = 0; i < n; i++) {
        order[i] = &entries[i];
    }

    if (fuzz_rc(mlist_entry_write(order, n, MLIST_MEDIA_OCI_INDEX, &text,
                                  &len)) == MLIST_OK)
    {
        assert(len == part->len && memcmp(text, part->json, len) == 0);
        free(text);
    }
}


/* The body of the i-th document with digests and sizes in their places. */

static mlist_str_t
source_fill(const source_t *source, size_t i)
{
    size_t       n;
    mlist_str_t  body, value, pieces[SOURCE_PIECES];
    const char  *p, *last, *begun;

    body = source->docs[i].body;

    if (body.len == 0) {
        return body;
    }

    begun = body.data;
    last = body.data + body.len;
    n = 0;

    for (p = begun; p != last && n < SOURCE_PIECES - 3; p++) {
        value = source_value(source, i, p, last);

        if (value.len != 0) {
            pieces[n].data = begun;
            pieces[n++].len = (size_t) (p - begun);
            pieces[n++] = value;
            p += 2;
            begun = p + 1;
        }
    }

    pieces[n].data = begun;
    pieces[n++].len = (size_t) (last - begun);

    return fuzz_join(pieces, n);
}


/* Of @d2 or @s2 at "p"; else the empty view. */

static mlist_str_t
source_value(const source_t *source, size_t i, const char *p,
    const char *end)
{
    char                 text[32];
    int                  len;
    size_t               k;
    const source_doc_t  *doc;

    if (end - p < 3 || p[0] != '@' || (p[1] != 'd' && p[1] != 's')) {
        return mlist_str(NULL);
    }

    k = source_number(p[2]);

    if (k <= i || k >= source->n) {
        return mlist_str(NULL);
    }

    doc = &source->docs[k];

    if (p[1] == 'd') {
        return mlist_digest_str(&doc->digest);
    }

    len = snprintf(text, sizeof(text), "%zu", doc->body.len);

    return fuzz_copy(text, (size_t) len);
}


/* The index of a document: of 1 and what is none 0. */

static size_t
source_number(char c)
{
    return (c >= '1' && c <= '9') ? (size_t) (c - '1')
           : (c >= 'a' && c <= 'z') ? (size_t) (c - 'a') + 9 : 0;
}

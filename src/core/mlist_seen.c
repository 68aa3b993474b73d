/*
 * mlist_seen: see mlist_seen.h.  Numbers are written seven bits a byte, the
 * lowest first; texts and digests after their length.
 */

#include <string.h>

#include "mlist_seen.h"
#include "mlist_entry.h"
#include "mlist_media.h"


typedef struct {
    unsigned char        *p;
    unsigned char        *end;
    int                   full;
} mlist_seen_out_t;


typedef struct {
    const unsigned char  *p;
    const unsigned char  *end;
    int                   bad;
} mlist_seen_in_t;


static void mlist_seen_put(mlist_seen_out_t *out, const void *data,
    size_t len);
static void mlist_seen_put_number(mlist_seen_out_t *out, uint64_t n);
static void mlist_seen_put_text(mlist_seen_out_t *out, mlist_str_t s,
    size_t max);
static void mlist_seen_put_digest(mlist_seen_out_t *out,
    const mlist_seen_digest_t *d);
static const unsigned char *mlist_seen_get(mlist_seen_in_t *in, size_t len);
static uint64_t mlist_seen_get_number(mlist_seen_in_t *in, uint64_t max);
static mlist_str_t mlist_seen_get_text(mlist_seen_in_t *in);
static void mlist_seen_get_digest(mlist_seen_in_t *in,
    mlist_seen_digest_t *d);
static void mlist_seen_get_sources(mlist_seen_in_t *in, mlist_seen_t *seen);
static void mlist_seen_get_children(mlist_seen_in_t *in, mlist_seen_t *seen);
static unsigned mlist_seen_kept(const mlist_seen_t *seen);
static unsigned char mlist_seen_nibble(char c);


mlist_rc_e
mlist_seen_write(const mlist_seen_t *seen, unsigned char *out, size_t size,
    size_t *len)
{
    unsigned                    i;
    mlist_seen_out_t            o;
    const mlist_seen_child_t   *child;
    const mlist_seen_source_t  *source;

    o.p = out;
    o.end = out + size;
    o.full = 0;

    mlist_seen_put_number(&o, seen->when);
    mlist_seen_put(&o, seen->place, MLIST_SEEN_PLACE);
    mlist_seen_put_number(&o, seen->verdict);
    mlist_seen_put_number(&o, seen->type);
    mlist_seen_put_number(&o, seen->failed);
    mlist_seen_put_text(&o, seen->name, seen->name.len);
    mlist_seen_put_text(&o, seen->tag, seen->tag.len);
    mlist_seen_put_text(&o, seen->reason, MLIST_SEEN_TEXT);
    mlist_seen_put_digest(&o, &seen->digest);
    mlist_seen_put_number(&o, seen->size);
    mlist_seen_put_number(&o, seen->nsources);

    for (i = 0; i < seen->nsources; i++) {
        source = &seen->sources[i];

        mlist_seen_put_number(&o, source->what);
        mlist_seen_put_number(&o, source->left_out);
        mlist_seen_put_number(&o, source->status);
        mlist_seen_put_number(&o, source->ms);
        mlist_seen_put_digest(&o, &source->digest);
        mlist_seen_put_text(&o, source->reason, MLIST_SEEN_TEXT);
    }

    mlist_seen_put_number(&o, seen->nchildren);

    for (i = 0; i < mlist_seen_kept(seen); i++) {
        child = &seen->children[i];

        mlist_seen_put_digest(&o, &child->digest);
        mlist_seen_put_number(&o, child->size);
        mlist_seen_put_number(&o, child->source);
        mlist_seen_put_text(&o, child->platform, child->platform.len);
    }

    *len = (size_t) (o.p - out);

    return o.full ? MLIST_TOO_LARGE : MLIST_OK;
}


mlist_rc_e
mlist_seen_read(mlist_str_t record, mlist_seen_t *seen)
{
    mlist_seen_in_t       in;
    const unsigned char  *place;

    memset(seen, 0, sizeof(mlist_seen_t));

    in.p = (const unsigned char *) record.data;
    in.end = in.p + record.len;
    in.bad = 0;

    seen->when = mlist_seen_get_number(&in, UINT64_MAX);
    place = mlist_seen_get(&in, MLIST_SEEN_PLACE);

    if (place != NULL) {
        memcpy(seen->place, place, MLIST_SEEN_PLACE);
    }

    seen->verdict = (mlist_seen_verdict_e)
                    mlist_seen_get_number(&in, MLIST_SEEN_VERDICT_LAST - 1);
    seen->type = (unsigned) mlist_seen_get_number(&in, 255);
    seen->failed = (unsigned) mlist_seen_get_number(&in, 999);
    seen->name = mlist_seen_get_text(&in);
    seen->tag = mlist_seen_get_text(&in);
    seen->reason = mlist_seen_get_text(&in);
    mlist_seen_get_digest(&in, &seen->digest);
    seen->size = mlist_seen_get_number(&in, UINT64_MAX);

    mlist_seen_get_sources(&in, seen);
    mlist_seen_get_children(&in, seen);

    return (in.bad || in.p != in.end) ? MLIST_INVALID : MLIST_OK;
}


static void
mlist_seen_get_sources(mlist_seen_in_t *in, mlist_seen_t *seen)
{
    unsigned              i;
    mlist_seen_source_t  *source;

    seen->nsources = (unsigned) mlist_seen_get_number(in, MLIST_SEEN_SOURCES);

    for (i = 0; i < seen->nsources; i++) {
        source = &seen->sources[i];

        source->what = (mlist_seen_source_e)
                       mlist_seen_get_number(in, MLIST_SEEN_SOURCE_LAST - 1);
        source->left_out = mlist_seen_get_number(in, 1) & 1;
        source->status = (unsigned) mlist_seen_get_number(in, 9999);
        source->ms = (uint32_t) mlist_seen_get_number(in, UINT32_MAX);
        mlist_seen_get_digest(in, &source->digest);
        source->reason = mlist_seen_get_text(in);
    }
}


static void
mlist_seen_get_children(mlist_seen_in_t *in, mlist_seen_t *seen)
{
    unsigned             i;
    mlist_seen_child_t  *child;

    seen->nchildren = (unsigned) mlist_seen_get_number(in, UINT32_MAX);

    for (i = 0; i < mlist_seen_kept(seen); i++) {
        child = &seen->children[i];

        mlist_seen_get_digest(in, &child->digest);
        child->size = mlist_seen_get_number(in, UINT64_MAX);
        child->source = (unsigned) mlist_seen_get_number(in, 255);
        child->platform = mlist_seen_get_text(in);
    }
}


/* How many of the children are here. */

static unsigned
mlist_seen_kept(const mlist_seen_t *seen)
{
    return seen->nchildren < MLIST_SEEN_CHILDREN ? seen->nchildren
                                                 : MLIST_SEEN_CHILDREN;
}


static void
mlist_seen_put(mlist_seen_out_t *out, const void *data, size_t len)
{
    if (out->full || (size_t) (out->end - out->p) < len) {
        out->full = 1;
        return;
    }

    if (len != 0) {
        memcpy(out->p, data, len);
        out->p += len;
    }
}


static void
mlist_seen_put_number(mlist_seen_out_t *out, uint64_t n)
{
    unsigned char  c;

    while (n >= 0x80) {
        c = (unsigned char) (n | 0x80);
        mlist_seen_put(out, &c, 1);
        n >>= 7;
    }

    c = (unsigned char) n;
    mlist_seen_put(out, &c, 1);
}


static void
mlist_seen_put_text(mlist_seen_out_t *out, mlist_str_t s, size_t max)
{
    size_t  len;

    len = s.len < max ? s.len : max;

    mlist_seen_put_number(out, len);
    mlist_seen_put(out, s.data, len);
}


static void
mlist_seen_put_digest(mlist_seen_out_t *out, const mlist_seen_digest_t *d)
{
    mlist_seen_put(out, &d->len, 1);
    mlist_seen_put(out, d->bytes, d->len);
}


static const unsigned char *
mlist_seen_get(mlist_seen_in_t *in, size_t len)
{
    const unsigned char  *p;

    if (in->bad || (size_t) (in->end - in->p) < len) {
        in->bad = 1;
        return NULL;
    }

    p = in->p;
    in->p += len;

    return p;
}


/* A number that is larger than "max" is bad; what is bad is 0. */

static uint64_t
mlist_seen_get_number(mlist_seen_in_t *in, uint64_t max)
{
    unsigned              shift;
    uint64_t              n;
    const unsigned char  *p;

    n = 0;

    for (shift = 0; shift < 64; shift += 7) {
        p = mlist_seen_get(in, 1);

        if (p == NULL) {
            return 0;
        }

        n |= (uint64_t) (*p & 0x7f) << shift;

        if (!(*p & 0x80)) {

            if (n <= max) {
                return n;
            }

            break;
        }
    }

    in->bad = 1;

    return 0;
}


static mlist_str_t
mlist_seen_get_text(mlist_seen_in_t *in)
{
    mlist_str_t  s;

    s.len = (size_t) mlist_seen_get_number(in, MLIST_SEEN_MAX);
    s.data = (const char *) mlist_seen_get(in, s.len);

    if (s.data == NULL) {
        s = mlist_str("");
    }

    return s;
}


static void
mlist_seen_get_digest(mlist_seen_in_t *in, mlist_seen_digest_t *d)
{
    uint64_t              len;
    const unsigned char  *p;

    len = mlist_seen_get_number(in, sizeof(d->bytes));
    p = mlist_seen_get(in, (size_t) len);

    d->len = 0;

    if (p != NULL) {
        d->len = (unsigned char) len;
        memcpy(d->bytes, p, (size_t) len);
    }
}


void
mlist_seen_digest(const mlist_digest_t *from, mlist_seen_digest_t *to)
{
    size_t       i;
    const char  *hex;

    memset(to, 0, sizeof(mlist_seen_digest_t));

    if (from->len == 0) {
        return;
    }

    hex = strchr(from->text, ':') + 1;

    to->len = (unsigned char) ((from->len - (size_t) (hex - from->text)) / 2);

    for (i = 0; i < to->len; i++) {
        to->bytes[i] = (unsigned char)
                       (mlist_seen_nibble(hex[2 * i]) << 4
                        | mlist_seen_nibble(hex[2 * i + 1]));
    }
}


static unsigned char
mlist_seen_nibble(char c)
{
    return (unsigned char) (c <= '9' ? c - '0' : c - 'a' + 10);
}


size_t
mlist_seen_digest_text(const mlist_seen_digest_t *d,
    char out[MLIST_DIGEST_MAX + 1])
{
    char    *p;
    size_t   i;

    static const char  hex[] = "0123456789abcdef";

    out[0] = '\0';

    if (d->len == 0) {
        return 0;
    }

    memcpy(out, d->len > MLIST_SHA256_SIZE ? "sha512:" : "sha256:", 7);
    p = out + 7;

    for (i = 0; i < d->len; i++) {
        *p++ = hex[d->bytes[i] >> 4];
        *p++ = hex[d->bytes[i] & 15];
    }

    *p = '\0';

    return (size_t) (p - out);
}


const char *
mlist_seen_source_text(mlist_seen_source_e what)
{
    static const char *const  texts[MLIST_SEEN_SOURCE_LAST] = {
        "not_asked", "no_spelling", "present", "not_found", "no_platform",
        "denied", "status", "failed", "timeout", "too_large", "bad"
    };

    return what < MLIST_SEEN_SOURCE_LAST ? texts[what] : "";
}


const char *
mlist_seen_verdict_text(mlist_seen_verdict_e verdict)
{
    static const char *const  texts[MLIST_SEEN_VERDICT_LAST] = {
        "list", "unchanged", "partial", "stale", "artifact", "nowhere",
        "error"
    };

    return verdict < MLIST_SEEN_VERDICT_LAST ? texts[verdict] : "";
}


mlist_rc_e
mlist_seen_list(mlist_str_t list, mlist_seen_t *seen,
    mlist_seen_text_t *texts)
{
    size_t               i;
    json_t              *doc, *array;
    mlist_rc_e           rc;
    mlist_entry_t        entry;
    mlist_seen_child_t  *child;

    seen->nchildren = 0;

    rc = mlist_entry_load(list, &doc, &array);

    if (rc != MLIST_OK) {
        return rc;
    }

    for (i = 0; i < json_array_size(array); i++) {
        rc = mlist_entry_parse(json_array_get(array, i), &entry);

        if (rc != MLIST_OK) {
            break;
        }

        if (!mlist_entry_is_image(&entry)) {
            continue;
        }

        if (seen->nchildren < MLIST_SEEN_CHILDREN) {
            child = &seen->children[seen->nchildren];

            mlist_seen_digest(&entry.digest, &child->digest);
            child->size = entry.size;
            child->source = MLIST_SEEN_NOBODY;
            child->platform.data = texts[seen->nchildren];
            child->platform.len = mlist_platform_text(&entry.platform,
                                                texts[seen->nchildren]);
        }

        seen->nchildren++;
    }

    json_decref(doc);

    return rc;
}


mlist_rc_e
mlist_seen_part(mlist_str_t part, unsigned source, mlist_seen_t *seen)
{
    size_t               i;
    json_t              *doc, *array;
    unsigned             j;
    mlist_rc_e           rc;
    mlist_entry_t        entry;
    mlist_seen_child_t  *child;
    mlist_seen_digest_t  digest;

    rc = mlist_entry_load(part, &doc, &array);

    if (rc != MLIST_OK) {
        return rc;
    }

    for (i = 0; i < json_array_size(array); i++) {
        rc = mlist_entry_parse(json_array_get(array, i), &entry);

        if (rc != MLIST_OK) {
            break;
        }

        mlist_seen_digest(&entry.digest, &digest);

        for (j = 0; j < mlist_seen_kept(seen); j++) {
            child = &seen->children[j];

            if (child->source == MLIST_SEEN_NOBODY
                && child->digest.len == digest.len
                && memcmp(child->digest.bytes, digest.bytes, digest.len) == 0)
            {
                child->source = source;
            }
        }
    }

    json_decref(doc);

    return rc;
}

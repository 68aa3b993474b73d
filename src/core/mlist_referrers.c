/*
 * mlist_referrers: indexes of referrers, merged.  An entry is never changed,
 * and a page with one that is malformed is refused as a whole.  Called by
 * the glue's referrers room.
 */

#include <string.h>

#include "mlist_entry.h"
#include "mlist_manifest.h"
#include "mlist_media.h"
#include "mlist_referrers.h"


static mlist_rc_e mlist_referrers_decode(mlist_str_t s, char *out,
    mlist_str_t *decoded);
static int mlist_referrers_hex(char c);
static mlist_rc_e mlist_referrers_entry(mlist_referrers_t *referrers,
    json_t *json, mlist_str_t type);


mlist_rc_e
mlist_referrers_type(mlist_str_t query, char *out, mlist_str_t *type)
{
    size_t       i, end;
    mlist_rc_e   rc;
    mlist_str_t  one;

    static const mlist_str_t  key = MLIST_STR("artifactType=");

    *type = mlist_str(NULL);

    for (i = 0; i < query.len; i = end + 1) {

        for (end = i; end < query.len && query.data[end] != '&'; end++) {
            /* void */
        }

        one.data = query.data + i;
        one.len = end - i;

        if (!mlist_str_starts(one, key)) {
            continue;
        }

        one.data += key.len;
        one.len -= key.len;

        rc = mlist_referrers_decode(one, out, type);

        if (rc == MLIST_OK && type->len != 0 && !mlist_media_valid(*type)) {
            rc = MLIST_INVALID;
        }

        return rc;
    }

    return MLIST_OK;
}


static mlist_rc_e
mlist_referrers_decode(mlist_str_t s, char *out, mlist_str_t *decoded)
{
    int     high, low;
    char    c;
    size_t  i, n;

    for (i = 0, n = 0; i < s.len; i++) {
        c = s.data[i];

        if (c == '%') {

            if (s.len - i < 3) {
                return MLIST_INVALID;
            }

            high = mlist_referrers_hex(s.data[i + 1]);
            low = mlist_referrers_hex(s.data[i + 2]);

            if (high < 0 || low < 0) {
                return MLIST_INVALID;
            }

            c = (char) (high * 16 + low);
            i += 2;
        }

        if (n == MLIST_REFERRERS_TYPE_MAX) {
            return MLIST_TOO_LARGE;
        }

        out[n++] = c;
    }

    decoded->data = out;
    decoded->len = n;

    return MLIST_OK;
}


static int
mlist_referrers_hex(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }

    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }

    return (c >= 'A' && c <= 'F') ? c - 'A' + 10 : -1;
}


size_t
mlist_referrers_query(mlist_str_t type, char *out)
{
    char    c;
    size_t  i, n;

    static const mlist_str_t  head = MLIST_STR("?artifactType=");
    static const char         hex[] = "0123456789ABCDEF";

    if (type.len == 0) {
        return 0;
    }

    memcpy(out, head.data, head.len);
    n = head.len;

    for (i = 0; i < type.len; i++) {
        c = type.data[i];

        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
            || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.')
        {
            out[n++] = c;
            continue;
        }

        out[n++] = '%';
        out[n++] = hex[(unsigned char) c / 16];
        out[n++] = hex[(unsigned char) c % 16];
    }

    return n;
}


size_t
mlist_referrers_tag(const mlist_digest_t *subject, char *out)
{
    size_t  n;
    char   *colon;

    n = (subject->len < MLIST_REFERRERS_TAG_MAX) ? subject->len
                                                 : MLIST_REFERRERS_TAG_MAX;
    memcpy(out, subject->text, n);

    colon = memchr(out, ':', n);

    if (colon != NULL) {
        *colon = '-';
    }

    return n;
}


mlist_rc_e
mlist_referrers_init(mlist_referrers_t *referrers)
{
    referrers->manifests = json_array();
    referrers->seen = json_object();

    return (referrers->manifests != NULL && referrers->seen != NULL)
               ? MLIST_OK : MLIST_NOMEM;
}


void
mlist_referrers_free(mlist_referrers_t *referrers)
{
    json_decref(referrers->manifests);
    json_decref(referrers->seen);
}


mlist_rc_e
mlist_referrers_add(mlist_referrers_t *referrers, mlist_str_t page,
    mlist_str_t type)
{
    size_t            i;
    mlist_rc_e        rc;
    mlist_manifest_t  index;

    rc = mlist_manifest_parse(MLIST_MEDIA_OCI_INDEX, page, &index);

    if (rc != MLIST_OK) {
        return rc;
    }

    for (i = 0; rc == MLIST_OK && i < json_array_size(index.entries); i++) {
        rc = mlist_referrers_entry(referrers,
                                   json_array_get(index.entries, i), type);
    }

    json_decref(index.doc);

    return rc;
}


static mlist_rc_e
mlist_referrers_entry(mlist_referrers_t *referrers, json_t *json,
    mlist_str_t type)
{
    mlist_rc_e     rc;
    mlist_entry_t  entry;

    rc = mlist_entry_parse(json, &entry);

    if (rc != MLIST_OK) {
        return rc;
    }

    if ((type.len != 0 && !mlist_str_eq(entry.artifact_type, type))
        || json_object_get(referrers->seen, entry.digest.text) != NULL)
    {
        return MLIST_OK;
    }

    if (json_array_size(referrers->manifests) == MLIST_REFERRERS_MAX) {
        return MLIST_TOO_LARGE;
    }

    if (json_object_set_new(referrers->seen, entry.digest.text, json_true())
        || json_array_append(referrers->manifests, json))
    {
        return MLIST_NOMEM;
    }

    return MLIST_OK;
}


size_t
mlist_referrers_count(const mlist_referrers_t *referrers)
{
    return json_array_size(referrers->manifests);
}


mlist_rc_e
mlist_referrers_write(const mlist_referrers_t *referrers, char **out,
    size_t *len)
{
    return mlist_entry_wrap(referrers->manifests, MLIST_MEDIA_OCI_INDEX, out,
                            len);
}

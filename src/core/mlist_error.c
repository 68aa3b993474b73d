/*
 * mlist_error: the registry API's error codes and their JSON, escaped by
 * hand, so that an error can be told when memory is short.  Never allocates.
 * Called by the glue's send room.
 */

#include "mlist_error.h"


typedef struct {
    const char  *code;
    const char  *message;
} mlist_error_text_t;


typedef struct {
    char    *data;
    size_t   size;
    size_t   len;            /* needed so far, maybe over "size" */
} mlist_error_out_t;


static const mlist_error_text_t *mlist_error_text(mlist_error_e e);
static void mlist_error_put(mlist_error_out_t *out, const char *data,
    size_t len);
static void mlist_error_literal(mlist_error_out_t *out, const char *s);
static void mlist_error_escaped(mlist_error_out_t *out, mlist_str_t s);
static size_t mlist_error_utf8(mlist_str_t s, size_t i);


static const mlist_error_text_t  mlist_error_texts[] = {
    { "BLOB_UNKNOWN", "blob unknown to registry" },
    { "BLOB_UPLOAD_INVALID", "blob upload invalid" },
    { "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry" },
    { "DENIED", "requested access to the resource is denied" },
    { "DIGEST_INVALID", "provided digest did not match uploaded content" },
    { "MANIFEST_BLOB_UNKNOWN",
      "manifest references a manifest or blob unknown to registry" },
    { "MANIFEST_INVALID", "manifest invalid" },
    { "MANIFEST_UNKNOWN", "manifest unknown" },
    { "NAME_INVALID", "invalid repository name" },
    { "NAME_UNKNOWN", "repository name not known to registry" },
    { "PAGINATION_NUMBER_INVALID", "invalid number of results requested" },
    { "RANGE_INVALID", "invalid content range" },
    { "SIZE_INVALID", "provided length did not match content length" },
    { "TAG_INVALID", "manifest tag did not match URI" },
    { "TOOMANYREQUESTS", "too many requests" },
    { "UNAUTHORIZED", "authentication required" },
    { "UNAVAILABLE", "service unavailable" },
    { "UNKNOWN", "unknown error" },
    { "UNSUPPORTED", "the operation is unsupported" }
};


const char *
mlist_error_code(mlist_error_e e)
{
    return mlist_error_text(e)->code;
}


const char *
mlist_error_message(mlist_error_e e)
{
    return mlist_error_text(e)->message;
}


mlist_error_e
mlist_error_of_status(unsigned status)
{
    switch (status) {

    case 401:
        return MLIST_ERR_UNAUTHORIZED;

    case 403:
        return MLIST_ERR_DENIED;

    case 404:
        return MLIST_ERR_MANIFEST_UNKNOWN;

    case 405:
    case 501:
        return MLIST_ERR_UNSUPPORTED;

    case 413:
        return MLIST_ERR_SIZE_INVALID;

    case 416:
        return MLIST_ERR_RANGE_INVALID;

    case 429:
        return MLIST_ERR_TOOMANYREQUESTS;

    case 502:
    case 503:
    case 504:
        return MLIST_ERR_UNAVAILABLE;

    default:
        return MLIST_ERR_UNKNOWN;
    }
}


size_t
mlist_error_json(mlist_error_e e, mlist_str_t message, mlist_str_t detail,
    char *out, size_t size)
{
    mlist_error_out_t  o;

    o.data = out;
    o.size = (out != NULL) ? size : 0;
    o.len = 0;

    if (message.len == 0) {
        message = mlist_str(mlist_error_message(e));
    }

    mlist_error_literal(&o, "{\"errors\":[{\"code\":\"");
    mlist_error_literal(&o, mlist_error_code(e));
    mlist_error_literal(&o, "\",\"message\":\"");
    mlist_error_escaped(&o, message);
    mlist_error_literal(&o, "\",\"detail\":");

    if (detail.len != 0) {
        mlist_error_literal(&o, "\"");
        mlist_error_escaped(&o, detail);
        mlist_error_literal(&o, "\"");

    } else {
        mlist_error_literal(&o, "null");
    }

    mlist_error_literal(&o, "}]}\n");

    return o.len;
}


static const mlist_error_text_t *
mlist_error_text(mlist_error_e e)
{
    size_t  i, n;

    i = (size_t) e;
    n = sizeof(mlist_error_texts) / sizeof(mlist_error_texts[0]);

    return &mlist_error_texts[(i < n) ? i : (size_t) MLIST_ERR_UNKNOWN];
}


static void
mlist_error_put(mlist_error_out_t *out, const char *data, size_t len)
{
    size_t  i;

    for (i = 0; i < len; i++) {
        if (out->len < out->size) {
            out->data[out->len] = data[i];
        }

        out->len++;
    }
}


static void
mlist_error_literal(mlist_error_out_t *out, const char *s)
{
    mlist_str_t  view;

    view = mlist_str(s);
    mlist_error_put(out, view.data, view.len);
}


static void
mlist_error_escaped(mlist_error_out_t *out, mlist_str_t s)
{
    size_t         i, n;
    unsigned char  c;

    for (i = 0; i < s.len; i += n) {
        c = (unsigned char) s.data[i];
        n = mlist_error_utf8(s, i);

        if (n == 0 || c < 0x20 || c == 0x7f) {
            mlist_error_put(out, "?", 1);
            n = 1;
            continue;
        }

        if (c == '"' || c == '\\') {
            mlist_error_put(out, "\\", 1);
        }

        mlist_error_put(out, s.data + i, n);
    }
}


/*
 * The length of the UTF-8 sequence at "i" (RFC 3629: no overlong form, no
 * surrogate, nothing over U+10FFFF), or 0.  A C1 control gives 0 too: logs
 * and terminals may obey it.
 */

static size_t
mlist_error_utf8(mlist_str_t s, size_t i)
{
    size_t                n, k;
    const unsigned char  *p;

    p = (const unsigned char *) s.data + i;

    if (p[0] < 0x80) {
        return 1;
    }

    n = (p[0] >= 0xc2 && p[0] <= 0xdf) ? 2
        : (p[0] >= 0xe0 && p[0] <= 0xef) ? 3
        : (p[0] >= 0xf0 && p[0] <= 0xf4) ? 4 : 0;

    if (n == 0 || n > s.len - i) {
        return 0;
    }

    for (k = 1; k < n; k++) {
        if ((p[k] & 0xc0) != 0x80) {
            return 0;
        }
    }

    if ((p[0] == 0xc2 && p[1] < 0xa0)
        || (p[0] == 0xe0 && p[1] < 0xa0)
        || (p[0] == 0xed && p[1] > 0x9f)
        || (p[0] == 0xf0 && p[1] < 0x90)
        || (p[0] == 0xf4 && p[1] > 0x8f))
    {
        return 0;
    }

    return n;
}

/*
 * mlist_error: the registry API's error codes and their JSON, written by
 * hand, so that an error can be told when memory is short.  Never allocates.
 * Called by the glue's send room.
 */

#include "mlist_error.h"
#include "mlist_escape.h"


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
    size_t       i;
    mlist_str_t  piece;

    for (i = 0; i < s.len; /* void */ ) {
        piece = mlist_escape_next(MLIST_ESCAPE_JSON, s, &i);
        mlist_error_put(out, piece.data, piece.len);
    }
}

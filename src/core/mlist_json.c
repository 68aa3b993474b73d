/*
 * mlist_json: JSON from outside, loaded with caps.  The one place that calls
 * jansson's loader; never lets it see what is nested too deeply or holds
 * too many values, since it recurses and allocates for each.  Called by the
 * manifest, resolve, index, page and other rooms and by the glue.
 */

#include <errno.h>
#include <string.h>

#include "mlist_json.h"


/* What the loader has not had yet. */
typedef struct {
    mlist_str_t  rest;
    int          nomem;
} mlist_json_source_t;


static size_t mlist_json_give(void *buffer, size_t size, void *data);
static mlist_rc_e mlist_json_scan(mlist_str_t bytes);
static size_t mlist_json_skip_string(mlist_str_t bytes, size_t i);


mlist_rc_e
mlist_json_load(mlist_str_t bytes, json_t **out)
{
    json_t               *json;
    mlist_rc_e            rc;
    json_error_t          error;
    mlist_json_source_t   source;

    if (bytes.len == 0) {
        return MLIST_INVALID;
    }

    rc = mlist_json_scan(bytes);

    if (rc != MLIST_OK) {
        return rc;
    }

    source.rest = bytes;
    source.nomem = 0;

    errno = 0;

    json = json_load_callback(mlist_json_give, &source,
                              JSON_REJECT_DUPLICATES, &error);

    if (source.nomem || errno == ENOMEM) {
        json_decref(json);
        return MLIST_NOMEM;
    }

    if (json == NULL) {
        return json_error_code(&error) == json_error_duplicate_key
               ? MLIST_DUPLICATE : MLIST_INVALID;
    }

    if (!json_is_object(json)) {
        json_decref(json);
        return MLIST_INVALID;
    }

    *out = json;

    return MLIST_OK;
}


mlist_str_t
mlist_json_string(const json_t *object, const char *key)
{
    json_t       *value;
    mlist_str_t   s;

    value = json_object_get(object, key);

    if (!json_is_string(value)) {
        return mlist_str(NULL);
    }

    s.data = json_string_value(value);
    s.len = json_string_length(value);

    return s;
}


/*
 * Want of memory is a syntax error to jansson, or costs a string one of its
 * bytes; errno alone tells, until it reads the next number.  So it is given
 * no more than the rest of one string at a time.
 */

static size_t
mlist_json_give(void *buffer, size_t size, void *data)
{
    const char           *quote;
    mlist_json_source_t  *source;

    source = data;

    if (errno == ENOMEM) {
        source->nomem = 1;
        return 0;
    }

    if (size > source->rest.len) {
        size = source->rest.len;
    }

    quote = memchr(source->rest.data, '"', size);

    if (quote) {
        size = (size_t) (quote - source->rest.data) + 1;
    }

    memcpy(buffer, source->rest.data, size);

    source->rest.data += size;
    source->rest.len -= size;

    return size;
}


/*
 * Depth and number of values, counted without regard to whether it is JSON:
 * jansson finds out about that.
 */

static mlist_rc_e
mlist_json_scan(mlist_str_t bytes)
{
    size_t  i, depth, values;

    depth = 0;
    values = 1;

    for (i = 0; i < bytes.len; i++) {

        switch (bytes.data[i]) {

        case '{':
        case '[':
            if (++depth > MLIST_JSON_DEPTH) {
                return MLIST_TOO_DEEP;
            }
            values++;
            break;

        case '}':
        case ']':
            if (depth == 0) {
                return MLIST_INVALID;
            }
            depth--;
            break;

        case ',':
            values++;
            break;

        case '"':
            i = mlist_json_skip_string(bytes, i);
            break;

        default:
            break;
        }

        if (values > MLIST_JSON_VALUES) {
            return MLIST_TOO_LARGE;
        }
    }

    return (depth == 0) ? MLIST_OK : MLIST_INVALID;
}


/* The index of the quote that ends the string at "i", or the last index. */

static size_t
mlist_json_skip_string(mlist_str_t bytes, size_t i)
{
    for (i++; i < bytes.len; i++) {

        if (bytes.data[i] == '\\') {
            i++;

        } else if (bytes.data[i] == '"') {
            return i;
        }
    }

    return bytes.len - 1;
}

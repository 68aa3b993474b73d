/*
 * mlist_json: JSON from outside, loaded with caps.  The one place that calls
 * jansson's loader and its dumper; never lets it see what is nested too
 * deeply or holds too many values, since it recurses and allocates for each.
 * Called by the manifest, resolve, index, page and other rooms and by the
 * glue.
 *
 * jansson keeps the text of a token in a buffer that grows, and where it
 * cannot grow a byte is lost without an error: then a string is another one,
 * or has no end, or an assertion fails.  So what it is given stands in an
 * array, behind a string that is longer than any token of it: if the buffer
 * has grown for that, it never grows again.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mlist_json.h"


/* What is given to jansson: ["xxx", the bytes, and ] */
typedef struct {
    mlist_str_t  head;
    size_t       fill;           /* how many x */
    mlist_str_t  middle;
    mlist_str_t  bytes;
    mlist_str_t  end;
    int          nomem;          /* there is no room for the longest token */
} mlist_json_reader_t;


static json_t *mlist_json_parse(mlist_str_t bytes, size_t longest,
    json_error_t *error, int *nomem);
static size_t mlist_json_fill(size_t longest);
static size_t mlist_json_read(void *buffer, size_t size, void *data);
static size_t mlist_json_take(mlist_str_t *s, char *buffer, size_t size);
static mlist_rc_e mlist_json_scan(mlist_str_t bytes, size_t *longest);
static size_t mlist_json_max(size_t a, size_t b);
static size_t mlist_json_skip_string(mlist_str_t bytes, size_t i);


mlist_rc_e
mlist_json_load(mlist_str_t bytes, json_t **out)
{
    int            nomem;
    size_t         longest;
    json_t        *array, *json;
    mlist_rc_e     rc;
    json_error_t   error;

    if (bytes.len == 0) {
        return MLIST_INVALID;
    }

    rc = mlist_json_scan(bytes, &longest);

    if (rc != MLIST_OK) {
        return rc;
    }

    array = mlist_json_parse(bytes, longest, &error, &nomem);

    if (array == NULL) {
        return nomem ? MLIST_NOMEM
               : (json_error_code(&error) == json_error_duplicate_key)
               ? MLIST_DUPLICATE : MLIST_INVALID;
    }

    json = json_array_get(array, 1);

    if (json_array_size(array) != 2 || !json_is_object(json)) {
        json_decref(array);
        return MLIST_INVALID;
    }

    *out = json_incref(json);
    json_decref(array);

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
 * Not json_dumps(): where its buffer cannot grow it leaves out texts, and its
 * memory would be of whatever allocator another module of the process has
 * given to jansson.
 */

mlist_rc_e
mlist_json_dump(const json_t *json, char **out, size_t *len)
{
    char    *p;
    size_t   size;

    size = json_dumpb(json, NULL, 0, JSON_COMPACT);

    if (size == 0) {
        return MLIST_NOMEM;
    }

    p = malloc(size + 1);

    if (p == NULL) {
        return MLIST_NOMEM;
    }

    if (json_dumpb(json, p, size, JSON_COMPACT) != size) {
        free(p);
        return MLIST_NOMEM;
    }

    p[size] = '\0';
    *out = p;
    *len = size;

    return MLIST_OK;
}


/*
 * Where memory is short jansson may say nothing of it, or call what it read
 * invalid; malloc() has set errno.
 */

static json_t *
mlist_json_parse(mlist_str_t bytes, size_t longest, json_error_t *error,
    int *nomem)
{
    json_t               *array;
    mlist_json_reader_t   reader;

    reader.head = mlist_str("[\"");
    reader.fill = mlist_json_fill(longest);
    reader.middle = mlist_str("\",");
    reader.bytes = bytes;
    reader.end = mlist_str("]");
    reader.nomem = 0;

    memset(error, 0, sizeof(json_error_t));
    errno = 0;

    array = json_load_callback(mlist_json_read, &reader,
                               JSON_REJECT_DUPLICATES, error);

    *nomem = (reader.nomem || (array == NULL && errno == ENOMEM));

    return array;
}


/*
 * The buffer's size is a power of two from 16 on; it must not be full when
 * the quote at the string's end comes.
 */

static size_t
mlist_json_fill(size_t longest)
{
    size_t  size;

    for (size = 32; size / 2 < longest; size *= 2) {
        /* void */
    }

    return size - size / 4;
}


/* As json_load_callback() calls it: 0 is the end. */

static size_t
mlist_json_read(void *buffer, size_t size, void *data)
{
    size_t                n;
    mlist_json_reader_t  *reader;

    reader = data;

    if (reader->head.len != 0) {
        return mlist_json_take(&reader->head, buffer, size);
    }

    if (reader->fill != 0) {
        n = (reader->fill < size) ? reader->fill : size;
        memset(buffer, 'x', n);
        reader->fill -= n;

        return n;
    }

    if (reader->middle.len != 0) {

        /* no number has been read so far, which would have reset it */

        if (errno == ENOMEM) {
            reader->nomem = 1;
            return 0;
        }

        return mlist_json_take(&reader->middle, buffer, size);
    }

    if (reader->bytes.len != 0) {
        return mlist_json_take(&reader->bytes, buffer, size);
    }

    return mlist_json_take(&reader->end, buffer, size);
}


static size_t
mlist_json_take(mlist_str_t *s, char *buffer, size_t size)
{
    size_t  n;

    n = (s->len < size) ? s->len : size;

    if (n != 0) {
        memcpy(buffer, s->data, n);
        s->data += n;
        s->len -= n;
    }

    return n;
}


/*
 * Depth and number of values, and how long a token is at most, counted
 * without regard to whether it is JSON: jansson finds out about that.
 */

static mlist_rc_e
mlist_json_scan(mlist_str_t bytes, size_t *longest)
{
    size_t  i, begun, depth, values;

    depth = 0;
    values = 1;
    begun = 0;
    *longest = 0;

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

        case ':':
        case ' ':
        case '\n':
            break;

        default:
            continue;
        }

        if (values > MLIST_JSON_VALUES) {
            return MLIST_TOO_LARGE;
        }

        *longest = mlist_json_max(*longest, i + 1 - begun);
        begun = i + 1;
    }

    *longest = mlist_json_max(*longest, bytes.len - begun);

    return (depth == 0) ? MLIST_OK : MLIST_INVALID;
}


static size_t
mlist_json_max(size_t a, size_t b)
{
    return (a > b) ? a : b;
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

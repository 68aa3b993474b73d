/*
 * mlist_page: a registry's pages of what it lists.  Never fetches, never
 * decides where the next page may be.  Called by the glue's walk and page
 * rooms.
 */

#include <string.h>

#include "mlist_json.h"
#include "mlist_page.h"


static int mlist_page_decode(mlist_str_t s, size_t *i);
static int mlist_page_digit(char c);
static size_t mlist_page_put(int c, int structural, char *out, size_t size);


mlist_rc_e
mlist_page_read(mlist_str_t body, const char *key, mlist_page_take_pt take,
    void *data)
{
    size_t        i, n;
    json_t       *json, *names, *value;
    mlist_rc_e    rc;
    mlist_str_t   name;

    rc = mlist_json_load(body, &json);

    if (rc != MLIST_OK) {
        return rc;
    }

    names = json_object_get(json, key);

    /* docker-registry writes null for no tags */

    if (!json_is_array(names) && !json_is_null(names)) {
        rc = MLIST_INVALID;
    }

    n = json_array_size(names);

    for (i = 0; rc == MLIST_OK && i < n; i++) {
        value = json_array_get(names, i);

        if (!json_is_string(value)) {
            rc = MLIST_INVALID;
            break;
        }

        name.data = json_string_value(value);
        name.len = json_string_length(value);

        rc = take(data, name);
    }

    json_decref(json);

    return rc;
}


mlist_rc_e
mlist_page_query(mlist_str_t query, char *out, size_t size, size_t *len)
{
    int     c, named, structural;
    size_t  i, n;

    *len = 0;
    named = 0;

    for (i = 0; i < query.len; i++) {
        structural = (query.data[i] == '&')
                     || (query.data[i] == '=' && !named);
        c = mlist_page_decode(query, &i);

        if (c < 0) {
            return MLIST_INVALID;
        }

        if (structural) {

            if (c == '&' && (*len == 0 || out[*len - 1] == '&')) {
                continue;
            }

            named = (c == '=');
        }

        n = mlist_page_put(c, structural, out + *len, size - *len);

        if (n == 0) {
            return MLIST_TOO_LARGE;
        }

        *len += n;
    }

    if (*len != 0 && out[*len - 1] == '&') {
        (*len)--;
    }

    return MLIST_OK;
}


/* The byte at *i, which is left at its last character; or -1. */

static int
mlist_page_decode(mlist_str_t s, size_t *i)
{
    int   high, low;
    char  c;

    c = s.data[*i];

    if (c == '+') {
        return ' ';
    }

    if (c <= ' ' || c > '~' || c == '#') {
        return -1;
    }

    if (c != '%') {
        return c;
    }

    if (s.len - *i < 3) {
        return -1;
    }

    high = mlist_page_digit(s.data[*i + 1]);
    low = mlist_page_digit(s.data[*i + 2]);
    *i += 2;

    return (high < 0 || low < 0) ? -1 : high * 16 + low;
}


static int
mlist_page_digit(char c)
{
    return (c >= '0' && c <= '9') ? c - '0'
           : (c >= 'a' && c <= 'f') ? c - 'a' + 10
           : (c >= 'A' && c <= 'F') ? c - 'A' + 10 : -1;
}


/* How many bytes were written; 0 if there is no room. */

static size_t
mlist_page_put(int c, int structural, char *out, size_t size)
{
    static const char  hex[] = "0123456789ABCDEF";

    if (structural
        || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || (c != '\0' && strchr("-._~", c) != NULL))
    {
        if (size < 1) {
            return 0;
        }

        out[0] = (char) c;
        return 1;
    }

    if (size < 3) {
        return 0;
    }

    out[0] = '%';
    out[1] = hex[c >> 4];
    out[2] = hex[c & 15];

    return 3;
}

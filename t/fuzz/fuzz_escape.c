/*
 * Texts of anybody's making, written into JSON, HTML and the labels of
 * metrics.  Without this one could end its string, begin an element, or add
 * a line.
 */

#include <assert.h>
#include <string.h>

#include "fuzz.h"
#include "mlist_escape.h"


static mlist_str_t target_escape(mlist_escape_e form, mlist_str_t s);
static void target_json(mlist_str_t escaped, size_t len);
static void target_html(mlist_str_t escaped, size_t len);
static void target_label(mlist_str_t escaped, size_t len);
static size_t target_entity(mlist_str_t s);


void
fuzz_one(void)
{
    mlist_str_t  s;

    s = fuzz_rest();

    target_json(target_escape(MLIST_ESCAPE_JSON, s), s.len);
    target_html(target_escape(MLIST_ESCAPE_HTML, s), s.len);
    target_label(target_escape(MLIST_ESCAPE_LABEL, s), s.len);
}


/* No byte becomes more than six. */

static mlist_str_t
target_escape(mlist_escape_e form, mlist_str_t s)
{
    char         *out;
    size_t        i, last, len;
    mlist_str_t   piece;

    out = fuzz_room(6 * s.len);

    for (i = 0, len = 0; i < s.len; /* void */ ) {
        last = i;
        piece = mlist_escape_next(form, s, &i);

        assert(i > last && i <= s.len);
        assert(piece.len != 0 && piece.len <= 6 * (i - last));

        memcpy(out + len, piece.data, piece.len);
        len += piece.len;
    }

    return fuzz_copy(out, len);
}


static void
target_json(mlist_str_t escaped, size_t len)
{
    json_t       *json;
    mlist_str_t   parts[3];

    parts[0] = mlist_str("[\"");
    parts[1] = escaped;
    parts[2] = mlist_str("\"]");

    json = fuzz_json(fuzz_join(parts, 3));
    assert(json_array_size(json) == 1);
    assert(json_string_length(json_array_get(json, 0)) <= len);
    fuzz_json_free(json);
}


static void
target_html(mlist_str_t escaped, size_t len)
{
    char         c;
    size_t       i, n, chars;
    mlist_str_t  rest;

    for (i = 0, chars = 0; i < escaped.len; i += n, chars++) {
        c = escaped.data[i];
        n = 1;

        assert(c != '<' && c != '>' && c != '"' && c != '\'');
        assert((unsigned char) c >= ' ');

        if (c == '&') {
            rest.data = escaped.data + i;
            rest.len = escaped.len - i;
            n = target_entity(rest);
            assert(n != 0);
        }
    }

    assert(chars <= len);
}


static size_t
target_entity(mlist_str_t s)
{
    size_t  i;

    static const char *const  entities[] = {
        "&amp;", "&lt;", "&gt;", "&quot;", "&#39;"
    };

    for (i = 0; i < sizeof(entities) / sizeof(entities[0]); i++) {
        if (mlist_str_starts(s, mlist_str(entities[i]))) {
            return strlen(entities[i]);
        }
    }

    return 0;
}


static void
target_label(mlist_str_t escaped, size_t len)
{
    size_t  i, chars;

    for (i = 0, chars = 0; i < escaped.len; i++, chars++) {
        assert(escaped.data[i] != '"');
        assert((unsigned char) escaped.data[i] >= ' ');

        if (escaped.data[i] == '\\') {
            i++;
            assert(i < escaped.len && escaped.data[i] != '\0');
            assert(strchr("\"\\n", escaped.data[i]) != NULL);
        }
    }

    assert(chars <= len);
}

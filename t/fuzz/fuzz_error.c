/*
 * Errors as JSON.  Without this a text of a client's or a registry's making
 * could break out of its string.
 */

#include <assert.h>
#include <string.h>

#include "fuzz.h"
#include "mlist_error.h"


void
fuzz_one(void)
{
    char          *out;
    size_t         len;
    json_t        *json, *one, *value;
    mlist_str_t    message, detail, text;
    mlist_error_e  e;

    e = mlist_error_of_status(fuzz_byte() * 256 + fuzz_byte());
    message = fuzz_field(FUZZ_LINE);
    detail = fuzz_rest();

    len = mlist_error_json(e, message, detail, NULL, 0);
    out = fuzz_room(len);
    assert(mlist_error_json(e, message, detail, out, len) == len);
    assert(mlist_error_json(e, message, detail, fuzz_room(len / 2), len / 2)
           == len);
    assert(out[len - 1] == '\n');

    text.data = out;
    text.len = len;
    json = fuzz_json(text);
    assert(json_array_size(json_object_get(json, "errors")) == 1);

    one = json_array_get(json_object_get(json, "errors"), 0);
    assert(json_object_size(one) == 3);
    assert(strcmp(json_string_value(json_object_get(one, "code")),
                  mlist_error_code(e)) == 0);

    value = json_object_get(one, "message");
    assert(json_string_length(value) != 0);
    assert(message.len == 0 || json_string_length(value) <= message.len);

    value = json_object_get(one, "detail");
    assert((detail.len == 0) == json_is_null(value));
    assert(json_string_length(value) <= detail.len);

    fuzz_json_free(json);
}

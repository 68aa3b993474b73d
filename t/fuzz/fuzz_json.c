/*
 * JSON from outside, beside jansson alone.  Without this a bound could be
 * got around, or good JSON be refused.
 */

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "mlist_json.h"


static size_t target_depth(const json_t *json);
static void target_again(const json_t *json);


void
fuzz_one(void)
{
    json_t       *json, *plain;
    mlist_rc_e    rc;
    mlist_str_t   text;

    text = fuzz_rest();
    json = NULL;
    rc = fuzz_rc(mlist_json_load(text, &json));

    if (rc == MLIST_NOMEM) {
        return;
    }

    plain = fuzz_json(text);

    if (rc == MLIST_OK) {
        assert(plain != NULL && json_equal(plain, json));
        assert(json_is_object(json));
        assert(target_depth(json) <= MLIST_JSON_DEPTH);
        target_again(json);

    } else {
        assert(json == NULL);
        assert(rc == MLIST_TOO_LARGE
               || !json_is_object(plain)
               || target_depth(plain) > MLIST_JSON_DEPTH);
        assert(rc != MLIST_DUPLICATE || plain == NULL);
    }

    json_decref(json);
    fuzz_json_free(plain);
}


static size_t
target_depth(const json_t *json)
{
    void    *iter;
    size_t   i, depth, max;

    max = 0;

    for (i = 0; i < json_array_size(json); i++) {
        depth = target_depth(json_array_get(json, i));
        max = depth > max ? depth : max;
    }

    for (iter = json_object_iter((json_t *) json);
         iter != NULL;
         iter = json_object_iter_next((json_t *) json, iter))
    {
        depth = target_depth(json_object_iter_value(iter));
        max = depth > max ? depth : max;
    }

    return (json_is_array(json) || json_is_object(json)) ? max + 1 : 0;
}


static void
target_again(const json_t *json)
{
    char         *text;
    size_t        len;
    json_t       *again;
    mlist_rc_e    rc;
    mlist_str_t   view;

    fuzz_harness++;
    text = json_dumps(json, JSON_COMPACT);
    fuzz_harness--;

    assert(text != NULL);
    len = strlen(text);
    view = fuzz_copy(text, len);
    free(text);

    again = NULL;
    rc = fuzz_rc(mlist_json_load(view, &again));

    if (rc != MLIST_NOMEM) {
        assert(rc == MLIST_OK && json_equal(json, again));
    }

    json_decref(again);
}

/*
 * Envelopes of notifications.  Without this a registry's event, or who plays
 * one, could drop what it does not name.
 */

#include <assert.h>
#include <string.h>

#include "fuzz.h"
#include "mlist_digest.h"
#include "mlist_event.h"
#include "mlist_name.h"


static void target_event(const mlist_event_t *event);


void
fuzz_one(void)
{
    size_t            i, n;
    json_t           *json;
    mlist_str_t       text;
    mlist_event_t     event;
    mlist_envelope_t  envelope;

    text = fuzz_rest();
    memset(&envelope, 0, sizeof(envelope));

    if (fuzz_rc(mlist_event_parse(text, &envelope)) != MLIST_OK) {
        assert(envelope.doc == NULL && envelope.events == NULL);
        return;
    }

    json = fuzz_json(text);
    assert(json_equal(json, envelope.doc));
    fuzz_json_free(json);

    for (i = 0, n = 0; mlist_event_next(&envelope, &i, &event); n++) {
        target_event(&event);
    }

    assert(i == json_array_size(envelope.events) && n <= i);
    assert(!mlist_event_next(&envelope, &i, &event));

    json_decref(envelope.doc);
}


static void
target_event(const mlist_event_t *event)
{
    mlist_digest_t  digest;

    assert(event->action == MLIST_EVENT_PUSH
           || event->action == MLIST_EVENT_DELETE);
    assert(mlist_name_valid(event->name));
    assert(event->tag.len == 0 || mlist_name_tag_valid(event->tag));
    assert(event->digest.len == 0
           || mlist_digest_parse(event->digest, &digest) == MLIST_OK);
    assert(event->action == MLIST_EVENT_DELETE
           || event->tag.len != 0 || event->digest.len != 0);
}

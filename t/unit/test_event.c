/*
 * Envelopes: which events are taken out of them, and which envelopes are
 * refused as a whole.  Without these, half of a malformed envelope would
 * count, or a registry's pulls would be taken for pushes.
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"
#include "mlist_event.h"


#define TEXT_MAX  4096


static void test_case(void **state);
static void test_untouched(void **state);
static size_t event_text(const mlist_event_t *event, char *out, size_t size);


/* expected.txt: the result, then a line for each event. */

static void
test_case(void **state)
{
    char               text[TEXT_MAX];
    size_t             i, len;
    mlist_rc_e         rc;
    mlist_event_t      event;
    mlist_envelope_t   envelope;

    envelope.doc = NULL;
    rc = mlist_event_parse(fixture_read(*state, "input.json"), &envelope);
    len = (size_t) snprintf(text, sizeof(text), "%s", fixture_rc(rc));

    assert_true((rc == MLIST_OK) == (envelope.doc != NULL));

    for (i = 0; rc == MLIST_OK && mlist_event_next(&envelope, &i, &event);
         /* void */)
    {
        len += event_text(&event, text + len, sizeof(text) - len);
        assert_true(len < sizeof(text));
    }

    assert_string_equal(text, fixture_text(*state, "expected.txt"));

    json_decref(envelope.doc);
    fixture_clean();
}


static size_t
event_text(const mlist_event_t *event, char *out, size_t size)
{
    return (size_t) snprintf(out, size, "\n%s %.*s tag=%.*s digest=%.*s "
                             "type=%.*s",
                             event->action == MLIST_EVENT_PUSH ? "push"
                                                               : "delete",
                             (int) event->name.len, event->name.data,
                             (int) event->tag.len, event->tag.data,
                             (int) event->digest.len, event->digest.data,
                             (int) event->type.len, event->type.data);
}


static void
test_untouched(void **state)
{
    mlist_envelope_t  envelope;

    (void) state;

    memset(&envelope, 0, sizeof(envelope));

    assert_int_equal(mlist_event_parse(mlist_str(NULL), &envelope),
                     MLIST_INVALID);
    assert_int_equal(mlist_event_parse(mlist_str("{\"events\":[1]}"),
                                       &envelope), MLIST_INVALID);
    assert_null(envelope.doc);
    assert_null(envelope.events);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_untouched)
    };

    return fixture_run("event", test_case)
           + cmocka_run_group_tests_name("event refused", tests, NULL, NULL);
}

/*
 * The header Link, and the query that is made of what it says.  Without this
 * a registry's next page could be asked for with more than a query.
 */

#include <assert.h>
#include <string.h>

#include "fuzz.h"
#include "mlist_link.h"
#include "mlist_page.h"


#define TARGET_QUERY  2048


static void target_query(mlist_str_t query);


void
fuzz_one(void)
{
    int           found;
    const char   *question;
    mlist_str_t   value, target;

    value = fuzz_rest();
    target = mlist_str(NULL);
    found = mlist_link_next(value, &target);

    assert(found >= -1 && found <= 1);

    if (found != 1) {
        assert(target.len == 0);
        return;
    }

    assert(target.data > value.data && target.data[-1] == '<');
    assert(fuzz_within(target, value));
    assert(target.data + target.len < value.data + value.len);
    assert(target.data[target.len] == '>');
    assert(target.len == 0 || memchr(target.data, '>', target.len) == NULL);

    question = target.len ? memchr(target.data, '?', target.len) : NULL;

    if (question != NULL) {
        target_query(fuzz_copy(question + 1, (size_t) (target.data
                                             + target.len - question - 1)));
    }
}


static void
target_query(mlist_str_t query)
{
    char        *out, *exact, *again;
    size_t       len, exactly, len_again;
    mlist_rc_e   rc;
    mlist_str_t  made;

    out = fuzz_room(TARGET_QUERY);
    rc = fuzz_rc(mlist_page_query(query, out, TARGET_QUERY, &len));

    if (rc != MLIST_OK) {
        assert(rc == MLIST_INVALID || query.len > TARGET_QUERY / 3);
        return;
    }

    assert(len <= 3 * query.len);
    made = fuzz_copy(out, len);
    assert(fuzz_only(made, "-._~%&="));

    /* it fits exactly, and made anew it stays */

    exact = fuzz_room(len + 1);
    assert(mlist_page_query(query, exact, len + 1, &exactly) == MLIST_OK);
    assert(exactly == len);

    again = fuzz_room(len + 1);
    assert(mlist_page_query(made, again, len + 1, &len_again) == MLIST_OK);
    assert(len_again == len);
    assert(len == 0 || memcmp(again, out, len) == 0);
}

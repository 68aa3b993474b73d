/*
 * Accept headers.  Without this a client could be given what it said that it
 * does not take, or lines count otherwise than the same in one line.
 */

#include <assert.h>
#include <string.h>

#include "fuzz.h"
#include "mlist_accept.h"


#define TARGET_LINES  64


static void target_choose(const mlist_accept_t *a, mlist_media_e own,
    mlist_media_e other);
static void target_weight(mlist_str_t line);
static int target_same(const mlist_accept_t *a, const mlist_accept_t *b);
static size_t target_count(mlist_str_t s, char c);


void
fuzz_one(void)
{
    size_t           i, n;
    mlist_str_t      whole, lines[TARGET_LINES];
    mlist_str_t      parts[2 * TARGET_LINES];
    mlist_accept_t   a, joined;

    n = fuzz_fields(FUZZ_LINE, lines, TARGET_LINES);
    mlist_accept_init(&a);
    mlist_accept_init(&joined);

    for (i = 0; i < n; i++) {
        mlist_accept_add(&a, lines[i]);
        target_weight(lines[i]);
        parts[2 * i] = lines[i];
        parts[2 * i + 1] = mlist_str(",");
    }

    whole = fuzz_join(parts, 2 * n);

    target_choose(&a, MLIST_MEDIA_DOCKER_LIST, MLIST_MEDIA_OCI_INDEX);
    target_choose(&a, MLIST_MEDIA_OCI_INDEX, MLIST_MEDIA_DOCKER_LIST);

    if (mlist_accept_prefers_html(&a)) {
        assert(a.seen && a.html > 0 && a.html <= 1000 && a.types == 0);
    }

    if (target_count(whole, '"') == 0 && target_count(whole, ',') < 256) {
        mlist_accept_add(&joined, whole);
        assert(target_same(&a, &joined));
    }
}


static void
target_choose(const mlist_accept_t *a, mlist_media_e own, mlist_media_e other)
{
    int  list, manifest;

    list = mlist_accept_takes(a, own);
    manifest = mlist_accept_takes(a, MLIST_MEDIA_DOCKER_MANIFEST)
               || mlist_accept_takes(a, MLIST_MEDIA_OCI_MANIFEST);

    assert(a->seen || list);

    switch (mlist_accept_choose(a, own)) {

    case MLIST_ACCEPT_LIST:
        assert(list);
        break;

    case MLIST_ACCEPT_OTHER_LIST:
        assert(!list && mlist_accept_takes(a, other));
        break;

    case MLIST_ACCEPT_CHILD:
        assert(!list && !mlist_accept_takes(a, other) && manifest);
        break;

    default:
        assert(!list && !mlist_accept_takes(a, other) && !manifest);
        break;
    }
}


/* What is weighed there is what is taken. */

static void
target_weight(mlist_str_t line)
{
    unsigned        weight;
    mlist_str_t     type;
    mlist_accept_t  a;

    type = mlist_str(mlist_media_text(MLIST_MEDIA_OCI_INDEX));
    weight = mlist_accept_weight_of(line, type);
    assert(weight <= 1000);

    mlist_accept_init(&a);
    mlist_accept_add(&a, line);
    assert(weight == 0 || mlist_accept_takes(&a, MLIST_MEDIA_OCI_INDEX));
}


static int
target_same(const mlist_accept_t *a, const mlist_accept_t *b)
{
    return a->seen == b->seen && a->any == b->any
           && a->no_application == b->no_application
           && a->types == b->types && a->refused == b->refused
           && a->html == b->html && a->best == b->best;
}


static size_t
target_count(mlist_str_t s, char c)
{
    size_t  i, n;

    for (i = 0, n = 0; i < s.len; i++) {
        n += (s.data[i] == c);
    }

    return n;
}

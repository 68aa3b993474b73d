/*
 * Pages of referrers, merged.  Without this a registry could put into the
 * merged answer what is no descriptor, or another registry's away.
 */

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "mlist_entry.h"
#include "mlist_referrers.h"


#define TARGET_PAGES  8


static mlist_rc_e target_add(mlist_referrers_t *referrers,
    const mlist_str_t *pages, size_t n, mlist_str_t type);
static void target_answer(mlist_referrers_t *referrers, mlist_str_t type);
static void target_entries(mlist_str_t answer, mlist_str_t type, size_t n);


void
fuzz_one(void)
{
    size_t             n;
    mlist_str_t        type, pages[TARGET_PAGES];
    mlist_referrers_t  referrers;

    type = fuzz_field(FUZZ_LINE);
    n = fuzz_fields(FUZZ_DOC, pages, TARGET_PAGES);

    if (fuzz_rc(mlist_referrers_init(&referrers)) == MLIST_OK
        && target_add(&referrers, pages, n, type) != MLIST_NOMEM)
    {
        target_answer(&referrers, type);
    }

    mlist_referrers_free(&referrers);
}


static mlist_rc_e
target_add(mlist_referrers_t *referrers, const mlist_str_t *pages, size_t n,
    mlist_str_t type)
{
    size_t      i, count;
    mlist_rc_e  rc;

    rc = MLIST_OK;

    for (i = 0; i < n && rc != MLIST_NOMEM; i++) {
        rc = fuzz_rc(mlist_referrers_add(referrers, pages[i], type));

        if (rc != MLIST_OK) {
            continue;
        }

        /* what is there already adds nothing */

        count = mlist_referrers_count(referrers);
        rc = fuzz_rc(mlist_referrers_add(referrers, pages[i], type));

        if (rc != MLIST_NOMEM) {
            assert(rc == MLIST_OK);
            assert(mlist_referrers_count(referrers) == count);
        }
    }

    return rc;
}


static void
target_answer(mlist_referrers_t *referrers, mlist_str_t type)
{
    char               *out;
    size_t              n, len;
    mlist_rc_e          rc;
    mlist_str_t         answer;
    mlist_referrers_t   again;

    n = mlist_referrers_count(referrers);

    if (fuzz_rc(mlist_referrers_write(referrers, &out, &len)) != MLIST_OK) {
        return;
    }

    answer = fuzz_copy(out, len);
    free(out);

    target_entries(answer, type, n);

    if (fuzz_rc(mlist_referrers_init(&again)) != MLIST_OK) {
        mlist_referrers_free(&again);
        return;
    }

    rc = fuzz_rc(mlist_referrers_add(&again, answer, type));

    if (rc != MLIST_NOMEM) {
        assert(rc == MLIST_OK && mlist_referrers_count(&again) == n);
        rc = fuzz_rc(mlist_referrers_write(&again, &out, &len));

        if (rc == MLIST_OK) {
            assert(len == answer.len && memcmp(out, answer.data, len) == 0);
            free(out);
        }
    }

    mlist_referrers_free(&again);
}


static void
target_entries(mlist_str_t answer, mlist_str_t type, size_t n)
{
    size_t          i;
    json_t         *json, *array;
    mlist_entry_t   entry;

    json = fuzz_json(answer);
    assert(json != NULL);
    array = json_object_get(json, "manifests");
    assert(json_array_size(array) == n);

    for (i = 0; i < n; i++) {
        assert(mlist_entry_parse(json_array_get(array, i), &entry)
               == MLIST_OK);
        assert(type.len == 0 || mlist_str_eq(entry.artifact_type, type));
    }

    fuzz_json_free(json);
}

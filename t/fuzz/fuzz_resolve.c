/*
 * What one source's tag contributes.  Without this the order in which a
 * registry answers could change a list, or bytes be taken unverified.
 */

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "source.h"


void
fuzz_one(void)
{
    source_t      source;
    mlist_rc_e    rc, other;
    mlist_part_t  part, again;

    if (source_read(&source, FUZZ_SOURCE) != MLIST_OK) {
        return;
    }

    rc = source_resolve(&source, 0, &part);

    if (rc != MLIST_NOMEM) {
        other = source_resolve(&source, 1, &again);

        if (other != MLIST_NOMEM) {
            assert((rc == MLIST_OK) == (other == MLIST_OK));
            assert(part.kind == again.kind && part.len == again.len);
            assert(part.len == 0
                   || memcmp(part.json, again.json, part.len) == 0);
        }

        free(again.json);
    }

    free(part.json);
}

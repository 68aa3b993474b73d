/*
 * mlist_rc: the texts of the core's result codes.  Never logs.  Called by
 * the glue and by tests.
 */

#include <stddef.h>

#include "mlist_rc.h"


static const char *const  mlist_rc_texts[] = {
    "ok",
    "out of memory",
    "malformed",
    "too large",
    "nested too deeply",
    "duplicate key",
    "digest, size or media type differs from what was announced",
    "the image's config contradicts the declared platform",
    "not found"
};


const char *
mlist_rc_text(mlist_rc_e rc)
{
    size_t  i, n;

    i = (size_t) rc;
    n = sizeof(mlist_rc_texts) / sizeof(mlist_rc_texts[0]);

    return (i < n) ? mlist_rc_texts[i] : "unknown result";
}

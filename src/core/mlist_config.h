/*
 * mlist_config: when an image's config is to be read, and what its platform
 * makes of an entry (spec: "A tag", 6; platform= and mlist_verify).  Pure.
 * Called by the resolve room; nobody else needs it.
 */

#ifndef MLIST_CONFIG_H
#define MLIST_CONFIG_H

#include "mlist_entry.h"
#include "mlist_platform.h"
#include "mlist_rc.h"


/* What the operator says about a source. */
typedef struct {
    mlist_platform_t  declared;
    unsigned          has_declared:1;
    unsigned          verify:1;
} mlist_config_t;


/* 1 if an entry's platform is to be read, completed or verified. */
int mlist_config_wanted(const mlist_config_t *cf, const mlist_entry_t *entry);

/*
 * The config of an entry of an index names "seen": an entry without platform
 * takes it, a Windows one without os.version takes that and os.features.
 * MLIST_OK, or MLIST_CONTRADICTION (with verify).
 */
mlist_rc_e mlist_config_apply(const mlist_config_t *cf,
    const mlist_platform_t *seen, mlist_entry_t *entry);

/*
 * The same for the one image that a tag names.  Where a platform is declared
 * it is kept, and only os.version and os.features are taken, and the variant
 * too with verify.  MLIST_OK, or MLIST_CONTRADICTION (with verify).
 */
mlist_rc_e mlist_config_apply_image(const mlist_config_t *cf,
    const mlist_platform_t *seen, mlist_entry_t *entry);


#endif /* MLIST_CONFIG_H */

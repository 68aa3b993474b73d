/*
 * mlist_config: when a config is read and what comes of it.  Never parses,
 * never fetches.  Called by the resolve room.
 */

#include <string.h>

#include "mlist_config.h"


static int mlist_config_incomplete(const mlist_platform_t *p);
static void mlist_config_take_os(const mlist_platform_t *seen,
    mlist_platform_t *p);


int
mlist_config_wanted(const mlist_config_t *cf, const mlist_entry_t *entry)
{
    const mlist_platform_t  *p;

    if (!entry->has_platform) {
        return entry->artifact_type.len == 0
               || mlist_media_is_image_config(
                                     mlist_media_parse(entry->artifact_type));
    }

    p = &entry->platform;

    if (mlist_platform_is_unknown(p)
        || (cf->has_declared && !mlist_platform_covers(&cf->declared, p)))
    {
        return 0;
    }

    return cf->verify || mlist_config_incomplete(p);
}


mlist_rc_e
mlist_config_apply(const mlist_config_t *cf, const mlist_platform_t *seen,
    mlist_entry_t *entry)
{
    mlist_platform_t  *p;

    p = &entry->platform;

    if (!entry->has_platform) {
        *p = *seen;
        entry->has_platform = 1;
        return MLIST_OK;
    }

    if (cf->verify && mlist_platform_contradicts(p, seen)) {
        return MLIST_CONTRADICTION;
    }

    if (mlist_config_incomplete(p)) {
        mlist_config_take_os(seen, p);
    }

    return MLIST_OK;
}


mlist_rc_e
mlist_config_apply_image(const mlist_config_t *cf,
    const mlist_platform_t *seen, mlist_entry_t *entry)
{
    mlist_platform_t  *p;

    p = &entry->platform;
    entry->has_platform = 1;

    if (!cf->has_declared) {
        *p = *seen;
        return MLIST_OK;
    }

    if (cf->verify && mlist_platform_contradicts(&cf->declared, seen)) {
        return MLIST_CONTRADICTION;
    }

    *p = cf->declared;
    mlist_config_take_os(seen, p);

    if (cf->verify && seen->variant[0] != '\0') {
        memcpy(p->variant, seen->variant, sizeof(p->variant));
    }

    return MLIST_OK;
}


/* Windows nodes match by os.version, which not every index gives. */

static int
mlist_config_incomplete(const mlist_platform_t *p)
{
    return strcmp(p->os, "windows") == 0 && p->os_version[0] == '\0';
}


static void
mlist_config_take_os(const mlist_platform_t *seen, mlist_platform_t *p)
{
    memcpy(p->os_version, seen->os_version, sizeof(p->os_version));

    if (p->nfeatures == 0) {
        memcpy(p->os_features, seen->os_features, sizeof(p->os_features));
        p->nfeatures = seen->nfeatures;
    }
}

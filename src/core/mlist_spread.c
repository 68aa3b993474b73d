/*
 * mlist_spread: from the platforms of what is pushed to the sources that
 * declare them.  Never fetches, never spells a tag.  Called by the glue's
 * spread room.
 */

#include <string.h>

#include "mlist_entry.h"
#include "mlist_json.h"
#include "mlist_spread.h"


static mlist_rc_e mlist_spread_entries(const json_t *entries,
    mlist_spread_t *sources, size_t n, mlist_platform_t *p);
static mlist_rc_e mlist_spread_one(const mlist_platform_t *p,
    mlist_spread_t *sources, size_t n);


mlist_rc_e
mlist_spread_choose(mlist_str_t json, mlist_spread_t *sources, size_t n,
    mlist_platform_t *p)
{
    size_t       i;
    json_t      *doc, *entries;
    mlist_rc_e   rc;

    memset(p, 0, sizeof(mlist_platform_t));

    for (i = 0; i < n; i++) {
        sources[i].chosen = 0;
    }

    rc = mlist_entry_load(json, &doc, &entries);

    if (rc != MLIST_OK) {
        return rc;
    }

    rc = mlist_spread_entries(entries, sources, n, p);
    json_decref(doc);

    return rc;
}


mlist_rc_e
mlist_spread_disguised(mlist_media_e type, mlist_str_t body)
{
    int            disguised;
    json_t        *doc;
    mlist_rc_e     rc;
    mlist_media_e  said;

    if (mlist_media_is_manifest(type) || mlist_media_is_list(type)) {
        return MLIST_OK;
    }

    rc = mlist_json_load(body, &doc);

    if (rc != MLIST_OK) {
        return (rc == MLIST_NOMEM) ? rc : MLIST_OK;
    }

    said = mlist_media_parse(mlist_json_string(doc, "mediaType"));
    disguised = mlist_media_is_manifest(said) || mlist_media_is_list(said);
    json_decref(doc);

    return disguised ? MLIST_MISMATCH : MLIST_OK;
}


static mlist_rc_e
mlist_spread_entries(const json_t *entries, mlist_spread_t *sources, size_t n,
    mlist_platform_t *p)
{
    int            taken;
    size_t         i;
    mlist_rc_e     rc;
    mlist_entry_t  entry;

    taken = 0;

    for (i = 0; i < json_array_size(entries); i++) {
        rc = mlist_entry_parse(json_array_get(entries, i), &entry);

        if (rc != MLIST_OK) {
            return rc;
        }

        if (!mlist_entry_is_image(&entry)) {
            continue;
        }

        rc = mlist_spread_one(&entry.platform, sources, n);

        if (rc == MLIST_OK) {
            taken = 1;

        } else if (rc == MLIST_DUPLICATE) {
            *p = entry.platform;
            return rc;

        } else if (p->os[0] == '\0') {
            *p = entry.platform;
        }
    }

    return taken ? MLIST_OK : MLIST_NOT_FOUND;
}


static mlist_rc_e
mlist_spread_one(const mlist_platform_t *p, mlist_spread_t *sources, size_t n)
{
    size_t                   i, any, nany;
    const mlist_platform_t  *declared;

    any = 0;
    nany = 0;

    for (i = 0; i < n; i++) {
        declared = sources[i].declared;

        if (!mlist_platform_covers(declared, p)) {
            continue;
        }

        if (strcmp(declared->variant, p->variant) == 0) {
            sources[i].chosen = 1;
            return MLIST_OK;
        }

        any = i;
        nany++;
    }

    if (nany != 1) {
        return (nany == 0) ? MLIST_NOT_FOUND : MLIST_DUPLICATE;
    }

    sources[any].chosen = 1;

    return MLIST_OK;
}

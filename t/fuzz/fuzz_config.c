/*
 * Configs of images, and what they make of an entry.  Without this a config
 * could give an image a platform that contradicts what is declared.
 */

#include <assert.h>
#include <string.h>

#include "fuzz.h"
#include "mlist_config.h"
#include "mlist_json.h"


static void target_apply(const mlist_config_t *cf,
    const mlist_platform_t *seen, const mlist_entry_t *entry);
static void target_normal(const mlist_platform_t *p);
static int target_no_list(mlist_str_t type);


void
fuzz_one(void)
{
    int               named;
    json_t           *json, *config;
    mlist_str_t       declared, verify, entry_text, config_text;
    mlist_entry_t     entry;
    mlist_config_t    cf;
    mlist_platform_t  seen;

    declared = fuzz_field(FUZZ_LINE);
    verify = fuzz_field(FUZZ_LINE);
    entry_text = fuzz_field(FUZZ_DOC);
    config_text = fuzz_rest();

    memset(&cf, 0, sizeof(cf));
    cf.has_declared = (mlist_platform_parse(declared, &cf.declared)
                       == MLIST_OK);
    cf.verify = (verify.len != 0);

    if (fuzz_rc(mlist_json_load(entry_text, &json)) != MLIST_OK) {
        return;
    }

    if (fuzz_rc(mlist_json_load(config_text, &config)) != MLIST_OK) {
        json_decref(json);
        return;
    }

    if (fuzz_rc(mlist_entry_platform(config, &seen, &named)) == MLIST_OK
        && fuzz_rc(mlist_entry_parse(json, &entry)) == MLIST_OK)
    {
        assert(named == (seen.os[0] != '\0' && seen.arch[0] != '\0'));
        target_normal(&seen);
        target_normal(&entry.platform);

        if (named && target_no_list(entry.type)) {
            target_apply(&cf, &seen, &entry);
        }
    }

    json_decref(json);
    json_decref(config);
}


static void
target_apply(const mlist_config_t *cf, const mlist_platform_t *seen,
    const mlist_entry_t *entry)
{
    mlist_entry_t  image, one;

    image = *entry;
    one = *entry;

    if (mlist_config_apply_image(cf, seen, &image) == MLIST_OK) {
        assert(image.has_platform);
        target_normal(&image.platform);
        assert(!cf->has_declared
               || mlist_platform_same_arch(&cf->declared, &image.platform));
        assert(!cf->verify
               || !mlist_platform_contradicts(&image.platform, seen));

    } else {
        assert(cf->verify && cf->has_declared);
        assert(mlist_platform_contradicts(&cf->declared, seen));
    }

    if (mlist_config_apply(cf, seen, &one) == MLIST_OK) {
        assert(one.has_platform);
        target_normal(&one.platform);
        assert(!entry->has_platform
               || mlist_platform_same_arch(&entry->platform, &one.platform));
        assert(!cf->verify
               || !mlist_platform_contradicts(&one.platform, seen));

    } else {
        assert(cf->verify && entry->has_platform);
        assert(mlist_platform_contradicts(&entry->platform, seen));
    }
}


static void
target_normal(const mlist_platform_t *p)
{
    mlist_platform_t  copy;

    copy = *p;
    mlist_platform_normalise(&copy);

    assert(mlist_platform_eq(&copy, p));
    assert(mlist_str_printable(mlist_str(p->os_version)));
}


static int
target_no_list(mlist_str_t type)
{
    return !mlist_media_is_list(mlist_media_parse(type));
}

/*
 * mlist_entry: one descriptor of an index, read and written (image-spec
 * v1.1.1, descriptor.md and image-index.md), and an index written of them.
 * Pure.  Called by the manifest, resolve, index and referrers rooms; nobody
 * else needs it.
 */

#ifndef MLIST_ENTRY_H
#define MLIST_ENTRY_H

#include <jansson.h>

#include "mlist_digest.h"
#include "mlist_media.h"
#include "mlist_platform.h"
#include "mlist_rc.h"
#include "mlist_str.h"


typedef struct {
    mlist_digest_t     digest;
    size_t             size;
    mlist_media_e      media;
    mlist_str_t        type;             /* mediaType as it is written */
    mlist_str_t        artifact_type;    /* "" for none */
    json_t            *annotations;      /* borrowed; NULL for none */
    mlist_platform_t   platform;         /* normalised */
    unsigned           has_platform:1;   /* names an os and an arch */
} mlist_entry_t;


/*
 * The member "key" of an object, borrowed, or NULL; a JSON null counts as
 * absent, as it does for every client.
 */
json_t *mlist_entry_member(const json_t *object, const char *key);

/*
 * Reads a descriptor.  The entry's views and annotations live as long as
 * "descriptor".  MLIST_OK; MLIST_INVALID or MLIST_TOO_LARGE where a field is
 * of another type, form or length than it may be.
 */
mlist_rc_e mlist_entry_parse(const json_t *descriptor, mlist_entry_t *entry);

/*
 * Reads os, architecture, variant, os.version and os.features of an object
 * (a descriptor's platform, or an image's config) and normalises them.
 * *named is 0 if os or architecture is absent or empty.
 * MLIST_OK, MLIST_INVALID or MLIST_TOO_LARGE.
 */
mlist_rc_e mlist_entry_platform(const json_t *object, mlist_platform_t *p,
    int *named);

/*
 * Loads the bytes of a list: *doc is the caller's to json_decref(), *array
 * its "manifests", borrowed.  MLIST_OK, MLIST_INVALID or an error of the
 * JSON; *doc is set on MLIST_OK only.
 */
mlist_rc_e mlist_entry_load(mlist_str_t list, json_t **doc, json_t **array);

/* 1 if the entry has a platform that is not unknown/unknown. */
int mlist_entry_is_image(const mlist_entry_t *entry);

/* 1 for what buildx adds: unknown/unknown that says it is an attestation. */
int mlist_entry_is_attestation(const mlist_entry_t *entry);

/* 1 if an artifactType is one that an image with this config has not. */
int mlist_entry_is_foreign(mlist_str_t artifact_type, mlist_str_t config);

/*
 * Writes an index of "type": fixed order of keys, no white space.  "docker"
 * lists get no annotations and no artifactType.
 * MLIST_OK and *out is malloc()ed, the caller's; else MLIST_NOMEM.
 */
mlist_rc_e mlist_entry_write(const mlist_entry_t *const *entries, size_t n,
    mlist_media_e type, char **out, size_t *len);

/* The same of entries that are JSON already, and stay as they are. */
mlist_rc_e mlist_entry_wrap(json_t *array, mlist_media_e type, char **out,
    size_t *len);


#endif /* MLIST_ENTRY_H */

/*
 * mlist_manifest: the body of one manifest or index, checked and sorted into
 * image, list and anything else (spec: "Terms").  Pure.  Called by the
 * resolve and referrers rooms; nobody else needs it.
 */

#ifndef MLIST_MANIFEST_H
#define MLIST_MANIFEST_H

#include <jansson.h>

#include "mlist_digest.h"
#include "mlist_media.h"
#include "mlist_rc.h"
#include "mlist_str.h"


typedef enum {
    MLIST_MANIFEST_IMAGE,        /* unless its config names no platform */
    MLIST_MANIFEST_LIST,
    MLIST_MANIFEST_OTHER
} mlist_manifest_e;


typedef struct {
    mlist_manifest_e   kind;

    /* an image */
    mlist_digest_t     config;
    size_t             config_size;
    unsigned           odd:1;    /* a layer is of no image layer's type, so
                                    only the config can tell what it is */

    /* a list */
    json_t            *doc;      /* the caller's to json_decref() */
    const json_t      *entries;  /* its "manifests", borrowed from doc */
} mlist_manifest_t;


/*
 * Reads a body that is served as "type"; a type that is neither a manifest's
 * nor a list's is MLIST_MANIFEST_OTHER unread.  *m needs no release but doc.
 * MLIST_OK; MLIST_MISMATCH if the body's mediaType is another one;
 * MLIST_INVALID (also for a body that is a manifest and a list at once), or
 * an error of the JSON.
 */
mlist_rc_e mlist_manifest_parse(mlist_media_e type, mlist_str_t body,
    mlist_manifest_t *m);


#endif /* MLIST_MANIFEST_H */

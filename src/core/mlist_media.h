/*
 * mlist_media: the media types of manifests, indexes, configs and what they
 * say (image-spec v1.1.1, media-types.md; Docker's schema 2).  Pure.
 */

#ifndef MLIST_MEDIA_H
#define MLIST_MEDIA_H

#include "mlist_str.h"


#define MLIST_MEDIA_TYPE_MAX  255


typedef enum {
    MLIST_MEDIA_OTHER = 0,
    MLIST_MEDIA_DOCKER_MANIFEST,
    MLIST_MEDIA_DOCKER_LIST,
    MLIST_MEDIA_OCI_MANIFEST,
    MLIST_MEDIA_OCI_INDEX,
    MLIST_MEDIA_DOCKER_SCHEMA1,       /* v1+json */
    MLIST_MEDIA_DOCKER_SCHEMA1_JWS,   /* v1+prettyjws */
    MLIST_MEDIA_OCI_ARTIFACT,         /* oci.artifact.manifest.v1+json */
    MLIST_MEDIA_DOCKER_CONFIG,        /* container.image.v1+json */
    MLIST_MEDIA_OCI_CONFIG            /* oci.image.config.v1+json */
} mlist_media_e;


/*
 * The type that "s" names; parameters after ";" and white space are
 * ignored, case too.  MLIST_MEDIA_OTHER for all that is not listed.
 */
mlist_media_e mlist_media_parse(mlist_str_t s);

/* The type whose canonical text "s" is; MLIST_MEDIA_OTHER: none's. */
mlist_media_e mlist_media_exact(mlist_str_t s);

/* The canonical text of a type; the empty string for MLIST_MEDIA_OTHER. */
const char *mlist_media_text(mlist_media_e type) MLIST_HOT;

int mlist_media_is_list(mlist_media_e type);      /* Docker list, OCI index */
int mlist_media_is_manifest(mlist_media_e type);  /* Docker 2, OCI manifest */
int mlist_media_is_image_config(mlist_media_e type);

/*
 * 1 if "s" is type/subtype of RFC 6838 characters only and at most
 * MLIST_MEDIA_TYPE_MAX long, so that it may go into a header as it is.
 */
int mlist_media_valid(mlist_str_t s);


#endif /* MLIST_MEDIA_H */

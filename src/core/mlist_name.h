/*
 * mlist_name: the grammar of repository names and tags
 * (distribution-spec v1.1.1, "Pulling manifests").  Pure.
 */

#ifndef MLIST_NAME_H
#define MLIST_NAME_H

#include "mlist_str.h"


#define MLIST_NAME_MAX  255
#define MLIST_TAG_MAX   128


/* 1 if "s" is a repository name of at most MLIST_NAME_MAX bytes, else 0. */
int mlist_name_valid(mlist_str_t s) MLIST_HOT;

/* 1 if "s" is a tag ([a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}), else 0. */
int mlist_name_tag_valid(mlist_str_t s) MLIST_HOT;

/*
 * 1 if "s" is a tag that the referrers' tag schema or cosign makes of a
 * digest: sha256-<hex> or sha512-<hex>, alone or with .sig, .att or .sbom.
 */
int mlist_name_is_signature_tag(mlist_str_t s) MLIST_HOT;


#endif /* MLIST_NAME_H */

/*
 * mlist_route: what a request path of the registry API means
 * (distribution-spec v1.1.1, "Endpoints").  Pure; views into the path.
 */

#ifndef MLIST_ROUTE_H
#define MLIST_ROUTE_H

#include "mlist_str.h"


typedef enum {
    MLIST_ROUTE_PING,            /* /v2/ */
    MLIST_ROUTE_CATALOG,         /* /v2/_catalog */
    MLIST_ROUTE_TAGS,            /* /v2/<name>/tags/list */
    MLIST_ROUTE_TAG,             /* /v2/<name>/manifests/<tag> */
    MLIST_ROUTE_DIGEST,          /* /v2/<name>/manifests/<digest> */
    MLIST_ROUTE_BLOB,            /* /v2/<name>/blobs/<digest> */
    MLIST_ROUTE_UPLOADS,         /* /v2/<name>/blobs/uploads/ */
    MLIST_ROUTE_UPLOAD,          /* /v2/<name>/blobs/uploads/<session> */
    MLIST_ROUTE_REFERRERS,       /* /v2/<name>/referrers/<digest> */

    MLIST_ROUTE_NAME_INVALID,    /* the name breaks its grammar */
    MLIST_ROUTE_TAG_INVALID,     /* the tag breaks its grammar */
    MLIST_ROUTE_DIGEST_INVALID,  /* the digest breaks its grammar, or its
                                    algorithm is not known here */
    MLIST_ROUTE_UNKNOWN          /* no endpoint of the specification */
} mlist_route_e;


typedef struct {
    mlist_route_e  kind;
    mlist_str_t    name;         /* also set where the kind is *_INVALID,
                                    if it could be told apart */
    mlist_str_t    reference;    /* tag, digest or upload session */
} mlist_route_t;


/*
 * 1 if a raw request path (as on the request line, without the query) is in
 * canonical form, else 0: it starts with "/", has no escapes, no empty, "."
 * or ".." segment (one trailing slash is fine) and only the bytes
 * [A-Za-z0-9._~:=+@/-].
 */
int mlist_route_canonical(mlist_str_t raw);

/* Parses a path; the result is a view into "path". */
mlist_route_t mlist_route_parse(mlist_str_t path) MLIST_HOT;

/*
 * 1 if each path of that kind is canonical by the grammar of what stands in
 * it; 0 if that has to be looked at.
 */
int mlist_route_strict(mlist_route_e kind) MLIST_HOT;


#endif /* MLIST_ROUTE_H */

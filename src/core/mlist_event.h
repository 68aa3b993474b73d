/*
 * mlist_event: the envelope in which a registry tells of events
 * (distribution, "notifications", v1), and which of them change what a
 * repository's tags or manifests are.  Pure.  Called by the glue's notify
 * room.
 */

#ifndef MLIST_EVENT_H
#define MLIST_EVENT_H

#include <jansson.h>

#include "mlist_rc.h"
#include "mlist_str.h"


typedef enum {
    MLIST_EVENT_PUSH,
    MLIST_EVENT_DELETE
} mlist_event_e;


/* The views live as long as the envelope. */
typedef struct {
    mlist_event_e  action;
    mlist_str_t    name;         /* repository; valid */
    mlist_str_t    tag;          /* valid, or empty */
    mlist_str_t    digest;       /* valid, or empty */
    mlist_str_t    type;         /* mediaType as it came; may be empty */
} mlist_event_t;


typedef struct {
    json_t        *doc;          /* the caller's to json_decref() */
    const json_t  *events;       /* its array, borrowed */
} mlist_envelope_t;


/*
 * Reads a whole envelope and checks all that mlist_event_next() will give,
 * so that a malformed one changes nothing.  Events of other actions than
 * push and delete, and of what is no manifest, need an action only, and a
 * target that is an object where they have one.  What a push or a delete of
 * a manifest says of repository, tag and digest must be valid; a push names
 * a tag or a digest.  A delete may name neither (then the repository is
 * gone), nor its media type, which the reference registry leaves out.
 *
 * MLIST_OK; MLIST_INVALID or an error of the JSON, and *envelope is
 * untouched.
 */
mlist_rc_e mlist_event_parse(mlist_str_t body, mlist_envelope_t *envelope);

/*
 * The first event of a manifest from index *i on: 1, *event is filled and
 * *i is the index after it; 0 if there is none.
 */
int mlist_event_next(const mlist_envelope_t *envelope, size_t *i,
    mlist_event_t *event);


#endif /* MLIST_EVENT_H */

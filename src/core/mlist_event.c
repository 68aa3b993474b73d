/*
 * mlist_event: a registry's events, read from their envelope.  It follows no
 * URL in it and believes nothing but what is changed where.  Called by the
 * glue's notify room.
 */

#include <string.h>

#include "mlist_digest.h"
#include "mlist_event.h"
#include "mlist_json.h"
#include "mlist_media.h"
#include "mlist_name.h"


static mlist_rc_e mlist_event_read(const json_t *json, mlist_event_t *event);
static mlist_rc_e mlist_event_target(const json_t *target,
    mlist_event_t *event);
static mlist_rc_e mlist_event_string(const json_t *object, const char *key,
    mlist_str_t *s);
static int mlist_event_is_manifest(const mlist_event_t *event);


mlist_rc_e
mlist_event_parse(mlist_str_t body, mlist_envelope_t *envelope)
{
    size_t          i;
    json_t         *doc;
    mlist_rc_e      rc;
    const json_t   *events;
    mlist_event_t   event;

    rc = mlist_json_load(body, &doc);

    if (rc != MLIST_OK) {
        return rc;
    }

    events = json_object_get(doc, "events");

    if (!json_is_array(events)) {
        json_decref(doc);
        return MLIST_INVALID;
    }

    for (i = 0; i < json_array_size(events); i++) {
        rc = mlist_event_read(json_array_get(events, i), &event);

        if (rc != MLIST_OK && rc != MLIST_NOT_FOUND) {
            json_decref(doc);
            return rc;
        }
    }

    envelope->doc = doc;
    envelope->events = events;

    return MLIST_OK;
}


int
mlist_event_next(const mlist_envelope_t *envelope, size_t *i,
    mlist_event_t *event)
{
    while (*i < json_array_size(envelope->events)) {

        if (mlist_event_read(json_array_get(envelope->events, (*i)++), event)
            == MLIST_OK)
        {
            return 1;
        }
    }

    return 0;
}


/* MLIST_OK, MLIST_INVALID, or MLIST_NOT_FOUND: it is of nothing of ours. */

static mlist_rc_e
mlist_event_read(const json_t *json, mlist_event_t *event)
{
    mlist_rc_e     rc;
    mlist_str_t    action;
    const json_t  *target;

    static const mlist_str_t  push = MLIST_STR("push");
    static const mlist_str_t  drop = MLIST_STR("delete");

    if (!json_is_object(json)) {
        return MLIST_INVALID;
    }

    action = mlist_json_string(json, "action");
    target = json_object_get(json, "target");

    if (action.len == 0 || (target != NULL && !json_is_object(target))) {
        return MLIST_INVALID;
    }

    if (mlist_str_eq(action, push)) {
        event->action = MLIST_EVENT_PUSH;

    } else if (mlist_str_eq(action, drop)) {
        event->action = MLIST_EVENT_DELETE;

    } else {
        return MLIST_NOT_FOUND;
    }

    if (target == NULL) {
        return MLIST_INVALID;
    }

    rc = mlist_event_target(target, event);

    if (rc != MLIST_OK) {
        return rc;
    }

    return mlist_event_is_manifest(event) ? MLIST_OK : MLIST_NOT_FOUND;
}


static mlist_rc_e
mlist_event_target(const json_t *target, mlist_event_t *event)
{
    mlist_digest_t  digest;

    if (mlist_event_string(target, "mediaType", &event->type) != MLIST_OK
        || mlist_event_string(target, "repository", &event->name) != MLIST_OK
        || mlist_event_string(target, "tag", &event->tag) != MLIST_OK
        || mlist_event_string(target, "digest", &event->digest) != MLIST_OK)
    {
        return MLIST_INVALID;
    }

    if (!mlist_event_is_manifest(event)) {
        return MLIST_OK;
    }

    if (!mlist_name_valid(event->name)
        || (event->tag.len != 0 && !mlist_name_tag_valid(event->tag))
        || (event->digest.len != 0
            && mlist_digest_parse(event->digest, &digest) != MLIST_OK))
    {
        return MLIST_INVALID;
    }

    if (event->action == MLIST_EVENT_PUSH
        && event->tag.len == 0 && event->digest.len == 0)
    {
        return MLIST_INVALID;
    }

    return MLIST_OK;
}


/* A member that may be absent, or null, but not of another type. */

static mlist_rc_e
mlist_event_string(const json_t *object, const char *key, mlist_str_t *s)
{
    const json_t  *value;

    value = json_object_get(object, key);
    *s = mlist_json_string(object, key);

    return (value == NULL || json_is_null(value) || json_is_string(value))
               ? MLIST_OK : MLIST_INVALID;
}


/* Only manifests have tags; what has no type may be one. */

static int
mlist_event_is_manifest(const mlist_event_t *event)
{
    switch (mlist_media_parse(event->type)) {

    case MLIST_MEDIA_DOCKER_MANIFEST:
    case MLIST_MEDIA_DOCKER_LIST:
    case MLIST_MEDIA_OCI_MANIFEST:
    case MLIST_MEDIA_OCI_INDEX:
    case MLIST_MEDIA_DOCKER_SCHEMA1:
    case MLIST_MEDIA_DOCKER_SCHEMA1_JWS:
    case MLIST_MEDIA_OCI_ARTIFACT:
        return 1;

    default:
        return event->tag.len != 0 || event->type.len == 0;
    }
}

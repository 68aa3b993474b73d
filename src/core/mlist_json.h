/*
 * mlist_json: JSON from outside, loaded with caps, and JSON written.  The one
 * place that calls jansson's loader and its dumper.  Pure.
 */

#ifndef MLIST_JSON_H
#define MLIST_JSON_H

#include <jansson.h>

#include "mlist_rc.h"
#include "mlist_str.h"


#define MLIST_JSON_DEPTH   32
#define MLIST_JSON_VALUES  262144


/*
 * Parses exactly one JSON object: duplicate keys refused, at most
 * MLIST_JSON_DEPTH levels and MLIST_JSON_VALUES values (checked before
 * jansson sees the bytes, so that it neither recurses deeper nor allocates
 * more), no NUL, valid UTF-8, nothing after it.
 * MLIST_OK and *out is the caller's to json_decref(); else MLIST_INVALID,
 * MLIST_DUPLICATE, MLIST_TOO_DEEP, MLIST_TOO_LARGE or MLIST_NOMEM.
 */
mlist_rc_e mlist_json_load(mlist_str_t bytes, json_t **out);

/*
 * Writes it without white space.  MLIST_OK and *out is malloc()ed, the
 * caller's, and a NUL follows; else MLIST_NOMEM.
 */
mlist_rc_e mlist_json_dump(const json_t *json, char **out, size_t *len);

/* The string at "key" as a view that lives as long as "object"; else "". */
mlist_str_t mlist_json_string(const json_t *object, const char *key);


#endif /* MLIST_JSON_H */

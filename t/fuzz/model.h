/*
 * model: what the parts of several sources have to become, reckoned anew and
 * as plainly as possible.  Called by the build target.
 */

#ifndef MLIST_FUZZ_MODEL_H
#define MLIST_FUZZ_MODEL_H

#include "mlist_entry.h"
#include "mlist_index.h"


#define MODEL_SOURCES  6
#define MODEL_ENTRIES  8             /* of one source */


typedef enum {
    MODEL_IMAGE,
    MODEL_OTHER,
    MODEL_ATTESTATION
} model_kind_e;


typedef struct {
    const mlist_entry_t  *entry;
    model_kind_e          kind;
    size_t                source;
} model_item_t;


typedef struct {
    size_t                n;
    mlist_entry_t         entries[MODEL_ENTRIES];
    int                   taken[MODEL_ENTRIES];
    int                   has_declared;
    mlist_platform_t      declared;
    char                 *json;
} model_source_t;


typedef struct {
    model_source_t        sources[MODEL_SOURCES];
    mlist_index_input_t   inputs[MODEL_SOURCES];
    size_t                nsources;

    model_item_t          items[MODEL_SOURCES * MODEL_ENTRIES];
    size_t                nitems;
    unsigned              used[MODEL_SOURCES];
    unsigned              shadowed[MODEL_SOURCES];

    /* by model_order() */
    mlist_media_e         type;
    const mlist_entry_t  *order[MODEL_SOURCES * MODEL_ENTRIES];
    size_t                n;
} model_t;


/*
 * Makes sources of the input, their parts and inputs, and reckons what of
 * them is in the list.  MLIST_OK or MLIST_NOMEM; in both cases it is to be
 * freed.
 */
mlist_rc_e model_make(model_t *m, int attestations);

/* Puts it in the order of a list of that type. */
void model_order(model_t *m, mlist_type_e type);

void model_free(model_t *m);


#endif /* MLIST_FUZZ_MODEL_H */

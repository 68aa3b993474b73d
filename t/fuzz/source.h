/*
 * source: what one registry has of a tag, as a text that a fuzzer can change
 * without having to find digests:
 *
 *     PLATFORM                  the source's platform=, or nothing
 *     VERIFY                    anything: configs are verified
 *     TYPE                      what the registry serves it as, and
 *     BODY                      its bytes: what the tag names
 *     <FUZZ_DOC>TYPE            the same of what it wants besides; nothing:
 *     BODY                      served as it is wanted
 *
 * In a body @d2 stands for the digest of the second document and @s2 for its
 * size; a body names later documents only (1 to 9, a to z).  Called by the
 * resolve and list targets.
 */

#ifndef MLIST_FUZZ_SOURCE_H
#define MLIST_FUZZ_SOURCE_H

#include "fuzz.h"
#include "mlist_digest.h"
#include "mlist_platform.h"
#include "mlist_resolve.h"


#define SOURCE_DOCS  16


typedef struct {
    mlist_str_t       type;
    mlist_str_t       body;          /* as it was, then as it is served */
    mlist_digest_t    digest;
} source_doc_t;


typedef struct {
    mlist_platform_t  declared;
    int               has_declared;
    unsigned          flags;         /* of mlist_resolve_create() */
    source_doc_t      docs[SOURCE_DOCS];
    size_t            n;
} source_t;


/* Reads a source from the input, up to "end"; MLIST_OK or MLIST_NOMEM. */
mlist_rc_e source_read(source_t *source, char end);

/*
 * Resolves it, its wants fed first to last, or the last one first.  What
 * comes of it is checked for all that holds of every part; part->json is the
 * caller's to free().
 */
mlist_rc_e source_resolve(const source_t *source, int backwards,
    mlist_part_t *part);


#endif /* MLIST_FUZZ_SOURCE_H */

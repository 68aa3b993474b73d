/*
 * mlist_seen: what a flight has seen of a tag, as a compact record: what
 * each source said, what was decided, and what the list is made of.  Pure:
 * bytes in, bytes out.  Called by the glue's seen and status rooms.
 *
 * A record belongs to one process and its zone: its form is that of this
 * code, and it is never written to a disk.
 */

#ifndef MLIST_SEEN_H
#define MLIST_SEEN_H

#include <stdint.h>

#include "mlist_digest.h"
#include "mlist_platform.h"
#include "mlist_rc.h"
#include "mlist_str.h"


#define MLIST_SEEN_SOURCES   32
#define MLIST_SEEN_CHILDREN  32          /* of a list; others are counted */
#define MLIST_SEEN_PLACE     8
#define MLIST_SEEN_TEXT      160         /* of a reason; cut there */
#define MLIST_SEEN_MAX       16384       /* bytes of a record, at most */
#define MLIST_SEEN_NOBODY    255         /* no source's index */


/* What a source said. */
typedef enum {
    MLIST_SEEN_NOT_ASKED = 0,            /* names= leaves the name out */
    MLIST_SEEN_NO_SPELLING,              /* tag= or name= give none */
    MLIST_SEEN_PRESENT,
    MLIST_SEEN_ABSENT,                   /* 404 */
    MLIST_SEEN_NO_PLATFORM,              /* nothing for its platform */
    MLIST_SEEN_DENIED,                   /* 401 or 403, which count as 404 */
    MLIST_SEEN_STATUS,                   /* one that is an error */
    MLIST_SEEN_FAILED,                   /* no whole answer */
    MLIST_SEEN_TIMEOUT,
    MLIST_SEEN_TOO_LARGE,
    MLIST_SEEN_BAD,                      /* what "reason" says */
    MLIST_SEEN_SOURCE_LAST
} mlist_seen_source_e;


/* What was made of it. */
typedef enum {
    MLIST_SEEN_LIST = 0,                 /* a list */
    MLIST_SEEN_UNCHANGED,                /* the same as before */
    MLIST_SEEN_PARTIAL,                  /* without what failed */
    MLIST_SEEN_STALE,                    /* the last complete one */
    MLIST_SEEN_ARTIFACT,                 /* passed on */
    MLIST_SEEN_NOWHERE,                  /* the tag as it stands, or 404 */
    MLIST_SEEN_ERROR,                    /* "reason" */
    MLIST_SEEN_VERDICT_LAST
} mlist_seen_verdict_e;


/* A digest as bytes: 32 or 64 of them, or none. */
typedef struct {
    unsigned char  bytes[64];
    unsigned char  len;
} mlist_seen_digest_t;


typedef struct {
    mlist_seen_source_e   what;
    unsigned              left_out:1;    /* it is optional */
    unsigned              status;        /* 0: none */
    uint32_t              ms;            /* until it had answered */
    mlist_seen_digest_t   digest;        /* of what the tag holds there */
    mlist_str_t           reason;
} mlist_seen_source_t;


typedef struct {
    mlist_seen_digest_t   digest;
    uint64_t              size;
    unsigned              source;        /* its index, or NOBODY */
    mlist_str_t           platform;      /* os/arch[/variant] */
} mlist_seen_child_t;


typedef struct {
    uint64_t              when;          /* seconds since 1970 */
    unsigned char         place[MLIST_SEEN_PLACE];   /* of the location */
    mlist_seen_verdict_e  verdict;
    unsigned              type;          /* of the list, mlist_media_e */
    unsigned              failed;        /* status of an ERROR */
    mlist_str_t           name;
    mlist_str_t           tag;
    mlist_str_t           reason;
    mlist_seen_digest_t   digest;        /* of the list, or artifact */
    uint64_t              size;          /* of the list */

    unsigned              nsources;
    mlist_seen_source_t   sources[MLIST_SEEN_SOURCES];
    unsigned              nchildren;     /* of all, maybe more than here */
    mlist_seen_child_t    children[MLIST_SEEN_CHILDREN];
} mlist_seen_t;


/*
 * Writes a record; reasons that are longer than MLIST_SEEN_TEXT are cut.
 * MLIST_OK and *len; MLIST_TOO_LARGE: "size" bytes do not hold it.
 */
mlist_rc_e mlist_seen_write(const mlist_seen_t *seen, unsigned char *out,
    size_t size, size_t *len);

/*
 * Reads one; its views are into "record".  MLIST_OK, or MLIST_INVALID, and
 * then "seen" is of no use.
 */
mlist_rc_e mlist_seen_read(mlist_str_t record, mlist_seen_t *seen);

/* A digest as bytes; none where it is empty. */
void mlist_seen_digest(const mlist_digest_t *from, mlist_seen_digest_t *to);

/* The text of a digest, NUL-terminated; returns its length. */
size_t mlist_seen_digest_text(const mlist_seen_digest_t *d,
    char out[MLIST_DIGEST_MAX + 1]);

/* Words that do not change: "present", "not_found" and so on. */
const char *mlist_seen_source_text(mlist_seen_source_e what);
const char *mlist_seen_verdict_text(mlist_seen_verdict_e verdict);

/*
 * Fills in "children" and "nchildren" of a list's bytes: its entries that
 * are images, with their source NOBODY.  Their views are into "texts", which
 * holds MLIST_SEEN_CHILDREN texts.  MLIST_OK or an error of the JSON.
 */
typedef char  mlist_seen_text_t[MLIST_PLATFORM_TEXT];

mlist_rc_e mlist_seen_list(mlist_str_t list, mlist_seen_t *seen,
    mlist_seen_text_t *texts);

/*
 * Names a source as that of all children which a part of it (the bytes of a
 * mlist_part_t) has, and which are nobody's so far.  MLIST_OK or an error of
 * the JSON.
 */
mlist_rc_e mlist_seen_part(mlist_str_t part, unsigned source,
    mlist_seen_t *seen);


#endif /* MLIST_SEEN_H */

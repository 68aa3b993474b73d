/*
 * mlist_rc: what can go wrong in the pure core, as one enum, and its text.
 * The glue decides what a client is told; the core never logs.
 */

#ifndef MLIST_RC_H
#define MLIST_RC_H


typedef enum {
    MLIST_OK = 0,
    MLIST_NOMEM,             /* an allocation failed */
    MLIST_INVALID,           /* not of the form that the specification gives */
    MLIST_TOO_LARGE,         /* over one of the core's fixed bounds */
    MLIST_TOO_DEEP,          /* indexes nested too deeply, or JSON too deep */
    MLIST_DUPLICATE,         /* a JSON object has a key twice */
    MLIST_MISMATCH,          /* bytes do not hash to their digest, or a size
                                or media type differs from what was said */
    MLIST_CONTRADICTION,     /* a config contradicts the declared platform */
    MLIST_NOT_FOUND          /* no such entry */
} mlist_rc_e;


/* A short English text for "rc", for logs and error details; never NULL. */
const char *mlist_rc_text(mlist_rc_e rc);


#endif /* MLIST_RC_H */

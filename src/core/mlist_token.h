/*
 * mlist_token: the Bearer flow's texts (distribution, "Token Authentication
 * Specification"): what a token service answers, and the scopes it is asked
 * for.  Pure.  Called by the glue's login rooms.
 */

#ifndef MLIST_TOKEN_H
#define MLIST_TOKEN_H

#include <jansson.h>

#include "mlist_rc.h"
#include "mlist_str.h"


#define MLIST_TOKEN_SIZE    32768    /* of the longest token */
#define MLIST_TOKEN_LIFE    60       /* seconds, where it is not said; and no
                                        life is shorter, as for all clients */
#define MLIST_TOKEN_MAX     86400    /* nor longer */

#define MLIST_SCOPE_SIZE    640      /* of what mlist_token_scope() makes */


typedef struct {
    mlist_str_t   token;         /* a b64token (RFC 6750): no other byte */
    long          life;          /* MLIST_TOKEN_LIFE to MLIST_TOKEN_MAX */
    json_t       *doc;           /* the caller's to json_decref(): "token"
                                    is a view into it */
} mlist_token_t;


/* What is done with a repository. */
typedef enum {
    MLIST_TOKEN_READ,
    MLIST_TOKEN_WRITE,
    MLIST_TOKEN_DELETE
} mlist_token_e;


/*
 * Reads a token service's answer: "token", or "access_token" where that is
 * not there, and "expires_in".  MLIST_OK; MLIST_INVALID: no JSON object, no
 * token, a member of another type, or a token that no header could have;
 * MLIST_TOO_LARGE: a token over MLIST_TOKEN_SIZE; or an error of the JSON.
 */
mlist_rc_e mlist_token_parse(mlist_str_t body, mlist_token_t *token);

/*
 * 1 if a token of that life is good to be sent where "left" seconds of it are
 * left, else 0: for reads until a tenth of its life is left, 30 s at most; for
 * uploads, which cannot be asked for again, until half of it is, 5 minutes at
 * most.
 */
int mlist_token_good(long life, long left, int upload);

/*
 * The scopes that a request for "path" (canonical; without its query) needs,
 * separated by spaces, into "out"; returns how many bytes that is.  Nothing
 * for what has no repository but _catalog; an upload is a write, whatever the
 * method, and the repository that a query (made by this front) mounts from is
 * read.
 */
size_t mlist_token_scope(mlist_str_t path, mlist_str_t query,
    mlist_token_e what, char out[MLIST_SCOPE_SIZE]);


#endif /* MLIST_TOKEN_H */

/*
 * mlist_passwd: the content of an htpasswd file: its users, and the hashes
 * of their passwords.  Pure.  Called by the glue's passwd and users rooms.
 *
 * A line is user:hash[:comment]; lines that start with # and empty ones are
 * skipped; of two lines for one user the first counts.
 */

#ifndef MLIST_PASSWD_H
#define MLIST_PASSWD_H

#include "mlist_str.h"


/* of a line without its end; a longer one is malformed */
#define MLIST_PASSWD_LINE  1024


typedef struct {
    mlist_str_t           name;
    mlist_str_t           hash;        /* a NUL follows; never empty */
    mlist_str_t           rest;        /* all of the line after "name:" */
} mlist_passwd_user_t;


typedef struct {
    mlist_passwd_user_t  *users;       /* sorted, each name once */
    size_t                nusers;
    mlist_passwd_user_t   dummy;       /* the most expensive one; all "" if
                                          there are no users */
    unsigned              cost;        /* its bcrypt cost, or 0 */

    size_t                malformed;   /* lines */
    unsigned              cut:1;       /* ends within a line */
} mlist_passwd_t;


/* How many lines a text may have: as many users it has at most. */
size_t mlist_passwd_lines(mlist_str_t text);

/*
 * Parses a text in its place: hashes are ended with a NUL, so text[len] must
 * be writable, too.  "users" has room for all lines; both must outlive
 * *passwd.
 */
void mlist_passwd_parse(char *text, size_t len, mlist_passwd_user_t *users,
    mlist_passwd_t *passwd);

/* The user of that name, or NULL. */
const mlist_passwd_user_t *mlist_passwd_find(const mlist_passwd_t *passwd,
    mlist_str_t name);


#endif /* MLIST_PASSWD_H */

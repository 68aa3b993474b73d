/*
 * mlist_passwd: htpasswd files read.  It never checks a password, nor
 * decides which content of a file counts.  Called by the glue's passwd and
 * users rooms.
 */

#include <stdlib.h>
#include <string.h>

#include "mlist_passwd.h"


#define MLIST_PASSWD_BCRYPT    60      /* bytes of "$2y$10$..." */
#define MLIST_PASSWD_SHA       33      /* bytes of "{SHA}..." */
#define MLIST_PASSWD_APR1      22      /* bytes after the salt */


static void mlist_passwd_line(mlist_passwd_t *passwd, char *p, char *last);
static char *mlist_passwd_find_byte(char *p, char *last, char c);
static int mlist_passwd_is_bcrypt(mlist_str_t hash);
static int mlist_passwd_whole(mlist_str_t hash);
static unsigned mlist_passwd_cost(mlist_str_t hash);
static void mlist_passwd_sort(mlist_passwd_t *passwd);
static int mlist_passwd_compare(const void *one, const void *two);


static const mlist_str_t  mlist_passwd_bcrypt = MLIST_STR("$2");


size_t
mlist_passwd_lines(mlist_str_t text)
{
    size_t  i, lines;

    lines = 1;

    for (i = 0; i < text.len; i++) {
        lines += (text.data[i] == '\n');
    }

    return lines;
}


void
mlist_passwd_parse(char *text, size_t len, mlist_passwd_user_t *users,
    mlist_passwd_t *passwd)
{
    char  *p, *lf, *last;

    memset(passwd, 0, sizeof(mlist_passwd_t));

    passwd->users = users;
    passwd->dummy.name = mlist_str(NULL);
    passwd->dummy.hash = mlist_str(NULL);
    passwd->dummy.rest = mlist_str(NULL);

    last = text + len;

    for (p = text; p < last; p = lf + 1) {
        lf = mlist_passwd_find_byte(p, last, '\n');

        if (lf == NULL) {
            lf = last;
            passwd->cut = 1;
        }

        mlist_passwd_line(passwd, p, lf);
    }

    mlist_passwd_sort(passwd);
}


const mlist_passwd_user_t *
mlist_passwd_find(const mlist_passwd_t *passwd, mlist_str_t name)
{
    int     rc;
    size_t  left, right, i;

    left = 0;
    right = passwd->nusers;

    while (left < right) {
        i = left + (right - left) / 2;
        rc = mlist_str_order(name, passwd->users[i].name);

        if (rc == 0) {
            return &passwd->users[i];
        }

        if (rc < 0) {
            right = i;

        } else {
            left = i + 1;
        }
    }

    return NULL;
}


/* There is a byte at "last" that may be overwritten. */

static void
mlist_passwd_line(mlist_passwd_t *passwd, char *p, char *last)
{
    char                 *colon, *end;
    unsigned              cost;
    mlist_passwd_user_t  *user;

    if (last > p && last[-1] == '\r') {
        last--;
    }

    if (p == last || *p == '#') {
        return;
    }

    colon = mlist_passwd_find_byte(p, last, ':');

    if (colon == NULL || colon == p
        || last - p > MLIST_PASSWD_LINE
        || mlist_passwd_find_byte(p, last, '\0') != NULL)
    {
        passwd->malformed++;
        return;
    }

    end = mlist_passwd_find_byte(colon + 1, last, ':');

    if (end == NULL) {
        end = last;
    }

    user = &passwd->users[passwd->nusers];

    user->name.data = p;
    user->name.len = (size_t) (colon - p);
    user->rest.data = colon + 1;
    user->rest.len = (size_t) (last - colon - 1);
    user->hash.data = colon + 1;
    user->hash.len = (size_t) (end - colon - 1);

    *end = '\0';

    if (user->hash.len == 0
        || (mlist_str_starts(user->hash, mlist_passwd_bcrypt)
            && !mlist_passwd_is_bcrypt(user->hash)))
    {
        passwd->malformed++;
        return;
    }

    if (passwd->cut && mlist_passwd_whole(user->hash)) {
        passwd->cut = 0;
    }

    cost = mlist_passwd_cost(user->hash);

    if (passwd->nusers == 0 || cost > passwd->cost) {
        passwd->dummy = *user;
        passwd->cost = cost;
    }

    passwd->nusers++;
}


static char *
mlist_passwd_find_byte(char *p, char *last, char c)
{
    return (p < last) ? memchr(p, c, (size_t) (last - p)) : NULL;
}


static int
mlist_passwd_is_bcrypt(mlist_str_t hash)
{
    return mlist_str_starts(hash, mlist_passwd_bcrypt)
           && hash.len == MLIST_PASSWD_BCRYPT;
}


/* 1 if the hash is of a kind that shows that nothing of it is missing. */

static int
mlist_passwd_whole(mlist_str_t hash)
{
    const char  *salt, *end;

    static const mlist_str_t  sha = MLIST_STR("{SHA}");
    static const mlist_str_t  apr1 = MLIST_STR("$apr1$");

    if (mlist_str_starts(hash, sha)) {
        return hash.len == MLIST_PASSWD_SHA;
    }

    if (mlist_str_starts(hash, apr1)) {
        salt = hash.data + apr1.len;
        end = memchr(salt, '$', hash.len - apr1.len);

        return end != NULL
               && hash.data + hash.len - end - 1 == MLIST_PASSWD_APR1;
    }

    return mlist_passwd_is_bcrypt(hash);
}


/* Of "$2y$10$..." 10, of all that is no bcrypt 0. */

static unsigned
mlist_passwd_cost(mlist_str_t hash)
{
    char  tens, ones;

    if (!mlist_passwd_is_bcrypt(hash)) {
        return 0;
    }

    tens = hash.data[sizeof("$2y$") - 1];
    ones = hash.data[sizeof("$2y$1") - 1];

    if (tens < '0' || tens > '9' || ones < '0' || ones > '9') {
        return 0;
    }

    return (unsigned) (tens - '0') * 10 + (unsigned) (ones - '0');
}


static void
mlist_passwd_sort(mlist_passwd_t *passwd)
{
    size_t                i, n;
    mlist_passwd_user_t  *user;

    if (passwd->nusers == 0) {
        return;
    }

    user = passwd->users;

    qsort(user, passwd->nusers, sizeof(mlist_passwd_user_t),
          mlist_passwd_compare);

    for (i = 1, n = 0; i < passwd->nusers; i++) {
        if (!mlist_str_eq(user[i].name, user[n].name)) {
            user[++n] = user[i];
        }
    }

    passwd->nusers = n + 1;
}


static int
mlist_passwd_compare(const void *one, const void *two)
{
    int                         rc;
    const mlist_passwd_user_t  *a, *b;

    a = one;
    b = two;

    rc = mlist_str_order(a->name, b->name);

    if (rc != 0) {
        return rc;
    }

    /* the order of the file */

    return (a->name.data > b->name.data) - (a->name.data < b->name.data);
}

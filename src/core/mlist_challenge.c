/*
 * mlist_challenge: WWW-Authenticate headers, read byte by byte within their
 * views.  It believes no URL in them: that is mlist_realm's.  Called by the
 * glue's login rooms.
 */

#include <string.h>

#include "mlist_challenge.h"


/* One header value, as far as it is read. */
typedef struct {
    mlist_str_t  s;
    size_t       pos;
} mlist_challenge_text_t;


/* A parameter's value; long ones count, but are not kept. */
typedef struct {
    size_t       len;
    char         data[MLIST_CHALLENGE_REALM];
} mlist_challenge_value_t;


typedef struct {
    mlist_challenge_t  challenge;
    int                known;          /* "scheme" is set */
    int                seen;           /* bits: parameters so far */
    int                unusable;
} mlist_challenge_one_t;


#define MLIST_CHALLENGE_SEEN_REALM    1
#define MLIST_CHALLENGE_SEEN_SERVICE  2
#define MLIST_CHALLENGE_SEEN_ERROR    4


static mlist_rc_e mlist_challenge_header(mlist_str_t value,
    mlist_challenge_t *best, int *found);
static mlist_rc_e mlist_challenge_begin(mlist_challenge_text_t *t,
    mlist_str_t scheme, mlist_challenge_one_t *one);
static int mlist_challenge_token68(mlist_challenge_text_t *t);
static mlist_rc_e mlist_challenge_param(mlist_challenge_text_t *t,
    mlist_str_t name, mlist_challenge_one_t *one);
static mlist_rc_e mlist_challenge_value(mlist_challenge_text_t *t,
    mlist_challenge_value_t *value);
static mlist_rc_e mlist_challenge_quoted(mlist_challenge_text_t *t,
    mlist_challenge_value_t *value);
static mlist_rc_e mlist_challenge_append(mlist_challenge_value_t *value,
    char c);
static mlist_rc_e mlist_challenge_set(mlist_challenge_one_t *one,
    mlist_str_t name, const mlist_challenge_value_t *value);
static mlist_rc_e mlist_challenge_end(mlist_challenge_one_t *one,
    mlist_challenge_t *best, int *found);
static mlist_str_t mlist_challenge_word(mlist_challenge_text_t *t);
static void mlist_challenge_skip(mlist_challenge_text_t *t,
    const char *bytes);
static int mlist_challenge_at(const mlist_challenge_text_t *t, char c);
static int mlist_challenge_is_token(char c);
static int mlist_challenge_is_alnum(char c);


mlist_rc_e
mlist_challenge_parse(const mlist_str_t *values, size_t n,
    mlist_challenge_t *challenge)
{
    int                found, of_header, bad;
    size_t             i;
    mlist_challenge_t  best;

    found = 0;
    bad = 0;

    for (i = 0; i < n; i++) {
        of_header = 0;

        if (mlist_challenge_header(values[i], &best, &of_header)
            != MLIST_OK)
        {
            bad = 1;
        }

        if (of_header
            && (!found
                || (best.scheme == MLIST_CHALLENGE_BEARER
                    && challenge->scheme != MLIST_CHALLENGE_BEARER)))
        {
            *challenge = best;
            found = 1;
        }
    }

    if (found) {
        return MLIST_OK;
    }

    return bad ? MLIST_INVALID : MLIST_NOT_FOUND;
}


/*
 * The best challenge of one header, in *best if *found.  MLIST_INVALID: the
 * header does not count (then nothing is found), or a challenge did not.
 */

static mlist_rc_e
mlist_challenge_header(mlist_str_t value, mlist_challenge_t *best,
    int *found)
{
    mlist_rc_e              rc, result;
    mlist_str_t             word;
    mlist_challenge_one_t   one;
    mlist_challenge_text_t  t;

    t.s = value;
    t.pos = 0;
    one.known = 0;
    one.seen = -1;
    result = MLIST_OK;

    for ( ;; ) {
        mlist_challenge_skip(&t, " \t,");

        if (t.pos == t.s.len) {
            break;
        }

        word = mlist_challenge_word(&t);

        if (word.len == 0) {
            *found = 0;
            return MLIST_INVALID;
        }

        /* a word is a scheme, or a parameter of the one before */

        mlist_challenge_skip(&t, " \t");

        if (mlist_challenge_at(&t, '=') && one.seen >= 0) {
            rc = mlist_challenge_param(&t, word, &one);

        } else {
            if (mlist_challenge_end(&one, best, found) != MLIST_OK) {
                result = MLIST_INVALID;
            }

            rc = mlist_challenge_begin(&t, word, &one);
        }

        if (rc != MLIST_OK) {
            *found = 0;
            return MLIST_INVALID;
        }
    }

    if (mlist_challenge_end(&one, best, found) != MLIST_OK) {
        result = MLIST_INVALID;
    }

    return result;
}


/* "t" is after the scheme and the space behind it. */

static mlist_rc_e
mlist_challenge_begin(mlist_challenge_text_t *t, mlist_str_t scheme,
    mlist_challenge_one_t *one)
{
    static const mlist_str_t  basic = MLIST_STR("Basic");
    static const mlist_str_t  bearer = MLIST_STR("Bearer");

    memset(one, 0, sizeof(*one));

    if (mlist_str_caseeq(scheme, bearer)) {
        one->known = 1;
        one->challenge.scheme = MLIST_CHALLENGE_BEARER;

    } else if (mlist_str_caseeq(scheme, basic)) {
        one->known = 1;
        one->challenge.scheme = MLIST_CHALLENGE_BASIC;
    }

    if (mlist_challenge_at(t, '=')) {
        return MLIST_INVALID;
    }

    if (t->pos == t->s.len || mlist_challenge_at(t, ',')) {
        return MLIST_OK;
    }

    /* a space was there, or the word would have gone on */

    (void) mlist_challenge_token68(t);

    return MLIST_OK;
}


/*
 * 1 if all up to the next comma is one token68, which is skipped, else 0.  It
 * must not be taken for a scheme of its own.
 */

static int
mlist_challenge_token68(mlist_challenge_text_t *t)
{
    char    c;
    size_t  i, end;

    for (i = t->pos; i < t->s.len; i++) {
        c = t->s.data[i];

        if (!mlist_challenge_is_alnum(c)
            && (c == '\0' || strchr("-._~+/", c) == NULL))
        {
            break;
        }
    }

    while (i < t->s.len && t->s.data[i] == '=') {
        i++;
    }

    end = i;

    while (i < t->s.len && (t->s.data[i] == ' ' || t->s.data[i] == '\t')) {
        i++;
    }

    if (end == t->pos || (i < t->s.len && t->s.data[i] != ',')) {
        return 0;
    }

    t->pos = i;

    return 1;
}


/* "t" is at the "=" after the name. */

static mlist_rc_e
mlist_challenge_param(mlist_challenge_text_t *t, mlist_str_t name,
    mlist_challenge_one_t *one)
{
    mlist_rc_e               rc;
    mlist_challenge_value_t  value;

    t->pos++;
    mlist_challenge_skip(t, " \t");

    rc = mlist_challenge_value(t, &value);

    if (rc != MLIST_OK) {
        return rc;
    }

    mlist_challenge_skip(t, " \t");

    if (t->pos < t->s.len && !mlist_challenge_at(t, ',')) {
        return MLIST_INVALID;
    }

    return mlist_challenge_set(one, name, &value);
}


/* Clients take a value without quotes that is more than a token, too. */

static mlist_rc_e
mlist_challenge_value(mlist_challenge_text_t *t,
    mlist_challenge_value_t *value)
{
    char  c;

    value->len = 0;

    if (mlist_challenge_at(t, '"')) {
        return mlist_challenge_quoted(t, value);
    }

    while (t->pos < t->s.len) {
        c = t->s.data[t->pos];

        if (c == ',' || c == ' ' || c == '\t') {
            break;
        }

        if (c == '"' || mlist_challenge_append(value, c) != MLIST_OK) {
            return MLIST_INVALID;
        }

        t->pos++;
    }

    return value->len ? MLIST_OK : MLIST_INVALID;
}


static mlist_rc_e
mlist_challenge_quoted(mlist_challenge_text_t *t,
    mlist_challenge_value_t *value)
{
    char  c;

    for (t->pos++; t->pos < t->s.len; t->pos++) {
        c = t->s.data[t->pos];

        if (c == '"') {
            t->pos++;
            return MLIST_OK;
        }

        if (c == '\\') {

            if (++t->pos == t->s.len) {
                return MLIST_INVALID;
            }

            c = t->s.data[t->pos];
        }

        if (mlist_challenge_append(value, c) != MLIST_OK) {
            return MLIST_INVALID;
        }
    }

    return MLIST_INVALID;
}


static mlist_rc_e
mlist_challenge_append(mlist_challenge_value_t *value, char c)
{
    if ((unsigned char) c < 0x20 && c != '\t') {
        return MLIST_INVALID;
    }

    if (value->len < sizeof(value->data)) {
        value->data[value->len] = c;
    }

    value->len++;

    return MLIST_OK;
}


/* What is given twice breaks the grammar. */

static mlist_rc_e
mlist_challenge_set(mlist_challenge_one_t *one, mlist_str_t name,
    const mlist_challenge_value_t *value)
{
    int                 bit;
    char               *to;
    size_t              max, *len;
    mlist_str_t         text;
    mlist_challenge_t  *challenge;

    static const mlist_str_t  realm = MLIST_STR("realm");
    static const mlist_str_t  service = MLIST_STR("service");
    static const mlist_str_t  error = MLIST_STR("error");
    static const mlist_str_t  insufficient = MLIST_STR("insufficient_scope");

    challenge = &one->challenge;
    text.data = value->data;
    text.len = value->len;

    if (mlist_str_caseeq(name, realm)) {
        bit = MLIST_CHALLENGE_SEEN_REALM;
        to = challenge->realm;
        len = &challenge->realm_len;
        max = sizeof(challenge->realm);

    } else if (mlist_str_caseeq(name, service)) {
        bit = MLIST_CHALLENGE_SEEN_SERVICE;
        to = challenge->service;
        len = &challenge->service_len;
        max = sizeof(challenge->service);

    } else if (mlist_str_caseeq(name, error)) {
        bit = MLIST_CHALLENGE_SEEN_ERROR;
        to = NULL;
        len = NULL;
        max = sizeof(value->data);

    } else {
        return MLIST_OK;
    }

    if (one->seen & bit) {
        return MLIST_INVALID;
    }

    one->seen |= bit;

    if (text.len > max || !mlist_str_printable(text)) {
        one->unusable = 1;

    } else if (to == NULL) {
        challenge->insufficient = mlist_str_eq(text, insufficient);

    } else {
        memcpy(to, text.data, text.len);
        *len = text.len;
    }

    return MLIST_OK;
}


/* A challenge is read whole: the first Bearer is taken, else Basic. */

static mlist_rc_e
mlist_challenge_end(mlist_challenge_one_t *one, mlist_challenge_t *best,
    int *found)
{
    if (!one->known) {
        return MLIST_OK;
    }

    if (one->challenge.scheme == MLIST_CHALLENGE_BASIC) {

        if (!*found) {
            *best = one->challenge;
            *found = 1;
        }

        return MLIST_OK;
    }

    if (one->unusable || one->challenge.realm_len == 0) {
        return MLIST_INVALID;
    }

    if (!*found || best->scheme == MLIST_CHALLENGE_BASIC) {
        *best = one->challenge;
        *found = 1;
    }

    return MLIST_OK;
}


static mlist_str_t
mlist_challenge_word(mlist_challenge_text_t *t)
{
    mlist_str_t  word;

    word.data = t->s.data + t->pos;

    while (t->pos < t->s.len && mlist_challenge_is_token(t->s.data[t->pos])) {
        t->pos++;
    }

    word.len = (size_t) (t->s.data + t->pos - word.data);

    return word;
}


static void
mlist_challenge_skip(mlist_challenge_text_t *t, const char *bytes)
{
    while (t->pos < t->s.len
           && t->s.data[t->pos] != '\0'
           && strchr(bytes, t->s.data[t->pos]) != NULL)
    {
        t->pos++;
    }
}


static int
mlist_challenge_at(const mlist_challenge_text_t *t, char c)
{
    return t->pos < t->s.len && t->s.data[t->pos] == c;
}


static int
mlist_challenge_is_token(char c)
{
    return mlist_challenge_is_alnum(c)
           || (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}


static int
mlist_challenge_is_alnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
           || (c >= '0' && c <= '9');
}

/*
 * mlist_accept: Accept headers, read line by line into a few bits.  Never
 * allocates, passes over what is malformed.  Called by the glue's send and
 * list rooms.
 */

#include <string.h>

#include "mlist_accept.h"


#define MLIST_ACCEPT_RANGES  256
#define MLIST_ACCEPT_Q_NONE  (-1)        /* a malformed weight */

#define MLIST_ACCEPT_BIT(type)  (1u << (unsigned) (type))

#define MLIST_ACCEPT_MANIFESTS                                               \
    (MLIST_ACCEPT_BIT(MLIST_MEDIA_DOCKER_MANIFEST)                           \
     | MLIST_ACCEPT_BIT(MLIST_MEDIA_DOCKER_LIST)                             \
     | MLIST_ACCEPT_BIT(MLIST_MEDIA_OCI_MANIFEST)                            \
     | MLIST_ACCEPT_BIT(MLIST_MEDIA_OCI_INDEX)                               \
     | MLIST_ACCEPT_BIT(MLIST_MEDIA_DOCKER_SCHEMA1)                          \
     | MLIST_ACCEPT_BIT(MLIST_MEDIA_DOCKER_SCHEMA1_JWS)                      \
     | MLIST_ACCEPT_BIT(MLIST_MEDIA_OCI_ARTIFACT))


static mlist_str_t mlist_accept_cut(mlist_str_t *s, char at);
static mlist_str_t mlist_accept_cut_plain(mlist_str_t *s, char at);
static int mlist_accept_usual(mlist_accept_t *a, mlist_str_t range);
static void mlist_accept_range(mlist_accept_t *a, mlist_str_t range);
static int mlist_accept_wildcard(mlist_accept_t *a, mlist_str_t type, int q);
static int mlist_accept_weight(mlist_str_t params);
static int mlist_accept_qvalue(mlist_str_t s);
static int mlist_accept_token(mlist_str_t s);


void
mlist_accept_init(mlist_accept_t *a)
{
    memset(a, 0, sizeof(mlist_accept_t));
}


void
mlist_accept_add(mlist_accept_t *a, mlist_str_t value)
{
    int          plain;
    unsigned     n;
    mlist_str_t  range;

    plain = value.len != 0 && memchr(value.data, '"', value.len) == NULL;

    for (n = 0; value.len != 0 && n < MLIST_ACCEPT_RANGES; n++) {
        range = mlist_str_trim(plain ? mlist_accept_cut_plain(&value, ',')
                                     : mlist_accept_cut(&value, ','));

        if (range.len != 0 && !mlist_accept_usual(a, range)) {
            mlist_accept_range(a, range);
        }
    }
}


int
mlist_accept_takes(const mlist_accept_t *a, mlist_media_e type)
{
    unsigned  bit;

    bit = MLIST_ACCEPT_BIT(type);

    if (!a->seen || (a->types & bit)) {
        return 1;
    }

    return a->any && !a->no_application && !(a->refused & bit);
}


mlist_accept_e
mlist_accept_choose(const mlist_accept_t *a, mlist_media_e own)
{
    mlist_media_e  other;

    other = (own == MLIST_MEDIA_DOCKER_LIST) ? MLIST_MEDIA_OCI_INDEX
                                             : MLIST_MEDIA_DOCKER_LIST;

    if (mlist_accept_takes(a, own)) {
        return MLIST_ACCEPT_LIST;
    }

    if (mlist_accept_takes(a, other)) {
        return MLIST_ACCEPT_OTHER_LIST;
    }

    if (mlist_accept_takes(a, MLIST_MEDIA_DOCKER_MANIFEST)
        || mlist_accept_takes(a, MLIST_MEDIA_OCI_MANIFEST))
    {
        return MLIST_ACCEPT_CHILD;
    }

    return MLIST_ACCEPT_NOTHING;
}


int
mlist_accept_prefers_html(const mlist_accept_t *a)
{
    return a->html != 0 && a->html >= a->best && a->types == 0;
}


unsigned
mlist_accept_weight_of(mlist_str_t value, mlist_str_t type)
{
    int          q;
    unsigned     n, weight;
    mlist_str_t  range, name;

    weight = 0;

    for (n = 0; value.len != 0 && n < MLIST_ACCEPT_RANGES; n++) {
        range = mlist_accept_cut(&value, ',');
        name = mlist_str_trim(mlist_accept_cut(&range, ';'));

        if (!mlist_str_caseeq(name, type)) {
            continue;
        }

        q = mlist_accept_weight(range);

        if (q != MLIST_ACCEPT_Q_NONE && (unsigned) q > weight) {
            weight = (unsigned) q;
        }
    }

    return weight;
}


/*
 * Takes the text up to "at", or all of it; one inside a quoted string does
 * not count.
 */

static mlist_str_t
mlist_accept_cut(mlist_str_t *s, char at)
{
    int          quoted;
    size_t       i;
    mlist_str_t  part;

    quoted = 0;

    for (i = 0; i < s->len; i++) {

        if (s->data[i] == '"') {
            quoted = !quoted;

        } else if (quoted && s->data[i] == '\\') {
            i++;

        } else if (!quoted && s->data[i] == at) {
            part.data = s->data;
            part.len = i;
            s->data += i + 1;
            s->len -= i + 1;
            return part;
        }
    }

    part = *s;
    s->data += s->len;
    s->len = 0;

    return part;
}


/* The same where nothing is quoted. */

static mlist_str_t
mlist_accept_cut_plain(mlist_str_t *s, char at)
{
    size_t       len;
    const char  *p;
    mlist_str_t  part;

    p = memchr(s->data, at, s->len);
    len = (p != NULL) ? (size_t) (p - s->data) : s->len;

    part.data = s->data;
    part.len = len;

    if (p != NULL) {
        len++;
    }

    s->data += len;
    s->len -= len;

    return part;
}


/*
 * What registry clients send: a manifest's type as it is always written, or
 * everything, without a parameter.  1 if it was that; 0: it is to be parsed.
 */

static int
mlist_accept_usual(mlist_accept_t *a, mlist_str_t range)
{
    unsigned  bit;

    static const mlist_str_t  all = MLIST_STR("*/*");

    if (mlist_str_eq(range, all)) {
        a->any = 1;

    } else {
        bit = MLIST_ACCEPT_BIT(mlist_media_exact(range))
              & MLIST_ACCEPT_MANIFESTS;

        if (bit == 0) {
            return 0;
        }

        a->types |= bit;
        a->best = 1000;
    }

    a->seen = 1;

    return 1;
}


static void
mlist_accept_range(mlist_accept_t *a, mlist_str_t range)
{
    int            q;
    unsigned       bit;
    mlist_str_t    type;
    mlist_media_e  media;

    static const mlist_str_t  html = MLIST_STR("text/html");

    type = mlist_str_trim(mlist_accept_cut(&range, ';'));
    q = mlist_accept_weight(range);

    if (q == MLIST_ACCEPT_Q_NONE || !mlist_accept_token(type)) {
        return;
    }

    a->seen = 1;

    if (mlist_accept_wildcard(a, type, q)) {
        return;
    }

    if (mlist_str_caseeq(type, html)) {
        a->html = (unsigned) q;
        return;
    }

    if ((unsigned) q > a->best) {
        a->best = (unsigned) q;
    }

    media = mlist_media_parse(type);
    bit = MLIST_ACCEPT_BIT(media) & MLIST_ACCEPT_MANIFESTS;

    if (q != 0) {
        a->types |= bit;

    } else {
        a->refused |= bit;
    }
}


/* 1 if the range is a wildcard, whether it covers manifests or not. */

static int
mlist_accept_wildcard(mlist_accept_t *a, mlist_str_t type, int q)
{
    static const mlist_str_t  all = MLIST_STR("*/*");
    static const mlist_str_t  application = MLIST_STR("application/*");
    static const mlist_str_t  subtypes = MLIST_STR("/*");

    if (mlist_str_eq(type, all)) {
        if (q != 0) {
            a->any = 1;
        }
        return 1;
    }

    if (mlist_str_caseeq(type, application)) {
        if (q != 0) {
            a->any = 1;

        } else {
            /* more specific than a wildcard of all types */
            a->no_application = 1;
        }
        return 1;
    }

    return mlist_str_ends(type, subtypes);
}


/* The weight among a range's parameters, in thousandths. */

static int
mlist_accept_weight(mlist_str_t params)
{
    mlist_str_t  param, name;

    static const mlist_str_t  q = MLIST_STR("q");

    while (params.len != 0) {
        param = mlist_accept_cut(&params, ';');
        name = mlist_str_trim(mlist_accept_cut(&param, '='));

        if (mlist_str_caseeq(name, q)) {
            return mlist_accept_qvalue(mlist_str_trim(param));
        }
    }

    return 1000;
}


/* RFC 9110, 12.4.2; a digit before the point may lack, as Java writes it. */

static int
mlist_accept_qvalue(mlist_str_t s)
{
    int     q, unit;
    size_t  i;

    i = 0;
    q = 0;

    if (s.len != 0 && (s.data[0] == '0' || s.data[0] == '1')) {
        q = (s.data[0] - '0') * 1000;
        i = 1;
    }

    if (i == s.len) {
        return (i != 0) ? q : MLIST_ACCEPT_Q_NONE;
    }

    if (s.data[i++] != '.' || s.len - i > 3 || s.len == 1) {
        return MLIST_ACCEPT_Q_NONE;
    }

    for (unit = 100; i < s.len; i++, unit /= 10) {

        if (s.data[i] < '0' || s.data[i] > '9') {
            return MLIST_ACCEPT_Q_NONE;
        }

        q += (s.data[i] - '0') * unit;
    }

    return (q <= 1000) ? q : MLIST_ACCEPT_Q_NONE;
}


/* 1 if "s" has the form of type/subtype, wildcards included. */

static int
mlist_accept_token(mlist_str_t s)
{
    size_t       i;
    const char  *slash;

    slash = (s.len != 0) ? memchr(s.data, '/', s.len) : NULL;

    if (slash == NULL || slash == s.data || slash == s.data + s.len - 1) {
        return 0;
    }

    for (i = 0; i < s.len; i++) {

        if (s.data + i == slash) {
            continue;
        }

        if (s.data[i] <= ' ' || s.data[i] > '~'
            || strchr("\"(),/:;<=>?@[\\]{}", s.data[i]) != NULL)
        {
            return 0;
        }
    }

    return 1;
}

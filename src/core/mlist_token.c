/*
 * mlist_token: tokens and scopes.  It never looks into a token: that is the
 * registry's.  Called by the glue's login rooms.
 */

#include <string.h>

#include "mlist_json.h"
#include "mlist_name.h"
#include "mlist_route.h"
#include "mlist_token.h"


#define MLIST_TOKEN_READ_LEFT    30
#define MLIST_TOKEN_UPLOAD_LEFT  300


static mlist_rc_e mlist_token_read(const json_t *doc, mlist_token_t *token);
static mlist_rc_e mlist_token_text(const json_t *doc, const char *key,
    mlist_str_t *s);
static mlist_rc_e mlist_token_life(const json_t *doc, long *life);
static int mlist_token_valid(mlist_str_t token);
static mlist_str_t mlist_token_from(mlist_str_t query);
static size_t mlist_token_append(char *out, size_t len, const char *before,
    mlist_str_t name, const char *actions);


mlist_rc_e
mlist_token_parse(mlist_str_t body, mlist_token_t *token)
{
    json_t      *doc;
    mlist_rc_e   rc;

    rc = mlist_json_load(body, &doc);

    if (rc != MLIST_OK) {
        return rc;
    }

    rc = mlist_token_read(doc, token);

    if (rc != MLIST_OK) {
        json_decref(doc);
        return rc;
    }

    token->doc = doc;

    return MLIST_OK;
}


static mlist_rc_e
mlist_token_read(const json_t *doc, mlist_token_t *token)
{
    mlist_str_t  access;

    if (mlist_token_text(doc, "token", &token->token) != MLIST_OK
        || mlist_token_text(doc, "access_token", &access) != MLIST_OK
        || mlist_token_life(doc, &token->life) != MLIST_OK)
    {
        return MLIST_INVALID;
    }

    if (token->token.len == 0) {
        token->token = access;
    }

    if (token->token.len > MLIST_TOKEN_SIZE) {
        return MLIST_TOO_LARGE;
    }

    return mlist_token_valid(token->token) ? MLIST_OK : MLIST_INVALID;
}


/* A string that may be absent, or null. */

static mlist_rc_e
mlist_token_text(const json_t *doc, const char *key, mlist_str_t *s)
{
    const json_t  *value;

    value = json_object_get(doc, key);
    *s = mlist_json_string(doc, key);

    return (value == NULL || json_is_null(value) || json_is_string(value))
               ? MLIST_OK : MLIST_INVALID;
}


static mlist_rc_e
mlist_token_life(const json_t *doc, long *life)
{
    json_int_t     n;
    const json_t  *value;

    *life = MLIST_TOKEN_LIFE;
    value = json_object_get(doc, "expires_in");

    if (value == NULL || json_is_null(value)) {
        return MLIST_OK;
    }

    if (!json_is_integer(value)) {
        return MLIST_INVALID;
    }

    n = json_integer_value(value);

    if (n > MLIST_TOKEN_MAX) {
        *life = MLIST_TOKEN_MAX;

    } else if (n > MLIST_TOKEN_LIFE) {
        *life = (long) n;
    }

    return MLIST_OK;
}


/* RFC 6750, 2.1: 1*( ALPHA / DIGIT / "-._~+/" ) *"=" */

static int
mlist_token_valid(mlist_str_t token)
{
    char    c;
    size_t  i, end;

    end = token.len;

    while (end > 0 && token.data[end - 1] == '=') {
        end--;
    }

    for (i = 0; i < end; i++) {
        c = token.data[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || (c != '\0' && strchr("-._~+/", c) != NULL)))
        {
            return 0;
        }
    }

    return end > 0;
}


int
mlist_token_good(long life, long left, int upload)
{
    long  least;

    least = upload ? life / 2 : life / 10;

    if (upload && least > MLIST_TOKEN_UPLOAD_LEFT) {
        least = MLIST_TOKEN_UPLOAD_LEFT;

    } else if (!upload && least > MLIST_TOKEN_READ_LEFT) {
        least = MLIST_TOKEN_READ_LEFT;
    }

    return left > least;
}


size_t
mlist_token_scope(mlist_str_t path, mlist_str_t query, mlist_token_e what,
    char out[MLIST_SCOPE_SIZE])
{
    size_t         len;
    mlist_str_t    from;
    mlist_route_t  route;

    route = mlist_route_parse(path);

    if (route.kind == MLIST_ROUTE_CATALOG) {
        return mlist_token_append(out, 0, "registry:", mlist_str("catalog"),
                                  ":*");
    }

    if (!mlist_name_valid(route.name)) {
        return 0;
    }

    if (what == MLIST_TOKEN_READ
        && (route.kind == MLIST_ROUTE_UPLOADS
            || route.kind == MLIST_ROUTE_UPLOAD))
    {
        what = MLIST_TOKEN_WRITE;
    }

    len = mlist_token_append(out, 0, "repository:", route.name,
                             what == MLIST_TOKEN_READ  ? ":pull"
                             : what == MLIST_TOKEN_WRITE ? ":pull,push"
                                                     : ":pull,push,delete");

    if (route.kind != MLIST_ROUTE_UPLOADS) {
        return len;
    }

    from = mlist_token_from(query);

    if (mlist_name_valid(from) && !mlist_str_eq(from, route.name)) {
        len = mlist_token_append(out, len, " repository:", from, ":pull");
    }

    return len;
}


/* The value of "from" in a query without escapes; else the empty view. */

static mlist_str_t
mlist_token_from(mlist_str_t query)
{
    size_t       i, end;
    mlist_str_t  pair;

    static const mlist_str_t  from = MLIST_STR("from=");

    for (i = 0; i < query.len; i = end + 1) {

        for (end = i; end < query.len && query.data[end] != '&'; end++) {
            /* void */
        }

        pair.data = query.data + i;
        pair.len = end - i;

        if (mlist_str_starts(pair, from)) {
            pair.data += from.len;
            pair.len -= from.len;
            return pair;
        }
    }

    return mlist_str(NULL);
}


/* A valid name has at most 255 bytes, so that two scopes always fit. */

static size_t
mlist_token_append(char *out, size_t len, const char *before,
    mlist_str_t name, const char *actions)
{
    size_t  n;

    n = strlen(before);
    memcpy(out + len, before, n);
    len += n;

    memcpy(out + len, name.data, name.len);
    len += name.len;

    n = strlen(actions);
    memcpy(out + len, actions, n);

    return len + n;
}

/*
 * mlist_link: the header Link, taken apart.  It never judges the target.
 * Called by the glue's page room.
 */

#include <string.h>

#include "mlist_link.h"


static size_t mlist_link_skip(mlist_str_t s, size_t i);
static int mlist_link_params(mlist_str_t s, size_t *i, int *next);
static size_t mlist_link_until(mlist_str_t s, size_t i, const char *ends);
static int mlist_link_value(mlist_str_t s, size_t *i, mlist_str_t *value);
static int mlist_link_has_next(mlist_str_t relations);


int
mlist_link_next(mlist_str_t value, mlist_str_t *target)
{
    int          next;
    size_t       i, end;
    mlist_str_t  found;

    for (i = 0; i < value.len; i++) {
        i = mlist_link_skip(value, i);

        /* a list may have empty elements */

        if (i == value.len || value.data[i] == ',') {
            continue;
        }

        end = mlist_link_until(value, i, ">");

        if (value.data[i] != '<' || end == value.len) {
            return -1;
        }

        found.data = value.data + i + 1;
        found.len = end - i - 1;
        i = end + 1;

        if (!mlist_link_params(value, &i, &next)) {
            return -1;
        }

        if (next) {
            *target = found;
            return 1;
        }

    }

    return 0;
}


static size_t
mlist_link_skip(mlist_str_t s, size_t i)
{
    while (i < s.len && (s.data[i] == ' ' || s.data[i] == '\t')) {
        i++;
    }

    return i;
}


/* The index of the first byte of "ends" from "i" on, or the length. */

static size_t
mlist_link_until(mlist_str_t s, size_t i, const char *ends)
{
    while (i < s.len && (s.data[i] == '\0' || !strchr(ends, s.data[i]))) {
        i++;
    }

    return i;
}


/* Reads ;name=value up to the comma or the end, where *i then stands. */

static int
mlist_link_params(mlist_str_t s, size_t *i, int *next)
{
    int          named;
    size_t       end;
    mlist_str_t  name, value;

    static const mlist_str_t  rel = MLIST_STR("rel");

    *next = 0;
    named = 0;

    for ( ;; ) {
        *i = mlist_link_skip(s, *i);

        if (*i == s.len || s.data[*i] == ',') {
            return 1;
        }

        if (s.data[*i] != ';') {
            return 0;
        }

        *i = mlist_link_skip(s, *i + 1);
        end = mlist_link_until(s, *i, "=;,");

        name.data = s.data + *i;
        name.len = end - *i;
        name = mlist_str_trim(name);
        *i = end;

        if (!mlist_link_value(s, i, &value)) {
            return 0;
        }

        /* only the first counts */

        if (!named && mlist_str_caseeq(name, rel)) {
            named = 1;
            *next = mlist_link_has_next(value);
        }
    }
}


/* "" where there is no "=". */

static int
mlist_link_value(mlist_str_t s, size_t *i, mlist_str_t *value)
{
    size_t  end;

    *value = mlist_str(NULL);

    if (*i == s.len || s.data[*i] != '=') {
        return 1;
    }

    *i = mlist_link_skip(s, *i + 1);

    if (*i < s.len && s.data[*i] == '"') {
        ++*i;

        /* relations have no escapes */

        for (end = *i; end < s.len && s.data[end] != '"'; end++) {
            if (s.data[end] == '\\') {
                end++;
            }
        }

        if (end >= s.len) {
            return 0;
        }

        value->data = s.data + *i;
        value->len = end - *i;
        *i = end + 1;

        return 1;
    }

    end = mlist_link_until(s, *i, ";, \t");

    value->data = s.data + *i;
    value->len = end - *i;
    *i = end;

    return 1;
}


static int
mlist_link_has_next(mlist_str_t relations)
{
    size_t       i, end;
    mlist_str_t  one;

    static const mlist_str_t  next = MLIST_STR("next");

    for (i = 0; i < relations.len; i = end + 1) {
        end = mlist_link_until(relations, i, " \t");

        one.data = relations.data + i;
        one.len = end - i;

        if (mlist_str_caseeq(one, next)) {
            return 1;
        }
    }

    return 0;
}

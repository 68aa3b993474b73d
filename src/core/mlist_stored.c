/*
 * mlist_stored: what a list's file says, strictly: what is not exactly as it
 * was written is damaged.  Called by the glue's store_list.
 */

#include <stdio.h>
#include <string.h>

#include "mlist_stored.h"


#define MLIST_STORED_FIRST  "mlist-list 1"


/* The lines of a header. */
typedef struct {
    mlist_str_t  first;
    mlist_str_t  name;
    mlist_str_t  type;
    mlist_str_t  digest;
    mlist_str_t  size;
    mlist_str_t  platforms;
} mlist_stored_lines_t;


static mlist_rc_e mlist_stored_lines(mlist_str_t *rest,
    mlist_stored_lines_t *lines);
static int mlist_stored_line(mlist_str_t *rest, const char *key,
    mlist_str_t *value);
static mlist_rc_e mlist_stored_names(const mlist_stored_lines_t *lines,
    mlist_str_t name, mlist_str_t digest, mlist_stored_problem_t *problem);
static mlist_rc_e mlist_stored_size(mlist_str_t size, mlist_str_t bytes,
    mlist_stored_problem_t *problem);
static mlist_rc_e mlist_stored_verify(const mlist_stored_t *list,
    mlist_stored_problem_t *problem);
static mlist_rc_e mlist_stored_fail(mlist_stored_problem_t *problem,
    const char *what, mlist_str_t expected, mlist_str_t seen);


mlist_rc_e
mlist_stored_head(mlist_str_t name, const mlist_stored_t *list,
    char out[MLIST_STORED_HEAD_MAX], size_t *len)
{
    int  n;

    if (name.len > MLIST_STORED_HEAD_MAX
        || list->digest.len > MLIST_DIGEST_MAX
        || list->platforms.len > MLIST_STORED_HEAD_MAX
        || !mlist_str_printable(name)
        || !mlist_str_printable(list->digest)
        || !mlist_str_printable(list->platforms))
    {
        return MLIST_INVALID;
    }

    n = snprintf(out, MLIST_STORED_HEAD_MAX,
                 MLIST_STORED_FIRST "\nname: %.*s\ntype: %s\ndigest: %.*s\n"
                 "size: %zu\nplatforms: %.*s\n\n",
                 (int) name.len, name.data,
                 mlist_media_text(list->type),
                 (int) list->digest.len, list->digest.data,
                 list->bytes.len,
                 (int) list->platforms.len, list->platforms.data);

    if (n < 0 || n >= MLIST_STORED_HEAD_MAX) {
        return MLIST_INVALID;
    }

    *len = (size_t) n;

    return MLIST_OK;
}


mlist_rc_e
mlist_stored_parse(mlist_str_t file, mlist_str_t name, mlist_str_t digest,
    mlist_stored_t *list, mlist_stored_problem_t *problem)
{
    mlist_rc_e            rc;
    mlist_stored_lines_t  lines;

    list->bytes = file;

    if (mlist_stored_lines(&list->bytes, &lines) != MLIST_OK) {
        return mlist_stored_fail(problem, "header",
                           mlist_str("name, type, digest, size, platforms"),
                           file);
    }

    rc = mlist_stored_names(&lines, name, digest, problem);
    if (rc != MLIST_OK) {
        return rc;
    }

    list->type = mlist_media_exact(lines.type);
    list->digest = lines.digest;
    list->platforms = lines.platforms;

    if (!mlist_media_is_list(list->type)) {
        return mlist_stored_fail(problem, "media type",
                                 mlist_str("that of a list"), lines.type);
    }

    rc = mlist_stored_size(lines.size, list->bytes, problem);
    if (rc != MLIST_OK) {
        return rc;
    }

    return mlist_stored_verify(list, problem);
}


/* Takes the header off "rest".  MLIST_OK or MLIST_MISMATCH. */

static mlist_rc_e
mlist_stored_lines(mlist_str_t *rest, mlist_stored_lines_t *lines)
{
    mlist_str_t  empty;

    return mlist_stored_line(rest, "", &lines->first)
           && mlist_stored_line(rest, "name: ", &lines->name)
           && mlist_stored_line(rest, "type: ", &lines->type)
           && mlist_stored_line(rest, "digest: ", &lines->digest)
           && mlist_stored_line(rest, "size: ", &lines->size)
           && mlist_stored_line(rest, "platforms: ", &lines->platforms)
           && mlist_stored_line(rest, "", &empty)
           && empty.len == 0
           && mlist_str_printable(lines->platforms)
               ? MLIST_OK : MLIST_MISMATCH;
}


/* Takes a line off "rest": 1 and what follows "key", or 0. */

static int
mlist_stored_line(mlist_str_t *rest, const char *key, mlist_str_t *value)
{
    const char   *end;
    mlist_str_t   line, prefix;

    line = *rest;
    prefix = mlist_str(key);

    end = line.len ? memchr(line.data, '\n', line.len) : NULL;
    if (end == NULL) {
        return 0;
    }

    line.len = (size_t) (end - line.data);

    if (!mlist_str_starts(line, prefix)) {
        return 0;
    }

    rest->data += line.len + 1;
    rest->len -= line.len + 1;

    value->data = line.data + prefix.len;
    value->len = line.len - prefix.len;

    return 1;
}


static mlist_rc_e
mlist_stored_names(const mlist_stored_lines_t *lines, mlist_str_t name,
    mlist_str_t digest, mlist_stored_problem_t *problem)
{
    static const mlist_str_t  first = MLIST_STR(MLIST_STORED_FIRST);

    if (!mlist_str_eq(lines->first, first)) {
        return mlist_stored_fail(problem, "format", first, lines->first);
    }

    if (!mlist_str_eq(lines->name, name)) {
        return mlist_stored_fail(problem, "name", name, lines->name);
    }

    if (!mlist_str_eq(lines->digest, digest)) {
        return mlist_stored_fail(problem, "digest", digest, lines->digest);
    }

    return MLIST_OK;
}


/* Compared as a text: it was written in one way only. */

static mlist_rc_e
mlist_stored_size(mlist_str_t size, mlist_str_t bytes,
    mlist_stored_problem_t *problem)
{
    int          n;
    mlist_str_t  seen;

    n = snprintf(problem->size, sizeof(problem->size), "%zu", bytes.len);

    seen.data = problem->size;
    seen.len = n < 0 ? 0 : (size_t) n;

    if (!mlist_str_eq(size, seen)) {
        return mlist_stored_fail(problem, "size", size, seen);
    }

    return MLIST_OK;
}


static mlist_rc_e
mlist_stored_verify(const mlist_stored_t *list,
    mlist_stored_problem_t *problem)
{
    mlist_rc_e  rc;

    rc = mlist_digest_parse(list->digest, &problem->digest);

    if (rc == MLIST_OK) {
        rc = mlist_digest_verify(list->bytes, &problem->digest);
    }

    if (rc == MLIST_OK || rc == MLIST_NOMEM) {
        return rc;
    }

    if (mlist_digest_compute(list->bytes, &problem->digest) != MLIST_OK) {
        return MLIST_NOMEM;
    }

    return mlist_stored_fail(problem, "content", list->digest,
                             mlist_digest_str(&problem->digest));
}


static mlist_rc_e
mlist_stored_fail(mlist_stored_problem_t *problem, const char *what,
    mlist_str_t expected, mlist_str_t seen)
{
    problem->what = what;
    problem->expected = expected;
    problem->seen = seen;

    return MLIST_MISMATCH;
}

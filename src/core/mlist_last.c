/*
 * mlist_last: a tag's last list as a text.  What is read counts only where
 * writing it again gives the same bytes, so that nothing that a disk has
 * damaged passes.  Called by the glue's store_last and store_scan.
 */

#include <stdio.h>
#include <string.h>

#include "mlist_last.h"


#define MLIST_LAST_FIRST  "mlist-last 1"


static mlist_str_t mlist_last_line(mlist_str_t *rest, const char *key);
static uint64_t mlist_last_number(mlist_str_t text);
static void mlist_last_digest(mlist_str_t text, mlist_digest_t *digest);


mlist_rc_e
mlist_last_write(mlist_str_t key, const mlist_last_t *last,
    char out[MLIST_LAST_MAX], size_t *len)
{
    int             n;
    mlist_str_t     text;
    mlist_digest_t  check;

    if (last->name.len > MLIST_LAST_NAME
        || !mlist_str_printable(last->name))
    {
        return MLIST_INVALID;
    }

    n = snprintf(out, MLIST_LAST_MAX,
                 MLIST_LAST_FIRST "\nkey: %.*s\nname: %.*s\nnumber: %llu\n"
                 "type: %s\nmissing: %lu\ndocker: %s\noci: %s\n",
                 (int) key.len, key.data,
                 (int) last->name.len, last->name.data,
                 (unsigned long long) last->number,
                 mlist_media_text(last->type),
                 (unsigned long) last->missing,
                 last->docker.len ? last->docker.text : "",
                 last->oci.len ? last->oci.text : "");

    if (n < 0 || n >= MLIST_LAST_MAX) {
        return MLIST_INVALID;
    }

    text.data = out;
    text.len = (size_t) n;

    if (mlist_digest_compute(text, &check) != MLIST_OK) {
        return MLIST_NOMEM;
    }

    *len = text.len;

    n = snprintf(out + *len, MLIST_LAST_MAX - *len, "check: %s\n",
                 check.text);

    if (n < 0 || (size_t) n >= MLIST_LAST_MAX - *len) {
        return MLIST_INVALID;
    }

    *len += (size_t) n;

    return MLIST_OK;
}


mlist_rc_e
mlist_last_parse(mlist_str_t text, mlist_str_t key, mlist_last_t *last)
{
    char         again[MLIST_LAST_MAX];
    mlist_rc_e   rc;
    mlist_str_t  rest, whole;

    memset(last, 0, sizeof(mlist_last_t));

    rest = text;

    (void) mlist_last_line(&rest, MLIST_LAST_FIRST);
    (void) mlist_last_line(&rest, "key: ");

    last->name = mlist_last_line(&rest, "name: ");
    last->number = mlist_last_number(mlist_last_line(&rest, "number: "));
    last->type = mlist_media_parse(mlist_last_line(&rest, "type: "));
    last->missing = (uint32_t) mlist_last_number(mlist_last_line(&rest,
                                                              "missing: "));
    mlist_last_digest(mlist_last_line(&rest, "docker: "), &last->docker);
    mlist_last_digest(mlist_last_line(&rest, "oci: "), &last->oci);

    if (!mlist_media_is_list(last->type)) {
        return MLIST_MISMATCH;
    }

    rc = mlist_last_write(key, last, again, &whole.len);

    if (rc != MLIST_OK) {
        return rc == MLIST_NOMEM ? MLIST_NOMEM : MLIST_MISMATCH;
    }

    whole.data = again;

    return mlist_str_eq(text, whole) ? MLIST_OK : MLIST_MISMATCH;
}


/*
 * Takes a line off "rest" and returns what follows "key"; the empty view
 * where it is another line.
 */

static mlist_str_t
mlist_last_line(mlist_str_t *rest, const char *key)
{
    const char   *end;
    mlist_str_t   line, prefix;

    line = *rest;
    prefix = mlist_str(key);

    end = line.len ? memchr(line.data, '\n', line.len) : NULL;

    if (end == NULL || !mlist_str_starts(line, prefix)) {
        return mlist_str(NULL);
    }

    line.len = (size_t) (end - line.data);

    rest->data += line.len + 1;
    rest->len -= line.len + 1;

    line.data += prefix.len;
    line.len -= prefix.len;

    return line;
}


/* Whatever it makes of what is no number is not written the same again. */

static uint64_t
mlist_last_number(mlist_str_t text)
{
    size_t    i;
    uint64_t  n;

    n = 0;

    for (i = 0; i < text.len; i++) {
        n = n * 10 + (uint64_t) ((unsigned char) text.data[i] - '0');
    }

    return n;
}


static void
mlist_last_digest(mlist_str_t text, mlist_digest_t *digest)
{
    if (text.len == 0 || mlist_digest_parse(text, digest) != MLIST_OK) {
        memset(digest, 0, sizeof(mlist_digest_t));
    }
}

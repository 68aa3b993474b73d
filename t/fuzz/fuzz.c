/*
 * fuzz: see fuzz.h.  It knows nothing of what the targets test.  Called by
 * the targets and by alloc.c.
 */

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"


#define FUZZ_BLOCKS  8192


static mlist_str_t fuzz_cut(const char **data, size_t *left, char end);
static void *fuzz_keep(size_t size);


void  (*fuzz_told)(mlist_rc_e rc);
int     fuzz_harness;


static const char  *fuzz_data;
static size_t       fuzz_left;
static void        *fuzz_blocks[FUZZ_BLOCKS];
static size_t       fuzz_nblocks;


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_data = (const char *) data;
    fuzz_left = size;

    fuzz_one();

    fuzz_harness++;

    while (fuzz_nblocks != 0) {
        free(fuzz_blocks[--fuzz_nblocks]);
    }

    fuzz_harness--;

    return 0;
}


unsigned
fuzz_byte(void)
{
    if (fuzz_left == 0) {
        return 0;
    }

    fuzz_left--;

    return (unsigned char) *fuzz_data++;
}


mlist_str_t
fuzz_field(char end)
{
    return fuzz_cut(&fuzz_data, &fuzz_left, end);
}


size_t
fuzz_fields(char end, mlist_str_t *fields, size_t max)
{
    size_t  n;

    for (n = 0; n < max && fuzz_left != 0; n++) {
        fields[n] = fuzz_field(end);
    }

    return n;
}


size_t
fuzz_split(mlist_str_t text, char end, mlist_str_t *fields, size_t max)
{
    size_t  n;

    for (n = 0; n < max && text.len != 0; n++) {
        fields[n] = fuzz_cut(&text.data, &text.len, end);
    }

    return n;
}


mlist_str_t
fuzz_rest(void)
{
    mlist_str_t  rest;

    rest = fuzz_copy(fuzz_data, fuzz_left);
    fuzz_left = 0;

    return rest;
}


mlist_str_t
fuzz_copy(const char *data, size_t len)
{
    char         *p;
    mlist_str_t   copy;

    copy.data = NULL;
    copy.len = len;

    if (len != 0) {
        p = fuzz_keep(len);
        memcpy(p, data, len);
        copy.data = p;
    }

    return copy;
}


mlist_str_t
fuzz_join(const mlist_str_t *parts, size_t n)
{
    char         *p;
    size_t        i;
    mlist_str_t   s;

    for (i = 0, s.len = 0; i < n; i++) {
        s.len += parts[i].len;
    }

    p = fuzz_room(s.len);
    s.data = p;

    for (i = 0; i < n; i++) {
        if (parts[i].len != 0) {
            memcpy(p, parts[i].data, parts[i].len);
            p += parts[i].len;
        }
    }

    return s;
}


char *
fuzz_room(size_t size)
{
    return (size != 0) ? fuzz_keep(size) : NULL;
}


mlist_rc_e
fuzz_rc(mlist_rc_e rc)
{
    if (fuzz_told != NULL) {
        fuzz_told(rc);

    } else {
        assert(rc != MLIST_NOMEM);
    }

    return rc;
}


json_t *
fuzz_json(mlist_str_t text)
{
    json_t  *json;

    fuzz_harness++;
    json = json_loadb(text.len != 0 ? text.data : "", text.len,
                      JSON_REJECT_DUPLICATES, NULL);
    fuzz_harness--;

    return json;
}


void
fuzz_json_free(json_t *json)
{
    fuzz_harness++;
    json_decref(json);
    fuzz_harness--;
}


int
fuzz_within(mlist_str_t view, mlist_str_t whole)
{
    return view.len == 0
           || (view.len <= whole.len
               && view.data >= whole.data
               && (size_t) (view.data - whole.data) <= whole.len - view.len);
}


int
fuzz_only(mlist_str_t s, const char *others)
{
    char    c;
    size_t  i;

    for (i = 0; i < s.len; i++) {
        c = s.data[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || (c != '\0' && strchr(others, c) != NULL)))
        {
            return 0;
        }
    }

    return 1;
}


static mlist_str_t
fuzz_cut(const char **data, size_t *left, char end)
{
    size_t       len;
    const char  *p;
    mlist_str_t  field;

    p = *left != 0 ? memchr(*data, end, *left) : NULL;
    len = (p != NULL) ? (size_t) (p - *data) : *left;
    field = fuzz_copy(*data, len);

    if (p != NULL) {
        len++;
    }

    if (len != 0) {
        *data += len;
        *left -= len;
    }

    return field;
}


static void *
fuzz_keep(size_t size)
{
    void  *block;

    fuzz_harness++;
    block = malloc(size);
    fuzz_harness--;

    assert(block != NULL && fuzz_nblocks < FUZZ_BLOCKS);
    fuzz_blocks[fuzz_nblocks++] = block;

    return block;
}

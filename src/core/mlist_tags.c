/*
 * mlist_tags: the union of what sources list.  Never parses what a source
 * sent, never decides what a name is folded to.  Called by the glue's
 * catalog and fold rooms.
 */

#include <stdlib.h>
#include <string.h>

#include "mlist_tags.h"


#define MLIST_TAGS_CHUNK  16384              /* longer than any name */


struct mlist_tags_chunk_s {
    mlist_tags_chunk_t  *next;
    size_t               used;
    char                 text[MLIST_TAGS_CHUNK];
};


static mlist_rc_e mlist_tags_room(mlist_tags_t *tags);
static char *mlist_tags_copy(mlist_tags_t *tags, mlist_str_t text);
static uint64_t mlist_tags_head(mlist_str_t text);
static int mlist_tags_compare(const void *one, const void *two);
static size_t mlist_tags_put(char *out, size_t len, mlist_str_t s);


mlist_rc_e
mlist_tags_add(mlist_tags_t *tags, mlist_str_t text, uint32_t sources,
    int stands)
{
    mlist_rc_e          rc;
    mlist_tags_item_t  *item;

    if (tags->n == MLIST_TAGS_MAX
        || text.len > MLIST_TAGS_BYTES - tags->bytes
        || text.len > MLIST_TAGS_CHUNK)
    {
        return MLIST_TOO_LARGE;
    }

    rc = mlist_tags_room(tags);

    if (rc != MLIST_OK) {
        return rc;
    }

    item = &tags->items[tags->n];

    item->text.len = text.len;
    item->text.data = mlist_tags_copy(tags, text);

    if (item->text.data == NULL) {
        return MLIST_NOMEM;
    }

    item->head = mlist_tags_head(item->text);
    item->sources = sources;
    item->stands = stands ? 1 : 0;

    tags->n++;
    tags->bytes += text.len;

    return MLIST_OK;
}


static mlist_rc_e
mlist_tags_room(mlist_tags_t *tags)
{
    size_t              size;
    mlist_tags_item_t  *items;

    if (tags->n < tags->size) {
        return MLIST_OK;
    }

    size = tags->size ? 2 * tags->size : 256;

    items = realloc(tags->items, size * sizeof(mlist_tags_item_t));
    if (items == NULL) {
        return MLIST_NOMEM;
    }

    tags->items = items;
    tags->size = size;

    return MLIST_OK;
}


static char *
mlist_tags_copy(mlist_tags_t *tags, mlist_str_t text)
{
    char                *p;
    mlist_tags_chunk_t  *chunk;

    chunk = tags->chunks;

    if (chunk == NULL || text.len > MLIST_TAGS_CHUNK - chunk->used) {

        chunk = malloc(sizeof(mlist_tags_chunk_t));
        if (chunk == NULL) {
            return NULL;
        }

        chunk->next = tags->chunks;
        chunk->used = 0;
        tags->chunks = chunk;
    }

    p = chunk->text + chunk->used;
    chunk->used += text.len;

    if (text.len != 0) {
        memcpy(p, text.data, text.len);
    }

    return p;
}


/* The first eight bytes, the first one highest: in their order. */

static uint64_t
mlist_tags_head(mlist_str_t text)
{
    size_t    i;
    uint64_t  head;

    head = 0;

    for (i = 0; i < 8; i++) {
        head <<= 8;

        if (i < text.len) {
            head |= (unsigned char) text.data[i];
        }
    }

    return head;
}


void
mlist_tags_finish(mlist_tags_t *tags, uint32_t required, uint32_t always)
{
    size_t              i, n;
    uint32_t            sources;
    mlist_tags_item_t  *item;

    if (tags->n == 0) {
        return;
    }

    qsort(tags->items, tags->n, sizeof(mlist_tags_item_t),
          mlist_tags_compare);

    item = tags->items;
    n = 0;

    for (i = 1; i < tags->n; i++) {

        if (mlist_tags_compare(&item[n], &item[i]) == 0) {
            item[n].sources |= item[i].sources;
            item[n].stands |= item[i].stands;

        } else {
            item[++n] = item[i];
        }
    }

    tags->n = n + 1;

    for (n = 0, i = 0; i < tags->n; i++) {
        sources = item[i].sources | always;

        if (item[i].stands || sources == 0 || !(required & ~sources)) {
            item[n++] = item[i];
        }
    }

    tags->n = n;
}


static int
mlist_tags_compare(const void *one, const void *two)
{
    const mlist_tags_item_t  *a, *b;

    a = one;
    b = two;

    /* mostly it is told without the texts, which lie anywhere */

    if (a->head != b->head) {
        return (a->head < b->head) ? -1 : 1;
    }

    return mlist_str_order(a->text, b->text);
}


mlist_tags_page_t
mlist_tags_page(const mlist_tags_t *tags, mlist_str_t last, size_t n)
{
    size_t             low, high, middle;
    mlist_tags_page_t  page;

    low = 0;
    high = (last.len != 0) ? tags->n : 0;

    while (low < high) {
        middle = low + (high - low) / 2;

        if (mlist_str_order(tags->items[middle].text, last) > 0) {
            high = middle;

        } else {
            low = middle + 1;
        }
    }

    page.first = low;
    page.n = (tags->n - low < n) ? tags->n - low : n;
    page.more = (n != 0 && page.n < tags->n - low);

    return page;
}


size_t
mlist_tags_json(const mlist_tags_t *tags, const mlist_tags_page_t *page,
    mlist_str_t name, char *out)
{
    size_t  i, len;

    static const mlist_str_t  named = MLIST_STR("{\"name\":\"");
    static const mlist_str_t  holds = MLIST_STR("\",\"tags\":[");
    static const mlist_str_t  repositories = MLIST_STR("{\"repositories\":[");
    static const mlist_str_t  quote = MLIST_STR("\"");
    static const mlist_str_t  comma = MLIST_STR(",");
    static const mlist_str_t  end = MLIST_STR("]}\n");

    /* valid names and tags need no escapes */

    if (name.len != 0) {
        len = mlist_tags_put(out, 0, named);
        len = mlist_tags_put(out, len, name);
        len = mlist_tags_put(out, len, holds);

    } else {
        len = mlist_tags_put(out, 0, repositories);
    }

    for (i = 0; i < page->n; i++) {

        if (i != 0) {
            len = mlist_tags_put(out, len, comma);
        }

        len = mlist_tags_put(out, len, quote);
        len = mlist_tags_put(out, len, tags->items[page->first + i].text);
        len = mlist_tags_put(out, len, quote);
    }

    return mlist_tags_put(out, len, end);
}


static size_t
mlist_tags_put(char *out, size_t len, mlist_str_t s)
{
    if (out != NULL && s.len != 0) {
        memcpy(out + len, s.data, s.len);
    }

    return len + s.len;
}


mlist_rc_e
mlist_tags_number(mlist_str_t text, size_t *n)
{
    size_t  i;

    *n = 0;

    for (i = 0; i < text.len; i++) {

        if (text.data[i] < '0' || text.data[i] > '9') {
            return MLIST_INVALID;
        }

        *n = *n * 10 + (size_t) (text.data[i] - '0');

        if (*n > MLIST_TAGS_PAGE) {
            *n = MLIST_TAGS_PAGE;
        }
    }

    return (text.len != 0) ? MLIST_OK : MLIST_INVALID;
}


void
mlist_tags_free(mlist_tags_t *tags)
{
    mlist_tags_chunk_t  *chunk;

    while (tags->chunks != NULL) {
        chunk = tags->chunks;
        tags->chunks = chunk->next;
        free(chunk);
    }

    free(tags->items);
    memset(tags, 0, sizeof(mlist_tags_t));
}

/*
 * Lists of tags and of repositories, their union and its pages.  Without
 * this a name could be lost between two pages, or be listed twice.
 */

#include <assert.h>
#include <string.h>

#include "fuzz.h"
#include "mlist_name.h"
#include "mlist_page.h"
#include "mlist_tags.h"


#define TARGET_PAGES  8


typedef struct {
    mlist_tags_t  *tags;
    uint32_t       source;
    int            catalog;
    size_t         n;
} target_walk_t;


static mlist_rc_e target_take(void *data, mlist_str_t name);
static void target_walk(mlist_tags_t *tags, int catalog, size_t n);
static void target_page(const mlist_tags_t *tags,
    const mlist_tags_page_t *page, int catalog);
static void target_number(mlist_str_t text);


void
fuzz_one(void)
{
    size_t         i, npages;
    unsigned       how;
    mlist_rc_e     rc;
    mlist_str_t    number, pages[TARGET_PAGES];
    mlist_tags_t   tags;
    target_walk_t  walk;

    how = fuzz_byte();
    number = fuzz_field(FUZZ_LINE);
    target_number(number);

    memset(&tags, 0, sizeof(tags));
    memset(&walk, 0, sizeof(walk));
    walk.tags = &tags;
    walk.catalog = how & 1;
    rc = MLIST_OK;

    npages = fuzz_fields(FUZZ_DOC, pages, TARGET_PAGES);

    for (i = 0; i < npages && rc != MLIST_NOMEM; i++) {
        walk.source = (uint32_t) 1 << i;
        rc = fuzz_rc(mlist_page_read(pages[i],
                                     walk.catalog ? "repositories" : "tags",
                                     target_take, &walk));
    }

    if (rc != MLIST_NOMEM) {
        assert(tags.n == walk.n);
        mlist_tags_finish(&tags, (how & 2) ? 1 : 0, (how & 4) ? 1 : 0);
        assert(tags.n <= walk.n);
        assert((how & 2) != 0 || walk.n == 0 || tags.n != 0);
        target_walk(&tags, walk.catalog, 1 + (how >> 3) % 8);
    }

    mlist_tags_free(&tags);
    assert(tags.n == 0 && tags.items == NULL && tags.chunks == NULL);
}


static mlist_rc_e
target_take(void *data, mlist_str_t name)
{
    mlist_rc_e      rc;
    target_walk_t  *walk;

    walk = data;

    if (!(walk->catalog ? mlist_name_valid(name)
                        : mlist_name_tag_valid(name)))
    {
        return MLIST_OK;
    }

    rc = mlist_tags_add(walk->tags, name, walk->source,
                        name.data[0] == 's');
    walk->n += (rc == MLIST_OK);

    return rc;
}


/* Page by page, from one's last name on, each name comes once, in order. */

static void
target_walk(mlist_tags_t *tags, int catalog, size_t n)
{
    size_t             i, seen;
    mlist_str_t        last;
    mlist_tags_page_t  page;

    for (i = 1; i < tags->n; i++) {
        assert(mlist_str_order(tags->items[i - 1].text,
                               tags->items[i].text) < 0);
    }

    page = mlist_tags_page(tags, mlist_str(NULL), 0);
    assert(page.n == 0 && !page.more);

    last = mlist_str(NULL);
    seen = 0;

    for ( ;; ) {
        page = mlist_tags_page(tags, last, n);
        assert(page.first == seen && page.n <= n);
        target_page(tags, &page, catalog);
        seen += page.n;

        if (!page.more) {
            break;
        }

        assert(page.n == n);
        last = tags->items[seen - 1].text;
    }

    assert(seen == tags->n);
}


static void
target_page(const mlist_tags_t *tags, const mlist_tags_page_t *page,
    int catalog)
{
    char         *out;
    size_t        i;
    json_t       *json, *names;
    mlist_str_t   text, name;

    name = mlist_str(catalog ? NULL : "a/name");
    text.len = mlist_tags_json(tags, page, name, NULL);
    out = fuzz_room(text.len);
    assert(mlist_tags_json(tags, page, name, out) == text.len);
    text.data = out;

    json = fuzz_json(text);
    assert(json != NULL);
    names = json_object_get(json, catalog ? "repositories" : "tags");
    assert(json_array_size(names) == page->n);

    for (i = 0; i < page->n; i++) {
        name = mlist_str(json_string_value(json_array_get(names, i)));
        assert(mlist_str_eq(name, tags->items[page->first + i].text));
    }

    fuzz_json_free(json);
}


static void
target_number(mlist_str_t text)
{
    size_t       n, i;
    mlist_rc_e   rc;

    rc = fuzz_rc(mlist_tags_number(text, &n));

    for (i = 0; i < text.len && text.data[i] >= '0' && text.data[i] <= '9';
         i++)
    {
        /* void */
    }

    assert((rc == MLIST_OK) == (text.len != 0 && i == text.len));
    assert(n <= MLIST_TAGS_PAGE);
}

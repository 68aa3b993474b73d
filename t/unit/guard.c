/*
 * guard: inputs flush against an unreadable page.  Called by the tests.
 */

#define _DEFAULT_SOURCE      /* MAP_ANONYMOUS */

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "guard.h"


#define GUARD_PAGES  4


static char  *guard_ends[2];


mlist_str_t
guard(int slot, const char *s)
{
    return guard_bytes(slot, s, strlen(s));
}


mlist_str_t
guard_bytes(int slot, const char *s, size_t len)
{
    char         *base;
    size_t        page;
    mlist_str_t   view;

    page = (size_t) sysconf(_SC_PAGESIZE);

    if (guard_ends[slot] == NULL) {
        base = mmap(NULL, (GUARD_PAGES + 1) * page, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        if (base == MAP_FAILED
            || mprotect(base + GUARD_PAGES * page, page, PROT_NONE) != 0)
        {
            abort();
        }

        guard_ends[slot] = base + GUARD_PAGES * page;
    }

    if (len > GUARD_PAGES * page) {
        abort();
    }

    if (len != 0) {
        memcpy(guard_ends[slot] - len, s, len);
    }

    view.data = guard_ends[slot] - len;
    view.len = len;

    return view;
}

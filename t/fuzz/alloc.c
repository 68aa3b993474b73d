/*
 * alloc: a target, each of its inputs run again and again, and each time
 * another allocation of the core, jansson or libcrypto fails: the first, the
 * second, and so on until none is left.  Up to where the core says that
 * memory is short it must say what it says otherwise; nothing may crash, and
 * nothing be left.
 *
 *     alloc_NAME LIMIT FILE...      LIMIT failures of an input at most,
 *                                   spread over it
 *
 * Linked with --wrap for malloc() and its kin, and with the archives of
 * jansson and libcrypto, so that theirs fail too.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sanitizer/lsan_interface.h>

#include "fuzz.h"


#define ALLOC_CODES  65536


void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void __real_free(void *p);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
void __wrap_free(void *p);

static int alloc_denied(void);
static void alloc_told(mlist_rc_e rc);
static void alloc_fail(const char *what) __attribute__((noreturn));
static uint8_t *alloc_read(const char *file, size_t *size);
static size_t alloc_file(const char *file, size_t number, size_t limit);
static void alloc_run(const uint8_t *data, size_t size, size_t which);


static int          alloc_on;        /* a target runs */
static size_t       alloc_calls;     /* of the core, so far */
static size_t       alloc_which;     /* fails; 0: none */
static int          alloc_fired;
static long         alloc_live;      /* blocks */

static mlist_rc_e   alloc_codes[ALLOC_CODES];  /* where memory is enough */
static size_t       alloc_ncodes;
static size_t       alloc_code;      /* the next */
static int          alloc_short;     /* the core has said so */

static const char  *alloc_input;


int
main(int argc, char **argv)
{
    int     i;
    size_t  limit, failed;

    limit = (argc > 1) ? strtoul(argv[1], NULL, 10) : 0;

    if (limit == 0) {
        fprintf(stderr, "usage: %s LIMIT FILE...\n", argv[0]);
        return 2;
    }

    fuzz_told = alloc_told;
    failed = 0;

    for (i = 2; i < argc; i++) {
        failed += alloc_file(argv[i], (size_t) i, limit);
    }

    printf("inputs=%d failed=%zu\n", argc - 2, failed);

    return 0;
}


void *
__wrap_malloc(size_t size)
{
    void  *p;

    p = alloc_denied() ? NULL : __real_malloc(size);
    alloc_live += (p != NULL);

    return p;
}


void *
__wrap_calloc(size_t n, size_t size)
{
    void  *p;

    p = alloc_denied() ? NULL : __real_calloc(n, size);
    alloc_live += (p != NULL);

    return p;
}


void *
__wrap_realloc(void *p, size_t size)
{
    void  *q;

    q = alloc_denied() ? NULL : __real_realloc(p, size);
    alloc_live += (p == NULL && q != NULL);

    return q;
}


void
__wrap_free(void *p)
{
    alloc_live -= (p != NULL);
    __real_free(p);
}


/* Counts, and says whether this is the one that fails. */

static int
alloc_denied(void)
{
    if (!alloc_on || fuzz_harness > 0) {
        return 0;
    }

    if (++alloc_calls != alloc_which) {
        return 0;
    }

    alloc_fired = 1;
    errno = ENOMEM;

    return 1;
}


/* What follows after the core has said so is of no interest. */

static void
alloc_told(mlist_rc_e rc)
{
    if (rc == MLIST_NOMEM) {

        if (!alloc_fired) {
            alloc_fail("memory is said to be short, but is not");
        }

        alloc_short = 1;
        return;
    }

    if (alloc_short) {
        return;
    }

    if (alloc_which == 0) {

        if (alloc_ncodes == ALLOC_CODES) {
            alloc_fail("has too many results");
        }

        alloc_codes[alloc_ncodes++] = rc;
        return;
    }

    if (alloc_code == alloc_ncodes || alloc_codes[alloc_code] != rc) {
        fprintf(stderr, "result %zu: expected \"%s\", seen \"%s\"\n",
                alloc_code, alloc_code == alloc_ncodes ? "none"
                            : mlist_rc_text(alloc_codes[alloc_code]),
                mlist_rc_text(rc));
        alloc_fail(alloc_fired ? "memory is short, which is taken for another"
                                 " error" : "has another result each time");
    }

    alloc_code++;
}


static void
alloc_fail(const char *what)
{
    fprintf(stderr, "%s, allocation %zu: %s\n", alloc_input, alloc_which,
            what);
    abort();
}


/*
 * How many allocations have failed.  Inputs are much alike, so each begins
 * elsewhere.
 */

static size_t
alloc_file(const char *file, size_t number, size_t limit)
{
    long      live;
    size_t    n, step, size, failed;
    uint8_t  *data;

    alloc_input = file;
    data = alloc_read(file, &size);

    /* what libraries make once is not counted */

    alloc_run(data, size, 0);
    alloc_ncodes = 0;
    live = alloc_live;
    alloc_run(data, size, 0);

    step = 1 + (alloc_calls - (alloc_calls != 0)) / limit;
    failed = 0;

    for (n = 1 + number % step; /* void */ ; n += step) {
        alloc_run(data, size, n);

        if (!alloc_fired) {
            break;
        }

        failed++;

        /* a library may keep what it has made, and find it again */

        if (alloc_live != live && __lsan_do_recoverable_leak_check()) {
            alloc_fail("memory is lost");
        }

        live = alloc_live;
    }

    __wrap_free(data);

    return failed;
}


static void
alloc_run(const uint8_t *data, size_t size, size_t which)
{
    alloc_which = which;
    alloc_calls = 0;
    alloc_fired = 0;
    alloc_code = 0;
    alloc_short = 0;

    alloc_on = 1;
    (void) LLVMFuzzerTestOneInput(data, size);
    alloc_on = 0;
}


static uint8_t *
alloc_read(const char *file, size_t *size)
{
    FILE     *f;
    long      end;
    uint8_t  *data;

    f = fopen(file, "rb");

    if (f == NULL || fseek(f, 0, SEEK_END) != 0 || (end = ftell(f)) < 0) {
        alloc_fail("cannot be read");
    }

    rewind(f);
    *size = (size_t) end;
    data = malloc(*size + 1);

    if (data == NULL || fread(data, 1, *size, f) != *size) {
        alloc_fail("cannot be read");
    }

    fclose(f);

    return data;
}

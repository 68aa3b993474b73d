/*
 * The state of the test build: see faults_state.h.  It knows neither nginx nor
 * the module.  Called by faults_ngx.c and faults_lib.c.
 */

#define _GNU_SOURCE

#include "faults_state.h"

#include <execinfo.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>


#define MLIST_FAULTS_DEPTH   24
#define MLIST_FAULTS_SHOWN   4

/*
 * In one hold of the mutex, of values of at most 4m in pieces of half a page:
 * what is replaced or has ended (three), what is given back of one for which
 * there was no room, and what is evicted: 256 pieces, and the rest of the
 * last one.
 */
#define MLIST_FAULTS_FREED   (5 * 2048 + 256)


/* Of the sanitizer's library, where there is one. */
void __sanitizer_symbolize_pc(void *pc, const char *format, char *text,
    size_t size) __attribute__((weak));

static void mlist_faults_start(void) __attribute__((constructor));
static int mlist_faults_count(const char *call);
static void mlist_faults_note(const char *call);
static void mlist_faults_violation(const char *what, const char *call);
static void mlist_faults_trail(char *text, size_t size);
static uint32_t mlist_faults_clock(void);
static void mlist_faults_raise(uint32_t *most, uint32_t seen);


static mlist_faults_t   mlist_faults_none;
static mlist_faults_t  *mlist_faults = &mlist_faults_none;

static __thread int       mlist_faults_held;
static __thread uint32_t  mlist_faults_since;
static __thread uint32_t  mlist_faults_frees;


static void
mlist_faults_start(void)
{
    int          fd;
    void        *p;
    const char  *file;

    file = getenv("MLIST_FAULTS");
    if (file == NULL) {
        return;
    }

    fd = open(file, O_RDWR|O_CREAT, 0666);

    if (fd == -1 || ftruncate(fd, sizeof(mlist_faults_t)) == -1) {
        perror(file);
        exit(2);
    }

    p = mmap(NULL, sizeof(mlist_faults_t), PROT_READ|PROT_WRITE, MAP_SHARED,
             fd, 0);
    if (p == MAP_FAILED) {
        perror(file);
        exit(2);
    }

    (void) close(fd);

    mlist_faults = p;
}


int
mlist_faults_hit(const char *call)
{
    mlist_faults_unlocked(call);

    return mlist_faults_count(call);
}


int
mlist_faults_hit_locked(const char *call)
{
    if (!mlist_faults_held) {
        mlist_faults_violation("called without", call);
    }

    return mlist_faults_count(call);
}


void
mlist_faults_unlocked(const char *call)
{
    if (mlist_faults_held) {
        mlist_faults_violation("called with", call);
    }
}


void
mlist_faults_locked(void)
{
    mlist_faults_held = 1;
    mlist_faults_frees = 0;
    mlist_faults_since = mlist_faults_clock();
}


void
mlist_faults_released(void)
{
    if (!mlist_faults_held) {
        mlist_faults_violation("called without", "ngx_shmtx_unlock");
    }

    mlist_faults_raise(&mlist_faults->longest,
                       mlist_faults_clock() - mlist_faults_since);
    mlist_faults_raise(&mlist_faults->most_freed, mlist_faults_frees);

    if (mlist_faults_frees > MLIST_FAULTS_FREED) {
        mlist_faults_violation("called too often with", "ngx_slab_free");
    }

    mlist_faults_held = 0;
}


void
mlist_faults_freed(void)
{
    mlist_faults_frees++;
}


static int
mlist_faults_count(const char *call)
{
    uint32_t  n;

    n = __atomic_add_fetch(&mlist_faults->calls, 1, __ATOMIC_SEQ_CST);

    if (mlist_faults->fail == 0
        || (n != mlist_faults->fail
            && !(mlist_faults->onward && n > mlist_faults->fail)))
    {
        return 0;
    }

    if (__atomic_add_fetch(&mlist_faults->failed, 1, __ATOMIC_SEQ_CST) == 1) {
        mlist_faults_note(call);
    }

    return 1;
}


static void
mlist_faults_note(const char *call)
{
    char  trail[MLIST_FAULTS_WHERE - 64];

    mlist_faults_trail(trail, sizeof(trail));

    (void) snprintf(mlist_faults->where, MLIST_FAULTS_WHERE, "%s in%s", call,
                    trail);
}


/* One write, so that what several processes say does not mix. */

static void
mlist_faults_violation(const char *what, const char *call)
{
    char  trail[MLIST_FAULTS_WHERE - 64], text[MLIST_FAULTS_WHERE + 64];

    mlist_faults_held = 0;

    mlist_faults_trail(trail, sizeof(trail));

    (void) snprintf(text, sizeof(text),
                    "[alert] mlist_faults: %s %s the zone's mutex:%s\n",
                    call, what, trail);

    if (write(STDERR_FILENO, text, strlen(text)) == -1) {
        perror("mlist_faults");
    }

    abort();
}


/* The innermost functions of the module that are being called. */

static void
mlist_faults_trail(char *text, size_t size)
{
    int     i, n, shown;
    char    name[256];
    void   *pc[MLIST_FAULTS_DEPTH];
    size_t  len;

    text[0] = '\0';

    if (__sanitizer_symbolize_pc == NULL) {
        return;
    }

    len = 0;
    n = backtrace(pc, MLIST_FAULTS_DEPTH);

    for (i = 0, shown = 0; i < n && shown < MLIST_FAULTS_SHOWN; i++) {

        __sanitizer_symbolize_pc((char *) pc[i] - 1, "%f:%l", name,
                                 sizeof(name));

        if (strstr(name, "mlist_") == NULL || strstr(name, "mlist_faults_")) {
            continue;
        }

        if (len + 1 + strlen(name) >= size) {
            return;
        }

        len += (size_t) snprintf(text + len, size - len, " %s", name);
        shown++;
    }
}


static uint32_t
mlist_faults_clock(void)
{
    struct timespec  ts;

    (void) clock_gettime(CLOCK_MONOTONIC, &ts);

    return (uint32_t) (ts.tv_sec * 1000000 + ts.tv_nsec / 1000);
}


static void
mlist_faults_raise(uint32_t *most, uint32_t seen)
{
    uint32_t  old;

    old = __atomic_load_n(most, __ATOMIC_RELAXED);

    while (seen > old
           && !__atomic_compare_exchange_n(most, &old, seen, 0,
                                           __ATOMIC_RELAXED,
                                           __ATOMIC_RELAXED))
    {
        /* void */
    }
}

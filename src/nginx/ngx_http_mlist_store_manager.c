/*
 * What is not used in a directory store goes: see
 * ngx_http_mlist_store_manager.h.
 *
 * A round reads all tags' records, then looks at all lists, then removes
 * the oldest.  What was used since the round began, or just before, stays:
 * so does the list of a record that was written after the records were read,
 * since who writes a record uses its lists first.
 */

#include "ngx_http_mlist_store_manager.h"
#include "ngx_http_mlist_stats.h"
#include "ngx_http_mlist_store_dir.h"
#include "ngx_http_mlist_store_list.h"
#include "ngx_http_mlist_store_place.h"
#include "ngx_http_mlist_store_walk.h"

#include "../core/mlist_last.h"
#include "../core/mlist_named.h"
#include "../core/mlist_oldest.h"


#define NGX_HTTP_MLIST_STORE_MANAGER_STEP   50     /* ms of work at once */
#define NGX_HTTP_MLIST_STORE_MANAGER_PAUSE  50     /* ms between */
#define NGX_HTTP_MLIST_STORE_MANAGER_SHARE  20     /* 1 of so much time */
#define NGX_HTTP_MLIST_STORE_MANAGER_FILES  100    /* between two looks at
                                                    the clock */
#define NGX_HTTP_MLIST_STORE_MANAGER_MIN    1000   /* ms between rounds */
#define NGX_HTTP_MLIST_STORE_MANAGER_SIZE   5000   /* with max_size= */
#define NGX_HTTP_MLIST_STORE_MANAGER_MAX    600000

/* how much clocks of file systems and ours may differ */
#define NGX_HTTP_MLIST_STORE_MANAGER_SKEW   2

/* seconds in which a list is named by its tag's record, however slow a disk */
#define NGX_HTTP_MLIST_STORE_MANAGER_FRESH  60


typedef enum {
    NGX_HTTP_MLIST_STORE_MANAGER_IDLE = 0,
    NGX_HTTP_MLIST_STORE_MANAGER_TAGS,
    NGX_HTTP_MLIST_STORE_MANAGER_LISTS,
    NGX_HTTP_MLIST_STORE_MANAGER_OLDEST
} ngx_http_mlist_store_manager_e;


struct ngx_http_mlist_store_round_s {
    ngx_http_mlist_store_manager_e   state;
    ngx_http_mlist_store_walk_t      walk;
    time_t                           began;     /* less the skew */
    ngx_msec_t                       due;       /* the next one */
    ngx_msec_t                       busy;      /* ms of work in it */
    mlist_named_t                    named;     /* lists of records in use */
    mlist_oldest_t                   oldest;    /* lists that may go */
    size_t                           next;      /* of them */
    off_t                            size;      /* of all lists */
    ngx_uint_t                       kept;      /* how many these are */
    ngx_uint_t                       lists;     /* removed */
    ngx_uint_t                       tags;      /* the same */
    unsigned                         blind:1;   /* a record is not known */
    unsigned                         full:1;    /* was logged */
};


static ngx_msec_t ngx_http_mlist_store_manager_next(
    ngx_http_mlist_store_dir_t *dir);
static ngx_http_mlist_store_round_t *ngx_http_mlist_store_manager_begin(
    ngx_http_mlist_store_dir_t *dir);
static ngx_int_t ngx_http_mlist_store_manager_step(
    ngx_http_mlist_store_dir_t *dir, ngx_http_mlist_store_round_t *round);
static void ngx_http_mlist_store_manager_tag(ngx_http_mlist_store_dir_t *dir,
    ngx_http_mlist_store_round_t *round);
static ngx_int_t ngx_http_mlist_store_manager_record(
    ngx_http_mlist_store_walk_t *walk, char *text, mlist_last_t *last);
static time_t ngx_http_mlist_store_manager_used(
    ngx_http_mlist_store_dir_t *dir, mlist_last_t *last,
    ngx_http_mlist_store_file_t *lists);
static void ngx_http_mlist_store_manager_list(ngx_http_mlist_store_dir_t *dir,
    ngx_http_mlist_store_round_t *round);
static void ngx_http_mlist_store_manager_oldest(
    ngx_http_mlist_store_dir_t *dir, ngx_http_mlist_store_round_t *round);
static ngx_uint_t ngx_http_mlist_store_manager_unused(
    ngx_http_mlist_store_dir_t *dir, ngx_http_mlist_store_round_t *round,
    time_t used);
static void ngx_http_mlist_store_manager_end(ngx_http_mlist_store_dir_t *dir,
    ngx_http_mlist_store_round_t *round);


ngx_msec_t
ngx_http_mlist_store_manager(void *data)
{
    ngx_http_mlist_store_dir_t *dir = data;

    ngx_int_t                      rc;
    ngx_uint_t                     n;
    ngx_msec_t                     start, spent;
    ngx_http_mlist_store_round_t  *round;

    round = dir->round;

    if (round == NULL
        || (round->state == NGX_HTTP_MLIST_STORE_MANAGER_IDLE
            && (ngx_msec_int_t) (round->due - ngx_current_msec) <= 0))
    {
        round = ngx_http_mlist_store_manager_begin(dir);
        if (round == NULL) {
            return NGX_HTTP_MLIST_STORE_MANAGER_MAX;
        }
    }

    if (round->state == NGX_HTTP_MLIST_STORE_MANAGER_IDLE) {
        return round->due - ngx_current_msec;
    }

    start = ngx_current_msec;
    spent = 0;
    n = 0;

    do {
        rc = ngx_http_mlist_store_manager_step(dir, round);

        if (rc == NGX_DONE || ++n % NGX_HTTP_MLIST_STORE_MANAGER_FILES == 0) {
            ngx_time_update();
            spent = ngx_current_msec - start;
        }

    } while (rc != NGX_DONE && !ngx_quit && !ngx_terminate
             && spent < NGX_HTTP_MLIST_STORE_MANAGER_STEP);

    round->busy += spent;

    if (rc != NGX_DONE) {
        return NGX_HTTP_MLIST_STORE_MANAGER_PAUSE;
    }

    ngx_http_mlist_store_manager_end(dir, round);

    return round->due - ngx_current_msec;
}


/* Milliseconds between two rounds that cost nothing. */

static ngx_msec_t
ngx_http_mlist_store_manager_next(ngx_http_mlist_store_dir_t *dir)
{
    ngx_msec_t  next;

    next = dir->max_size ? NGX_HTTP_MLIST_STORE_MANAGER_SIZE
                         : NGX_HTTP_MLIST_STORE_MANAGER_MAX;

    if (dir->inactive && dir->inactive < (time_t) next / 100) {
        next = (ngx_msec_t) dir->inactive * 100;
    }

    return ngx_max(next, NGX_HTTP_MLIST_STORE_MANAGER_MIN);
}


static ngx_http_mlist_store_round_t *
ngx_http_mlist_store_manager_begin(ngx_http_mlist_store_dir_t *dir)
{
    ngx_http_mlist_store_round_t  *round;

    round = dir->round;

    if (round == NULL) {
        round = ngx_pcalloc(ngx_cycle->pool,
                            sizeof(ngx_http_mlist_store_round_t));
        if (round == NULL) {
            return NULL;
        }

        dir->round = round;
    }

    ngx_memzero(&round->named, sizeof(mlist_named_t));

    round->began = time(NULL) - NGX_HTTP_MLIST_STORE_MANAGER_SKEW;
    round->oldest.n = 0;
    round->next = 0;
    round->size = 0;
    round->kept = 0;
    round->busy = 0;
    round->lists = 0;
    round->tags = 0;
    round->blind = 0;

    ngx_http_mlist_store_walk_start(&round->walk, (char *) dir->path.data,
                                    NGX_HTTP_MLIST_STORE_TAGS);

    ngx_http_mlist_store_place_sweep_all(&round->walk.file);

    round->state = NGX_HTTP_MLIST_STORE_MANAGER_TAGS;

    return round;
}


/* NGX_DONE: the round is at its end; NGX_AGAIN. */

static ngx_int_t
ngx_http_mlist_store_manager_step(ngx_http_mlist_store_dir_t *dir,
    ngx_http_mlist_store_round_t *round)
{
    ngx_int_t  rc;

    if (round->state == NGX_HTTP_MLIST_STORE_MANAGER_OLDEST) {

        if (dir->max_size == 0 || round->size <= dir->max_size
            || round->next == round->oldest.n)
        {
            return NGX_DONE;
        }

        ngx_http_mlist_store_manager_oldest(dir, round);

        return NGX_AGAIN;
    }

    rc = ngx_http_mlist_store_walk_next(&round->walk);

    if (rc == NGX_ERROR) {
        ngx_http_mlist_store_file_log(ngx_cycle->log, NGX_LOG_ERR,
                                      &round->walk.file);
        round->blind = 1;
    }

    if (round->state == NGX_HTTP_MLIST_STORE_MANAGER_TAGS) {

        if (rc == NGX_OK) {
            ngx_http_mlist_store_manager_tag(dir, round);

        } else if (rc == NGX_DONE) {
            ngx_http_mlist_store_walk_start(&round->walk,
                                            (char *) dir->path.data,
                                            NGX_HTTP_MLIST_STORE_LISTS);
            round->state = NGX_HTTP_MLIST_STORE_MANAGER_LISTS;
        }

        return NGX_AGAIN;
    }

    if (rc == NGX_OK) {
        ngx_http_mlist_store_manager_list(dir, round);

    } else if (rc == NGX_DONE) {
        mlist_oldest_sort(&round->oldest);
        round->state = NGX_HTTP_MLIST_STORE_MANAGER_OLDEST;
    }

    return NGX_AGAIN;
}


/* A record is in use as long as it or one of its lists is. */

static void
ngx_http_mlist_store_manager_tag(ngx_http_mlist_store_dir_t *dir,
    ngx_http_mlist_store_round_t *round)
{
    char                          text[MLIST_LAST_MAX];
    time_t                        used;
    ngx_int_t                     rc;
    ngx_uint_t                    i;
    struct stat                   st;
    mlist_last_t                  last;
    ngx_http_mlist_store_file_t   lists[2], *f;

    f = &round->walk.file;

    if (fstatat(round->walk.fd, f->name, &st, AT_SYMLINK_NOFOLLOW) == -1) {

        if (errno != NGX_ENOENT) {
            ngx_http_mlist_store_place_failed(f, "fstatat()", f->name);
            ngx_http_mlist_store_file_log(ngx_cycle->log, NGX_LOG_ERR, f);
            round->blind = 1;
        }

        return;
    }

    rc = ngx_http_mlist_store_manager_record(&round->walk, text, &last);

    if (rc == NGX_ERROR) {
        round->blind = 1;
        return;
    }

    lists[0].name[0] = '\0';
    lists[1].name[0] = '\0';

    used = st.st_mtime;

    if (rc == NGX_OK) {
        used = ngx_max(used,
                       ngx_http_mlist_store_manager_used(dir, &last, lists));
    }

    if (ngx_http_mlist_store_manager_unused(dir, round, used)
        && ngx_http_mlist_store_file_discard(f, &st.st_mtim) == NGX_OK)
    {
        round->tags++;
        return;
    }

    for (i = 0; i < 2; i++) {
        if (lists[i].name[0]) {
            mlist_named_add(&round->named, lists[i].name);
        }
    }
}


/*
 * NGX_OK; NGX_DECLINED: it is damaged, and names nothing; NGX_ERROR: it
 * cannot be read.
 */

static ngx_int_t
ngx_http_mlist_store_manager_record(ngx_http_mlist_store_walk_t *walk,
    char *text, mlist_last_t *last)
{
    mlist_rc_e   rc;
    mlist_str_t  view;

    view.data = text;
    view.len = ngx_http_mlist_store_file_peek(&walk->file, walk->fd, text,
                                              MLIST_LAST_MAX);

    if (view.len == 0 && walk->file.err != 0) {

        if (walk->file.err == NGX_ENOENT || walk->file.err == NGX_ELOOP) {
            return NGX_DECLINED;
        }

        ngx_http_mlist_store_file_log(ngx_cycle->log, NGX_LOG_ERR,
                                      &walk->file);
        return NGX_ERROR;
    }

    rc = mlist_last_parse(view, mlist_str(walk->file.name), last);

    if (rc == MLIST_OK) {
        return NGX_OK;
    }

    return rc == MLIST_NOMEM ? NGX_ERROR : NGX_DECLINED;
}


/* When one of a record's lists was last used; fills in "lists". */

static time_t
ngx_http_mlist_store_manager_used(ngx_http_mlist_store_dir_t *dir,
    mlist_last_t *last, ngx_http_mlist_store_file_t *lists)
{
    int          fd;
    time_t       used;
    ngx_str_t    name, digest;
    ngx_uint_t   i;
    struct stat  st;

    used = 0;
    name = ngx_http_mlist_ngx_str(last->name);

    for (i = 0; i < 2; i++) {
        digest = ngx_http_mlist_ngx_str(mlist_digest_str(i ? &last->oci
                                                           : &last->docker));

        if (digest.len == 0
            || ngx_http_mlist_store_list_name(dir, &name, &digest, &lists[i])
               != NGX_OK)
        {
            continue;
        }

        fd = ngx_http_mlist_store_place_fan_out(&lists[i], 0);

        if (fd != -1
            && fstatat(fd, lists[i].name, &st, AT_SYMLINK_NOFOLLOW) == 0)
        {
            used = ngx_max(used, st.st_mtime);

        } else if (errno != ENOENT) {

            /* what cannot be looked at is not known to be unused */

            used = ngx_max(used, time(NULL));
        }

        if (fd != -1) {
            (void) close(fd);
        }
    }

    return used;
}


static void
ngx_http_mlist_store_manager_list(ngx_http_mlist_store_dir_t *dir,
    ngx_http_mlist_store_round_t *round)
{
    uint64_t                      used;
    struct stat                   st;
    ngx_http_mlist_store_file_t  *f;

    f = &round->walk.file;

    if (fstatat(round->walk.fd, f->name, &st, AT_SYMLINK_NOFOLLOW) == -1
        || !S_ISREG(st.st_mode))
    {
        return;
    }

    if (!round->blind && !mlist_named_has(&round->named, f->name)) {

        if (ngx_http_mlist_store_manager_unused(dir, round, st.st_mtime)
            && ngx_http_mlist_store_file_discard(f, &st.st_mtim) == NGX_OK)
        {
            round->lists++;
            return;
        }

        if (st.st_mtime < round->began - NGX_HTTP_MLIST_STORE_MANAGER_FRESH
            && st.st_mtime >= 0)
        {
            used = (uint64_t) st.st_mtim.tv_sec * 1000000000
                   + (uint64_t) st.st_mtim.tv_nsec;
            mlist_oldest_add(&round->oldest, used, (uint64_t) st.st_size,
                             f->name);
        }
    }

    round->size += st.st_size;
    round->kept++;
}


static void
ngx_http_mlist_store_manager_oldest(ngx_http_mlist_store_dir_t *dir,
    ngx_http_mlist_store_round_t *round)
{
    struct timespec               used;
    mlist_oldest_file_t          *oldest;
    ngx_http_mlist_store_file_t  *f;

    oldest = &round->oldest.files[round->next++];
    f = &round->walk.file;

    ngx_memcpy(f->name, oldest->name, sizeof(f->name));

    used.tv_sec = (time_t) (oldest->used / 1000000000);
    used.tv_nsec = (long) (oldest->used % 1000000000);

    if (ngx_http_mlist_store_file_discard(f, &used) == NGX_OK) {
        round->size -= (off_t) oldest->size;
        round->kept--;
        round->lists++;
    }
}


static ngx_uint_t
ngx_http_mlist_store_manager_unused(ngx_http_mlist_store_dir_t *dir,
    ngx_http_mlist_store_round_t *round, time_t used)
{
    return dir->inactive && used + dir->inactive < round->began;
}


static void
ngx_http_mlist_store_manager_end(ngx_http_mlist_store_dir_t *dir,
    ngx_http_mlist_store_round_t *round)
{
    ngx_msec_t  next;

    if (round->lists || round->tags) {
        ngx_log_error(NGX_LOG_INFO, ngx_cycle->log, 0,
                      "mlist_store \"%V\": removed lists: %ui, "
                      "records of tags: %ui", &dir->path, round->lists,
                      round->tags);
    }

    ngx_http_mlist_stats_held(dir->held, round->kept, round->size);

    next = ngx_http_mlist_store_manager_next(dir);

    if (dir->max_size && round->size > dir->max_size) {

        if (round->oldest.n == MLIST_OLDEST_MAX) {
            next = NGX_HTTP_MLIST_STORE_MANAGER_MIN;

        } else if (!round->full && !round->lists) {
            ngx_log_error(NGX_LOG_WARN, ngx_cycle->log, 0,
                          "mlist_store \"%V\" is larger than its max_size=%O: "
                          "%O bytes, all of them in use", &dir->path,
                          dir->max_size, round->size);
            round->full = 1;
        }

    } else {
        round->full = 0;
    }

    next = ngx_max(next, NGX_HTTP_MLIST_STORE_MANAGER_SHARE * round->busy);

    round->due = ngx_current_msec + next;
    round->state = NGX_HTTP_MLIST_STORE_MANAGER_IDLE;
}

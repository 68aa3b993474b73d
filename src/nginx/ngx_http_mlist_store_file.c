/*
 * The files of a directory store, by system calls only: see
 * ngx_http_mlist_store_file.h.  It owns what makes a write durable.
 */

#include "ngx_http_mlist_store_file.h"
#include "ngx_http_mlist_store_place.h"

#include <openssl/rand.h>
#include <sys/file.h>


#define NGX_HTTP_MLIST_STORE_FORMAT    "format"

#define NGX_HTTP_MLIST_STORE_READ                                            \
    (O_RDONLY|O_NOFOLLOW|O_NONBLOCK|O_CLOEXEC)


static ngx_int_t ngx_http_mlist_store_file_write_in(
    ngx_http_mlist_store_file_t *f, int temps, int dir);
static ngx_int_t ngx_http_mlist_store_file_remove_in(
    ngx_http_mlist_store_file_t *f, int dir);
static ngx_int_t ngx_http_mlist_store_file_touch_in(
    ngx_http_mlist_store_file_t *f, int dir, struct stat *st);
static ngx_int_t ngx_http_mlist_store_file_replace(
    ngx_http_mlist_store_file_t *f, int temps, int dir, const char *name,
    mode_t mode);
static ngx_int_t ngx_http_mlist_store_file_fill(
    ngx_http_mlist_store_file_t *f, int temps, mode_t mode);
static ngx_int_t ngx_http_mlist_store_file_bytes(int fd, ngx_str_t *bytes);


ngx_fd_t
ngx_http_mlist_store_file_open(ngx_http_mlist_store_file_t *f)
{
    int  dir, fd;

    dir = ngx_http_mlist_store_place_fan_out(f, 0);
    if (dir == -1) {
        return NGX_INVALID_FILE;
    }

    /* a pipe in its place must not hold up the event loop */

    fd = openat(dir, f->name, NGX_HTTP_MLIST_STORE_READ);
    if (fd == -1) {
        ngx_http_mlist_store_place_failed(f, "openat()", f->name);
    }

    (void) close(dir);

    return fd;
}


ngx_int_t
ngx_http_mlist_store_file_write(ngx_http_mlist_store_file_t *f)
{
    int        dir, lock, temps;
    ngx_int_t  rc;

    temps = ngx_http_mlist_store_place_temps(f);
    if (temps == -1) {
        return NGX_ERROR;
    }

    if (f->sweep) {
        ngx_http_mlist_store_place_sweep(temps);
    }

    rc = NGX_ERROR;

    dir = ngx_http_mlist_store_place_fan_out(f, 1);

    if (dir != -1) {

        /* who removes what is not used must not take this for it */

        lock = ngx_http_mlist_store_place_lock(f, f->newer ? LOCK_EX
                                                           : LOCK_SH);

        if (lock != -1) {
            rc = ngx_http_mlist_store_file_write_in(f, temps, dir);
            (void) close(lock);
        }

        (void) close(dir);
    }

    (void) close(temps);

    return rc;
}


static ngx_int_t
ngx_http_mlist_store_file_write_in(ngx_http_mlist_store_file_t *f, int temps,
    int dir)
{
    ngx_int_t    rc;
    struct stat  st;

    if (f->newer) {
        rc = f->newer(f, dir);

        if (rc != NGX_OK) {
            return rc;
        }

    } else if (!f->force
               && ngx_http_mlist_store_file_touch_in(f, dir, &st) == NGX_OK
               && (uintmax_t) st.st_size == f->head.len + f->body.len)
    {
        return NGX_OK;
    }

    return ngx_http_mlist_store_file_replace(f, temps, dir, f->name, 0600);
}


ngx_int_t
ngx_http_mlist_store_file_remove(ngx_http_mlist_store_file_t *f)
{
    int        dir, lock;
    ngx_int_t  rc;

    dir = ngx_http_mlist_store_place_fan_out(f, 0);

    if (dir == -1) {
        if (f->err == NGX_ENOTDIR && f->what == f->name) {
            return ngx_http_mlist_store_place_clear(f);
        }

        return NGX_ERROR;
    }

    /* who holds it may be writing what replaces the file */

    lock = ngx_http_mlist_store_place_lock(f, LOCK_EX|LOCK_NB);

    if (lock == -1) {
        rc = (f->err == NGX_EAGAIN) ? NGX_OK : NGX_ERROR;

    } else {
        rc = ngx_http_mlist_store_file_remove_in(f, dir);
        (void) close(lock);
    }

    (void) close(dir);

    return rc;
}


/* Removes it if it is still the one that was read. */

static ngx_int_t
ngx_http_mlist_store_file_remove_in(ngx_http_mlist_store_file_t *f, int dir)
{
    struct stat  st;

    if (fstatat(dir, f->name, &st, AT_SYMLINK_NOFOLLOW) == -1) {

        if (errno == NGX_ENOENT) {
            return NGX_OK;
        }

        ngx_http_mlist_store_place_failed(f, "fstatat()", f->name);
        return NGX_ERROR;
    }

    if (S_ISREG(st.st_mode) && st.st_ino != f->inode) {
        return NGX_OK;
    }

    if (unlinkat(dir, f->name, S_ISDIR(st.st_mode) ? AT_REMOVEDIR : 0) == -1) {
        ngx_http_mlist_store_place_failed(f, "unlinkat()", f->name);
        return NGX_ERROR;
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_mlist_store_file_touch(ngx_http_mlist_store_file_t *f,
    ngx_uint_t wait)
{
    int          dir, lock;
    ngx_int_t    rc;
    struct stat  st;

    dir = ngx_http_mlist_store_place_fan_out(f, 0);
    if (dir == -1) {
        return f->err == NGX_ENOENT ? NGX_DECLINED : NGX_ERROR;
    }

    lock = ngx_http_mlist_store_place_lock(f, wait ? LOCK_SH
                                                   : LOCK_SH|LOCK_NB);

    if (lock == -1) {
        rc = (f->err == NGX_EAGAIN) ? NGX_BUSY : NGX_ERROR;

    } else {
        rc = ngx_http_mlist_store_file_touch_in(f, dir, &st);
        (void) close(lock);
    }

    (void) close(dir);

    return rc;
}


/*
 * First touched, then looked for: so nothing that is taken for unused comes
 * between.  NGX_OK: there is a regular file; NGX_DECLINED: there is none.
 */

static ngx_int_t
ngx_http_mlist_store_file_touch_in(ngx_http_mlist_store_file_t *f, int dir,
    struct stat *st)
{
    (void) utimensat(dir, f->name, NULL, AT_SYMLINK_NOFOLLOW);

    return fstatat(dir, f->name, st, AT_SYMLINK_NOFOLLOW) == 0
           && S_ISREG(st->st_mode)
               ? NGX_OK : NGX_DECLINED;
}


ngx_int_t
ngx_http_mlist_store_file_discard(ngx_http_mlist_store_file_t *f,
    struct timespec *used)
{
    int          dir, lock;
    ngx_int_t    rc;
    struct stat  st;

    dir = ngx_http_mlist_store_place_fan_out(f, 0);
    if (dir == -1) {
        return NGX_ERROR;
    }

    rc = NGX_DECLINED;

    lock = ngx_http_mlist_store_place_lock(f, LOCK_EX|LOCK_NB);

    if (lock != -1) {

        if (fstatat(dir, f->name, &st, AT_SYMLINK_NOFOLLOW) == 0
            && st.st_mtim.tv_sec == used->tv_sec
            && st.st_mtim.tv_nsec == used->tv_nsec
            && unlinkat(dir, f->name, 0) == 0)
        {
            rc = NGX_OK;
        }

        (void) close(lock);
    }

    (void) close(dir);

    return rc;
}


size_t
ngx_http_mlist_store_file_peek(ngx_http_mlist_store_file_t *f, int dir,
    char *buf, size_t size)
{
    int      fd;
    ssize_t  n;

    f->err = 0;

    fd = openat(dir, f->name, NGX_HTTP_MLIST_STORE_READ);
    if (fd == -1) {
        ngx_http_mlist_store_place_failed(f, "openat()", f->name);
        return 0;
    }

    n = read(fd, buf, size);
    if (n == -1) {
        ngx_http_mlist_store_place_failed(f, "read()", f->name);
    }

    (void) close(fd);

    return n == -1 ? 0 : (size_t) n;
}


size_t
ngx_http_mlist_store_file_path(ngx_http_mlist_store_file_t *f, u_char *buf,
    size_t size)
{
    u_char  *p;

    p = ngx_snprintf(buf, size - 1, "%s/" NGX_HTTP_MLIST_STORE_VERSION
                     "/%s/%*s/%s", f->root, f->kind, (size_t) 2, f->name,
                     f->name);
    *p = '\0';

    return p - buf;
}


ssize_t
ngx_http_mlist_store_file_read_format(ngx_http_mlist_store_file_t *f,
    u_char *buf, size_t size)
{
    int          dir, fd;
    ssize_t      n;
    const char  *path[] = { NULL };

    dir = ngx_http_mlist_store_place_open(f, path, 0);
    if (dir == -1) {
        return NGX_ERROR;
    }

    fd = openat(dir, NGX_HTTP_MLIST_STORE_FORMAT,
                NGX_HTTP_MLIST_STORE_READ);

    if (fd == -1) {
        n = (errno == NGX_ENOENT) ? 0 : NGX_ERROR;
        ngx_http_mlist_store_place_failed(f, "openat()",
                                         NGX_HTTP_MLIST_STORE_FORMAT);
        (void) close(dir);
        return n;
    }

    n = read(fd, buf, size);
    if (n == -1) {
        ngx_http_mlist_store_place_failed(f, "read()",
                                         NGX_HTTP_MLIST_STORE_FORMAT);
    }

    (void) close(fd);
    (void) close(dir);

    return n;
}


ngx_int_t
ngx_http_mlist_store_file_write_format(ngx_http_mlist_store_file_t *f)
{
    int          dir;
    ngx_int_t    rc;
    const char  *path[] = { NULL };

    dir = ngx_http_mlist_store_place_open(f, path, 0);
    if (dir == -1) {
        return NGX_ERROR;
    }

    /* written by root perhaps, and to be read by other users' nginx -t */

    rc = ngx_http_mlist_store_file_replace(f, dir, dir,
                                           NGX_HTTP_MLIST_STORE_FORMAT, 0644);
    (void) close(dir);

    return rc;
}


ngx_int_t
ngx_http_mlist_store_file_temp(ngx_http_mlist_store_file_t *f)
{
    u_char  random[16], *p;

    if (RAND_bytes(random, sizeof(random)) != 1) {
        f->call = "RAND_bytes()";
        f->what = "a temporary file";
        f->err = 0;
        return NGX_ERROR;
    }

    p = ngx_snprintf((u_char *) f->temp, NGX_INT64_LEN + 1, "%P-", ngx_pid);
    p = ngx_hex_dump(p, random, sizeof(random));
    *p = '\0';

    return NGX_OK;
}


void
ngx_http_mlist_store_file_log(ngx_log_t *log, ngx_uint_t level,
    ngx_http_mlist_store_file_t *f)
{
    ngx_log_error(level, log, f->err, "mlist_store \"%s\": %s \"%s\" failed",
                  f->root, f->call, f->what);
}


/*
 * Writers of one name do not disturb each other: each has a temporary file
 * of its own, the last one to rename wins, and all have the same bytes.
 */

static ngx_int_t
ngx_http_mlist_store_file_replace(ngx_http_mlist_store_file_t *f, int temps,
    int dir, const char *name, mode_t mode)
{
    if (ngx_http_mlist_store_file_fill(f, temps, mode) != NGX_OK) {
        return NGX_ERROR;
    }

    if (renameat(temps, f->temp, dir, name) == -1) {
        ngx_http_mlist_store_place_failed(f, "renameat()", name);
        (void) unlinkat(temps, f->temp, 0);
        return NGX_ERROR;
    }

    if (ngx_http_mlist_store_place_sync(dir) != NGX_OK) {
        ngx_http_mlist_store_place_failed(f, "fsync()", name);
        (void) unlinkat(dir, name, 0);
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_mlist_store_file_fill(ngx_http_mlist_store_file_t *f, int temps,
    mode_t mode)
{
    int          fd;
    const char  *call;

    fd = openat(temps, f->temp,
                O_WRONLY|O_CREAT|O_EXCL|O_NOFOLLOW|O_CLOEXEC, mode);
    if (fd == -1) {
        ngx_http_mlist_store_place_failed(f, "openat()", f->temp);
        return NGX_ERROR;
    }

    call = NULL;

    if (ngx_http_mlist_store_file_bytes(fd, &f->head) != NGX_OK
        || ngx_http_mlist_store_file_bytes(fd, &f->body) != NGX_OK)
    {
        call = "write()";

    } else if (fsync(fd) == -1) {
        call = "fsync()";
    }

    if (call) {
        ngx_http_mlist_store_place_failed(f, call, f->temp);
        (void) close(fd);
        (void) unlinkat(temps, f->temp, 0);
        return NGX_ERROR;
    }

    /* some network file systems report a full disk only here */

    if (close(fd) == -1) {
        ngx_http_mlist_store_place_failed(f, "close()", f->temp);
        (void) unlinkat(temps, f->temp, 0);
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_mlist_store_file_bytes(int fd, ngx_str_t *bytes)
{
    size_t   done;
    ssize_t  n;

    done = 0;

    while (done < bytes->len) {

        n = write(fd, bytes->data + done, bytes->len - done);

        if (n == -1) {
            if (errno == NGX_EINTR) {
                continue;
            }

            return NGX_ERROR;
        }

        done += n;
    }

    return NGX_OK;
}

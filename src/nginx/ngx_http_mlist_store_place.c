/*
 * The directories of a directory store: see ngx_http_mlist_store_place.h.
 */

#include "ngx_http_mlist_store_place.h"

#include <sys/file.h>


#define NGX_HTTP_MLIST_STORE_LOCKS     "locks"
#define NGX_HTTP_MLIST_STORE_TEMP      "tmp"
#define NGX_HTTP_MLIST_STORE_FAN_OUT   2        /* digits of a name */
#define NGX_HTTP_MLIST_STORE_LEFTOVER  3600     /* seconds */

#define NGX_HTTP_MLIST_STORE_DIR       (O_RDONLY|O_DIRECTORY|O_CLOEXEC)


static int ngx_http_mlist_store_place_next(ngx_http_mlist_store_file_t *f,
    int parent, const char *name, ngx_uint_t create);
static void ngx_http_mlist_store_place_digits(ngx_http_mlist_store_file_t *f,
    char *digits);


int
ngx_http_mlist_store_place_open(ngx_http_mlist_store_file_t *f,
    const char **path, ngx_uint_t create)
{
    int  dir, next;

    dir = open(f->root, NGX_HTTP_MLIST_STORE_DIR);
    if (dir == -1) {
        ngx_http_mlist_store_place_failed(f, "open()", ".");
        return -1;
    }

    while (*path) {

        next = ngx_http_mlist_store_place_next(f, dir, *path, create);

        (void) close(dir);

        if (next == -1) {
            return -1;
        }

        dir = next;
        path++;
    }

    return dir;
}


int
ngx_http_mlist_store_place_fan_out(ngx_http_mlist_store_file_t *f,
    ngx_uint_t create)
{
    char         digits[NGX_HTTP_MLIST_STORE_FAN_OUT + 1];
    const char  *path[] = { NGX_HTTP_MLIST_STORE_VERSION, f->kind, digits,
                            NULL };
    int          dir;

    ngx_http_mlist_store_place_digits(f, digits);

    dir = ngx_http_mlist_store_place_open(f, path, create);

    if (dir == -1 && f->what == digits) {
        f->what = f->name;
    }

    return dir;
}


ngx_int_t
ngx_http_mlist_store_place_clear(ngx_http_mlist_store_file_t *f)
{
    char         digits[NGX_HTTP_MLIST_STORE_FAN_OUT + 1];
    const char  *path[] = { NGX_HTTP_MLIST_STORE_VERSION, f->kind, NULL };
    int          dir;
    ngx_int_t    rc;

    ngx_http_mlist_store_place_digits(f, digits);

    dir = ngx_http_mlist_store_place_open(f, path, 0);
    if (dir == -1) {
        return NGX_ERROR;
    }

    rc = NGX_OK;

    /* another nginx may have been faster; a directory is never removed */

    if (unlinkat(dir, digits, 0) == -1
        && errno != NGX_ENOENT && errno != NGX_EISDIR)
    {
        ngx_http_mlist_store_place_failed(f, "unlinkat()", f->name);
        rc = NGX_ERROR;
    }

    (void) close(dir);

    return rc;
}


int
ngx_http_mlist_store_place_temps(ngx_http_mlist_store_file_t *f)
{
    const char  *path[] = { NGX_HTTP_MLIST_STORE_VERSION,
                            NGX_HTTP_MLIST_STORE_TEMP, NULL };

    return ngx_http_mlist_store_place_open(f, path, 1);
}


int
ngx_http_mlist_store_place_lock(ngx_http_mlist_store_file_t *f, int how)
{
    char         digits[NGX_HTTP_MLIST_STORE_FAN_OUT + 1];
    const char  *path[] = { NGX_HTTP_MLIST_STORE_VERSION,
                            NGX_HTTP_MLIST_STORE_LOCKS, NULL };
    int          dir, fd, rc;

    ngx_http_mlist_store_place_digits(f, digits);

    dir = ngx_http_mlist_store_place_open(f, path, 1);
    if (dir == -1) {
        return -1;
    }

    /* not the directory: network file systems lock what is written only */

    fd = openat(dir, digits, O_RDWR|O_CREAT|O_NOFOLLOW|O_NONBLOCK|O_CLOEXEC,
                0600);
    if (fd == -1) {
        ngx_http_mlist_store_place_failed(f, "openat()", f->name);
        (void) close(dir);
        return -1;
    }

    (void) close(dir);

    do {
        rc = flock(fd, how);
    } while (rc == -1 && errno == NGX_EINTR);

    if (rc == -1) {
        ngx_http_mlist_store_place_failed(f, "flock()", f->name);
        (void) close(fd);
        return -1;
    }

    return fd;
}


ngx_int_t
ngx_http_mlist_store_place_sync(int dir)
{
    /* file systems that know no fsync() of a directory keep them in order */

    if (fsync(dir) == -1 && errno != NGX_EINVAL) {
        return NGX_ERROR;
    }

    return NGX_OK;
}


void
ngx_http_mlist_store_place_sweep(int temps)
{
    int             fd;
    DIR            *dir;
    time_t          oldest;
    struct stat     st;
    struct dirent  *entry;

    fd = openat(temps, ".", NGX_HTTP_MLIST_STORE_DIR);
    if (fd == -1) {
        return;
    }

    dir = fdopendir(fd);
    if (dir == NULL) {
        (void) close(fd);
        return;
    }

    /* an hour is far longer than any write takes: no living one's is hit */

    oldest = time(NULL) - NGX_HTTP_MLIST_STORE_LEFTOVER;

    while ((entry = readdir(dir)) != NULL) {

        if (fstatat(temps, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0
            && S_ISREG(st.st_mode)
            && st.st_mtime < oldest)
        {
            (void) unlinkat(temps, entry->d_name, 0);
        }
    }

    (void) closedir(dir);
}


void
ngx_http_mlist_store_place_sweep_all(ngx_http_mlist_store_file_t *f)
{
    int          temps;
    const char  *path[] = { NGX_HTTP_MLIST_STORE_VERSION,
                            NGX_HTTP_MLIST_STORE_TEMP, NULL };

    temps = ngx_http_mlist_store_place_open(f, path, 0);

    if (temps != -1) {
        ngx_http_mlist_store_place_sweep(temps);
        (void) close(temps);
    }
}


void
ngx_http_mlist_store_place_failed(ngx_http_mlist_store_file_t *f,
    const char *call, const char *what)
{
    f->err = errno;
    f->call = call;
    f->what = what;
}


static int
ngx_http_mlist_store_place_next(ngx_http_mlist_store_file_t *f, int parent,
    const char *name, ngx_uint_t create)
{
    int  dir;

    dir = openat(parent, name, NGX_HTTP_MLIST_STORE_DIR|O_NOFOLLOW);

    if (dir == -1 && errno == NGX_ENOENT && create) {

        if (mkdirat(parent, name, 0700) == -1 && errno != NGX_EEXIST) {
            ngx_http_mlist_store_place_failed(f, "mkdirat()", name);
            return -1;
        }

        /* what is in a directory is no more durable than the directory */

        if (ngx_http_mlist_store_place_sync(parent) != NGX_OK) {
            ngx_http_mlist_store_place_failed(f, "fsync()", name);
            return -1;
        }

        dir = openat(parent, name, NGX_HTTP_MLIST_STORE_DIR|O_NOFOLLOW);
    }

    if (dir == -1) {
        ngx_http_mlist_store_place_failed(f, "openat()", name);
    }

    return dir;
}


/* "digits" has room for a NUL. */

static void
ngx_http_mlist_store_place_digits(ngx_http_mlist_store_file_t *f,
    char *digits)
{
    ngx_memcpy(digits, f->name, NGX_HTTP_MLIST_STORE_FAN_OUT);
    digits[NGX_HTTP_MLIST_STORE_FAN_OUT] = '\0';
}

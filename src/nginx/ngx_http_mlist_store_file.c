/*
 * The files of a store, by system calls only.  It owns the layout below the
 * store's directory and what makes a write durable.  It never allocates,
 * logs in one function only (which no thread calls), and follows no symbolic
 * link but one that the operator put in place of the directory itself.
 * Called by store_list, from its thread too, store_read and store_dir.
 */

#include "ngx_http_mlist_store_file.h"

#include <openssl/rand.h>


#define NGX_HTTP_MLIST_STORE_VERSION   "v1"
#define NGX_HTTP_MLIST_STORE_LISTS     "lists"
#define NGX_HTTP_MLIST_STORE_TEMP      "tmp"
#define NGX_HTTP_MLIST_STORE_FORMAT    "format"
#define NGX_HTTP_MLIST_STORE_FAN_OUT   2        /* digits of a name */
#define NGX_HTTP_MLIST_STORE_LEFTOVER  3600     /* seconds */

#define NGX_HTTP_MLIST_STORE_DIR       (O_RDONLY|O_DIRECTORY|O_CLOEXEC)


static int ngx_http_mlist_store_file_dir(ngx_http_mlist_store_file_t *f,
    const char **path, ngx_uint_t create);
static int ngx_http_mlist_store_file_subdir(ngx_http_mlist_store_file_t *f,
    int parent, const char *name, ngx_uint_t create);
static int ngx_http_mlist_store_file_lists(ngx_http_mlist_store_file_t *f,
    ngx_uint_t create);
static ngx_int_t ngx_http_mlist_store_file_remove_dir(
    ngx_http_mlist_store_file_t *f);
static void ngx_http_mlist_store_file_fan_out(ngx_http_mlist_store_file_t *f,
    char *fan_out);
static int ngx_http_mlist_store_file_temps(ngx_http_mlist_store_file_t *f);
static ngx_uint_t ngx_http_mlist_store_file_is_there(
    ngx_http_mlist_store_file_t *f, int dir);
static ngx_int_t ngx_http_mlist_store_file_replace(
    ngx_http_mlist_store_file_t *f, int temps, int dir, const char *name,
    mode_t mode);
static ngx_int_t ngx_http_mlist_store_file_fill(
    ngx_http_mlist_store_file_t *f, int temps, mode_t mode);
static ngx_int_t ngx_http_mlist_store_file_bytes(int fd, ngx_str_t *bytes);
static ngx_int_t ngx_http_mlist_store_file_sync(int dir);
static void ngx_http_mlist_store_file_sweep(int temps);
static void ngx_http_mlist_store_file_failed(ngx_http_mlist_store_file_t *f,
    const char *call, const char *what);


ngx_fd_t
ngx_http_mlist_store_file_open(ngx_http_mlist_store_file_t *f)
{
    int  dir, fd;

    dir = ngx_http_mlist_store_file_lists(f, 0);
    if (dir == -1) {
        return NGX_INVALID_FILE;
    }

    /* a pipe in its place must not hold up the event loop */

    fd = openat(dir, f->name, O_RDONLY|O_NOFOLLOW|O_NONBLOCK|O_CLOEXEC);
    if (fd == -1) {
        ngx_http_mlist_store_file_failed(f, "openat()", f->name);
    }

    (void) close(dir);

    return fd;
}


ngx_int_t
ngx_http_mlist_store_file_write(ngx_http_mlist_store_file_t *f)
{
    int        dir, temps;
    ngx_int_t  rc;

    temps = ngx_http_mlist_store_file_temps(f);
    if (temps == -1) {
        return NGX_ERROR;
    }

    if (f->sweep) {
        ngx_http_mlist_store_file_sweep(temps);
    }

    dir = ngx_http_mlist_store_file_lists(f, 1);
    if (dir == -1) {
        (void) close(temps);
        return NGX_ERROR;
    }

    if (ngx_http_mlist_store_file_is_there(f, dir)) {
        rc = NGX_OK;

    } else {
        rc = ngx_http_mlist_store_file_replace(f, temps, dir, f->name, 0600);
    }

    (void) close(dir);
    (void) close(temps);

    return rc;
}


ngx_int_t
ngx_http_mlist_store_file_remove(ngx_http_mlist_store_file_t *f)
{
    int        dir;
    ngx_int_t  rc;

    dir = ngx_http_mlist_store_file_lists(f, 0);

    if (dir == -1) {
        if (f->err == NGX_ENOTDIR && f->what == f->name) {
            return ngx_http_mlist_store_file_remove_dir(f);
        }

        return NGX_ERROR;
    }

    rc = NGX_OK;

    /* another nginx may have been faster */

    if (unlinkat(dir, f->name, 0) == -1
        && errno != NGX_ENOENT
        && (errno != NGX_EISDIR
            || unlinkat(dir, f->name, AT_REMOVEDIR) == -1))
    {
        ngx_http_mlist_store_file_failed(f, "unlinkat()", f->name);
        rc = NGX_ERROR;
    }

    (void) close(dir);

    return rc;
}


size_t
ngx_http_mlist_store_file_path(ngx_http_mlist_store_file_t *f, u_char *buf,
    size_t size)
{
    u_char  *p;

    p = ngx_snprintf(buf, size - 1, "%s/" NGX_HTTP_MLIST_STORE_VERSION
                     "/" NGX_HTTP_MLIST_STORE_LISTS "/%*s/%s", f->root,
                     (size_t) NGX_HTTP_MLIST_STORE_FAN_OUT, f->name, f->name);
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

    dir = ngx_http_mlist_store_file_dir(f, path, 0);
    if (dir == -1) {
        return NGX_ERROR;
    }

    fd = openat(dir, NGX_HTTP_MLIST_STORE_FORMAT,
                O_RDONLY|O_NOFOLLOW|O_NONBLOCK|O_CLOEXEC);

    if (fd == -1) {
        n = (errno == NGX_ENOENT) ? 0 : NGX_ERROR;
        ngx_http_mlist_store_file_failed(f, "openat()",
                                         NGX_HTTP_MLIST_STORE_FORMAT);
        (void) close(dir);
        return n;
    }

    n = read(fd, buf, size);
    if (n == -1) {
        ngx_http_mlist_store_file_failed(f, "read()",
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

    dir = ngx_http_mlist_store_file_dir(f, path, 0);
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
 * Opens the directory that the NULL-terminated path leads to from the root;
 * -1 on error.
 */

static int
ngx_http_mlist_store_file_dir(ngx_http_mlist_store_file_t *f,
    const char **path, ngx_uint_t create)
{
    int  dir, next;

    dir = open(f->root, NGX_HTTP_MLIST_STORE_DIR);
    if (dir == -1) {
        ngx_http_mlist_store_file_failed(f, "open()", ".");
        return -1;
    }

    while (*path) {

        next = ngx_http_mlist_store_file_subdir(f, dir, *path, create);

        (void) close(dir);

        if (next == -1) {
            return -1;
        }

        dir = next;
        path++;
    }

    return dir;
}


static int
ngx_http_mlist_store_file_subdir(ngx_http_mlist_store_file_t *f, int parent,
    const char *name, ngx_uint_t create)
{
    int  dir;

    dir = openat(parent, name, NGX_HTTP_MLIST_STORE_DIR|O_NOFOLLOW);

    if (dir == -1 && errno == NGX_ENOENT && create) {

        if (mkdirat(parent, name, 0700) == -1 && errno != NGX_EEXIST) {
            ngx_http_mlist_store_file_failed(f, "mkdirat()", name);
            return -1;
        }

        /* what is in a directory is no more durable than the directory */

        if (ngx_http_mlist_store_file_sync(parent) != NGX_OK) {
            ngx_http_mlist_store_file_failed(f, "fsync()", name);
            return -1;
        }

        dir = openat(parent, name, NGX_HTTP_MLIST_STORE_DIR|O_NOFOLLOW);
    }

    if (dir == -1) {
        ngx_http_mlist_store_file_failed(f, "openat()", name);
    }

    return dir;
}


static int
ngx_http_mlist_store_file_lists(ngx_http_mlist_store_file_t *f,
    ngx_uint_t create)
{
    char         fan_out[NGX_HTTP_MLIST_STORE_FAN_OUT + 1];
    const char  *path[] = { NGX_HTTP_MLIST_STORE_VERSION,
                            NGX_HTTP_MLIST_STORE_LISTS, NULL, NULL };
    int          dir;

    ngx_http_mlist_store_file_fan_out(f, fan_out);

    path[2] = fan_out;

    dir = ngx_http_mlist_store_file_dir(f, path, create);

    if (dir == -1 && f->what == fan_out) {
        f->what = f->name;
    }

    return dir;
}


/* Removes what stands in place of a list's directory and is none. */

static ngx_int_t
ngx_http_mlist_store_file_remove_dir(ngx_http_mlist_store_file_t *f)
{
    char         fan_out[NGX_HTTP_MLIST_STORE_FAN_OUT + 1];
    const char  *path[] = { NGX_HTTP_MLIST_STORE_VERSION,
                            NGX_HTTP_MLIST_STORE_LISTS, NULL };
    int          dir;
    ngx_int_t    rc;

    ngx_http_mlist_store_file_fan_out(f, fan_out);

    dir = ngx_http_mlist_store_file_dir(f, path, 0);
    if (dir == -1) {
        return NGX_ERROR;
    }

    rc = NGX_OK;

    if (unlinkat(dir, fan_out, 0) == -1) {
        ngx_http_mlist_store_file_failed(f, "unlinkat()", f->name);
        rc = NGX_ERROR;
    }

    (void) close(dir);

    return rc;
}


/* "fan_out" has room for a NUL. */

static void
ngx_http_mlist_store_file_fan_out(ngx_http_mlist_store_file_t *f,
    char *fan_out)
{
    ngx_memcpy(fan_out, f->name, NGX_HTTP_MLIST_STORE_FAN_OUT);
    fan_out[NGX_HTTP_MLIST_STORE_FAN_OUT] = '\0';
}


static int
ngx_http_mlist_store_file_temps(ngx_http_mlist_store_file_t *f)
{
    const char  *path[] = { NGX_HTTP_MLIST_STORE_VERSION,
                            NGX_HTTP_MLIST_STORE_TEMP, NULL };

    return ngx_http_mlist_store_file_dir(f, path, 1);
}


static ngx_uint_t
ngx_http_mlist_store_file_is_there(ngx_http_mlist_store_file_t *f, int dir)
{
    struct stat  st;

    return fstatat(dir, f->name, &st, AT_SYMLINK_NOFOLLOW) == 0
           && S_ISREG(st.st_mode)
           && (uintmax_t) st.st_size == f->head.len + f->body.len;
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
        ngx_http_mlist_store_file_failed(f, "renameat()", name);
        (void) unlinkat(temps, f->temp, 0);
        return NGX_ERROR;
    }

    if (ngx_http_mlist_store_file_sync(dir) != NGX_OK) {
        ngx_http_mlist_store_file_failed(f, "fsync()", name);
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
        ngx_http_mlist_store_file_failed(f, "openat()", f->temp);
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
        ngx_http_mlist_store_file_failed(f, call, f->temp);
        (void) close(fd);
        (void) unlinkat(temps, f->temp, 0);
        return NGX_ERROR;
    }

    /* some network file systems report a full disk only here */

    if (close(fd) == -1) {
        ngx_http_mlist_store_file_failed(f, "close()", f->temp);
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


/* Some file systems know no fsync() of a directory: theirs are in order. */

static ngx_int_t
ngx_http_mlist_store_file_sync(int dir)
{
    if (fsync(dir) == -1 && errno != NGX_EINVAL) {
        return NGX_ERROR;
    }

    return NGX_OK;
}


/*
 * Removes what killed processes left.  An hour is far longer than any write
 * takes, so that no living one's file is hit; what cannot be removed stays,
 * as it harms nobody.
 */

static void
ngx_http_mlist_store_file_sweep(int temps)
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


static void
ngx_http_mlist_store_file_failed(ngx_http_mlist_store_file_t *f,
    const char *call, const char *what)
{
    f->err = errno;
    f->call = call;
    f->what = what;
}

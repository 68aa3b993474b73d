/*
 * One file of a directory store, read: see ngx_http_mlist_store_read.h.
 */

#include "ngx_http_mlist_store_read.h"


/* bytes of a damaged file in a log line */
#define NGX_HTTP_MLIST_STORE_SHOWN        128


static ngx_int_t ngx_http_mlist_store_read_open(
    ngx_http_mlist_store_read_t *read, ngx_fd_t *fd);
static ngx_int_t ngx_http_mlist_store_read_fd(ngx_pool_t *pool,
    ngx_http_mlist_store_read_t *read, ngx_fd_t fd);
static ngx_int_t ngx_http_mlist_store_read_irregular(
    ngx_http_mlist_store_read_t *read);
static ngx_int_t ngx_http_mlist_store_read_no_dir(
    ngx_http_mlist_store_read_t *read);


ngx_int_t
ngx_http_mlist_store_read(ngx_pool_t *pool, ngx_http_mlist_store_read_t *read)
{
    ngx_fd_t   fd;
    ngx_int_t  rc;

    read->path.data = read->buf;
    read->path.len = ngx_http_mlist_store_file_path(&read->file, read->buf,
                                                    sizeof(read->buf));

    rc = ngx_http_mlist_store_read_open(read, &fd);
    if (rc != NGX_OK) {
        return rc;
    }

    rc = ngx_http_mlist_store_read_fd(pool, read, fd);

    if (ngx_close_file(fd) == NGX_FILE_ERROR) {
        ngx_log_error(NGX_LOG_ALERT, read->log, ngx_errno,
                      ngx_close_file_n " \"%V\" failed", &read->path);
    }

    return rc;
}


ngx_int_t
ngx_http_mlist_store_read_damaged(ngx_http_mlist_store_read_t *read,
    mlist_stored_problem_t *problem)
{
    u_char     seen[NGX_HTTP_MLIST_STORE_SHOWN];
    size_t     i, len;
    ngx_str_t  expected;

    /*
     * whatever the file holds now, the log gets one line of printable text;
     * ctuuninitvar is mistaken: whoever calls has set what is read here
     */

    len = ngx_min(problem->seen.len, sizeof(seen));

    for (i = 0; i < len; i++) {
        seen[i] = (u_char) problem->seen.data[i];

        if (seen[i] < 0x20 || seen[i] > 0x7e) {
            seen[i] = '?';
        }
    }

    expected = ngx_http_mlist_ngx_str(problem->expected);

    ngx_log_error(NGX_LOG_ERR, read->log, 0,
                  "mlist_store file \"%V\" is damaged and is removed: "
                  "%s expected \"%V\", seen \"%*s\"",
                  &read->path, problem->what, &expected, len, seen);

    read->damaged = 1;

    if (ngx_http_mlist_store_file_remove(&read->file) != NGX_OK) {
        ngx_http_mlist_store_file_log(read->log, NGX_LOG_ERR, &read->file);
    }

    return NGX_DECLINED;
}


static ngx_int_t
ngx_http_mlist_store_read_open(ngx_http_mlist_store_read_t *read,
    ngx_fd_t *fd)
{
    ngx_http_mlist_store_file_t  *f;

    f = &read->file;

    *fd = ngx_http_mlist_store_file_open(f);
    if (*fd != NGX_INVALID_FILE) {
        return NGX_OK;
    }

    if (f->err == NGX_ENOENT) {
        return NGX_DECLINED;
    }

    if (f->err == NGX_ELOOP) {
        return ngx_http_mlist_store_read_irregular(read);
    }

    if (f->err == NGX_ENOTDIR && f->what == f->name) {
        return ngx_http_mlist_store_read_no_dir(read);
    }

    ngx_http_mlist_store_file_log(read->log, NGX_LOG_ERR, f);

    return NGX_ERROR;
}


static ngx_int_t
ngx_http_mlist_store_read_fd(ngx_pool_t *pool,
    ngx_http_mlist_store_read_t *read, ngx_fd_t fd)
{
    off_t            size;
    ssize_t          n;
    ngx_file_t       file;
    ngx_file_info_t  fi;

    if (ngx_fd_info(fd, &fi) == NGX_FILE_ERROR) {
        ngx_log_error(NGX_LOG_ERR, read->log, ngx_errno,
                      ngx_fd_info_n " \"%V\" failed", &read->path);
        return NGX_ERROR;
    }

    if (!ngx_is_file(&fi)) {
        return ngx_http_mlist_store_read_irregular(read);
    }

    read->file.inode = ngx_file_uniq(&fi);

    if (ngx_time() - ngx_file_mtime(&fi) >= read->touch) {
        (void) futimens(fd, NULL);
    }

    size = ngx_file_size(&fi);

    if ((uintmax_t) size > read->max) {
        return NGX_ABORT;
    }

    read->bytes.len = (size_t) size;
    read->bytes.data = ngx_pnalloc(pool, read->bytes.len + 1);
    if (read->bytes.data == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(&file, sizeof(ngx_file_t));

    file.fd = fd;
    file.log = read->log;
    file.name = read->path;

    n = ngx_read_file(&file, read->bytes.data, read->bytes.len, 0);
    if (n == NGX_ERROR) {
        return NGX_ERROR;
    }

    /* a file that became shorter does not have its digest either */

    read->bytes.len = n;

    return NGX_OK;
}


static ngx_int_t
ngx_http_mlist_store_read_irregular(ngx_http_mlist_store_read_t *read)
{
    mlist_stored_problem_t  problem;

    problem.what = "kind of file";
    problem.expected = mlist_str("regular");
    problem.seen = mlist_str("link, directory or special");

    return ngx_http_mlist_store_read_damaged(read, &problem);
}


/* A link in place of the file's directory is removed, not what it leads to. */

static ngx_int_t
ngx_http_mlist_store_read_no_dir(ngx_http_mlist_store_read_t *read)
{
    mlist_stored_problem_t  problem;

    problem.what = "kind of its directory";
    problem.expected = mlist_str("directory");
    problem.seen = mlist_str("link or file");

    return ngx_http_mlist_store_read_damaged(read, &problem);
}

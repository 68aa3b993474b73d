/*
 * Small files that people edit while nginx runs: see ngx_http_mlist_file.h.
 */


#include "ngx_http_mlist_file.h"


#define NGX_HTTP_MLIST_FILE_MAX    (1024 * 1024)

/*
 * A file read within so many seconds of its change is read again: it may
 * change once more without looking so.
 */
#define NGX_HTTP_MLIST_FILE_FRESH  2


static ngx_int_t ngx_http_mlist_file_open(ngx_file_t *file, ngx_str_t *path,
    ngx_http_mlist_file_stat_t *st, ngx_http_mlist_file_error_t *error);
static ngx_http_mlist_file_t *ngx_http_mlist_file_create(ngx_log_t *log,
    ngx_http_mlist_file_stat_t *st);
static ngx_int_t ngx_http_mlist_file_load(ngx_http_mlist_file_t *content,
    ngx_file_t *file);


void
ngx_http_mlist_file_stat(ngx_file_info_t *fi, ngx_http_mlist_file_stat_t *st)
{
    st->uniq = ngx_file_uniq(fi);
    st->size = ngx_file_size(fi);
    st->mtime = ngx_file_mtime(fi);
    st->ctime = fi->st_ctime;

#if (NGX_LINUX || NGX_FREEBSD)
    st->nsec = fi->st_mtim.tv_nsec;
#else
    st->nsec = 0;
#endif
}


ngx_uint_t
ngx_http_mlist_file_same(ngx_http_mlist_file_stat_t *a,
    ngx_http_mlist_file_stat_t *b)
{
    return a->uniq == b->uniq && a->size == b->size && a->mtime == b->mtime
           && a->nsec == b->nsec;
}


ngx_uint_t
ngx_http_mlist_file_current(ngx_http_mlist_file_stat_t *a, time_t time,
    ngx_http_mlist_file_stat_t *b)
{
    return ngx_http_mlist_file_same(a, b)
           && (time == ngx_time()
               || time - b->mtime >= NGX_HTTP_MLIST_FILE_FRESH);
}


ngx_http_mlist_file_t *
ngx_http_mlist_file_read(ngx_str_t *path, ngx_log_t *log,
    ngx_http_mlist_file_error_t *error)
{
    ngx_int_t                    rc;
    ngx_file_t                   file;
    ngx_http_mlist_file_t       *content;
    ngx_http_mlist_file_stat_t   st;

    ngx_memzero(&file, sizeof(ngx_file_t));
    file.name = *path;
    file.log = log;

    if (ngx_http_mlist_file_open(&file, path, &st, error) != NGX_OK) {
        return NULL;
    }

    error->err = 0;
    error->what = "cannot be read";

    content = ngx_http_mlist_file_create(log, &st);

    rc = (content == NULL) ? NGX_ERROR
                           : ngx_http_mlist_file_load(content, &file);

    if (rc != NGX_OK) {
        error->err = ngx_errno;
    }

    (void) ngx_close_file(file.fd);

    if (rc != NGX_OK && content) {
        ngx_http_mlist_file_destroy(content);
    }

    return rc == NGX_OK ? content : NULL;
}


static ngx_int_t
ngx_http_mlist_file_open(ngx_file_t *file, ngx_str_t *path,
    ngx_http_mlist_file_stat_t *st, ngx_http_mlist_file_error_t *error)
{
    ngx_file_info_t  fi;

    /* not blocking: a pipe would stop the worker */

    file->fd = ngx_open_file(path->data, NGX_FILE_RDONLY|NGX_FILE_NONBLOCK,
                             NGX_FILE_OPEN, 0);

    if (file->fd == NGX_INVALID_FILE) {
        error->err = ngx_errno;
        error->what = "cannot be opened";
        return NGX_ERROR;
    }

    error->err = 0;

    if (ngx_fd_info(file->fd, &fi) == NGX_FILE_ERROR) {
        error->err = ngx_errno;
        error->what = "cannot be read";

    } else if (!ngx_is_file(&fi)) {
        error->what = "is not a regular file";

    } else if (ngx_file_size(&fi) > NGX_HTTP_MLIST_FILE_MAX) {
        error->what = "is larger than 1 megabyte";

    } else {
        ngx_http_mlist_file_stat(&fi, st);
        return NGX_OK;
    }

    (void) ngx_close_file(file->fd);

    return NGX_ERROR;
}


static ngx_http_mlist_file_t *
ngx_http_mlist_file_create(ngx_log_t *log, ngx_http_mlist_file_stat_t *st)
{
    ngx_pool_t             *pool;
    ngx_http_mlist_file_t  *content;

    pool = ngx_create_pool(NGX_DEFAULT_POOL_SIZE, log);
    if (pool == NULL) {
        return NULL;
    }

    content = ngx_pcalloc(pool, sizeof(ngx_http_mlist_file_t));

    if (content) {
        content->pool = pool;
        content->stat = *st;
        content->data = ngx_pnalloc(pool, (size_t) st->size + 1);
    }

    if (content == NULL || content->data == NULL) {
        ngx_destroy_pool(pool);
        return NULL;
    }

    return content;
}


static ngx_int_t
ngx_http_mlist_file_load(ngx_http_mlist_file_t *content, ngx_file_t *file)
{
    ssize_t                     n;
    ngx_file_info_t             fi;
    ngx_http_mlist_file_stat_t  st;

    while (content->size < (size_t) content->stat.size) {
        n = ngx_read_file(file, content->data + content->size,
                          (size_t) content->stat.size - content->size,
                          (off_t) content->size);

        if (n == NGX_ERROR) {
            return NGX_ERROR;
        }

        if (n == 0) {
            break;
        }

        content->size += n;
    }

    if (ngx_fd_info(file->fd, &fi) == NGX_FILE_ERROR) {
        return NGX_ERROR;
    }

    ngx_http_mlist_file_stat(&fi, &st);

    content->moving = content->size < (size_t) content->stat.size
                      || !ngx_http_mlist_file_same(&content->stat, &st);

    return NGX_OK;
}


void
ngx_http_mlist_file_destroy(ngx_http_mlist_file_t *file)
{
    ngx_explicit_memzero(file->data, file->size);
    ngx_destroy_pool(file->pool);
}

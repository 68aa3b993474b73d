/*
 * Password files of mlist_login: see ngx_http_mlist_secret.h.
 */


#include "ngx_http_mlist_secret.h"
#include "ngx_http_mlist_file.h"


#define NGX_HTTP_MLIST_SECRET_MAX  16384     /* bytes of a password */


struct ngx_http_mlist_secret_s {
    ngx_str_t                    path;
    ngx_http_mlist_file_t       *file;       /* never NULL */
    ngx_str_t                    password;   /* a view into it */
    time_t                       read;       /* when it was read */

    ngx_http_mlist_file_stat_t   tried;      /* what was read last */
    time_t                       time;       /* and when; 0: not */
    unsigned                     logged:1;   /* that it is no good */
};


static ngx_http_mlist_file_t *ngx_http_mlist_secret_read(ngx_str_t *path,
    ngx_log_t *log, ngx_str_t *password, ngx_http_mlist_file_error_t *error);
static const char *ngx_http_mlist_secret_line(ngx_http_mlist_file_t *file,
    ngx_str_t *password);
static void ngx_http_mlist_secret_cleanup(void *data);
static void ngx_http_mlist_secret_refresh(ngx_http_mlist_secret_t *secret,
    ngx_log_t *log);
static void ngx_http_mlist_secret_doubt(ngx_http_mlist_secret_t *secret,
    ngx_http_mlist_file_error_t *error, ngx_log_t *log);


ngx_http_mlist_secret_t *
ngx_http_mlist_secret_add(ngx_conf_t *cf, ngx_str_t *path)
{
    ngx_pool_cleanup_t           *cln;
    ngx_http_mlist_secret_t      *secret;
    ngx_http_mlist_file_error_t   error;

    cln = ngx_pool_cleanup_add(cf->pool, sizeof(ngx_http_mlist_secret_t));
    if (cln == NULL) {
        return NULL;
    }

    secret = cln->data;
    ngx_memzero(secret, sizeof(ngx_http_mlist_secret_t));

    secret->path = *path;
    secret->file = ngx_http_mlist_secret_read(path, &cf->cycle->new_log,
                                              &secret->password, &error);

    if (secret->file == NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, error.err,
                           "password file \"%V\" %s", path, error.what);
        return NULL;
    }

    secret->read = ngx_time();
    cln->handler = ngx_http_mlist_secret_cleanup;

    return secret;
}


static void
ngx_http_mlist_secret_cleanup(void *data)
{
    ngx_http_mlist_secret_t *secret = data;

    ngx_http_mlist_file_destroy(secret->file);
}


/* NULL and *error, or a file and its password. */

static ngx_http_mlist_file_t *
ngx_http_mlist_secret_read(ngx_str_t *path, ngx_log_t *log,
    ngx_str_t *password, ngx_http_mlist_file_error_t *error)
{
    const char             *problem;
    ngx_http_mlist_file_t  *file;

    file = ngx_http_mlist_file_read(path, log, error);
    if (file == NULL) {
        return NULL;
    }

    problem = file->moving ? "changes while it is read"
                           : ngx_http_mlist_secret_line(file, password);

    if (problem) {
        error->err = 0;
        error->what = problem;

        ngx_http_mlist_file_destroy(file);

        return NULL;
    }

    return file;
}


/* NULL, or what is wrong with it. */

static const char *
ngx_http_mlist_secret_line(ngx_http_mlist_file_t *file, ngx_str_t *password)
{
    u_char  *p, *last;
    size_t   i;

    last = file->data + file->size;

    p = ngx_strlchr(file->data, last, LF);
    if (p == NULL) {
        p = last;
    }

    if (p > file->data && p[-1] == CR) {
        p--;
    }

    password->data = file->data;
    password->len = p - file->data;

    if (password->len == 0) {
        return "has no password in its first line";
    }

    if (password->len > NGX_HTTP_MLIST_SECRET_MAX) {
        return "has a first line of more than 16384 bytes";
    }

    /* RFC 7617 has no control characters in user and password */

    for (i = 0; i < password->len; i++) {
        if (password->data[i] < ' ' || password->data[i] == 0x7f) {
            return "has a control character in its first line";
        }
    }

    return NULL;
}


ngx_str_t
ngx_http_mlist_secret_get(ngx_http_mlist_secret_t *secret, ngx_log_t *log)
{
    ngx_http_mlist_secret_refresh(secret, log);

    return secret->password;
}


static void
ngx_http_mlist_secret_refresh(ngx_http_mlist_secret_t *secret,
    ngx_log_t *log)
{
    ngx_str_t                     password;
    ngx_file_info_t               fi;
    ngx_http_mlist_file_t        *file;
    ngx_http_mlist_file_stat_t    st;
    ngx_http_mlist_file_error_t   error;

    if (ngx_file_info(secret->path.data, &fi) == NGX_FILE_ERROR) {
        error.err = ngx_errno;
        error.what = "cannot be looked at for changes";

        ngx_http_mlist_secret_doubt(secret, &error, log);
        return;
    }

    ngx_http_mlist_file_stat(&fi, &st);

    if (ngx_http_mlist_file_current(&secret->file->stat, secret->read, &st)) {
        secret->logged = 0;
        return;
    }

    /* what was no good is looked at once a second */

    if (secret->time == ngx_time()
        && ngx_http_mlist_file_same(&secret->tried, &st))
    {
        return;
    }

    secret->tried = st;
    secret->time = ngx_time();

    file = ngx_http_mlist_secret_read(&secret->path, ngx_cycle->log,
                                      &password, &error);

    if (file == NULL) {

        /* a worker may be allowed to look at it only: it has not changed */

        if (ngx_http_mlist_file_same(&secret->file->stat, &st)) {
            secret->read = ngx_time();
            return;
        }

        ngx_http_mlist_secret_doubt(secret, &error, log);
        return;
    }

    ngx_http_mlist_file_destroy(secret->file);

    secret->file = file;
    secret->password = password;
    secret->read = ngx_time();
    secret->logged = 0;
}


static void
ngx_http_mlist_secret_doubt(ngx_http_mlist_secret_t *secret,
    ngx_http_mlist_file_error_t *error, ngx_log_t *log)
{
    if (secret->logged) {
        return;
    }

    secret->logged = 1;

    ngx_log_error(NGX_LOG_ERR, log, error->err,
                  "password file \"%V\" %s: what was read before counts "
                  "still", &secret->path, error->what);
}


ngx_str_t *
ngx_http_mlist_secret_path(ngx_http_mlist_secret_t *secret)
{
    return &secret->path;
}

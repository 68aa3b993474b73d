/*
 * One htpasswd file, read and parsed: the memory is its pool's.  The format
 * is the core's.  Called by users.
 */

#include "ngx_http_mlist_passwd.h"


static ngx_int_t ngx_http_mlist_passwd_parse(ngx_http_mlist_passwd_t *passwd);


ngx_http_mlist_passwd_t *
ngx_http_mlist_passwd_read(ngx_str_t *path, ngx_log_t *log,
    ngx_http_mlist_file_error_t *error)
{
    ngx_http_mlist_file_t    *file;
    ngx_http_mlist_passwd_t  *passwd;

    file = ngx_http_mlist_file_read(path, log, error);
    if (file == NULL) {
        return NULL;
    }

    passwd = ngx_pcalloc(file->pool, sizeof(ngx_http_mlist_passwd_t));

    if (passwd) {
        passwd->file = file;
    }

    if (passwd == NULL || ngx_http_mlist_passwd_parse(passwd) != NGX_OK) {
        ngx_http_mlist_file_destroy(file);

        error->err = 0;
        error->what = "cannot be read";

        return NULL;
    }

    return passwd;
}


void
ngx_http_mlist_passwd_destroy(ngx_http_mlist_passwd_t *passwd)
{
    if (passwd) {
        ngx_http_mlist_file_destroy(passwd->file);
    }
}


static ngx_int_t
ngx_http_mlist_passwd_parse(ngx_http_mlist_passwd_t *passwd)
{
    char                   *text;
    mlist_str_t             view;
    mlist_passwd_user_t    *users;
    ngx_http_mlist_file_t  *file;

    file = passwd->file;
    text = (char *) file->data;

    view.data = text;
    view.len = file->size;

    users = ngx_palloc(file->pool, mlist_passwd_lines(view)
                                   * sizeof(mlist_passwd_user_t));
    if (users == NULL) {
        return NGX_ERROR;
    }

    mlist_passwd_parse(text, file->size, users, &passwd->content);

    return NGX_OK;
}

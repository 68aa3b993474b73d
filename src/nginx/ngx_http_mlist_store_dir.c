/*
 * Directories of stores, at configuration time: made, checked for being such
 * that this module may use them, and handed to nginx.  It never looks into a
 * list.  Called by store only.
 */

#include "ngx_http_mlist_store_dir.h"
#include "ngx_http_mlist_store_file.h"
#include "ngx_http_mlist_store_manager.h"


#define NGX_HTTP_MLIST_STORE_DIR_QUEUE    256
#define NGX_HTTP_MLIST_STORE_DIR_TOUCH    3600

#define NGX_HTTP_MLIST_STORE_FORMAT_LINE  "mlist-store 1\n"
#define NGX_HTTP_MLIST_STORE_FORMAT_MAX   64


static ngx_int_t ngx_http_mlist_store_dir_name(ngx_conf_t *cf,
    ngx_str_t *value, ngx_str_t *path);
static ngx_int_t ngx_http_mlist_store_dir_parameters(ngx_conf_t *cf,
    ngx_http_mlist_store_dir_t *dir, ngx_str_t *value, ngx_uint_t n);
static const char *ngx_http_mlist_store_dir_parameter(
    ngx_http_mlist_store_dir_t *dir, ngx_str_t *value);
static ngx_http_mlist_store_dir_t *ngx_http_mlist_store_dir_same(
    ngx_conf_t *cf, ngx_http_mlist_store_dir_t *known,
    ngx_http_mlist_store_dir_t *dir);
static ngx_http_mlist_store_dir_t *ngx_http_mlist_store_dir_find(
    ngx_http_mlist_store_dir_t *dir, ngx_str_t *path);
static ngx_int_t ngx_http_mlist_store_dir_path(ngx_conf_t *cf,
    ngx_http_mlist_store_dir_t *dir);
static ngx_int_t ngx_http_mlist_store_dir_prepare(ngx_conf_t *cf,
    ngx_str_t *dir);
static ngx_int_t ngx_http_mlist_store_dir_format(ngx_conf_t *cf,
    ngx_str_t *dir);


ngx_http_mlist_store_dir_t *
ngx_http_mlist_store_dir_add(ngx_conf_t *cf, ngx_str_t *value, ngx_uint_t n)
{
    static ngx_str_t             pool = ngx_string("mlist_store");
    ngx_http_mlist_main_conf_t  *mmcf;
    ngx_http_mlist_store_dir_t  *dir, *known;

    dir = ngx_pcalloc(cf->pool, sizeof(ngx_http_mlist_store_dir_t));
    if (dir == NULL) {
        return NULL;
    }

    if (ngx_http_mlist_store_dir_name(cf, &value[0], &dir->path) != NGX_OK
        || ngx_http_mlist_store_dir_parameters(cf, dir, value, n) != NGX_OK)
    {
        return NULL;
    }

    mmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_mlist_module);

    known = ngx_http_mlist_store_dir_find(mmcf->dirs, &dir->path);
    if (known) {
        return ngx_http_mlist_store_dir_same(cf, known, dir);
    }

    dir->thread = ngx_http_mlist_thread_add(cf, &pool,
                                            NGX_HTTP_MLIST_STORE_DIR_QUEUE);

    if (dir->thread == NULL
        || ngx_http_mlist_store_dir_prepare(cf, &dir->path) != NGX_OK
        || ngx_http_mlist_store_dir_path(cf, dir) != NGX_OK)
    {
        return NULL;
    }

    dir->next = mmcf->dirs;
    mmcf->dirs = dir;

    return dir;
}


static ngx_int_t
ngx_http_mlist_store_dir_name(ngx_conf_t *cf, ngx_str_t *value,
    ngx_str_t *path)
{
    ngx_str_t  name;

    name = *value;

    if (ngx_conf_full_name(cf->cycle, &name, 0) != NGX_OK) {
        return NGX_ERROR;
    }

    while (name.len > 1 && name.data[name.len - 1] == '/') {
        name.len--;
    }

    path->len = name.len;
    path->data = ngx_pnalloc(cf->pool, name.len + 1);
    if (path->data == NULL) {
        return NGX_ERROR;
    }

    (void) ngx_cpystrn(path->data, name.data, name.len + 1);

    return NGX_OK;
}


static ngx_int_t
ngx_http_mlist_store_dir_parameters(ngx_conf_t *cf,
    ngx_http_mlist_store_dir_t *dir, ngx_str_t *value, ngx_uint_t n)
{
    const char  *error;
    ngx_uint_t   i;

    for (i = 1; i < n; i++) {

        error = ngx_http_mlist_store_dir_parameter(dir, &value[i]);

        if (error) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "%s parameter \"%V\" in \"mlist_store\"",
                               error, &value[i]);
            return NGX_ERROR;
        }
    }

    dir->touch = NGX_HTTP_MLIST_STORE_DIR_TOUCH;

    if (dir->inactive && dir->inactive / 10 < dir->touch) {
        dir->touch = dir->inactive / 10;
    }

    dir->file = cf->conf_file->file.name.data;
    dir->line = cf->conf_file->line;

    return NGX_OK;
}


/* What is wrong with a parameter, or NULL. */

static const char *
ngx_http_mlist_store_dir_parameter(ngx_http_mlist_store_dir_t *dir,
    ngx_str_t *value)
{
    off_t      size;
    ngx_int_t  seconds;
    ngx_str_t  s;

    if (ngx_strncmp(value->data, "inactive=", 9) == 0) {

        if (dir->inactive) {
            return "duplicate";
        }

        s.data = value->data + 9;
        s.len = value->len - 9;

        seconds = ngx_parse_time(&s, 1);
        if (seconds == NGX_ERROR || seconds == 0) {
            return "invalid";
        }

        dir->inactive = seconds;

        return NULL;
    }

    if (ngx_strncmp(value->data, "max_size=", 9) == 0) {

        if (dir->max_size) {
            return "duplicate";
        }

        s.data = value->data + 9;
        s.len = value->len - 9;

        size = ngx_parse_offset(&s);
        if (size == NGX_ERROR || size == 0) {
            return "invalid";
        }

        dir->max_size = size;

        return NULL;
    }

    return "unknown";
}


/* A directory that is known already has the parameters that it has. */

static ngx_http_mlist_store_dir_t *
ngx_http_mlist_store_dir_same(ngx_conf_t *cf,
    ngx_http_mlist_store_dir_t *known, ngx_http_mlist_store_dir_t *dir)
{
    if (known->inactive == dir->inactive && known->max_size == dir->max_size)
    {
        return known;
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "mlist_store \"%V\" has other parameters in %s:%ui",
                       &dir->path, known->file, known->line);

    return NULL;
}


static ngx_http_mlist_store_dir_t *
ngx_http_mlist_store_dir_find(ngx_http_mlist_store_dir_t *dir,
    ngx_str_t *path)
{
    while (dir) {

        if (dir->path.len == path->len
            && ngx_strncmp(dir->path.data, path->data, path->len) == 0)
        {
            break;
        }

        dir = dir->next;
    }

    return dir;
}


/* Has nginx own the directory as it owns that of a cache. */

static ngx_int_t
ngx_http_mlist_store_dir_path(ngx_conf_t *cf, ngx_http_mlist_store_dir_t *dir)
{
    ngx_path_t  *path;

    path = ngx_pcalloc(cf->pool, sizeof(ngx_path_t));
    if (path == NULL) {
        return NGX_ERROR;
    }

    path->name = dir->path;
    path->data = dir;

    if (dir->inactive || dir->max_size) {
        path->manager = ngx_http_mlist_store_manager;
    }

    path->conf_file = cf->conf_file->file.name.data;
    path->line = cf->conf_file->line;

    return ngx_add_path(cf, &path);
}


/*
 * The directory is made here, though nginx would make it later: only so is
 * a format that is not known refused with the line it stands on.
 */

static ngx_int_t
ngx_http_mlist_store_dir_prepare(ngx_conf_t *cf, ngx_str_t *dir)
{
    ngx_err_t        err;
    ngx_file_info_t  fi;

    /* a full disk must not be in the way of "nginx -s stop" */

    if (ngx_process == NGX_PROCESS_SIGNALLER) {
        return NGX_OK;
    }

    if (ngx_create_dir(dir->data, 0700) == NGX_FILE_ERROR) {
        err = ngx_errno;

        if (err != NGX_EEXIST) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, err,
                               ngx_create_dir_n " \"%V\" failed", dir);
            return NGX_ERROR;
        }
    }

    if (ngx_file_info(dir->data, &fi) == NGX_FILE_ERROR) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           ngx_file_info_n " \"%V\" failed", dir);
        return NGX_ERROR;
    }

    if (!ngx_is_dir(&fi)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "mlist_store \"%V\" is not a directory", dir);
        return NGX_ERROR;
    }

    if (access((char *) dir->data, W_OK|X_OK) == -1) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           "mlist_store \"%V\" is not writable", dir);
        return NGX_ERROR;
    }

    return ngx_http_mlist_store_dir_format(cf, dir);
}


static ngx_int_t
ngx_http_mlist_store_dir_format(ngx_conf_t *cf, ngx_str_t *dir)
{
    u_char                       buf[NGX_HTTP_MLIST_STORE_FORMAT_MAX];
    size_t                       len;
    ssize_t                      n;
    ngx_str_t                    line;
    ngx_http_mlist_store_file_t  f;

    ngx_str_set(&line, NGX_HTTP_MLIST_STORE_FORMAT_LINE);

    ngx_memzero(&f, sizeof(ngx_http_mlist_store_file_t));
    f.root = (char *) dir->data;
    f.head = line;

    n = ngx_http_mlist_store_file_read_format(&f, buf, sizeof(buf));

    if (n == 0) {
        if (ngx_http_mlist_store_file_temp(&f) == NGX_OK
            && ngx_http_mlist_store_file_write_format(&f) == NGX_OK)
        {
            return NGX_OK;
        }

        n = NGX_ERROR;
    }

    if (n == NGX_ERROR) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, f.err,
                           "mlist_store \"%V\": %s \"%s\" failed",
                           dir, f.call, f.what);
        return NGX_ERROR;
    }

    if ((size_t) n == line.len && ngx_memcmp(buf, line.data, n) == 0) {
        return NGX_OK;
    }

    for (len = 0; len < (size_t) n; len++) {
        if (buf[len] < 0x20 || buf[len] > 0x7e) {
            break;
        }
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "mlist_store \"%V\" has the format \"%*s\", "
                       "this module reads \"%*s\" only", dir,
                       len, buf, line.len - 1, line.data);

    return NGX_ERROR;
}

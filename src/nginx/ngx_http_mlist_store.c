/*
 * The store: lists by repository name and digest in files of a directory.
 * It owns the store objects, what a file is called, and what becomes of one
 * that is damaged.  It never decides what is stored, and a path is made of
 * nothing but the configuration and hex digits.  Called by conf (add), doc.
 */

#include "ngx_http_mlist_store.h"
#include "ngx_http_mlist_store_dir.h"
#include "ngx_http_mlist_store_file.h"
#include "ngx_http_mlist_store_text.h"
#include "ngx_http_mlist_thread.h"


#define NGX_HTTP_MLIST_STORE_QUEUE        256

/* bytes of a damaged file in a log line */
#define NGX_HTTP_MLIST_STORE_SHOWN        128


struct ngx_http_mlist_store_s {
    ngx_http_mlist_store_t        *next;     /* in the main configuration */
    ngx_str_t                      dir;      /* NUL-terminated */
    ngx_http_mlist_thread_t       *thread;
    unsigned                       swept:1;  /* by this process */
};


/* One write that a thread works on. */
typedef struct {
    ngx_http_mlist_store_file_t    file;
    ngx_int_t                      rc;
    ngx_http_mlist_store_pt        handler;
    void                          *data;
} ngx_http_mlist_store_put_t;


/* One file that is read. */
typedef struct {
    ngx_http_mlist_store_file_t    file;
    ngx_log_t                     *log;
    ngx_str_t                      path;
    size_t                         max;
    ngx_str_t                      bytes;
    unsigned                       known:1;  /* its list has "max" bytes */
} ngx_http_mlist_store_read_t;


static ngx_http_mlist_store_t *ngx_http_mlist_store_find(ngx_conf_t *cf,
    ngx_str_t *dir);
static ngx_int_t ngx_http_mlist_store_name(ngx_http_request_t *r,
    ngx_http_mlist_store_t *store, ngx_str_t *name, ngx_str_t *digest,
    ngx_http_mlist_store_file_t *f);
static ngx_int_t ngx_http_mlist_store_load(ngx_http_request_t *r,
    ngx_http_mlist_store_t *store, ngx_str_t *name, ngx_str_t *digest,
    ngx_http_mlist_store_read_t *read, ngx_http_mlist_doc_t *doc);
static ngx_int_t ngx_http_mlist_store_open(ngx_http_mlist_store_read_t *read,
    ngx_fd_t *fd);
static ngx_int_t ngx_http_mlist_store_read(ngx_pool_t *pool,
    ngx_http_mlist_store_read_t *read, ngx_fd_t fd);
static ngx_int_t ngx_http_mlist_store_large(
    ngx_http_mlist_store_read_t *read);
static ngx_int_t ngx_http_mlist_store_irregular(
    ngx_http_mlist_store_read_t *read);
static ngx_int_t ngx_http_mlist_store_no_dir(
    ngx_http_mlist_store_read_t *read);
static ngx_int_t ngx_http_mlist_store_damaged(
    ngx_http_mlist_store_read_t *read,
    ngx_http_mlist_store_problem_t *problem);
static ngx_int_t ngx_http_mlist_store_head(ngx_http_request_t *r,
    ngx_str_t *name, ngx_http_mlist_doc_t *doc,
    ngx_http_mlist_store_file_t *f);
static void ngx_http_mlist_store_run(void *data);
static void ngx_http_mlist_store_done(ngx_http_request_t *r, void *data);


ngx_http_mlist_store_t *
ngx_http_mlist_store_add(ngx_conf_t *cf, ngx_str_t *dir)
{
    static ngx_str_t             pool = ngx_string("mlist_store");
    ngx_str_t                    name;
    ngx_http_mlist_store_t      *store;
    ngx_http_mlist_main_conf_t  *mmcf;

    name = *dir;

    if (ngx_conf_full_name(cf->cycle, &name, 0) != NGX_OK) {
        return NULL;
    }

    while (name.len > 1 && name.data[name.len - 1] == '/') {
        name.len--;
    }

    store = ngx_http_mlist_store_find(cf, &name);
    if (store) {
        return store;
    }

    store = ngx_pcalloc(cf->pool, sizeof(ngx_http_mlist_store_t));
    if (store == NULL) {
        return NULL;
    }

    store->dir.len = name.len;
    store->dir.data = ngx_pnalloc(cf->pool, name.len + 1);
    if (store->dir.data == NULL) {
        return NULL;
    }

    (void) ngx_cpystrn(store->dir.data, name.data, name.len + 1);

    store->thread = ngx_http_mlist_thread_add(cf, &pool,
                                              NGX_HTTP_MLIST_STORE_QUEUE);

    if (store->thread == NULL
        || ngx_http_mlist_store_dir_add(cf, &store->dir, store) != NGX_OK)
    {
        return NULL;
    }

    mmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_mlist_module);

    store->next = mmcf->stores;
    mmcf->stores = store;

    return store;
}


ngx_str_t *
ngx_http_mlist_store_id(ngx_http_mlist_store_t *store)
{
    return &store->dir;
}


ngx_int_t
ngx_http_mlist_store_get(ngx_http_request_t *r, ngx_http_mlist_store_t *store,
    ngx_str_t *name, ngx_str_t *digest, size_t max,
    ngx_http_mlist_doc_t *doc)
{
    ngx_http_mlist_store_read_t  read;

    ngx_memzero(&read, sizeof(ngx_http_mlist_store_read_t));

    read.max = max;

    return ngx_http_mlist_store_load(r, store, name, digest, &read, doc);
}


ngx_int_t
ngx_http_mlist_store_put(ngx_http_request_t *r, ngx_http_mlist_store_t *store,
    ngx_str_t *name, ngx_http_mlist_doc_t *doc,
    ngx_http_mlist_store_pt handler, void *data)
{
    ngx_int_t                     rc;
    ngx_http_mlist_doc_t          there;
    ngx_http_mlist_task_t         task;
    ngx_http_mlist_store_put_t   *put;
    ngx_http_mlist_store_read_t   read;

    put = ngx_pcalloc(r->pool, sizeof(ngx_http_mlist_store_put_t));
    if (put == NULL) {
        return NGX_ERROR;
    }

    put->handler = handler;
    put->data = data;

    if (ngx_http_mlist_store_head(r, name, doc, &put->file) != NGX_OK
        || ngx_http_mlist_store_name(r, store, name, &doc->digest,
                                     &put->file)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    /* what a disk has damaged must not pass for the list */

    ngx_memzero(&read, sizeof(ngx_http_mlist_store_read_t));

    read.max = doc->body.len;
    read.known = 1;

    rc = ngx_http_mlist_store_load(r, store, name, &doc->digest, &read,
                                   &there);
    if (rc != NGX_DECLINED) {
        return rc;
    }

    if (ngx_http_mlist_store_file_temp(&put->file) != NGX_OK) {
        ngx_http_mlist_store_file_log(r->connection->log, NGX_LOG_ERR,
                                      &put->file);
        return NGX_ERROR;
    }

    put->file.sweep = !store->swept;

    task.run = ngx_http_mlist_store_run;
    task.done = ngx_http_mlist_store_done;
    task.data = put;

    rc = ngx_http_mlist_thread_post(store->thread, r, &task);

    if (rc == NGX_OK || rc == NGX_AGAIN) {
        store->swept = 1;
    }

    if (rc != NGX_OK) {
        return rc;
    }

    if (put->rc != NGX_OK) {
        ngx_http_mlist_store_file_log(r->connection->log, NGX_LOG_ERR,
                                      &put->file);
    }

    return put->rc;
}


static ngx_http_mlist_store_t *
ngx_http_mlist_store_find(ngx_conf_t *cf, ngx_str_t *dir)
{
    ngx_http_mlist_store_t      *store;
    ngx_http_mlist_main_conf_t  *mmcf;

    mmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_mlist_module);

    for (store = mmcf->stores; store; store = store->next) {

        if (store->dir.len == dir->len
            && ngx_strncmp(store->dir.data, dir->data, dir->len) == 0)
        {
            return store;
        }
    }

    return NULL;
}


static ngx_int_t
ngx_http_mlist_store_name(ngx_http_request_t *r,
    ngx_http_mlist_store_t *store, ngx_str_t *name, ngx_str_t *digest,
    ngx_http_mlist_store_file_t *f)
{
    u_char       hash[MLIST_SHA256_SIZE], *p;
    mlist_str_t  pieces[3];

    pieces[0] = ngx_http_mlist_view(name);
    pieces[1] = mlist_str("\n");
    pieces[2] = ngx_http_mlist_view(digest);

    if (mlist_digest_sha256(pieces, 3, hash) != MLIST_OK) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "mlist_store could not hash a name");
        return NGX_ERROR;
    }

    f->root = (char *) store->dir.data;

    p = ngx_hex_dump((u_char *) f->name, hash, sizeof(hash));
    *p = '\0';

    return NGX_OK;
}


/*
 * This and the next functions return NGX_OK, NGX_DECLINED (a miss; where the
 * file is damaged it is logged and removed by then) or NGX_ERROR (logged).
 */

static ngx_int_t
ngx_http_mlist_store_load(ngx_http_request_t *r,
    ngx_http_mlist_store_t *store, ngx_str_t *name, ngx_str_t *digest,
    ngx_http_mlist_store_read_t *read, ngx_http_mlist_doc_t *doc)
{
    u_char                          path[NGX_MAX_PATH];
    ngx_fd_t                        fd;
    ngx_int_t                       rc;
    ngx_http_mlist_store_problem_t  problem;

    read->log = r->connection->log;

    rc = ngx_http_mlist_store_name(r, store, name, digest, &read->file);
    if (rc != NGX_OK) {
        return rc;
    }

    read->path.data = path;
    read->path.len = ngx_http_mlist_store_file_path(&read->file, path,
                                                    sizeof(path));

    rc = ngx_http_mlist_store_open(read, &fd);
    if (rc != NGX_OK) {
        return rc;
    }

    rc = ngx_http_mlist_store_read(r->pool, read, fd);

    if (ngx_close_file(fd) == NGX_FILE_ERROR) {
        ngx_log_error(NGX_LOG_ALERT, read->log, ngx_errno,
                      ngx_close_file_n " \"%V\" failed", &read->path);
    }

    if (rc != NGX_OK) {
        return rc;
    }

    rc = ngx_http_mlist_store_text_parse(&read->bytes, name, digest, doc,
                                         &problem);

    if (rc == NGX_DECLINED) {
        return ngx_http_mlist_store_damaged(read, &problem);
    }

    if (rc == NGX_ERROR) {
        ngx_log_error(NGX_LOG_ERR, read->log, 0,
                      "mlist_store could not hash \"%V\"", &read->path);
        return NGX_ERROR;
    }

    if (doc->body.len > read->max) {
        return ngx_http_mlist_store_large(read);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_mlist_store_open(ngx_http_mlist_store_read_t *read, ngx_fd_t *fd)
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
        return ngx_http_mlist_store_irregular(read);
    }

    if (f->err == NGX_ENOTDIR && f->what == f->name) {
        return ngx_http_mlist_store_no_dir(read);
    }

    ngx_http_mlist_store_file_log(read->log, NGX_LOG_ERR, f);

    return NGX_ERROR;
}


static ngx_int_t
ngx_http_mlist_store_read(ngx_pool_t *pool, ngx_http_mlist_store_read_t *read,
    ngx_fd_t fd)
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
        return ngx_http_mlist_store_irregular(read);
    }

    size = ngx_file_size(&fi);

    if ((uintmax_t) size
        > (uintmax_t) read->max + NGX_HTTP_MLIST_STORE_HEAD_MAX)
    {
        return ngx_http_mlist_store_large(read);
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
ngx_http_mlist_store_large(ngx_http_mlist_store_read_t *read)
{
    ngx_http_mlist_store_problem_t  problem;

    if (read->known) {
        problem.what = "size";
        ngx_str_set(&problem.expected, "that of the list");
        ngx_str_set(&problem.seen, "larger");

        return ngx_http_mlist_store_damaged(read, &problem);
    }

    ngx_log_error(NGX_LOG_ERR, read->log, 0,
                  "mlist_store file \"%V\" holds a list larger than "
                  "mlist_max_manifest_size %uz", &read->path, read->max);

    return NGX_ERROR;
}


static ngx_int_t
ngx_http_mlist_store_irregular(ngx_http_mlist_store_read_t *read)
{
    ngx_http_mlist_store_problem_t  problem;

    problem.what = "kind of file";
    ngx_str_set(&problem.expected, "regular");
    ngx_str_set(&problem.seen, "link, directory or special");

    return ngx_http_mlist_store_damaged(read, &problem);
}


/* A link in place of the file's directory is removed, not what it leads to. */

static ngx_int_t
ngx_http_mlist_store_no_dir(ngx_http_mlist_store_read_t *read)
{
    ngx_http_mlist_store_problem_t  problem;

    problem.what = "kind of its directory";
    ngx_str_set(&problem.expected, "directory");
    ngx_str_set(&problem.seen, "link or file");

    return ngx_http_mlist_store_damaged(read, &problem);
}


static ngx_int_t
ngx_http_mlist_store_damaged(ngx_http_mlist_store_read_t *read,
    ngx_http_mlist_store_problem_t *problem)
{
    u_char  seen[NGX_HTTP_MLIST_STORE_SHOWN];
    size_t  i, len;

    /* whatever the file holds now, the log gets one line of printable text */

    len = ngx_min(problem->seen.len, sizeof(seen));

    for (i = 0; i < len; i++) {
        seen[i] = problem->seen.data[i];

        if (seen[i] < 0x20 || seen[i] > 0x7e) {
            seen[i] = '?';
        }
    }

    ngx_log_error(NGX_LOG_ERR, read->log, 0,
                  "mlist_store file \"%V\" is damaged and is removed: "
                  "%s expected \"%V\", seen \"%*s\"",
                  &read->path, problem->what, &problem->expected, len, seen);

    if (ngx_http_mlist_store_file_remove(&read->file) != NGX_OK) {
        ngx_http_mlist_store_file_log(read->log, NGX_LOG_ERR, &read->file);
    }

    return NGX_DECLINED;
}


static ngx_int_t
ngx_http_mlist_store_head(ngx_http_request_t *r, ngx_str_t *name,
    ngx_http_mlist_doc_t *doc, ngx_http_mlist_store_file_t *f)
{
    ngx_int_t  rc;

    rc = ngx_http_mlist_store_text_head(r->pool, name, doc, &f->head);

    if (rc == NGX_DECLINED) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "mlist_store has no form for the list %V: a control "
                      "character in its name or platforms, or too long",
                      &doc->digest);
        return NGX_ERROR;
    }

    f->body = doc->body;

    return rc;
}


static void
ngx_http_mlist_store_run(void *data)
{
    ngx_http_mlist_store_put_t  *put = data;

    put->rc = ngx_http_mlist_store_file_write(&put->file);
}


static void
ngx_http_mlist_store_done(ngx_http_request_t *r, void *data)
{
    ngx_http_mlist_store_put_t  *put = data;

    if (put->rc != NGX_OK) {
        ngx_http_mlist_store_file_log(r ? r->connection->log : ngx_cycle->log,
                                      NGX_LOG_ERR, &put->file);
    }

    if (r) {
        put->handler(r, put->data, put->rc);
    }
}

/*
 * Lists in a directory store: see ngx_http_mlist_store_list.h.
 */

#include "ngx_http_mlist_store_list.h"
#include "ngx_http_mlist_store_read.h"


/* One write that a thread works on. */
typedef struct {
    ngx_http_mlist_store_file_t    file;
    ngx_int_t                      rc;       /* of the thread */
    ngx_uint_t                     done;     /* unsigned  done:1; */
} ngx_http_mlist_store_write_t;


static ngx_int_t ngx_http_mlist_store_list_load(ngx_http_request_t *r,
    ngx_http_mlist_store_dir_t *dir, ngx_str_t *name, ngx_str_t *digest,
    ngx_http_mlist_store_read_t *read, ngx_http_mlist_doc_t *doc);
static ngx_int_t ngx_http_mlist_store_list_name(ngx_http_request_t *r,
    ngx_http_mlist_store_dir_t *dir, ngx_str_t *name, ngx_str_t *digest,
    ngx_http_mlist_store_file_t *f);
static ngx_int_t ngx_http_mlist_store_list_large(
    ngx_http_mlist_store_read_t *read, size_t max);
static ngx_int_t ngx_http_mlist_store_list_there(ngx_http_request_t *r,
    ngx_http_mlist_store_dir_t *dir, ngx_http_mlist_store_op_t *op);
static ngx_int_t ngx_http_mlist_store_list_head(ngx_http_request_t *r,
    ngx_str_t *name, ngx_http_mlist_doc_t *doc,
    ngx_http_mlist_store_file_t *f);
static ngx_int_t ngx_http_mlist_store_list_post(ngx_http_request_t *r,
    ngx_http_mlist_store_dir_t *dir, ngx_http_mlist_store_write_t *write);
static void ngx_http_mlist_store_list_run(void *data);
static void ngx_http_mlist_store_list_done(ngx_http_request_t *r, void *data);


ngx_int_t
ngx_http_mlist_store_list_get(ngx_http_request_t *r,
    ngx_http_mlist_store_dir_t *dir, ngx_http_mlist_store_op_t *op)
{
    ngx_int_t                    rc;
    ngx_http_mlist_store_read_t  read;

    ngx_memzero(&read, sizeof(ngx_http_mlist_store_read_t));

    read.max = op->max + NGX_HTTP_MLIST_STORE_HEAD_MAX;

    rc = ngx_http_mlist_store_list_load(r, dir, &op->name, &op->digest, &read,
                                        &op->doc);

    if (rc == NGX_ABORT || (rc == NGX_OK && op->doc.body.len > op->max)) {
        return ngx_http_mlist_store_list_large(&read, op->max);
    }

    return rc;
}


ngx_int_t
ngx_http_mlist_store_list_put(ngx_http_request_t *r,
    ngx_http_mlist_store_dir_t *dir, ngx_http_mlist_store_op_t *op)
{
    ngx_int_t                      rc;
    ngx_http_mlist_store_write_t  *write;

    write = op->state;

    if (write) {
        return write->done ? write->rc : NGX_AGAIN;
    }

    write = ngx_pcalloc(r->pool, sizeof(ngx_http_mlist_store_write_t));
    if (write == NULL) {
        return NGX_ERROR;
    }

    if (ngx_http_mlist_store_list_head(r, &op->name, &op->doc, &write->file)
        != NGX_OK
        || ngx_http_mlist_store_list_name(r, dir, &op->name, &op->doc.digest,
                                          &write->file)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    rc = ngx_http_mlist_store_list_there(r, dir, op);

    if (rc != NGX_DECLINED) {
        return rc;
    }

    op->state = write;

    return ngx_http_mlist_store_list_post(r, dir, write);
}


/*
 * NGX_OK; NGX_DECLINED (a miss; where the file is damaged it is logged and
 * removed by then); NGX_ABORT: it has more than read->max bytes; NGX_ERROR
 * (logged).
 */

static ngx_int_t
ngx_http_mlist_store_list_load(ngx_http_request_t *r,
    ngx_http_mlist_store_dir_t *dir, ngx_str_t *name, ngx_str_t *digest,
    ngx_http_mlist_store_read_t *read, ngx_http_mlist_doc_t *doc)
{
    ngx_int_t                       rc;
    ngx_http_mlist_store_problem_t  problem;

    read->log = r->connection->log;

    rc = ngx_http_mlist_store_list_name(r, dir, name, digest, &read->file);
    if (rc != NGX_OK) {
        return rc;
    }

    rc = ngx_http_mlist_store_read(r->pool, read);
    if (rc != NGX_OK) {
        return rc;
    }

    rc = ngx_http_mlist_store_text_parse(&read->bytes, name, digest, doc,
                                         &problem);

    if (rc == NGX_DECLINED) {
        return ngx_http_mlist_store_read_damaged(read, &problem);
    }

    if (rc == NGX_ERROR) {
        ngx_log_error(NGX_LOG_ERR, read->log, 0,
                      "mlist_store could not hash \"%V\"", &read->path);
    }

    return rc;
}


static ngx_int_t
ngx_http_mlist_store_list_name(ngx_http_request_t *r,
    ngx_http_mlist_store_dir_t *dir, ngx_str_t *name, ngx_str_t *digest,
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

    f->root = (char *) dir->path.data;

    p = ngx_hex_dump((u_char *) f->name, hash, sizeof(hash));
    *p = '\0';

    return NGX_OK;
}


static ngx_int_t
ngx_http_mlist_store_list_large(ngx_http_mlist_store_read_t *read,
    size_t max)
{
    ngx_log_error(NGX_LOG_ERR, read->log, 0,
                  "mlist_store file \"%V\" holds a list larger than "
                  "mlist_max_manifest_size %uz", &read->path, max);

    return NGX_ERROR;
}


/* What a disk has damaged must not pass for the list. */

static ngx_int_t
ngx_http_mlist_store_list_there(ngx_http_request_t *r,
    ngx_http_mlist_store_dir_t *dir, ngx_http_mlist_store_op_t *op)
{
    ngx_int_t                       rc;
    ngx_http_mlist_doc_t            there;
    ngx_http_mlist_store_read_t     read;
    ngx_http_mlist_store_problem_t  problem;

    ngx_memzero(&read, sizeof(ngx_http_mlist_store_read_t));

    read.max = op->doc.body.len + NGX_HTTP_MLIST_STORE_HEAD_MAX;

    rc = ngx_http_mlist_store_list_load(r, dir, &op->name, &op->doc.digest,
                                        &read, &there);
    if (rc != NGX_ABORT) {
        return rc;
    }

    problem.what = "size";
    ngx_str_set(&problem.expected, "that of the list");
    ngx_str_set(&problem.seen, "larger");

    return ngx_http_mlist_store_read_damaged(&read, &problem);
}


static ngx_int_t
ngx_http_mlist_store_list_head(ngx_http_request_t *r, ngx_str_t *name,
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


static ngx_int_t
ngx_http_mlist_store_list_post(ngx_http_request_t *r,
    ngx_http_mlist_store_dir_t *dir, ngx_http_mlist_store_write_t *write)
{
    ngx_int_t              rc;
    ngx_http_mlist_task_t  task;

    if (ngx_http_mlist_store_file_temp(&write->file) != NGX_OK) {
        ngx_http_mlist_store_file_log(r->connection->log, NGX_LOG_ERR,
                                      &write->file);
        return NGX_ERROR;
    }

    write->file.sweep = !dir->swept;

    task.run = ngx_http_mlist_store_list_run;
    task.done = ngx_http_mlist_store_list_done;
    task.data = write;

    rc = ngx_http_mlist_thread_post(dir->thread, r, &task);

    if (rc == NGX_OK || rc == NGX_AGAIN) {
        dir->swept = 1;
    }

    if (rc != NGX_OK) {
        return rc;
    }

    if (write->rc != NGX_OK) {
        ngx_http_mlist_store_file_log(r->connection->log, NGX_LOG_ERR,
                                      &write->file);
    }

    return write->rc;
}


static void
ngx_http_mlist_store_list_run(void *data)
{
    ngx_http_mlist_store_write_t  *write = data;

    write->rc = ngx_http_mlist_store_file_write(&write->file);
}


static void
ngx_http_mlist_store_list_done(ngx_http_request_t *r, void *data)
{
    ngx_http_mlist_store_write_t  *write = data;

    if (write->rc != NGX_OK) {
        ngx_http_mlist_store_file_log(r ? r->connection->log : ngx_cycle->log,
                                      NGX_LOG_ERR, &write->file);
    }

    if (r == NULL) {
        return;
    }

    write->done = 1;

    r->write_event_handler = ngx_http_core_run_phases;

    (void) ngx_http_post_request(r, NULL);
}

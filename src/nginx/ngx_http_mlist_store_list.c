/*
 * Lists in a directory store: see ngx_http_mlist_store_list.h.
 */

#include "ngx_http_mlist_store_list.h"
#include "ngx_http_mlist_store_read.h"
#include "ngx_http_mlist_store_write.h"


/* places for lists whose use was noted, in each process */
#define NGX_HTTP_MLIST_STORE_LIST_USED  4096


static ngx_int_t ngx_http_mlist_store_list_load(ngx_http_request_t *r,
    ngx_http_mlist_store_dir_t *dir, ngx_str_t *name, ngx_str_t *digest,
    ngx_http_mlist_store_read_t *read, ngx_http_mlist_doc_t *doc);
static ngx_int_t ngx_http_mlist_store_list_file(ngx_http_request_t *r,
    ngx_http_mlist_store_dir_t *dir, ngx_str_t *name, ngx_str_t *digest,
    ngx_http_mlist_store_file_t *f);
static ngx_int_t ngx_http_mlist_store_list_large(
    ngx_http_mlist_store_read_t *read, size_t max);
static ngx_int_t ngx_http_mlist_store_list_there(ngx_http_request_t *r,
    ngx_http_mlist_store_dir_t *dir, ngx_http_mlist_store_op_t *op,
    ngx_http_mlist_store_file_t *f);
static ngx_int_t ngx_http_mlist_store_list_head(ngx_http_request_t *r,
    ngx_str_t *name, ngx_http_mlist_doc_t *doc,
    ngx_http_mlist_store_file_t *f);


ngx_int_t
ngx_http_mlist_store_list_get(ngx_http_request_t *r,
    ngx_http_mlist_store_dir_t *dir, ngx_http_mlist_store_op_t *op)
{
    ngx_int_t                    rc;
    ngx_http_mlist_store_read_t  read;

    ngx_memzero(&read, sizeof(ngx_http_mlist_store_read_t));

    read.max = op->max + MLIST_STORED_HEAD_MAX;

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
        return ngx_http_mlist_store_write_result(write);
    }

    write = ngx_pcalloc(r->pool, sizeof(ngx_http_mlist_store_write_t));
    if (write == NULL) {
        return NGX_ERROR;
    }

    if (ngx_http_mlist_store_list_head(r, &op->name, &op->doc, &write->file)
        != NGX_OK
        || ngx_http_mlist_store_list_file(r, dir, &op->name, &op->doc.digest,
                                          &write->file)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    rc = ngx_http_mlist_store_list_there(r, dir, op, &write->file);

    if (rc != NGX_DECLINED) {
        return rc;
    }

    op->state = write;

    return ngx_http_mlist_store_write_start(r, dir, write);
}


ngx_int_t
ngx_http_mlist_store_list_remove(ngx_http_request_t *r,
    ngx_http_mlist_store_dir_t *dir, ngx_http_mlist_store_op_t *op)
{
    ngx_fd_t                     fd;
    ngx_int_t                    rc;
    ngx_http_mlist_doc_t         there;
    ngx_http_mlist_store_read_t  read;

    ngx_memzero(&read, sizeof(ngx_http_mlist_store_read_t));

    read.max = op->max + MLIST_STORED_HEAD_MAX;

    rc = ngx_http_mlist_store_list_load(r, dir, &op->name, &op->digest, &read,
                                        &there);

    if (rc == NGX_DECLINED || rc == NGX_ERROR) {
        return rc == NGX_DECLINED ? NGX_OK : NGX_ERROR;
    }

    if (ngx_http_mlist_store_file_remove(&read.file) != NGX_OK) {
        ngx_http_mlist_store_file_log(read.log, NGX_LOG_ERR, &read.file);
        return NGX_ERROR;
    }

    /* it stays where somebody writes or relies on it */

    fd = ngx_http_mlist_store_file_open(&read.file);

    if (fd == NGX_INVALID_FILE) {
        return NGX_OK;
    }

    if (ngx_close_file(fd) == NGX_FILE_ERROR) {
        ngx_log_error(NGX_LOG_ERR, read.log, ngx_errno,
                      ngx_close_file_n " \"%V\" failed", &read.path);
    }

    return NGX_BUSY;
}


ngx_int_t
ngx_http_mlist_store_list_name(ngx_http_mlist_store_dir_t *dir,
    ngx_str_t *name, ngx_str_t *digest, ngx_http_mlist_store_file_t *f)
{
    u_char       hash[MLIST_SHA256_SIZE], *p;
    mlist_str_t  pieces[3];

    pieces[0] = ngx_http_mlist_view(name);
    pieces[1] = mlist_str("\n");
    pieces[2] = ngx_http_mlist_view(digest);

    if (mlist_digest_sha256(pieces, 3, hash) != MLIST_OK) {
        return NGX_ERROR;
    }

    f->root = (char *) dir->path.data;
    f->kind = NGX_HTTP_MLIST_STORE_LISTS;

    p = ngx_hex_dump((u_char *) f->name, hash, sizeof(hash));
    *p = '\0';

    return NGX_OK;
}


ngx_int_t
ngx_http_mlist_store_list_touch(ngx_http_mlist_store_dir_t *dir,
    ngx_str_t *name, ngx_str_t *digest, u_char *key)
{
    uint32_t                      hash;
    uint64_t                     *used;
    ngx_http_mlist_store_file_t   f;

    if (dir->used == NULL) {
        dir->used = ngx_pcalloc(ngx_cycle->pool,
                                NGX_HTTP_MLIST_STORE_LIST_USED
                                * sizeof(uint64_t));
        if (dir->used == NULL) {
            return NGX_OK;
        }
    }

    /* two lists of one place in the table are noted more often, that is all */

    ngx_memcpy(&hash, key, sizeof(uint32_t));

    used = &dir->used[hash % NGX_HTTP_MLIST_STORE_LIST_USED];

    if (*used >> 32 == hash
        && (uint32_t) ngx_time() - (uint32_t) *used < (uint32_t) dir->touch)
    {
        return NGX_OK;
    }

    ngx_memzero(&f, sizeof(ngx_http_mlist_store_file_t));

    if (ngx_http_mlist_store_list_name(dir, name, digest, &f) != NGX_OK) {
        return NGX_OK;
    }

    switch (ngx_http_mlist_store_file_touch(&f, 0)) {

    case NGX_OK:
        *used = (uint64_t) hash << 32 | (uint32_t) ngx_time();
        return NGX_OK;

    case NGX_DECLINED:
        return NGX_DECLINED;

    default: /* NGX_BUSY, NGX_ERROR: the next time, maybe */
        return NGX_OK;
    }
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
    ngx_int_t               rc;
    mlist_stored_t          list;
    mlist_stored_problem_t  problem;

    read->log = r->connection->log;
    read->touch = dir->touch;

    rc = ngx_http_mlist_store_list_file(r, dir, name, digest, &read->file);
    if (rc != NGX_OK) {
        return rc;
    }

    rc = ngx_http_mlist_store_read(r->pool, read);
    if (rc != NGX_OK) {
        return rc;
    }

    switch (mlist_stored_parse(ngx_http_mlist_view(&read->bytes),
                               ngx_http_mlist_view(name),
                               ngx_http_mlist_view(digest), &list, &problem))
    {

    case MLIST_OK:
        doc->type = list.type;
        doc->digest = ngx_http_mlist_ngx_str(list.digest);
        doc->platforms = ngx_http_mlist_ngx_str(list.platforms);
        doc->body = ngx_http_mlist_ngx_str(list.bytes);
        return NGX_OK;

    case MLIST_NOMEM:
        ngx_log_error(NGX_LOG_ERR, read->log, 0,
                      "mlist_store could not hash \"%V\"", &read->path);
        return NGX_ERROR;

    default: /* MLIST_MISMATCH */
        return ngx_http_mlist_store_read_damaged(read, &problem);
    }
}


static ngx_int_t
ngx_http_mlist_store_list_file(ngx_http_request_t *r,
    ngx_http_mlist_store_dir_t *dir, ngx_str_t *name, ngx_str_t *digest,
    ngx_http_mlist_store_file_t *f)
{
    if (ngx_http_mlist_store_list_name(dir, name, digest, f) != NGX_OK) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "mlist_store could not hash a name");
        return NGX_ERROR;
    }

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


/*
 * NGX_OK: the list is there, and stays; NGX_DECLINED: it has to be written;
 * NGX_ERROR.  What a disk has damaged does not pass for it.
 */

static ngx_int_t
ngx_http_mlist_store_list_there(ngx_http_request_t *r,
    ngx_http_mlist_store_dir_t *dir, ngx_http_mlist_store_op_t *op,
    ngx_http_mlist_store_file_t *f)
{
    ngx_int_t                    rc;
    ngx_http_mlist_doc_t         there;
    mlist_stored_problem_t       problem;
    ngx_http_mlist_store_read_t  read;

    ngx_memzero(&read, sizeof(ngx_http_mlist_store_read_t));

    read.max = op->doc.body.len + MLIST_STORED_HEAD_MAX;

    rc = ngx_http_mlist_store_list_load(r, dir, &op->name, &op->doc.digest,
                                        &read, &there);

    if (rc == NGX_ABORT) {
        problem.what = "size";
        problem.expected = mlist_str("that of the list");
        problem.seen = mlist_str("larger");

        rc = ngx_http_mlist_store_read_damaged(&read, &problem);
    }

    f->force = read.damaged;

    if (rc != NGX_OK) {
        return rc;
    }

    /* where a lock cannot be had at all, nobody removes anything either */

    rc = ngx_http_mlist_store_file_touch(&read.file, 0);

    return (rc == NGX_OK || rc == NGX_ERROR) ? NGX_OK : NGX_DECLINED;
}


static ngx_int_t
ngx_http_mlist_store_list_head(ngx_http_request_t *r, ngx_str_t *name,
    ngx_http_mlist_doc_t *doc, ngx_http_mlist_store_file_t *f)
{
    mlist_stored_t  list;

    list.type = doc->type;
    list.digest = ngx_http_mlist_view(&doc->digest);
    list.platforms = ngx_http_mlist_view(&doc->platforms);
    list.bytes = ngx_http_mlist_view(&doc->body);

    f->head.data = ngx_pnalloc(r->pool, MLIST_STORED_HEAD_MAX);
    if (f->head.data == NULL) {
        return NGX_ERROR;
    }

    if (mlist_stored_head(ngx_http_mlist_view(name), &list,
                          (char *) f->head.data, &f->head.len)
        != MLIST_OK)
    {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "mlist_store has no form for the list %V: a control "
                      "character in its name or platforms, or too long",
                      &doc->digest);
        return NGX_ERROR;
    }

    f->body = doc->body;

    return NGX_OK;
}

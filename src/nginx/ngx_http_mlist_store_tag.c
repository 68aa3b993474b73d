/*
 * Tags' records in a directory store: see ngx_http_mlist_store_tag.h.
 */

#include "ngx_http_mlist_store_tag.h"
#include "ngx_http_mlist_store_list.h"
#include "ngx_http_mlist_store_read.h"
#include "ngx_http_mlist_store_write.h"

#include "../core/mlist_last.h"


/*
 * A number, which is a time in microseconds, that is so many seconds ahead
 * was drawn by a wrong clock and would stand in everybody's way.
 */
#define NGX_HTTP_MLIST_STORE_TAG_AHEAD  60


/* One write, and what the thread compares. */
typedef struct {
    ngx_http_mlist_store_write_t   write;
    ngx_http_mlist_store_file_t    lists[2];
    mlist_last_t                   last;
    char                           text[MLIST_LAST_MAX];
} ngx_http_mlist_store_tag_write_t;


static ngx_int_t ngx_http_mlist_store_tag_load(ngx_http_request_t *r,
    ngx_http_mlist_store_dir_t *dir, u_char *key,
    ngx_http_mlist_store_read_t *read, mlist_last_t *last);
static void ngx_http_mlist_store_tag_name(ngx_http_mlist_store_dir_t *dir,
    u_char *key, ngx_http_mlist_store_file_t *f);
static ngx_int_t ngx_http_mlist_store_tag_start(ngx_http_request_t *r,
    ngx_http_mlist_store_dir_t *dir, ngx_http_mlist_store_op_t *op);
static ngx_int_t ngx_http_mlist_store_tag_text(ngx_http_request_t *r,
    ngx_http_mlist_store_op_t *op, ngx_http_mlist_store_tag_write_t *tag);
static ngx_int_t ngx_http_mlist_store_tag_lists(
    ngx_http_mlist_store_dir_t *dir, ngx_http_mlist_store_op_t *op,
    ngx_http_mlist_store_tag_write_t *tag);
static ngx_int_t ngx_http_mlist_store_tag_newer(
    ngx_http_mlist_store_file_t *f, int dir);
static ngx_uint_t ngx_http_mlist_store_tag_stays(mlist_last_t *there,
    uint64_t number);
static void ngx_http_mlist_store_tag_digest(u_char *data, u_char len,
    mlist_digest_t *digest);


ngx_int_t
ngx_http_mlist_store_tag_get(ngx_http_request_t *r,
    ngx_http_mlist_store_dir_t *dir, ngx_http_mlist_store_op_t *op)
{
    ngx_int_t                    rc;
    mlist_last_t                 last;
    ngx_http_mlist_last_t       *out;
    ngx_http_mlist_store_read_t  read;

    rc = ngx_http_mlist_store_tag_load(r, dir, op->key, &read, &last);

    if (rc != NGX_OK) {
        return rc;
    }

    out = &op->last;

    ngx_memzero(out, sizeof(ngx_http_mlist_last_t));

    out->number = last.number;
    out->type = last.type;
    out->missing = last.missing;
    out->docker_len = (u_char) last.docker.len;
    out->oci_len = (u_char) last.oci.len;

    ngx_memcpy(out->docker, last.docker.text, last.docker.len);
    ngx_memcpy(out->oci, last.oci.text, last.oci.len);

    return NGX_OK;
}


ngx_int_t
ngx_http_mlist_store_tag_put(ngx_http_request_t *r,
    ngx_http_mlist_store_dir_t *dir, ngx_http_mlist_store_op_t *op)
{
    ngx_int_t                          rc;
    mlist_last_t                       last;
    ngx_http_mlist_store_read_t        read;
    ngx_http_mlist_store_tag_write_t  *tag;

    tag = op->state;

    if (tag) {
        return ngx_http_mlist_store_write_result(&tag->write);
    }

    /* what is damaged is logged here, which the thread cannot do */

    rc = ngx_http_mlist_store_tag_load(r, dir, op->key, &read, &last);

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    if (rc == NGX_OK
        && ngx_http_mlist_store_tag_stays(&last, op->last.number))
    {
        return NGX_DECLINED;
    }

    return ngx_http_mlist_store_tag_start(r, dir, op);
}


/* NGX_OK, NGX_DECLINED: there is none (any more), NGX_ERROR (logged). */

static ngx_int_t
ngx_http_mlist_store_tag_load(ngx_http_request_t *r,
    ngx_http_mlist_store_dir_t *dir, u_char *key,
    ngx_http_mlist_store_read_t *read, mlist_last_t *last)
{
    ngx_int_t               rc;
    mlist_rc_e              parsed;
    mlist_stored_problem_t  problem;

    ngx_memzero(read, sizeof(ngx_http_mlist_store_read_t));

    read->log = r->connection->log;
    read->max = MLIST_LAST_MAX;
    read->touch = dir->touch;

    ngx_http_mlist_store_tag_name(dir, key, &read->file);

    rc = ngx_http_mlist_store_read(r->pool, read);

    if (rc == NGX_DECLINED || rc == NGX_ERROR) {
        return rc;
    }

    if (rc == NGX_OK) {
        parsed = mlist_last_parse(ngx_http_mlist_view(&read->bytes),
                                  mlist_str(read->file.name), last);

        if (parsed == MLIST_OK) {
            return NGX_OK;
        }

        if (parsed == MLIST_NOMEM) {
            ngx_log_error(NGX_LOG_ERR, read->log, 0,
                          "mlist_store could not hash \"%V\"", &read->path);
            return NGX_ERROR;
        }
    }

    problem.what = "content";
    problem.expected = mlist_str("the record of this tag, whole");
    problem.seen = ngx_http_mlist_view(&read->bytes);

    (void) ngx_http_mlist_store_read_damaged(read, &problem);

    return NGX_DECLINED;
}


static void
ngx_http_mlist_store_tag_name(ngx_http_mlist_store_dir_t *dir, u_char *key,
    ngx_http_mlist_store_file_t *f)
{
    u_char  *p;

    f->root = (char *) dir->path.data;
    f->kind = NGX_HTTP_MLIST_STORE_TAGS;

    p = ngx_hex_dump((u_char *) f->name, key, NGX_HTTP_MLIST_KEY_SIZE);
    *p = '\0';
}


static ngx_int_t
ngx_http_mlist_store_tag_start(ngx_http_request_t *r,
    ngx_http_mlist_store_dir_t *dir, ngx_http_mlist_store_op_t *op)
{
    ngx_http_mlist_store_tag_write_t  *tag;

    tag = ngx_pcalloc(r->pool, sizeof(ngx_http_mlist_store_tag_write_t));
    if (tag == NULL) {
        return NGX_ERROR;
    }

    ngx_http_mlist_store_tag_name(dir, op->key, &tag->write.file);

    if (ngx_http_mlist_store_tag_text(r, op, tag) != NGX_OK) {
        return NGX_ERROR;
    }

    if (ngx_http_mlist_store_tag_lists(dir, op, tag) != NGX_OK) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "mlist_store could not hash a name");
        return NGX_ERROR;
    }

    tag->write.file.newer = ngx_http_mlist_store_tag_newer;
    tag->write.file.data = tag;

    op->state = tag;

    return ngx_http_mlist_store_write_start(r, dir, &tag->write);
}


static ngx_int_t
ngx_http_mlist_store_tag_text(ngx_http_request_t *r,
    ngx_http_mlist_store_op_t *op, ngx_http_mlist_store_tag_write_t *tag)
{
    mlist_rc_e     rc;
    mlist_last_t  *last;

    last = &tag->last;

    last->name = ngx_http_mlist_view(&op->name);
    last->number = op->last.number;
    last->type = op->last.type;
    last->missing = op->last.missing;

    ngx_http_mlist_store_tag_digest(op->last.docker, op->last.docker_len,
                                    &last->docker);
    ngx_http_mlist_store_tag_digest(op->last.oci, op->last.oci_len,
                                    &last->oci);

    rc = mlist_last_write(mlist_str(tag->write.file.name), last, tag->text,
                          &tag->write.file.head.len);

    if (rc != MLIST_OK) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "mlist_store has no form for a tag's record: %s",
                      mlist_rc_text(rc));
        return NGX_ERROR;
    }

    tag->write.file.head.data = (u_char *) tag->text;

    return NGX_OK;
}


/* The lists that the record names are in use, so nobody removes them. */

static ngx_int_t
ngx_http_mlist_store_tag_lists(ngx_http_mlist_store_dir_t *dir,
    ngx_http_mlist_store_op_t *op, ngx_http_mlist_store_tag_write_t *tag)
{
    ngx_str_t    digest;
    ngx_uint_t   i;

    for (i = 0; i < 2; i++) {

        digest = ngx_http_mlist_ngx_str(mlist_digest_str(
                                     i ? &tag->last.oci : &tag->last.docker));
        if (digest.len == 0) {
            continue;
        }

        if (ngx_http_mlist_store_list_name(dir, &op->name, &digest,
                                           &tag->lists[i])
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        tag->write.touch[i] = &tag->lists[i];
    }

    return NGX_OK;
}


/* In the thread, with all other writers kept out. */

static ngx_int_t
ngx_http_mlist_store_tag_newer(ngx_http_mlist_store_file_t *f, int dir)
{
    char                               text[MLIST_LAST_MAX];
    mlist_str_t                        view;
    mlist_last_t                       there;
    ngx_http_mlist_store_tag_write_t  *tag;

    tag = f->data;

    view.data = text;
    view.len = ngx_http_mlist_store_file_peek(f, dir, text, sizeof(text));

    return mlist_last_parse(view, mlist_str(f->name), &there) == MLIST_OK
           && ngx_http_mlist_store_tag_stays(&there, tag->last.number)
               ? NGX_DECLINED : NGX_OK;
}


static ngx_uint_t
ngx_http_mlist_store_tag_stays(mlist_last_t *there, uint64_t number)
{
    uint64_t  latest;

    latest = ((uint64_t) time(NULL) + NGX_HTTP_MLIST_STORE_TAG_AHEAD)
             * 1000000;

    return there->number > number && there->number <= latest;
}


static void
ngx_http_mlist_store_tag_digest(u_char *data, u_char len,
    mlist_digest_t *digest)
{
    ngx_memcpy(digest->text, data, len);

    digest->text[len] = '\0';
    digest->len = len;
}

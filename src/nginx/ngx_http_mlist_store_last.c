/*
 * Tags' last lists in a store's registry: see ngx_http_mlist_store_last.h.
 */


#include "ngx_http_mlist_store_last.h"
#include "ngx_http_mlist_store_fetch.h"


/* How far in the future a number may be: 60 s, in microseconds. */
#define NGX_HTTP_MLIST_STORE_LAST_AHEAD  60000000


typedef enum {
    NGX_HTTP_MLIST_STORE_LAST_NEW = 0,
    NGX_HTTP_MLIST_STORE_LAST_READ,      /* the record */
    NGX_HTTP_MLIST_STORE_LAST_LIST,      /* the list that it is to name */
    NGX_HTTP_MLIST_STORE_LAST_TAG        /* the record is written */
} ngx_http_mlist_store_last_e;


/* One operation; in r->pool. */
typedef struct {
    ngx_http_mlist_store_last_e     state;
    ngx_http_mlist_fetch_t          fetch;
    u_char                          key[MLIST_KEEP_KEY];     /* hex */
    char                            tag[MLIST_KEEP_TAG + 1];
    mlist_keep_last_t               last;
    mlist_keep_image_t              image;   /* of a write */
} ngx_http_mlist_store_last_op_t;


static ngx_int_t ngx_http_mlist_store_last_write_step(ngx_http_request_t *r,
    ngx_http_mlist_store_remote_t *remote, ngx_http_mlist_store_op_t *op);
static ngx_http_mlist_store_last_op_t *ngx_http_mlist_store_last_begin(
    ngx_http_request_t *r, ngx_http_mlist_store_op_t *op);
static ngx_int_t ngx_http_mlist_store_last_parse(ngx_http_request_t *r,
    ngx_http_mlist_store_last_op_t *last, mlist_keep_last_t *found);
static ngx_int_t ngx_http_mlist_store_last_compare(ngx_http_request_t *r,
    ngx_http_mlist_store_remote_t *remote,
    ngx_http_mlist_store_last_op_t *last, ngx_http_mlist_store_op_t *op);
static void ngx_http_mlist_store_last_in(ngx_http_mlist_last_t *from,
    mlist_keep_last_t *to);
static void ngx_http_mlist_store_last_out(mlist_keep_last_t *from,
    ngx_http_mlist_last_t *to);
static ngx_int_t ngx_http_mlist_store_last_list(ngx_http_request_t *r,
    ngx_http_mlist_store_last_op_t *last, ngx_http_mlist_store_op_t *op);
static ngx_int_t ngx_http_mlist_store_last_tag(ngx_http_request_t *r,
    ngx_http_mlist_store_remote_t *remote,
    ngx_http_mlist_store_last_op_t *last);
static void ngx_http_mlist_store_last_cleanup(void *data);


ngx_int_t
ngx_http_mlist_store_last_read(ngx_http_request_t *r,
    ngx_http_mlist_store_remote_t *remote, ngx_http_mlist_store_op_t *op)
{
    ngx_int_t                        rc;
    mlist_keep_last_t                found;
    ngx_http_mlist_store_last_op_t  *last;

    last = ngx_http_mlist_store_last_begin(r, op);
    if (last == NULL) {
        return NGX_ERROR;
    }

    if (last->state == NGX_HTTP_MLIST_STORE_LAST_NEW) {
        last->state = NGX_HTTP_MLIST_STORE_LAST_READ;
        rc = ngx_http_mlist_store_fetch_manifest(r, remote, &last->fetch,
                                                 last->tag, 0);

    } else {
        rc = ngx_http_mlist_store_last_parse(r, last, &found);

        if (rc == NGX_OK) {
            ngx_http_mlist_store_last_out(&found, &op->last);
        }
    }

    if (rc != NGX_AGAIN) {
        op->state = NULL;
    }

    return rc;
}


ngx_int_t
ngx_http_mlist_store_last_write(ngx_http_request_t *r,
    ngx_http_mlist_store_remote_t *remote, ngx_http_mlist_store_op_t *op)
{
    ngx_int_t  rc;

    rc = ngx_http_mlist_store_last_write_step(r, remote, op);

    if (rc != NGX_AGAIN) {
        op->state = NULL;
    }

    return rc;
}


static ngx_int_t
ngx_http_mlist_store_last_write_step(ngx_http_request_t *r,
    ngx_http_mlist_store_remote_t *remote, ngx_http_mlist_store_op_t *op)
{
    ngx_int_t                        rc;
    ngx_http_mlist_store_last_op_t  *last;

    last = ngx_http_mlist_store_last_begin(r, op);
    if (last == NULL) {
        return NGX_ERROR;
    }

    switch (last->state) {

    case NGX_HTTP_MLIST_STORE_LAST_NEW:
        ngx_http_mlist_store_last_in(&op->last, &last->last);

        last->state = NGX_HTTP_MLIST_STORE_LAST_READ;
        return ngx_http_mlist_store_fetch_manifest(r, remote, &last->fetch,
                                                   last->tag, 0);

    case NGX_HTTP_MLIST_STORE_LAST_READ:
        return ngx_http_mlist_store_last_compare(r, remote, last, op);

    case NGX_HTTP_MLIST_STORE_LAST_LIST:
        rc = ngx_http_mlist_store_last_list(r, last, op);

        return rc == NGX_OK ? ngx_http_mlist_store_last_tag(r, remote, last)
                            : rc;

    default: /* NGX_HTTP_MLIST_STORE_LAST_TAG */
        return ngx_http_mlist_store_fetch_written(r, &last->fetch);
    }
}


/* The operation that "op" carries, or a new one. */

static ngx_http_mlist_store_last_op_t *
ngx_http_mlist_store_last_begin(ngx_http_request_t *r,
    ngx_http_mlist_store_op_t *op)
{
    mlist_str_t                      key;
    ngx_http_mlist_store_last_op_t  *last;

    if (op->state) {
        return op->state;
    }

    last = ngx_pcalloc(r->pool, sizeof(ngx_http_mlist_store_last_op_t));
    if (last == NULL) {
        return NULL;
    }

    (void) ngx_hex_dump(last->key, op->key, NGX_HTTP_MLIST_KEY_SIZE);

    key.data = (char *) last->key;
    key.len = sizeof(last->key);

    if (mlist_keep_last_tag(key, last->tag) != MLIST_OK) {
        return NULL;
    }

    op->state = last;

    return last;
}


/* As last_read: a record that does not fit is a miss (logged). */

static ngx_int_t
ngx_http_mlist_store_last_parse(ngx_http_request_t *r,
    ngx_http_mlist_store_last_op_t *last, mlist_keep_last_t *found)
{
    ngx_int_t             rc;
    mlist_str_t           key;
    mlist_kept_problem_t  problem;

    rc = ngx_http_mlist_store_fetch_read(r, &last->fetch);

    if (rc == NGX_ABORT) {
        ngx_http_mlist_store_fetch_unfit(r, &last->fetch, NULL);
        return NGX_DECLINED;
    }

    if (rc != NGX_OK) {
        return rc;
    }

    key.data = (char *) last->key;
    key.len = sizeof(last->key);

    switch (mlist_kept_last_parse(ngx_http_mlist_view(&last->fetch.type),
                                  ngx_http_mlist_view(&last->fetch.body),
                                  key, found, &problem))
    {

    case MLIST_OK:
        return NGX_OK;

    case MLIST_NOMEM:
        return NGX_ERROR;

    default:
        ngx_http_mlist_store_fetch_unfit(r, &last->fetch, &problem);
        return NGX_DECLINED;
    }
}


/* What is there is known: goes on if it is older than what is to be. */

static ngx_int_t
ngx_http_mlist_store_last_compare(ngx_http_request_t *r,
    ngx_http_mlist_store_remote_t *remote,
    ngx_http_mlist_store_last_op_t *last, ngx_http_mlist_store_op_t *op)
{
    char               tag[MLIST_KEEP_TAG + 1];
    ngx_int_t          rc;
    uint64_t           latest;
    mlist_digest_t    *list;
    mlist_keep_last_t  found;

    rc = ngx_http_mlist_store_last_parse(r, last, &found);

    if (rc == NGX_AGAIN || rc == NGX_ERROR) {
        return rc;
    }

    latest = (uint64_t) ngx_time() * 1000000
             + NGX_HTTP_MLIST_STORE_LAST_AHEAD;

    if (rc == NGX_OK
        && found.number > last->last.number
        && found.number <= latest)
    {
        return NGX_DECLINED;
    }

    /* the layer is the list's blob; a manifest has to say how long it is */

    list = &last->last.layer;

    if (rc == NGX_OK && mlist_digest_eq(&found.layer, list)) {
        last->last.size = found.size;
        return ngx_http_mlist_store_last_tag(r, remote, last);
    }

    if (list->len == MLIST_SHA256_TEXT_LEN
        && mlist_str_eq(ngx_http_mlist_view(&op->doc.digest),
                        mlist_digest_str(list)))
    {
        last->last.size = op->doc.body.len;
        return ngx_http_mlist_store_last_tag(r, remote, last);
    }

    if (mlist_keep_list_tag(ngx_http_mlist_view(&op->name),
                            mlist_digest_str(list), tag)
        != MLIST_OK)
    {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "mlist_store: a tag of \"%V\" has no list to keep",
                      &op->name);
        return NGX_ERROR;
    }

    last->state = NGX_HTTP_MLIST_STORE_LAST_LIST;

    return ngx_http_mlist_store_fetch_manifest(r, remote, &last->fetch, tag,
                                               0);
}


static void
ngx_http_mlist_store_last_in(ngx_http_mlist_last_t *from,
    mlist_keep_last_t *to)
{
    to->number = from->number;
    to->type = from->type;
    to->missing = from->missing;

    ngx_memcpy(to->docker.text, from->docker, from->docker_len);
    to->docker.len = from->docker_len;

    ngx_memcpy(to->oci.text, from->oci, from->oci_len);
    to->oci.len = from->oci_len;

    to->layer = (to->oci.len == 0
                 || (to->docker.len && to->type == MLIST_MEDIA_DOCKER_LIST))
                    ? to->docker : to->oci;
}


static void
ngx_http_mlist_store_last_out(mlist_keep_last_t *from,
    ngx_http_mlist_last_t *to)
{
    ngx_memzero(to, sizeof(ngx_http_mlist_last_t));

    to->number = from->number;
    to->type = from->type;
    to->missing = from->missing;

    ngx_memcpy(to->docker, from->docker.text, from->docker.len);
    to->docker_len = (u_char) from->docker.len;

    ngx_memcpy(to->oci, from->oci.text, from->oci.len);
    to->oci_len = (u_char) from->oci.len;
}


/* The list's own manifest has come. */

static ngx_int_t
ngx_http_mlist_store_last_list(ngx_http_request_t *r,
    ngx_http_mlist_store_last_op_t *last, ngx_http_mlist_store_op_t *op)
{
    ngx_int_t             rc;
    mlist_rc_e            parsed;
    mlist_keep_list_t     list;
    mlist_kept_problem_t  problem;

    rc = ngx_http_mlist_store_fetch_read(r, &last->fetch);

    if (rc == NGX_AGAIN || rc == NGX_ERROR) {
        return rc;
    }

    if (rc == NGX_DECLINED) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "mlist_store: \"%V\" is not there, it cannot be the "
                      "last list of a tag of \"%V\"", &last->fetch.url,
                      &op->name);
        return NGX_ERROR;
    }

    if (rc == NGX_ABORT) {
        ngx_http_mlist_store_fetch_unfit(r, &last->fetch, NULL);
        return NGX_ERROR;
    }

    parsed = mlist_kept_list_parse(ngx_http_mlist_view(&last->fetch.type),
                                   ngx_http_mlist_view(&last->fetch.body),
                                   ngx_http_mlist_view(&op->name),
                                   mlist_digest_str(&last->last.layer),
                                   &list, &problem);

    if (parsed != MLIST_OK) {
        if (parsed != MLIST_NOMEM) {
            ngx_http_mlist_store_fetch_unfit(r, &last->fetch, &problem);
        }

        return NGX_ERROR;
    }

    last->last.layer = list.layer;
    last->last.size = list.size;

    return NGX_OK;
}


static ngx_int_t
ngx_http_mlist_store_last_tag(ngx_http_request_t *r,
    ngx_http_mlist_store_remote_t *remote,
    ngx_http_mlist_store_last_op_t *last)
{
    mlist_str_t          key;
    ngx_pool_cleanup_t  *cln;

    key.data = (char *) last->key;
    key.len = sizeof(last->key);

    cln = ngx_pool_cleanup_add(r->pool, 0);
    if (cln == NULL) {
        return NGX_ERROR;
    }

    cln->handler = ngx_http_mlist_store_last_cleanup;
    cln->data = &last->image;

    if (mlist_keep_last_make(key, &last->last, &last->image) != MLIST_OK) {
        return NGX_ERROR;
    }

    last->state = NGX_HTTP_MLIST_STORE_LAST_TAG;

    return ngx_http_mlist_store_fetch_tag(r, remote, &last->fetch, last->tag,
                                          &last->image);
}


static void
ngx_http_mlist_store_last_cleanup(void *data)
{
    mlist_keep_clean(data);
}

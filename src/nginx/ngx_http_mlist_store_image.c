/*
 * Lists in a store's registry: see ngx_http_mlist_store_image.h.
 */


#include "ngx_http_mlist_store_image.h"
#include "ngx_http_mlist_store_fetch.h"
#include "ngx_http_mlist_store_upload.h"


typedef enum {
    NGX_HTTP_MLIST_STORE_IMAGE_NEW = 0,
    NGX_HTTP_MLIST_STORE_IMAGE_HEAD,       /* of its tag */
    NGX_HTTP_MLIST_STORE_IMAGE_MANIFEST,
    NGX_HTTP_MLIST_STORE_IMAGE_LAYER,
    NGX_HTTP_MLIST_STORE_IMAGE_UPLOADS,    /* of both blobs */
    NGX_HTTP_MLIST_STORE_IMAGE_TAG         /* its manifest is written */
} ngx_http_mlist_store_image_e;


/* One operation; in r->pool. */
typedef struct {
    ngx_http_mlist_store_image_e    state;
    ngx_http_mlist_fetch_t          fetch;
    char                            tag[MLIST_KEEP_TAG + 1];
    mlist_keep_list_t               list;
    mlist_keep_image_t              image;   /* of a put */
    ngx_http_mlist_store_upload_t   layer;
    ngx_http_mlist_store_upload_t   config;
    unsigned                        again:1;
} ngx_http_mlist_store_image_t;


static ngx_int_t ngx_http_mlist_store_image_get_step(ngx_http_request_t *r,
    ngx_http_mlist_store_remote_t *remote, ngx_http_mlist_store_op_t *op);
static ngx_int_t ngx_http_mlist_store_image_put_step(ngx_http_request_t *r,
    ngx_http_mlist_store_remote_t *remote, ngx_http_mlist_store_op_t *op);
static ngx_http_mlist_store_image_t *ngx_http_mlist_store_image_begin(
    ngx_http_request_t *r, ngx_http_mlist_store_op_t *op, ngx_str_t *digest);
static ngx_int_t ngx_http_mlist_store_image_parse(ngx_http_request_t *r,
    ngx_http_mlist_store_image_t *image, ngx_str_t *name, ngx_str_t *digest,
    mlist_keep_list_t *list);
static ngx_int_t ngx_http_mlist_store_image_layer(ngx_http_request_t *r,
    ngx_http_mlist_store_remote_t *remote, ngx_http_mlist_store_image_t *image,
    ngx_http_mlist_store_op_t *op);
static ngx_int_t ngx_http_mlist_store_image_take(ngx_http_request_t *r,
    ngx_http_mlist_store_image_t *image, ngx_http_mlist_store_op_t *op);
static ngx_int_t ngx_http_mlist_store_image_make(ngx_http_request_t *r,
    ngx_http_mlist_store_image_t *image, ngx_http_mlist_store_op_t *op);
static void ngx_http_mlist_store_image_cleanup(void *data);
static ngx_int_t ngx_http_mlist_store_image_head(ngx_http_request_t *r,
    ngx_http_mlist_store_remote_t *remote,
    ngx_http_mlist_store_image_t *image);
static ngx_int_t ngx_http_mlist_store_image_check(ngx_http_request_t *r,
    ngx_http_mlist_store_remote_t *remote, ngx_http_mlist_store_image_t *image,
    ngx_http_mlist_store_op_t *op);
static ngx_int_t ngx_http_mlist_store_image_uploads(ngx_http_request_t *r,
    ngx_http_mlist_store_remote_t *remote,
    ngx_http_mlist_store_image_t *image);
static ngx_int_t ngx_http_mlist_store_image_tagged(ngx_http_request_t *r,
    ngx_http_mlist_store_remote_t *remote,
    ngx_http_mlist_store_image_t *image);


ngx_int_t
ngx_http_mlist_store_image_get(ngx_http_request_t *r,
    ngx_http_mlist_store_remote_t *remote, ngx_http_mlist_store_op_t *op)
{
    ngx_int_t  rc;

    rc = ngx_http_mlist_store_image_get_step(r, remote, op);

    if (rc != NGX_AGAIN) {
        op->state = NULL;
    }

    return rc;
}


ngx_int_t
ngx_http_mlist_store_image_put(ngx_http_request_t *r,
    ngx_http_mlist_store_remote_t *remote, ngx_http_mlist_store_op_t *op)
{
    ngx_int_t  rc;

    rc = ngx_http_mlist_store_image_put_step(r, remote, op);

    if (rc != NGX_AGAIN) {
        op->state = NULL;
    }

    return rc;
}


static ngx_int_t
ngx_http_mlist_store_image_get_step(ngx_http_request_t *r,
    ngx_http_mlist_store_remote_t *remote, ngx_http_mlist_store_op_t *op)
{
    ngx_http_mlist_store_image_t  *image;

    image = ngx_http_mlist_store_image_begin(r, op, &op->digest);
    if (image == NULL) {
        return NGX_ERROR;
    }

    switch (image->state) {

    case NGX_HTTP_MLIST_STORE_IMAGE_NEW:
        image->state = NGX_HTTP_MLIST_STORE_IMAGE_MANIFEST;
        return ngx_http_mlist_store_fetch_manifest(r, remote, &image->fetch,
                                                   image->tag, 0);

    case NGX_HTTP_MLIST_STORE_IMAGE_MANIFEST:
        return ngx_http_mlist_store_image_layer(r, remote, image, op);

    default: /* NGX_HTTP_MLIST_STORE_IMAGE_LAYER */
        return ngx_http_mlist_store_image_take(r, image, op);
    }
}


static ngx_int_t
ngx_http_mlist_store_image_put_step(ngx_http_request_t *r,
    ngx_http_mlist_store_remote_t *remote, ngx_http_mlist_store_op_t *op)
{
    ngx_http_mlist_store_image_t  *image;

    image = ngx_http_mlist_store_image_begin(r, op, &op->doc.digest);
    if (image == NULL) {
        return NGX_ERROR;
    }

    switch (image->state) {

    case NGX_HTTP_MLIST_STORE_IMAGE_NEW:

        if (ngx_http_mlist_store_image_make(r, image, op) != NGX_OK) {
            return NGX_ERROR;
        }

        image->state = NGX_HTTP_MLIST_STORE_IMAGE_HEAD;
        return ngx_http_mlist_store_fetch_manifest(r, remote, &image->fetch,
                                                   image->tag, 1);

    case NGX_HTTP_MLIST_STORE_IMAGE_HEAD:
        return ngx_http_mlist_store_image_head(r, remote, image);

    case NGX_HTTP_MLIST_STORE_IMAGE_MANIFEST:
        return ngx_http_mlist_store_image_check(r, remote, image, op);

    case NGX_HTTP_MLIST_STORE_IMAGE_UPLOADS:
        return ngx_http_mlist_store_image_uploads(r, remote, image);

    default: /* NGX_HTTP_MLIST_STORE_IMAGE_TAG */
        return ngx_http_mlist_store_image_tagged(r, remote, image);
    }
}


/* The operation that "op" carries, or a new one. */

static ngx_http_mlist_store_image_t *
ngx_http_mlist_store_image_begin(ngx_http_request_t *r,
    ngx_http_mlist_store_op_t *op, ngx_str_t *digest)
{
    ngx_http_mlist_store_image_t  *image;

    if (op->state) {
        return op->state;
    }

    image = ngx_pcalloc(r->pool, sizeof(ngx_http_mlist_store_image_t));
    if (image == NULL) {
        return NULL;
    }

    if (mlist_keep_list_tag(ngx_http_mlist_view(&op->name),
                            ngx_http_mlist_view(digest), image->tag)
        != MLIST_OK)
    {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "mlist_store could not hash a name");
        return NULL;
    }

    op->state = image;

    return image;
}


/* NGX_OK and "list"; NGX_DECLINED: it is none (logged); NGX_ERROR. */

static ngx_int_t
ngx_http_mlist_store_image_parse(ngx_http_request_t *r,
    ngx_http_mlist_store_image_t *image, ngx_str_t *name, ngx_str_t *digest,
    mlist_keep_list_t *list)
{
    mlist_rc_e            rc;
    mlist_kept_problem_t  problem;

    rc = mlist_kept_list_parse(ngx_http_mlist_view(&image->fetch.type),
                               ngx_http_mlist_view(&image->fetch.body),
                               ngx_http_mlist_view(name),
                               ngx_http_mlist_view(digest), list, &problem);

    if (rc == MLIST_OK) {
        return NGX_OK;
    }

    if (rc == MLIST_NOMEM) {
        return NGX_ERROR;
    }

    ngx_http_mlist_store_fetch_unfit(r, &image->fetch, &problem);

    return NGX_DECLINED;
}


/*
 * The manifest has come: asks for the list's bytes.  What is damaged here or
 * below is no miss, of which a 404 would be made: a registry verifies what it
 * keeps, so that the damage is more likely on the way.
 */

static ngx_int_t
ngx_http_mlist_store_image_layer(ngx_http_request_t *r,
    ngx_http_mlist_store_remote_t *remote, ngx_http_mlist_store_image_t *image,
    ngx_http_mlist_store_op_t *op)
{
    ngx_int_t  rc;
    ngx_str_t  layer;

    rc = ngx_http_mlist_store_fetch_read(r, &image->fetch);

    if (rc == NGX_ABORT) {
        ngx_http_mlist_store_fetch_unfit(r, &image->fetch, NULL);
        return NGX_ERROR;
    }

    if (rc != NGX_OK) {
        return rc;
    }

    if (ngx_http_mlist_store_image_parse(r, image, &op->name, &op->digest,
                                         &image->list)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (image->list.size > op->max) {

        /* it may be a pin from before the limit was lowered */

        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "mlist_store: \"%V\" is a list of %uz bytes, larger "
                      "than mlist_max_manifest_size %uz",
                      &image->fetch.url, image->list.size, op->max);
        return NGX_ERROR;
    }

    layer = ngx_http_mlist_ngx_str(mlist_digest_str(&image->list.layer));

    if (ngx_http_mlist_store_fetch_aim(r, remote, &image->fetch, "blobs",
                                       &layer)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    image->fetch.max = image->list.size;
    image->fetch.blob = 1;
    image->fetch.follow = 1;
    image->state = NGX_HTTP_MLIST_STORE_IMAGE_LAYER;

    return ngx_http_mlist_store_fetch_start(r, &image->fetch);
}


static ngx_int_t
ngx_http_mlist_store_image_take(ngx_http_request_t *r,
    ngx_http_mlist_store_image_t *image, ngx_http_mlist_store_op_t *op)
{
    ngx_int_t              rc;
    mlist_kept_problem_t   problem;

    rc = ngx_http_mlist_store_fetch_read(r, &image->fetch);

    if (rc == NGX_ABORT) {
        ngx_http_mlist_store_fetch_unfit(r, &image->fetch, NULL);
        return NGX_ERROR;
    }

    if (rc == NGX_DECLINED) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "mlist_store: \"%V\" is lost, its manifest \"%s\" is "
                      "not", &image->fetch.url, image->tag);
    }

    if (rc != NGX_OK) {
        return rc;
    }

    switch (mlist_kept_list_verify(ngx_http_mlist_view(&image->fetch.body),
                                   ngx_http_mlist_view(&op->digest),
                                   &image->list, &problem))
    {

    case MLIST_OK:
        break;

    case MLIST_NOMEM:
        return NGX_ERROR;

    default:
        ngx_http_mlist_store_fetch_unfit(r, &image->fetch, &problem);
        return NGX_ERROR;
    }

    op->doc.type = image->list.type;
    op->doc.digest = op->digest;
    op->doc.platforms.data = (u_char *) image->list.platforms;
    op->doc.platforms.len = ngx_strlen(image->list.platforms);
    op->doc.body = image->fetch.body;

    return NGX_OK;
}


static ngx_int_t
ngx_http_mlist_store_image_make(ngx_http_request_t *r,
    ngx_http_mlist_store_image_t *image, ngx_http_mlist_store_op_t *op)
{
    mlist_rc_e           rc;
    ngx_pool_cleanup_t  *cln;
    mlist_keep_list_t   *list;

    list = &image->list;

    list->type = op->doc.type;
    list->size = op->doc.body.len;

    if (op->doc.platforms.len >= sizeof(list->platforms)) {
        return NGX_ERROR;
    }

    ngx_memcpy(list->platforms, op->doc.platforms.data,
               op->doc.platforms.len);

    cln = ngx_pool_cleanup_add(r->pool, 0);
    if (cln == NULL) {
        return NGX_ERROR;
    }

    rc = mlist_digest_compute(ngx_http_mlist_view(&op->doc.body),
                              &list->layer);

    if (rc == MLIST_OK) {
        cln->handler = ngx_http_mlist_store_image_cleanup;
        cln->data = &image->image;

        rc = mlist_keep_list_make(ngx_http_mlist_view(&op->name),
                                  ngx_http_mlist_view(&op->doc.digest), list,
                                  &image->image);
    }

    if (rc != MLIST_OK) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "mlist_store: no image of list \"%V\": %s",
                      &op->doc.digest, mlist_rc_text(rc));
        return NGX_ERROR;
    }

    image->layer.bytes = op->doc.body;
    image->layer.digest = list->layer;
    image->config.bytes.data = (u_char *) image->image.config;
    image->config.bytes.len = image->image.config_len;
    image->config.digest = image->image.config_digest;

    return NGX_OK;
}


static void
ngx_http_mlist_store_image_cleanup(void *data)
{
    mlist_keep_clean(data);
}


/* Equal lists make equal manifests, so that a digest mostly tells enough. */

static ngx_int_t
ngx_http_mlist_store_image_head(ngx_http_request_t *r,
    ngx_http_mlist_store_remote_t *remote,
    ngx_http_mlist_store_image_t *image)
{
    ngx_int_t  rc;

    rc = ngx_http_mlist_store_fetch_read(r, &image->fetch);

    if (rc == NGX_DECLINED) {
        return ngx_http_mlist_store_image_uploads(r, remote, image);
    }

    if (rc != NGX_OK) {
        return rc == NGX_AGAIN ? NGX_AGAIN : NGX_ERROR;
    }

    if (mlist_str_eq(ngx_http_mlist_view(&image->fetch.digest),
                     mlist_digest_str(&image->image.manifest_digest)))
    {
        return NGX_OK;
    }

    image->state = NGX_HTTP_MLIST_STORE_IMAGE_MANIFEST;

    return ngx_http_mlist_store_fetch_manifest(r, remote, &image->fetch,
                                               image->tag, 0);
}


/* Another manifest may still be one of the list; if not, it is replaced. */

static ngx_int_t
ngx_http_mlist_store_image_check(ngx_http_request_t *r,
    ngx_http_mlist_store_remote_t *remote, ngx_http_mlist_store_image_t *image,
    ngx_http_mlist_store_op_t *op)
{
    ngx_int_t          rc;
    mlist_keep_list_t  list;

    rc = ngx_http_mlist_store_fetch_read(r, &image->fetch);

    if (rc == NGX_OK) {
        rc = ngx_http_mlist_store_image_parse(r, image, &op->name,
                                              &op->doc.digest, &list);

        if (rc == NGX_OK
            && (list.type != image->list.type
                || list.size != image->list.size
                || !mlist_digest_eq(&list.layer, &image->list.layer)))
        {
            rc = NGX_DECLINED;
        }

    } else if (rc == NGX_ABORT) {
        ngx_http_mlist_store_fetch_unfit(r, &image->fetch, NULL);
        rc = NGX_DECLINED;
    }

    return rc == NGX_DECLINED
               ? ngx_http_mlist_store_image_uploads(r, remote, image) : rc;
}


/* Both at once; even if one fails, nothing is left running. */

static ngx_int_t
ngx_http_mlist_store_image_uploads(ngx_http_request_t *r,
    ngx_http_mlist_store_remote_t *remote,
    ngx_http_mlist_store_image_t *image)
{
    ngx_int_t  layer, config;

    image->state = NGX_HTTP_MLIST_STORE_IMAGE_UPLOADS;

    layer = ngx_http_mlist_store_upload_step(r, remote, &image->layer);
    config = ngx_http_mlist_store_upload_step(r, remote, &image->config);

    if (layer == NGX_AGAIN || config == NGX_AGAIN) {
        return NGX_AGAIN;
    }

    if (layer == NGX_ERROR || config == NGX_ERROR) {
        return NGX_ERROR;
    }

    image->state = NGX_HTTP_MLIST_STORE_IMAGE_TAG;

    return ngx_http_mlist_store_fetch_tag(r, remote, &image->fetch,
                                          image->tag, &image->image);
}


/*
 * docker-registry writes a blob's link anew whenever it is uploaded, and takes
 * no manifest (400) while that is half written: where another nginx keeps the
 * same list at the same time, all is done once more.
 */

static ngx_int_t
ngx_http_mlist_store_image_tagged(ngx_http_request_t *r,
    ngx_http_mlist_store_remote_t *remote,
    ngx_http_mlist_store_image_t *image)
{
    ngx_http_mlist_fetch_t  *fetch;

    fetch = &image->fetch;

    if (image->again
        || !ngx_http_mlist_fetch_done(fetch)
        || fetch->state != NGX_HTTP_MLIST_FETCH_ANSWERED
        || fetch->status != NGX_HTTP_BAD_REQUEST)
    {
        return ngx_http_mlist_store_fetch_written(r, fetch);
    }

    image->again = 1;
    image->state = NGX_HTTP_MLIST_STORE_IMAGE_HEAD;
    image->layer.state = NGX_HTTP_MLIST_STORE_UPLOAD_NEW;
    image->config.state = NGX_HTTP_MLIST_STORE_UPLOAD_NEW;

    ngx_memzero(&image->layer.fetch, sizeof(ngx_http_mlist_fetch_t));
    ngx_memzero(&image->config.fetch, sizeof(ngx_http_mlist_fetch_t));

    return ngx_http_mlist_store_fetch_manifest(r, remote, fetch, image->tag,
                                               1);
}

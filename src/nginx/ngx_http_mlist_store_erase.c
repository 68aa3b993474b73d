/*
 * A list removed from a store's registry: see ngx_http_mlist_store_erase.h.
 */


#include "ngx_http_mlist_store_erase.h"
#include "ngx_http_mlist_store_fetch.h"


/* One operation; in r->pool. */
typedef struct {
    ngx_http_mlist_fetch_t   fetch;
    ngx_str_t                digest;       /* of the image; empty: not known */
    char                     tag[MLIST_KEEP_TAG + 1];
} ngx_http_mlist_store_erase_t;


static ngx_int_t ngx_http_mlist_store_erase_begin(ngx_http_request_t *r,
    ngx_http_mlist_store_remote_t *remote, ngx_http_mlist_store_op_t *op);
static ngx_int_t ngx_http_mlist_store_erase_found(ngx_http_request_t *r,
    ngx_http_mlist_store_remote_t *remote,
    ngx_http_mlist_store_erase_t *erase);
static ngx_int_t ngx_http_mlist_store_erase_done(ngx_http_request_t *r,
    ngx_http_mlist_store_erase_t *erase);


ngx_int_t
ngx_http_mlist_store_erase(ngx_http_request_t *r,
    ngx_http_mlist_store_remote_t *remote, ngx_http_mlist_store_op_t *op)
{
    ngx_http_mlist_store_erase_t  *erase;

    erase = op->state;

    if (erase == NULL) {
        return ngx_http_mlist_store_erase_begin(r, remote, op);
    }

    return erase->digest.len
               ? ngx_http_mlist_store_erase_done(r, erase)
               : ngx_http_mlist_store_erase_found(r, remote, erase);
}


static ngx_int_t
ngx_http_mlist_store_erase_begin(ngx_http_request_t *r,
    ngx_http_mlist_store_remote_t *remote, ngx_http_mlist_store_op_t *op)
{
    ngx_http_mlist_store_erase_t  *erase;

    erase = ngx_pcalloc(r->pool, sizeof(ngx_http_mlist_store_erase_t));
    if (erase == NULL) {
        return NGX_ERROR;
    }

    if (mlist_keep_list_tag(ngx_http_mlist_view(&op->name),
                            ngx_http_mlist_view(&op->digest), erase->tag)
        != MLIST_OK)
    {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "mlist_store could not hash a name");
        return NGX_ERROR;
    }

    op->state = erase;

    return ngx_http_mlist_store_fetch_manifest(r, remote, &erase->fetch,
                                               erase->tag, 1);
}


static ngx_int_t
ngx_http_mlist_store_erase_found(ngx_http_request_t *r,
    ngx_http_mlist_store_remote_t *remote,
    ngx_http_mlist_store_erase_t *erase)
{
    ngx_int_t       rc;
    ngx_str_t       text;
    mlist_digest_t  digest;

    rc = ngx_http_mlist_store_fetch_read(r, &erase->fetch);

    if (rc != NGX_OK) {
        return rc == NGX_DECLINED ? NGX_OK : rc;
    }

    text = erase->fetch.digest;

    if (mlist_digest_parse(ngx_http_mlist_view(&text), &digest) != MLIST_OK) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "mlist_store: HEAD of \"%V\" gave no "
                      "Docker-Content-Digest by which to delete it",
                      &erase->fetch.url);
        return NGX_ERROR;
    }

    erase->digest = text;

    if (ngx_http_mlist_store_fetch_aim(r, remote, &erase->fetch, "manifests",
                                       &erase->digest)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_str_set(&erase->fetch.method, "DELETE");

    return ngx_http_mlist_store_fetch_start(r, &erase->fetch);
}


static ngx_int_t
ngx_http_mlist_store_erase_done(ngx_http_request_t *r,
    ngx_http_mlist_store_erase_t *erase)
{
    ngx_http_mlist_fetch_t  *fetch;

    fetch = &erase->fetch;

    if (ngx_http_mlist_fetch_done(fetch)
        && fetch->state == NGX_HTTP_MLIST_FETCH_ANSWERED)
    {
        if (fetch->status == NGX_HTTP_NOT_FOUND) {
            return NGX_OK;
        }

        if (fetch->status == NGX_HTTP_NOT_ALLOWED) {
            return NGX_DECLINED;
        }
    }

    return ngx_http_mlist_store_fetch_written(r, fetch);
}

/*
 * Uploads to a store: see ngx_http_mlist_store_upload.h.
 */


#include "ngx_http_mlist_store_upload.h"
#include "ngx_http_mlist_location.h"


static ngx_int_t ngx_http_mlist_store_upload_post(ngx_http_request_t *r,
    ngx_http_mlist_store_remote_t *remote,
    ngx_http_mlist_store_upload_t *upload);
static ngx_int_t ngx_http_mlist_store_upload_put(ngx_http_request_t *r,
    ngx_http_mlist_store_remote_t *remote,
    ngx_http_mlist_store_upload_t *upload);
static ngx_int_t ngx_http_mlist_store_upload_url(ngx_http_request_t *r,
    ngx_http_mlist_store_remote_t *remote,
    ngx_http_mlist_store_upload_t *upload, ngx_str_t *url);


ngx_int_t
ngx_http_mlist_store_upload_step(ngx_http_request_t *r,
    ngx_http_mlist_store_remote_t *remote,
    ngx_http_mlist_store_upload_t *upload)
{
    ngx_int_t  rc;

    switch (upload->state) {

    case NGX_HTTP_MLIST_STORE_UPLOAD_NEW:
        rc = ngx_http_mlist_store_upload_post(r, remote, upload);
        break;

    case NGX_HTTP_MLIST_STORE_UPLOAD_POST:
        rc = ngx_http_mlist_store_upload_put(r, remote, upload);
        break;

    case NGX_HTTP_MLIST_STORE_UPLOAD_PUT:
        rc = ngx_http_mlist_store_fetch_written(r, &upload->fetch);
        break;

    case NGX_HTTP_MLIST_STORE_UPLOAD_DONE:
        return NGX_OK;

    default: /* NGX_HTTP_MLIST_STORE_UPLOAD_FAILED */
        return NGX_ERROR;
    }

    if (rc == NGX_OK) {
        upload->state = NGX_HTTP_MLIST_STORE_UPLOAD_DONE;

    } else if (rc == NGX_ERROR) {
        upload->state = NGX_HTTP_MLIST_STORE_UPLOAD_FAILED;
    }

    return rc;
}


static ngx_int_t
ngx_http_mlist_store_upload_post(ngx_http_request_t *r,
    ngx_http_mlist_store_remote_t *remote,
    ngx_http_mlist_store_upload_t *upload)
{
    static ngx_str_t  uploads = ngx_string("uploads/");

    if (ngx_http_mlist_store_fetch_aim(r, remote, &upload->fetch, "blobs",
                                       &uploads)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_str_set(&upload->fetch.method, "POST");

    upload->state = NGX_HTTP_MLIST_STORE_UPLOAD_POST;

    return ngx_http_mlist_store_fetch_start(r, &upload->fetch);
}


static ngx_int_t
ngx_http_mlist_store_upload_put(ngx_http_request_t *r,
    ngx_http_mlist_store_remote_t *remote,
    ngx_http_mlist_store_upload_t *upload)
{
    ngx_int_t                rc;
    ngx_str_t                url;
    ngx_http_mlist_fetch_t  *fetch;

    fetch = &upload->fetch;

    rc = ngx_http_mlist_store_fetch_written(r, fetch);
    if (rc != NGX_OK) {
        return rc;
    }

    if (ngx_http_mlist_store_upload_url(r, remote, upload, &url) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_memzero(fetch, sizeof(ngx_http_mlist_fetch_t));

    fetch->url = url;
    fetch->registry = remote->registry;
    fetch->anonymous = 1;
    fetch->send = upload->bytes;
    ngx_str_set(&fetch->method, "PUT");
    ngx_str_set(&fetch->send_type, "application/octet-stream");

    upload->state = NGX_HTTP_MLIST_STORE_UPLOAD_PUT;

    return ngx_http_mlist_store_fetch_start(r, fetch);
}


/* Where the registry wants the bytes, which is nowhere but at itself. */

static ngx_int_t
ngx_http_mlist_store_upload_url(ngx_http_request_t *r,
    ngx_http_mlist_store_remote_t *remote,
    ngx_http_mlist_store_upload_t *upload, ngx_str_t *url)
{
    u_char     *p;
    ngx_str_t   path, *location;

    location = &upload->fetch.location;

    if (!mlist_location_valid(ngx_http_mlist_view(location))
        || ngx_http_mlist_location_path(r, remote->registry, location, &path)
           != NGX_OK)
    {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "mlist_store: POST of \"%V\" gave a Location that is "
                      "not at \"%V\"", &upload->fetch.url,
                      &remote->registry->host);
        return NGX_ERROR;
    }

    url->data = ngx_pnalloc(r->pool, remote->registry->url.len + path.len
                                     + sizeof("?digest=") - 1
                                     + upload->digest.len);
    if (url->data == NULL) {
        return NGX_ERROR;
    }

    p = ngx_strlchr(path.data, path.data + path.len, '?');

    p = ngx_sprintf(url->data, "%V%V%cdigest=%*s", &remote->registry->url,
                    &path, p ? '&' : '?', upload->digest.len,
                    upload->digest.text);
    url->len = p - url->data;

    return NGX_OK;
}

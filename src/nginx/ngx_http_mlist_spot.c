/*
 * A spot, one tag as one registry has it: see ngx_http_mlist_spot.h.
 */


#include "ngx_http_mlist_spot.h"
#include "ngx_http_mlist_failure.h"


static ngx_int_t ngx_http_mlist_spot_start(ngx_http_request_t *r,
    ngx_http_mlist_spot_t *spot, ngx_str_t *reference, ngx_uint_t head);
static ngx_int_t ngx_http_mlist_spot_asked(ngx_http_request_t *r,
    ngx_http_mlist_spot_t *spot);
static ngx_int_t ngx_http_mlist_spot_headed(ngx_http_request_t *r,
    ngx_http_mlist_spot_t *spot);
static ngx_int_t ngx_http_mlist_spot_got(ngx_http_mlist_spot_t *spot);
static ngx_int_t ngx_http_mlist_spot_fail(ngx_http_mlist_spot_t *spot,
    const char *reason);


ngx_int_t
ngx_http_mlist_spot_ask(ngx_http_request_t *r, ngx_http_mlist_spot_t *spot,
    ngx_uint_t head)
{
    spot->state = NGX_HTTP_MLIST_SPOT_ASKING;

    return ngx_http_mlist_spot_start(r, spot, &spot->tag, head);
}


ngx_int_t
ngx_http_mlist_spot_fetch(ngx_http_request_t *r, ngx_http_mlist_spot_t *spot)
{
    ngx_str_t  digest;

    spot->state = NGX_HTTP_MLIST_SPOT_FETCHING;

    digest.data = (u_char *) spot->digest.text;
    digest.len = spot->digest.len;

    return ngx_http_mlist_spot_start(r, spot, &digest, 0);
}


static ngx_int_t
ngx_http_mlist_spot_start(ngx_http_request_t *r, ngx_http_mlist_spot_t *spot,
    ngx_str_t *reference, ngx_uint_t head)
{
    ngx_http_mlist_fetch_t     *fetch;
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    fetch = ngx_pcalloc(r->pool, sizeof(ngx_http_mlist_fetch_t));
    if (fetch == NULL) {
        return NGX_ERROR;
    }

    if (ngx_http_mlist_target_url(r, spot->target.registry,
                                  &spot->target.name, "manifests", reference,
                                  &fetch->url)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    fetch->registry = spot->target.registry;
    fetch->sources = spot->sources;
    fetch->max = mlcf->max_manifest_size;
    fetch->head = head ? 1 : 0;

    spot->fetch = fetch;

    return ngx_http_mlist_fetch_start(r, fetch);
}


ngx_int_t
ngx_http_mlist_spot_step(ngx_http_request_t *r, ngx_http_mlist_spot_t *spot)
{
    switch (spot->state) {

    case NGX_HTTP_MLIST_SPOT_ASKING:

        if (!ngx_http_mlist_fetch_done(spot->fetch)) {
            return NGX_AGAIN;
        }

        return ngx_http_mlist_spot_asked(r, spot);

    case NGX_HTTP_MLIST_SPOT_FETCHING:

        if (!ngx_http_mlist_fetch_done(spot->fetch)) {
            return NGX_AGAIN;
        }

        if (ngx_http_mlist_failure_verdict(spot->fetch) == NGX_OK) {
            return ngx_http_mlist_spot_got(spot);
        }

        /* HEAD just said that this digest is there */

        return ngx_http_mlist_spot_fail(spot, NULL);

    default:
        return NGX_OK;
    }
}


static ngx_int_t
ngx_http_mlist_spot_asked(ngx_http_request_t *r, ngx_http_mlist_spot_t *spot)
{
    ngx_http_mlist_fetch_t  *fetch;

    fetch = spot->fetch;

    /* a registry that has no HEAD for manifests still has GET */

    if (fetch->head
        && (fetch->status == NGX_HTTP_NOT_ALLOWED
            || fetch->status == NGX_HTTP_NOT_IMPLEMENTED))
    {
        return ngx_http_mlist_spot_ask(r, spot, 0) == NGX_OK ? NGX_AGAIN
                                                             : NGX_ERROR;
    }

    switch (ngx_http_mlist_failure_verdict(fetch)) {

    case NGX_OK:
        return fetch->head ? ngx_http_mlist_spot_headed(r, spot)
                           : ngx_http_mlist_spot_got(spot);

    case NGX_DECLINED:
        spot->state = NGX_HTTP_MLIST_SPOT_ABSENT;
        return NGX_OK;

    default:
        return ngx_http_mlist_spot_fail(spot, NULL);
    }
}


static ngx_int_t
ngx_http_mlist_spot_headed(ngx_http_request_t *r, ngx_http_mlist_spot_t *spot)
{
    ngx_str_t  *digest;

    digest = &spot->fetch->digest;

    if (digest->len == 0) {
        return ngx_http_mlist_spot_ask(r, spot, 0) == NGX_OK ? NGX_AGAIN
                                                             : NGX_ERROR;
    }

    if (mlist_digest_parse(ngx_http_mlist_view(digest), &spot->digest)
        != MLIST_OK)
    {
        return ngx_http_mlist_spot_fail(spot,
                                 "its Docker-Content-Digest is no digest");
    }

    spot->type = spot->fetch->type;
    spot->state = NGX_HTTP_MLIST_SPOT_PRESENT;

    return NGX_OK;
}


static ngx_int_t
ngx_http_mlist_spot_got(ngx_http_mlist_spot_t *spot)
{
    mlist_rc_e               rc;
    mlist_str_t              body;
    mlist_digest_t           digest;
    ngx_http_mlist_fetch_t  *fetch;

    fetch = spot->fetch;
    body = ngx_http_mlist_view(&fetch->body);

    if (!ngx_http_mlist_spot_plain(fetch, &spot->blame.reason)) {
        spot->state = NGX_HTTP_MLIST_SPOT_FAILED;
        return NGX_OK;
    }

    if (spot->state == NGX_HTTP_MLIST_SPOT_FETCHING) {
        digest = spot->digest;
        rc = MLIST_OK;

    } else if (fetch->digest.len) {
        rc = mlist_digest_parse(ngx_http_mlist_view(&fetch->digest), &digest);

    } else {
        rc = mlist_digest_compute(body, &digest);
    }

    if (rc == MLIST_NOMEM) {
        return NGX_ERROR;
    }

    if (rc != MLIST_OK) {
        return ngx_http_mlist_spot_fail(spot,
                                 "its Docker-Content-Digest is no digest");
    }

    rc = mlist_digest_verify(body, &digest);

    if (rc == MLIST_NOMEM) {
        return NGX_ERROR;
    }

    if (rc != MLIST_OK) {
        return ngx_http_mlist_spot_fail(spot,
                          "the bytes of its manifest do not have its digest");
    }

    spot->digest = digest;
    spot->type = fetch->type;
    spot->body = fetch->body;
    spot->state = NGX_HTTP_MLIST_SPOT_FETCHED;

    return NGX_OK;
}


ngx_uint_t
ngx_http_mlist_spot_plain(ngx_http_mlist_fetch_t *fetch, ngx_str_t *reason)
{
    if (fetch->encoding.len == 0
        || (fetch->encoding.len == sizeof("identity") - 1
            && ngx_strncasecmp(fetch->encoding.data, (u_char *) "identity",
                               fetch->encoding.len)
               == 0))
    {
        return 1;
    }

    ngx_str_set(reason, "its answer has a Content-Encoding, expected none");

    return 0;
}


static ngx_int_t
ngx_http_mlist_spot_fail(ngx_http_mlist_spot_t *spot, const char *reason)
{
    spot->state = NGX_HTTP_MLIST_SPOT_FAILED;

    if (reason) {
        spot->blame.reason.data = (u_char *) reason;
        spot->blame.reason.len = ngx_strlen(reason);

    } else {
        spot->blame.fetch = spot->fetch;
    }

    return NGX_OK;
}

/*
 * Logins of the front's own fetches: see ngx_http_mlist_login_fetch.h.
 */


#include "ngx_http_mlist_login_fetch.h"
#include "ngx_http_mlist_offer.h"


static ngx_int_t ngx_http_mlist_login_fetch_get(ngx_http_request_t *r,
    ngx_http_mlist_fetch_t *fetch, ngx_http_mlist_login_t *login);
static void ngx_http_mlist_login_fetch_had(ngx_http_mlist_offer_t *c,
    ngx_int_t rc);
static ngx_int_t ngx_http_mlist_login_fetch_take(
    ngx_http_mlist_fetch_t *fetch, ngx_int_t rc);


ngx_int_t
ngx_http_mlist_login_fetch(ngx_http_request_t *r,
    ngx_http_mlist_fetch_t *fetch)
{
    ngx_http_mlist_login_t     *login;
    ngx_http_mlist_loc_conf_t  *mlcf;

    if (fetch->bare) {
        return NGX_OK;
    }

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    ngx_str_null(&fetch->credentials);

    fetch->login = NULL;
    fetch->reason = NULL;
    fetch->accepted = 0;

    login = ngx_http_mlist_login_find(mlcf, fetch->registry, &fetch->url,
                                      fetch->anonymous);
    if (login == NULL) {
        return NGX_OK;
    }

    fetch->login = ngx_pcalloc(r->pool, sizeof(ngx_http_mlist_offer_t));
    if (fetch->login == NULL) {
        return NGX_ERROR;
    }

    fetch->login->done = ngx_http_mlist_login_fetch_had;
    fetch->login->data = fetch;

    return ngx_http_mlist_login_fetch_get(r, fetch, login);
}


static ngx_int_t
ngx_http_mlist_login_fetch_get(ngx_http_request_t *r,
    ngx_http_mlist_fetch_t *fetch, ngx_http_mlist_login_t *login)
{
    ngx_str_t  *method;

    static ngx_str_t  get = ngx_string("GET");

    method = fetch->method.len ? &fetch->method : &get;

    return ngx_http_mlist_login_fetch_take(fetch,
                   ngx_http_mlist_offer_get(r, fetch->login, login,
                                                  method, &fetch->url));
}


static void
ngx_http_mlist_login_fetch_had(ngx_http_mlist_offer_t *c, ngx_int_t rc)
{
    ngx_http_mlist_fetch_t *fetch = c->data;

    rc = ngx_http_mlist_login_fetch_take(fetch, rc);

    if (rc == NGX_OK) {
        rc = ngx_http_mlist_fetch_go(c->request, fetch);
    }

    if (rc != NGX_OK) {
        ngx_http_mlist_fetch_end(c->request, fetch,
                                 rc == NGX_DECLINED
                                     ? c->fail.state
                                     : NGX_HTTP_MLIST_FETCH_FAILED);
    }
}


/* Where there are no credentials the fetch has failed as theirs did. */

static ngx_int_t
ngx_http_mlist_login_fetch_take(ngx_http_mlist_fetch_t *fetch, ngx_int_t rc)
{
    if (rc == NGX_OK) {
        fetch->credentials = fetch->login->authorization;

    } else if (rc == NGX_DECLINED) {
        fetch->status = fetch->login->fail.status;
        fetch->retry_after = fetch->login->fail.retry_after;
        fetch->reason = fetch->login->fail.reason;
    }

    return rc;
}


ngx_int_t
ngx_http_mlist_login_fetch_answer(ngx_http_request_t *sr,
    ngx_http_mlist_fetch_t *fetch)
{
    ngx_int_t  rc;

    if (fetch->login == NULL || fetch->hops) {
        return NGX_DECLINED;
    }

    fetch->accepted = ngx_http_mlist_offer_accepted(fetch->login,
                                                          fetch->status);

    if (fetch->status != NGX_HTTP_UNAUTHORIZED
        || ngx_http_mlist_offer_refused(fetch->login,
                                        &sr->upstream->headers_in.headers)
           != NGX_OK)
    {
        return NGX_DECLINED;
    }

    fetch->accepted = 0;
    fetch->request = NULL;

    rc = ngx_http_mlist_login_fetch_get(sr->parent, fetch,
                                        fetch->login->ask.login);

    if (rc == NGX_OK) {
        rc = ngx_http_mlist_fetch_go(sr->parent, fetch);
    }

    return rc == NGX_ERROR ? NGX_ERROR : NGX_OK;
}

/*
 * The front's credentials for one request: see
 * ngx_http_mlist_offer.h.
 */


#include "ngx_http_mlist_offer.h"
#include "../core/mlist_token.h"


#define NGX_HTTP_MLIST_OFFER_REFUSALS  3


static ngx_int_t ngx_http_mlist_offer_basic(
    ngx_http_mlist_offer_t *c);
static ngx_int_t ngx_http_mlist_offer_scope(
    ngx_http_mlist_offer_t *c, ngx_str_t *method, ngx_str_t *url);
static mlist_token_e ngx_http_mlist_offer_what(ngx_str_t *method);
static ngx_int_t ngx_http_mlist_offer_way(
    ngx_http_mlist_offer_t *c);
static ngx_int_t ngx_http_mlist_offer_go(
    ngx_http_mlist_offer_t *c);
static ngx_int_t ngx_http_mlist_offer_bearer(
    ngx_http_mlist_offer_t *c, ngx_str_t *token);
static ngx_int_t ngx_http_mlist_offer_wait(
    ngx_http_mlist_offer_t *c);
static void ngx_http_mlist_offer_had(ngx_http_mlist_token_wait_t *wait,
    ngx_http_mlist_token_result_t *result);
static ngx_uint_t ngx_http_mlist_offer_same_way(ngx_http_mlist_way_t *a,
    ngx_http_mlist_way_t *b);
static ngx_int_t ngx_http_mlist_offer_take(
    ngx_http_mlist_offer_t *c, ngx_http_mlist_token_result_t *result);


ngx_int_t
ngx_http_mlist_offer_get(ngx_http_request_t *r,
    ngx_http_mlist_offer_t *c, ngx_http_mlist_login_t *login,
    ngx_str_t *method, ngx_str_t *url)
{
    c->request = r;
    c->fresh = 0;

    ngx_str_null(&c->authorization);
    ngx_str_null(&c->token);

    ngx_memzero(&c->ask, sizeof(ngx_http_mlist_service_ask_t));
    c->ask.login = login;

    if (ngx_http_mlist_offer_basic(c) != NGX_OK
        || ngx_http_mlist_offer_scope(c, method, url) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_mlist_offer_way(c);
}


/* "Basic" and user:password in base64, as it is sent. */

static ngx_int_t
ngx_http_mlist_offer_basic(ngx_http_mlist_offer_t *c)
{
    u_char     *p;
    ngx_str_t   password, plain, coded, *user;

    user = &c->ask.login->user;
    password = ngx_http_mlist_secret_get(c->ask.login->secret,
                                         c->request->connection->log);

    plain.len = user->len + 1 + password.len;
    plain.data = ngx_pnalloc(c->request->pool, plain.len);

    c->ask.basic.data = ngx_pnalloc(c->request->pool, sizeof("Basic ") - 1
                                    + ngx_base64_encoded_length(plain.len));

    if (plain.data == NULL || c->ask.basic.data == NULL) {
        return NGX_ERROR;
    }

    p = ngx_cpymem(plain.data, user->data, user->len);
    *p++ = ':';
    ngx_memcpy(p, password.data, password.len);

    coded.data = ngx_cpymem(c->ask.basic.data, "Basic ",
                            sizeof("Basic ") - 1);
    ngx_encode_base64(&coded, &plain);

    c->ask.basic.len = sizeof("Basic ") - 1 + coded.len;

    return NGX_OK;
}


static ngx_int_t
ngx_http_mlist_offer_scope(ngx_http_mlist_offer_t *c,
    ngx_str_t *method, ngx_str_t *url)
{
    u_char         *p, *last;
    mlist_str_t     path, query;
    mlist_token_e   what;

    c->ask.scope.data = ngx_pnalloc(c->request->pool, MLIST_SCOPE_SIZE);
    if (c->ask.scope.data == NULL) {
        return NGX_ERROR;
    }

    last = url->data + url->len;

    path.data = (char *) url->data + c->ask.login->registry->url.len;

    p = ngx_strlchr((u_char *) path.data, last, '?');

    path.len = (size_t) ((char *) (p ? p : last) - path.data);
    query.data = p ? (char *) p + 1 : NULL;
    query.len = p ? (size_t) (last - p - 1) : 0;

    what = ngx_http_mlist_offer_what(method);

    c->ask.scope.len = mlist_token_scope(path, query, what,
                                         (char *) c->ask.scope.data);
    c->ask.upload = (what == MLIST_TOKEN_WRITE);

    return NGX_OK;
}


static mlist_token_e
ngx_http_mlist_offer_what(ngx_str_t *method)
{
    switch (method->data[0]) {

    case 'P':
        return MLIST_TOKEN_WRITE;           /* POST, PUT, PATCH */

    case 'D':
        return MLIST_TOKEN_DELETE;

    default:
        return MLIST_TOKEN_READ;
    }
}


static ngx_int_t
ngx_http_mlist_offer_way(ngx_http_mlist_offer_t *c)
{
    ngx_int_t                      rc;
    ngx_http_mlist_token_result_t  result;

    rc = ngx_http_mlist_token_known(c->request, &c->ask, &result);

    if (rc == NGX_DECLINED) {
        return ngx_http_mlist_offer_wait(c);
    }

    if (rc != NGX_OK) {
        return rc;
    }

    c->ask.way = result.way;

    return ngx_http_mlist_offer_go(c);
}


/* The way is known. */

static ngx_int_t
ngx_http_mlist_offer_go(ngx_http_mlist_offer_t *c)
{
    ngx_int_t                      rc;
    ngx_http_mlist_token_result_t  result;

    switch (c->ask.way.scheme) {

    case NGX_HTTP_MLIST_SCHEME_NONE:
        return NGX_OK;

    case NGX_HTTP_MLIST_SCHEME_BASIC:
        c->authorization = c->ask.basic;
        return NGX_OK;

    default:
        break;
    }

    c->ask.token = 1;

    rc = ngx_http_mlist_token_known(c->request, &c->ask, &result);

    if (rc == NGX_DECLINED) {
        return ngx_http_mlist_offer_wait(c);
    }

    return rc == NGX_OK ? ngx_http_mlist_offer_bearer(c, &result.token)
                        : rc;
}


static ngx_int_t
ngx_http_mlist_offer_bearer(ngx_http_mlist_offer_t *c,
    ngx_str_t *token)
{
    u_char  *p;

    c->authorization.len = sizeof("Bearer ") - 1 + token->len;
    c->authorization.data = ngx_pnalloc(c->request->pool,
                                        c->authorization.len);
    if (c->authorization.data == NULL) {
        return NGX_ERROR;
    }

    p = ngx_cpymem(c->authorization.data, "Bearer ", sizeof("Bearer ") - 1);
    ngx_memcpy(p, token->data, token->len);

    c->token.data = p;
    c->token.len = token->len;

    return NGX_OK;
}


static ngx_int_t
ngx_http_mlist_offer_wait(ngx_http_mlist_offer_t *c)
{
    c->wait.request = c->request;
    c->wait.ask = c->ask;
    c->wait.done = ngx_http_mlist_offer_had;
    c->wait.data = c;

    return ngx_http_mlist_token_wait(&c->wait);
}


static void
ngx_http_mlist_offer_had(ngx_http_mlist_token_wait_t *wait,
    ngx_http_mlist_token_result_t *result)
{
    ngx_int_t                      rc;
    ngx_http_mlist_offer_t  *c;

    c = wait->data;
    rc = ngx_http_mlist_offer_take(c, result);

    if (rc != NGX_AGAIN) {
        c->done(c, rc);
    }
}


static ngx_int_t
ngx_http_mlist_offer_take(ngx_http_mlist_offer_t *c,
    ngx_http_mlist_token_result_t *result)
{
    ngx_str_t  *retry_after;

    if (result->rc == NGX_OK) {

        if (c->ask.token) {
            c->fresh = 1;
            return ngx_http_mlist_offer_bearer(c, &result->token);
        }

        c->ask.way = result->way;

        return ngx_http_mlist_offer_go(c);
    }

    if (result->rc != NGX_DECLINED) {
        return NGX_ERROR;
    }

    c->fail = result->fail;

    retry_after = &c->fail.retry_after;

    if (retry_after->len) {
        retry_after->data = ngx_pstrdup(c->request->pool,
                                        &result->fail.retry_after);
        if (retry_after->data == NULL) {
            return NGX_ERROR;
        }
    }

    return NGX_DECLINED;
}


ngx_int_t
ngx_http_mlist_offer_refused(ngx_http_mlist_offer_t *c,
    ngx_list_t *headers)
{
    ngx_http_mlist_way_t     way;
    ngx_http_mlist_login_t  *login;

    login = c->ask.login;

    if (ngx_http_mlist_service_challenge(headers, &way) != NGX_OK) {
        ngx_log_error(NGX_LOG_ERR, c->request->connection->log, 0,
                      "mlist: registry \"%V\" answered with status 401 and "
                      "asks for neither Basic nor Bearer credentials",
                      &login->registry->url);
        return NGX_DECLINED;
    }

    if (way.scheme == NGX_HTTP_MLIST_SCHEME_BEARER && c->token.len) {
        ngx_http_mlist_token_forget(c->request, &c->ask, &c->token);
    }

    /* the same credentials once more would be refused once more */

    if (++c->refusals < NGX_HTTP_MLIST_OFFER_REFUSALS
        && (!ngx_http_mlist_offer_same_way(&c->ask.way, &way)
            || (c->token.len
                && !c->fresh
                && !way.challenge.insufficient)))
    {
        c->ask.way = way;
        ngx_http_mlist_token_note(c->request, &c->ask);

        return NGX_OK;
    }

    ngx_log_error(NGX_LOG_ERR, c->request->connection->log, 0,
                  "mlist: registry \"%V\" answered with status 401 to the "
                  "%s the user \"%V\" with the password in \"%V\"",
                  &login->registry->url,
                  c->token.len ? "token of" : "credentials of",
                  &login->user, ngx_http_mlist_secret_path(login->secret));

    return NGX_DECLINED;
}


static ngx_uint_t
ngx_http_mlist_offer_same_way(ngx_http_mlist_way_t *a,
    ngx_http_mlist_way_t *b)
{
    mlist_challenge_t  *one, *two;

    one = &a->challenge;
    two = &b->challenge;

    if (a->scheme != b->scheme || a->scheme != NGX_HTTP_MLIST_SCHEME_BEARER) {
        return a->scheme == b->scheme;
    }

    return one->realm_len == two->realm_len
           && one->service_len == two->service_len
           && ngx_memcmp(one->realm, two->realm, one->realm_len) == 0
           && ngx_memcmp(one->service, two->service, one->service_len) == 0;
}


ngx_uint_t
ngx_http_mlist_offer_accepted(ngx_http_mlist_offer_t *c,
    ngx_uint_t status)
{
    return c->token.len
           || (c->authorization.len && status != NGX_HTTP_UNAUTHORIZED);
}

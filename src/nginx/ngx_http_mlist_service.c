/*
 * Who is asked about a login: see ngx_http_mlist_service.h.
 */


#include "ngx_http_mlist_service.h"
#include "ngx_http_mlist_header.h"
#include "../core/mlist_realm.h"
#include "../core/mlist_token.h"


#define NGX_HTTP_MLIST_SERVICE_MAX         65536   /* bytes of an answer */
#define NGX_HTTP_MLIST_SERVICE_CHALLENGES  16      /* headers looked at */


static ngx_int_t ngx_http_mlist_service_where(ngx_http_request_t *r,
    ngx_http_mlist_service_ask_t *ask, mlist_realm_t *realm,
    ngx_http_mlist_registry_t **registry);
static ngx_int_t ngx_http_mlist_service_url(ngx_http_request_t *r,
    ngx_http_mlist_service_ask_t *ask, mlist_realm_t *realm,
    ngx_http_mlist_fetch_t *fetch);
static u_char *ngx_http_mlist_service_args(u_char *p,
    ngx_http_mlist_service_ask_t *ask);
static u_char *ngx_http_mlist_service_arg(u_char *p, const char *name,
    u_char *value, size_t len);
static ngx_int_t ngx_http_mlist_service_failed(ngx_http_request_t *r,
    ngx_http_mlist_service_ask_t *ask, ngx_http_mlist_fetch_t *fetch,
    ngx_http_mlist_service_fail_t *fail);
static ngx_int_t ngx_http_mlist_service_fail(
    ngx_http_mlist_service_fail_t *fail, const char *reason);


ngx_int_t
ngx_http_mlist_service_aim(ngx_http_request_t *r,
    ngx_http_mlist_service_ask_t *ask, ngx_http_mlist_fetch_t *fetch,
    ngx_http_mlist_service_fail_t *fail)
{
    ngx_int_t      rc;
    mlist_realm_t  realm;

    fetch->anonymous = 1;
    fetch->bare = 1;
    fetch->blob = 1;

    if (ask->token) {
        rc = ngx_http_mlist_service_where(r, ask, &realm, &fetch->registry);

        if (rc != NGX_OK) {
            return ngx_http_mlist_service_fail(fail, "sends this front for a "
                                               "token to a realm that is not "
                                               "declared");
        }

        fetch->max = NGX_HTTP_MLIST_SERVICE_MAX;
        fetch->credentials = ask->basic;

        return ngx_http_mlist_service_url(r, ask, &realm, fetch);
    }

    fetch->registry = ask->login->registry;
    fetch->max = ngx_pagesize;

    fetch->url.len = fetch->registry->url.len + sizeof("/v2/") - 1;
    fetch->url.data = ngx_pnalloc(r->pool, fetch->url.len);
    if (fetch->url.data == NULL) {
        return NGX_ERROR;
    }

    (void) ngx_sprintf(fetch->url.data, "%V/v2/", &fetch->registry->url);

    return NGX_OK;
}


/* Where the password may go; NGX_OK or NGX_DECLINED (logged). */

static ngx_int_t
ngx_http_mlist_service_where(ngx_http_request_t *r,
    ngx_http_mlist_service_ask_t *ask, mlist_realm_t *realm,
    ngx_http_mlist_registry_t **registry)
{
    mlist_str_t              text;
    mlist_realm_t            allowed;
    ngx_http_mlist_login_t  *login;

    login = ask->login;

    text.data = ask->way.challenge.realm;
    text.len = ask->way.challenge.realm_len;

    if (mlist_realm_parse(text, realm) != MLIST_OK) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "mlist: registry \"%V\" names a realm for tokens that "
                      "is no http(s) URL", &login->registry->url);
        return NGX_DECLINED;
    }

    if (mlist_realm_parse(ngx_http_mlist_view(&login->registry->url),
                          &allowed)
        == MLIST_OK
        && mlist_realm_same_origin(realm, &allowed))
    {
        *registry = login->registry;
        return NGX_OK;
    }

    if (login->service
        && mlist_realm_parse(ngx_http_mlist_view(&login->realm), &allowed)
           == MLIST_OK
        && mlist_realm_same(realm, &allowed))
    {
        *registry = login->service;
        return NGX_OK;
    }

    text.len = (size_t) (realm->path.data + realm->path.len - text.data);

    ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                  "mlist: registry \"%V\" asks for tokens of a service that "
                  "is not to have the password in \"%V\"; if it is, add "
                  "realm=\"%*s\" to the \"mlist_login\" in %s:%ui",
                  &login->registry->url,
                  ngx_http_mlist_secret_path(login->secret),
                  text.len, text.data, login->file, login->line);

    return NGX_DECLINED;
}


static ngx_int_t
ngx_http_mlist_service_url(ngx_http_request_t *r,
    ngx_http_mlist_service_ask_t *ask, mlist_realm_t *realm,
    ngx_http_mlist_fetch_t *fetch)
{
    u_char     *p;
    size_t      size;
    ngx_str_t   path, query;

    path = ngx_http_mlist_ngx_str(realm->path);
    query = ngx_http_mlist_ngx_str(realm->query);

    if (path.len == 0) {
        ngx_str_set(&path, "/");
    }

    /* at most two scopes; an escaped byte takes three */

    size = fetch->registry->url.len + path.len + query.len
           + sizeof("?&service=&scope=&scope=")
           + 3 * (ask->way.challenge.service_len + ask->scope.len);

    p = ngx_pnalloc(r->pool, size);
    if (p == NULL) {
        return NGX_ERROR;
    }

    fetch->url.data = p;

    p = ngx_sprintf(p, "%V%V?%V", &fetch->registry->url, &path, &query);
    p = ngx_http_mlist_service_args(p, ask);

    if (p[-1] == '?') {
        p--;
    }

    fetch->url.len = p - fetch->url.data;

    return NGX_OK;
}


static u_char *
ngx_http_mlist_service_args(u_char *p, ngx_http_mlist_service_ask_t *ask)
{
    u_char  *scope, *end, *last;

    if (ask->way.challenge.service_len) {
        p = ngx_http_mlist_service_arg(p, "service=",
                                    (u_char *) ask->way.challenge.service,
                                    ask->way.challenge.service_len);
    }

    last = ask->scope.data + ask->scope.len;

    for (scope = ask->scope.data; scope < last; scope = end + 1) {
        end = ngx_strlchr(scope, last, ' ');
        end = end ? end : last;

        p = ngx_http_mlist_service_arg(p, "scope=", scope, end - scope);
    }

    return p;
}


static u_char *
ngx_http_mlist_service_arg(u_char *p, const char *name, u_char *value,
    size_t len)
{
    if (p[-1] != '?') {
        *p++ = '&';
    }

    p = ngx_cpymem(p, name, ngx_strlen(name));

    return (u_char *) ngx_escape_uri(p, value, len,
                                     NGX_ESCAPE_URI_COMPONENT);
}


ngx_int_t
ngx_http_mlist_service_way(ngx_http_request_t *r,
    ngx_http_mlist_service_ask_t *ask, ngx_http_mlist_fetch_t *fetch,
    ngx_http_mlist_way_t *way, ngx_http_mlist_service_fail_t *fail)
{
    if (fetch->state != NGX_HTTP_MLIST_FETCH_ANSWERED
        || fetch->status == NGX_HTTP_TOO_MANY_REQUESTS
        || fetch->status >= NGX_HTTP_INTERNAL_SERVER_ERROR)
    {
        return ngx_http_mlist_service_failed(r, ask, fetch, fail);
    }

    if (fetch->status != NGX_HTTP_UNAUTHORIZED) {
        ngx_memzero(way, sizeof(ngx_http_mlist_way_t));
        return NGX_OK;
    }

    if (ngx_http_mlist_service_challenge(
            &fetch->request->upstream->headers_in.headers, way)
        == NGX_OK)
    {
        return NGX_OK;
    }

    ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                  "mlist: registry \"%V\" wants credentials, but its "
                  "WWW-Authenticate asks for neither Basic nor Bearer ones",
                  &ask->login->registry->url);

    return ngx_http_mlist_service_fail(fail, "wants credentials in a way "
                                       "that this front does not know");
}


ngx_int_t
ngx_http_mlist_service_challenge(ngx_list_t *headers,
    ngx_http_mlist_way_t *way)
{
    size_t            n;
    mlist_str_t       values[NGX_HTTP_MLIST_SERVICE_CHALLENGES];
    ngx_table_elt_t  *h;

    static ngx_str_t  name = ngx_string("www-authenticate");

    ngx_memzero(way, sizeof(ngx_http_mlist_way_t));

    n = 0;

    for (h = ngx_http_mlist_header_next(headers, &name, NULL);
         h && n < NGX_HTTP_MLIST_SERVICE_CHALLENGES;
         h = ngx_http_mlist_header_next(headers, &name, h))
    {
        values[n++] = ngx_http_mlist_view(&h->value);
    }

    if (mlist_challenge_parse(values, n, &way->challenge) != MLIST_OK) {
        return NGX_DECLINED;
    }

    way->scheme = way->challenge.scheme == MLIST_CHALLENGE_BEARER
                      ? NGX_HTTP_MLIST_SCHEME_BEARER
                      : NGX_HTTP_MLIST_SCHEME_BASIC;

    return NGX_OK;
}


ngx_int_t
ngx_http_mlist_service_token(ngx_http_request_t *r,
    ngx_http_mlist_service_ask_t *ask, ngx_http_mlist_fetch_t *fetch,
    ngx_str_t *token, time_t *life, ngx_http_mlist_service_fail_t *fail)
{
    mlist_rc_e     rc;
    mlist_token_t  parsed;

    if (fetch->state == NGX_HTTP_MLIST_FETCH_ANSWERED
        && (fetch->status == NGX_HTTP_UNAUTHORIZED
            || fetch->status == NGX_HTTP_FORBIDDEN))
    {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "mlist: the token service of \"%V\" answered with "
                      "status %ui to the user \"%V\" with the password in "
                      "\"%V\", expected 200, asked for \"%V\"",
                      &ask->login->registry->url, fetch->status,
                      &ask->login->user,
                      ngx_http_mlist_secret_path(ask->login->secret),
                      &fetch->url);

        return ngx_http_mlist_service_fail(fail, "has a token service that "
                                           "refuses the login of this front");
    }

    if (fetch->state != NGX_HTTP_MLIST_FETCH_ANSWERED
        || fetch->status != NGX_HTTP_OK)
    {
        return ngx_http_mlist_service_failed(r, ask, fetch, fail);
    }

    rc = mlist_token_parse(ngx_http_mlist_view(&fetch->body), &parsed);

    if (rc == MLIST_NOMEM) {
        return NGX_ERROR;
    }

    if (rc != MLIST_OK) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "mlist: the token service of \"%V\" gave no token: %s, "
                      "asked for \"%V\"", &ask->login->registry->url,
                      mlist_rc_text(rc), &fetch->url);

        return ngx_http_mlist_service_fail(fail, "has a token service that "
                                           "gave no token");
    }

    *life = parsed.life;

    token->len = parsed.token.len;
    token->data = ngx_pnalloc(r->pool, token->len);

    if (token->data) {
        ngx_memcpy(token->data, parsed.token.data, token->len);
    }

    json_decref(parsed.doc);

    return token->data ? NGX_OK : NGX_ERROR;
}


/*
 * No answer, or none that is good: never an absence, whatever the status.  A
 * registry's, and what says when to come again, is the answer of who waits.
 */

static ngx_int_t
ngx_http_mlist_service_failed(ngx_http_request_t *r,
    ngx_http_mlist_service_ask_t *ask, ngx_http_mlist_fetch_t *fetch,
    ngx_http_mlist_service_fail_t *fail)
{
    ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                  "mlist: %s \"%V\" gave no good answer (status %ui%s), "
                  "asked for \"%V\"",
                  ask->token ? "the token service of" : "registry",
                  &ask->login->registry->url, fetch->status,
                  fetch->state == NGX_HTTP_MLIST_FETCH_TIMEOUT
                      ? ", timed out" : "",
                  &fetch->url);

    (void) ngx_http_mlist_service_fail(fail, ask->token
                                    ? "has a token service that failed"
                                    : "gave no whole answer");

    if (fetch->state == NGX_HTTP_MLIST_FETCH_TIMEOUT) {
        fail->state = fetch->state;

    } else if (fetch->state == NGX_HTTP_MLIST_FETCH_ANSWERED
               && (!ask->token
                   || fetch->status == NGX_HTTP_TOO_MANY_REQUESTS))
    {
        fail->state = fetch->state;
        fail->status = fetch->status;
        fail->retry_after = fetch->retry_after;
    }

    return NGX_DECLINED;
}


static ngx_int_t
ngx_http_mlist_service_fail(ngx_http_mlist_service_fail_t *fail,
    const char *reason)
{
    ngx_memzero(fail, sizeof(ngx_http_mlist_service_fail_t));

    fail->state = NGX_HTTP_MLIST_FETCH_FAILED;
    fail->reason = reason;

    return NGX_DECLINED;
}

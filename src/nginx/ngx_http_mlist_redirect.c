/*
 * Redirects that are followed here: see ngx_http_mlist_redirect.h.
 */


#include "ngx_http_mlist_redirect.h"
#include "ngx_http_mlist_address.h"
#include "ngx_http_mlist_fetch.h"
#include "ngx_http_mlist_location.h"


typedef struct {
    ngx_http_request_t         *request;     /* the main one */
    ngx_http_mlist_fetch_t     *fetch;
    ngx_str_t                   url;
    ngx_resolver_ctx_t         *resolving;   /* NULL: not any more */
} ngx_http_mlist_redirect_t;


static ngx_int_t ngx_http_mlist_redirect_target(ngx_http_request_t *r,
    ngx_http_mlist_fetch_t *fetch, ngx_str_t *target, ngx_url_t *url);
static ngx_int_t ngx_http_mlist_redirect_join(ngx_http_request_t *r,
    ngx_str_t *url, size_t len, ngx_str_t *path);
static ngx_http_upstream_srv_conf_t *ngx_http_mlist_redirect_upstream(
    ngx_http_request_t *r, ngx_url_t *url);
static ngx_int_t ngx_http_mlist_redirect_upstream_allowed(
    ngx_http_request_t *r, ngx_http_mlist_fetch_t *fetch,
    ngx_http_upstream_srv_conf_t *uscf);
static ngx_int_t ngx_http_mlist_redirect_resolve(ngx_http_request_t *r,
    ngx_http_mlist_fetch_t *fetch, ngx_str_t *target, ngx_url_t *url);
static void ngx_http_mlist_redirect_resolved(ngx_resolver_ctx_t *rctx);
static void ngx_http_mlist_redirect_cleanup(void *data);
static ngx_int_t ngx_http_mlist_redirect_go(ngx_http_request_t *r,
    ngx_http_mlist_fetch_t *fetch, ngx_str_t *target);
static ngx_int_t ngx_http_mlist_redirect_content(ngx_http_request_t *sr);
static void ngx_http_mlist_redirect_resolved_again(ngx_resolver_ctx_t *rctx);


ngx_uint_t
ngx_http_mlist_redirect_is(ngx_uint_t status)
{
    return status == NGX_HTTP_MOVED_PERMANENTLY
           || status == NGX_HTTP_MOVED_TEMPORARILY
           || status == NGX_HTTP_SEE_OTHER
           || status == NGX_HTTP_TEMPORARY_REDIRECT
           || status == NGX_HTTP_PERMANENT_REDIRECT;
}


ngx_int_t
ngx_http_mlist_redirect_fetch(ngx_http_request_t *r,
    ngx_http_mlist_fetch_t *fetch)
{
    ngx_int_t                      rc;
    ngx_str_t                      target;
    ngx_url_t                      url;
    ngx_http_upstream_srv_conf_t  *uscf;

    if (fetch->hops >= NGX_HTTP_MLIST_REDIRECT_HOPS) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "mlist: redirect of \"%V\" refused: "
                      "more than %d redirects", &fetch->url,
                      NGX_HTTP_MLIST_REDIRECT_HOPS);
        return NGX_DECLINED;
    }

    if (ngx_http_mlist_redirect_target(r, fetch, &target, &url) != NGX_OK) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "mlist: redirect of \"%V\" refused: its Location is "
                      "no http%s URL that may be followed", &fetch->url,
                      fetch->registry->ssl ? "s" : "");
        return NGX_DECLINED;
    }

    uscf = ngx_http_mlist_redirect_upstream(r, &url);

    if (uscf) {
        rc = ngx_http_mlist_redirect_upstream_allowed(r, fetch, uscf);

    } else if (url.naddrs) {
        rc = ngx_http_mlist_address_allowed(r, url.addrs[0].sockaddr)
                 ? NGX_OK : NGX_DECLINED;

    } else {
        return ngx_http_mlist_redirect_resolve(r, fetch, &target, &url);
    }

    if (rc != NGX_OK) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "mlist: redirect of \"%V\" refused: "
                      "\"%V\" is an address inside that no source has",
                      &fetch->url, &url.host);
        return NGX_DECLINED;
    }

    return ngx_http_mlist_redirect_go(r, fetch, &target);
}


/* The whole URL that Location means, and its parts. */

static ngx_int_t
ngx_http_mlist_redirect_target(ngx_http_request_t *r,
    ngx_http_mlist_fetch_t *fetch, ngx_str_t *target, ngx_url_t *url)
{
    u_char     *p;
    size_t      scheme, len;
    in_port_t   port;
    ngx_str_t   location;

    location = fetch->location;

    p = ngx_strlchr(location.data, location.data + location.len, '#');
    if (p) {
        location.len = p - location.data;
    }

    if (!ngx_http_mlist_location_valid(&location)) {
        return NGX_DECLINED;
    }

    if (location.len > 8
        && ngx_strncasecmp(location.data, (u_char *) "https://", 8) == 0)
    {
        scheme = 8;
        port = 443;

    } else if (location.len > 7
               && !fetch->registry->ssl
               && ngx_strncasecmp(location.data, (u_char *) "http://", 7) == 0)
    {
        scheme = 7;
        port = 80;

    } else if (location.len > 1
               && location.data[0] == '/'
               && location.data[1] != '/')
    {
        /* of the host that gives it: its URL up to the path */

        scheme = fetch->url.data[4] == ':' ? 7 : 8;
        port = scheme == 7 ? 80 : 443;

        p = ngx_strlchr(fetch->url.data + scheme,
                        fetch->url.data + fetch->url.len, '/');
        len = (p ? p : fetch->url.data + fetch->url.len) - fetch->url.data;

        if (ngx_http_mlist_redirect_join(r, &fetch->url, len, &location)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

    } else {
        return NGX_DECLINED;
    }

#if !(NGX_HTTP_SSL)
    if (scheme == 8) {
        return NGX_DECLINED;
    }
#endif

    *target = location;

    ngx_memzero(url, sizeof(ngx_url_t));

    url->url.len = location.len - scheme;
    url->url.data = location.data + scheme;
    url->default_port = port;
    url->uri_part = 1;
    url->no_resolve = 1;

    if (ngx_parse_url(r->pool, url) != NGX_OK
        || url->host.len == 0
        || url->family == AF_UNIX)
    {
        return NGX_DECLINED;
    }

    return NGX_OK;
}


/* Puts the first "len" bytes of "url" before a path. */

static ngx_int_t
ngx_http_mlist_redirect_join(ngx_http_request_t *r, ngx_str_t *url,
    size_t len, ngx_str_t *path)
{
    u_char     *p;
    ngx_str_t   whole;

    whole.len = len + path->len;
    whole.data = ngx_pnalloc(r->pool, whole.len);
    if (whole.data == NULL) {
        return NGX_ERROR;
    }

    p = ngx_cpymem(whole.data, url->data, len);
    ngx_memcpy(p, path->data, path->len);

    *path = whole;

    return NGX_OK;
}


/* The upstream that proxy will take for this host, if there is one. */

static ngx_http_upstream_srv_conf_t *
ngx_http_mlist_redirect_upstream(ngx_http_request_t *r, ngx_url_t *url)
{
    in_port_t                        port;
    ngx_uint_t                       i;
    ngx_http_upstream_srv_conf_t   **uscfp;
    ngx_http_upstream_main_conf_t   *umcf;

    umcf = ngx_http_get_module_main_conf(r, ngx_http_upstream_module);
    uscfp = umcf->upstreams.elts;

    port = url->no_port ? url->default_port : url->port;

    for (i = 0; i < umcf->upstreams.nelts; i++) {

        if (uscfp[i]->host.len == url->host.len
            && ((uscfp[i]->port == 0 && url->no_port)
                || uscfp[i]->port == port)
            && ngx_strncasecmp(uscfp[i]->host.data, url->host.data,
                               url->host.len)
               == 0)
        {
            return uscfp[i];
        }
    }

    return NULL;
}


static ngx_int_t
ngx_http_mlist_redirect_upstream_allowed(ngx_http_request_t *r,
    ngx_http_mlist_fetch_t *fetch, ngx_http_upstream_srv_conf_t *uscf)
{
    ngx_uint_t                    i, j;
    ngx_http_mlist_loc_conf_t    *mlcf;
    ngx_http_upstream_server_t   *server;
    ngx_http_mlist_registry_t   **registry;

    /* that which sends us there, for a store is no source */

    if (fetch->registry->upstream == uscf) {
        return NGX_OK;
    }

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);
    registry = mlcf->registries->elts;

    for (i = 0; i < mlcf->registries->nelts; i++) {
        if (registry[i]->upstream == uscf) {
            return NGX_OK;
        }
    }

    if ((uscf->flags & NGX_HTTP_UPSTREAM_CREATE) || uscf->servers == NULL) {
        return NGX_DECLINED;
    }

    server = uscf->servers->elts;

    for (i = 0; i < uscf->servers->nelts; i++) {
        for (j = 0; j < server[i].naddrs; j++) {
            if (!ngx_http_mlist_address_allowed(r,
                                                 server[i].addrs[j].sockaddr))
            {
                return NGX_DECLINED;
            }
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_mlist_redirect_resolve(ngx_http_request_t *r,
    ngx_http_mlist_fetch_t *fetch, ngx_str_t *target, ngx_url_t *url)
{
    ngx_resolver_ctx_t         *rctx;
    ngx_http_cleanup_t         *cln;
    ngx_http_core_loc_conf_t   *clcf;
    ngx_http_mlist_redirect_t  *redirect;

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    cln = ngx_http_cleanup_add(r, sizeof(ngx_http_mlist_redirect_t));
    if (cln == NULL) {
        return NGX_DECLINED;
    }

    redirect = cln->data;
    ngx_memzero(redirect, sizeof(ngx_http_mlist_redirect_t));

    cln->handler = ngx_http_mlist_redirect_cleanup;

    redirect->request = r;
    redirect->fetch = fetch;
    redirect->url = *target;

    rctx = ngx_resolve_start(clcf->resolver, NULL);

    if (rctx == NULL || rctx == NGX_NO_RESOLVER) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "mlist: redirect of \"%V\" to \"%V\" not followed: "
                      "no resolver defined", &fetch->url, &url->host);
        return NGX_DECLINED;
    }

    rctx->name = url->host;
    rctx->handler = ngx_http_mlist_redirect_resolved;
    rctx->data = redirect;
    rctx->timeout = clcf->resolver_timeout;

    redirect->resolving = rctx;

    /* on an error the context is freed by the resolver */

    if (ngx_resolve_name(rctx) != NGX_OK) {
        redirect->resolving = NULL;
        return NGX_DECLINED;
    }

    return NGX_OK;
}


static void
ngx_http_mlist_redirect_resolved(ngx_resolver_ctx_t *rctx)
{
    ngx_int_t                   rc;
    ngx_uint_t                  i, async;
    ngx_connection_t           *c;
    ngx_http_request_t         *r;
    ngx_http_mlist_redirect_t  *redirect;

    redirect = rctx->data;
    r = redirect->request;
    c = r->connection;
    async = rctx->async;

    ngx_http_set_log_request(c->log, r);

    rc = NGX_OK;

    if (rctx->state) {
        ngx_log_error(NGX_LOG_ERR, c->log, 0,
                      "mlist: redirect to \"%V\" not followed: it could not "
                      "be resolved (%i: %s)", &rctx->name, rctx->state,
                      ngx_resolver_strerror(rctx->state));
        rc = NGX_DECLINED;
    }

    for (i = 0; rc == NGX_OK && i < rctx->naddrs; i++) {
        if (!ngx_http_mlist_address_allowed(r, rctx->addrs[i].sockaddr)) {
            ngx_log_error(NGX_LOG_ERR, c->log, 0,
                          "mlist: redirect refused: \"%V\" resolves to an "
                          "address inside that no source has", &rctx->name);
            rc = NGX_DECLINED;
        }
    }

    redirect->resolving = NULL;
    ngx_resolve_name_done(rctx);

    if (rc == NGX_OK) {
        rc = ngx_http_mlist_redirect_go(r, redirect->fetch, &redirect->url);
    }

    if (rc != NGX_OK) {
        ngx_http_mlist_fetch_end(r, redirect->fetch,
                                 NGX_HTTP_MLIST_FETCH_FAILED);
    }

    if (async) {
        ngx_http_run_posted_requests(c);
    }
}


static void
ngx_http_mlist_redirect_cleanup(void *data)
{
    ngx_http_mlist_redirect_t  *redirect = data;

    if (redirect->resolving) {
        ngx_resolve_name_done(redirect->resolving);
        redirect->resolving = NULL;
    }
}


static ngx_int_t
ngx_http_mlist_redirect_go(ngx_http_request_t *r,
    ngx_http_mlist_fetch_t *fetch, ngx_str_t *target)
{
    if (ngx_http_mlist_fetch_again(r, fetch, target) != NGX_OK) {
        return NGX_DECLINED;
    }

    fetch->request->content_handler = ngx_http_mlist_redirect_content;

    return NGX_OK;
}


/*
 * proxy resolves the name once more.  Where the resolver does not answer
 * from what was just checked, the new answer is checked too.
 */

static ngx_int_t
ngx_http_mlist_redirect_content(ngx_http_request_t *sr)
{
    ngx_int_t                  rc;
    ngx_resolver_ctx_t        *rctx;
    ngx_http_mlist_ctx_t      *ctx;
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_get_module_loc_conf(sr, ngx_http_core_module);

    rc = clcf->handler(sr);

    if (rc == NGX_DONE && sr->upstream && sr->upstream->resolved) {
        rctx = sr->upstream->resolved->ctx;

        if (rctx) {
            ctx = ngx_http_get_module_ctx(sr, ngx_http_mlist_module);
            ctx->resolved = rctx->handler;
            rctx->handler = ngx_http_mlist_redirect_resolved_again;
        }
    }

    return rc;
}


static void
ngx_http_mlist_redirect_resolved_again(ngx_resolver_ctx_t *rctx)
{
    ngx_uint_t             i;
    ngx_http_request_t    *sr;
    ngx_http_mlist_ctx_t  *ctx;

    sr = rctx->data;
    ctx = ngx_http_get_module_ctx(sr, ngx_http_mlist_module);

    for (i = 0; rctx->state == NGX_OK && i < rctx->naddrs; i++) {
        if (!ngx_http_mlist_address_allowed(sr, rctx->addrs[i].sockaddr)) {
            rctx->state = NGX_RESOLVE_REFUSED;
        }
    }

    ctx->resolved(rctx);
}

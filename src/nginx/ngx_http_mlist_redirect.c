/*
 * Redirects that are followed here: see ngx_http_mlist_redirect.h.
 */


#include "ngx_http_mlist_redirect.h"
#include "ngx_http_mlist_address.h"
#include "ngx_http_mlist_fetch.h"
#include "../core/mlist_location.h"


static ngx_int_t ngx_http_mlist_redirect_target(ngx_http_request_t *r,
    ngx_http_mlist_redirect_t *redirect, ngx_url_t *url);
static ngx_int_t ngx_http_mlist_redirect_parse(ngx_http_request_t *r,
    ngx_http_mlist_redirect_t *redirect, ngx_url_t *url);
static ngx_int_t ngx_http_mlist_redirect_join(ngx_http_request_t *r,
    ngx_str_t *url, size_t len, ngx_str_t *path);
static ngx_http_upstream_srv_conf_t *ngx_http_mlist_redirect_upstream(
    ngx_http_request_t *r, ngx_url_t *url, in_port_t port);
static ngx_int_t ngx_http_mlist_redirect_upstream_allowed(
    ngx_http_request_t *r, ngx_http_mlist_redirect_t *redirect,
    ngx_http_upstream_srv_conf_t *uscf);
static ngx_int_t ngx_http_mlist_redirect_resolve(ngx_http_request_t *r,
    ngx_http_mlist_redirect_t *redirect, ngx_url_t *url);
static void ngx_http_mlist_redirect_resolved(ngx_resolver_ctx_t *rctx);
static ngx_int_t ngx_http_mlist_redirect_check(
    ngx_http_mlist_redirect_t *redirect, ngx_resolver_ctx_t *rctx);
static ngx_int_t ngx_http_mlist_redirect_keep(
    ngx_http_mlist_redirect_t *redirect, ngx_resolver_addr_t *addr);
static void ngx_http_mlist_redirect_cleanup(void *data);
static void ngx_http_mlist_redirect_fetch_done(ngx_http_request_t *r,
    void *data, ngx_int_t rc);
static ngx_int_t ngx_http_mlist_redirect_go(ngx_http_request_t *r,
    ngx_http_mlist_fetch_t *fetch, ngx_http_mlist_redirect_t *redirect);


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
ngx_http_mlist_redirect_where(ngx_http_request_t *r,
    ngx_http_mlist_redirect_t *redirect)
{
    ngx_int_t                      rc;
    ngx_url_t                      url;
    ngx_http_upstream_srv_conf_t  *uscf;

    redirect->request = r;
    redirect->resolving = NULL;
    redirect->address.sockaddr = NULL;

    if (redirect->hops >= NGX_HTTP_MLIST_REDIRECT_HOPS) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "mlist: redirect of \"%V\" refused: "
                      "more than %d redirects", &redirect->url,
                      NGX_HTTP_MLIST_REDIRECT_HOPS);
        return NGX_DECLINED;
    }

    if (ngx_http_mlist_redirect_target(r, redirect, &url) != NGX_OK) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "mlist: redirect of \"%V\" refused: its Location is "
                      "no http%s URL that may be followed", &redirect->url,
                      redirect->registry->ssl ? "s" : "");
        return NGX_DECLINED;
    }

    redirect->port = url.no_port ? url.default_port : url.port;

    uscf = ngx_http_mlist_redirect_upstream(r, &url, redirect->port);

    if (uscf) {
        rc = ngx_http_mlist_redirect_upstream_allowed(r, redirect, uscf);

    } else if (url.naddrs) {
        rc = ngx_http_mlist_address_allowed(r, url.addrs[0].sockaddr,
                                            redirect->port)
                 ? NGX_OK : NGX_DECLINED;

    } else {
        return ngx_http_mlist_redirect_resolve(r, redirect, &url);
    }

    if (rc != NGX_OK) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "mlist: redirect of \"%V\" refused: "
                      "\"%V\" is an address inside that no source has",
                      &redirect->url, &url.host);
    }

    return rc;
}


/* The whole URL that Location means, and its parts. */

static ngx_int_t
ngx_http_mlist_redirect_target(ngx_http_request_t *r,
    ngx_http_mlist_redirect_t *redirect, ngx_url_t *url)
{
    size_t            scheme;
    ngx_str_t         location;
    mlist_location_t  where, from;

    if (!mlist_location_valid(ngx_http_mlist_view(&redirect->location))
        || mlist_location_parse(ngx_http_mlist_view(&redirect->location),
                                &where)
           != MLIST_OK)
    {
        return NGX_DECLINED;
    }

    if (where.origin.len) {
        if (redirect->registry->ssl && !where.ssl) {
            return NGX_DECLINED;
        }

        location.data = redirect->location.data;
        location.len = where.origin.len + where.path.len;

    } else {
        /* of the host that gives it */

        if (mlist_location_parse(ngx_http_mlist_view(&redirect->url), &from)
            != MLIST_OK)
        {
            return NGX_DECLINED;
        }

        where.ssl = from.ssl;
        location = ngx_http_mlist_ngx_str(where.path);

        if (ngx_http_mlist_redirect_join(r, &redirect->url, from.origin.len,
                                         &location)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

#if !(NGX_HTTP_SSL)
    if (where.ssl) {
        return NGX_DECLINED;
    }
#endif

    scheme = where.ssl ? sizeof("https://") - 1 : sizeof("http://") - 1;

    ngx_memzero(url, sizeof(ngx_url_t));

    url->url.len = location.len - scheme;
    url->url.data = location.data + scheme;
    url->default_port = where.ssl ? 443 : 80;

    redirect->target = location;

    return ngx_http_mlist_redirect_parse(r, redirect, url);
}


static ngx_int_t
ngx_http_mlist_redirect_parse(ngx_http_request_t *r,
    ngx_http_mlist_redirect_t *redirect, ngx_url_t *url)
{
    ngx_str_t  path;

    url->uri_part = 1;
    url->no_resolve = 1;

    if (ngx_parse_url(r->pool, url) != NGX_OK
        || url->host.len == 0
        || url->family == AF_UNIX)
    {
        return NGX_DECLINED;
    }

    if (url->uri.len) {
        return NGX_OK;
    }

    /* or proxy would take the path of the client's own request */

    ngx_str_set(&path, "/");

    if (ngx_http_mlist_redirect_join(r, &redirect->target,
                                     redirect->target.len, &path)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    redirect->target = path;

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
ngx_http_mlist_redirect_upstream(ngx_http_request_t *r, ngx_url_t *url,
    in_port_t port)
{
    ngx_uint_t                       i;
    ngx_http_upstream_srv_conf_t   **uscfp;
    ngx_http_upstream_main_conf_t   *umcf;

    umcf = ngx_http_get_module_main_conf(r, ngx_http_upstream_module);
    uscfp = umcf->upstreams.elts;

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
    ngx_http_mlist_redirect_t *redirect, ngx_http_upstream_srv_conf_t *uscf)
{
    ngx_uint_t                    i, j;
    struct sockaddr              *sockaddr;
    ngx_http_mlist_loc_conf_t    *mlcf;
    ngx_http_upstream_server_t   *server;
    ngx_http_mlist_registry_t   **registry;

    /* that which sends us there, for a store is no source */

    if (redirect->registry->upstream == uscf) {
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
            sockaddr = server[i].addrs[j].sockaddr;

            if (!ngx_http_mlist_address_allowed(r, sockaddr,
                                                ngx_inet_get_port(sockaddr)))
            {
                return NGX_DECLINED;
            }
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_mlist_redirect_resolve(ngx_http_request_t *r,
    ngx_http_mlist_redirect_t *redirect, ngx_url_t *url)
{
    ngx_resolver_ctx_t        *rctx;
    ngx_http_cleanup_t        *cln;
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    cln = ngx_http_cleanup_add(r, 0);
    if (cln == NULL) {
        return NGX_DECLINED;
    }

    cln->handler = ngx_http_mlist_redirect_cleanup;
    cln->data = redirect;

    rctx = ngx_resolve_start(clcf->resolver, NULL);

    if (rctx == NULL || rctx == NGX_NO_RESOLVER) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "mlist: redirect of \"%V\" to \"%V\" not followed: "
                      "no resolver defined", &redirect->url, &url->host);
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

    return NGX_AGAIN;
}


static void
ngx_http_mlist_redirect_resolved(ngx_resolver_ctx_t *rctx)
{
    ngx_int_t                   rc;
    ngx_uint_t                  async;
    ngx_connection_t           *c;
    ngx_http_request_t         *r;
    ngx_http_mlist_redirect_t  *redirect;

    redirect = rctx->data;
    r = redirect->request;
    c = r->connection;
    async = rctx->async;

    ngx_http_set_log_request(c->log, r);

    rc = ngx_http_mlist_redirect_check(redirect, rctx);

    redirect->resolving = NULL;
    ngx_resolve_name_done(rctx);

    redirect->done(r, redirect->data, rc);

    if (async) {
        ngx_http_run_posted_requests(c);
    }
}


/* NGX_OK or NGX_DECLINED (logged). */

static ngx_int_t
ngx_http_mlist_redirect_check(ngx_http_mlist_redirect_t *redirect,
    ngx_resolver_ctx_t *rctx)
{
    ngx_uint_t           i;
    ngx_http_request_t  *r;

    r = redirect->request;

    if (rctx->state) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "mlist: redirect to \"%V\" not followed: it could not "
                      "be resolved (%i: %s)", &rctx->name, rctx->state,
                      ngx_resolver_strerror(rctx->state));
        return NGX_DECLINED;
    }

    for (i = 0; i < rctx->naddrs; i++) {

        if (!ngx_http_mlist_address_allowed(r, rctx->addrs[i].sockaddr,
                                            redirect->port))
        {
            ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                          "mlist: redirect refused: \"%V\" resolves to an "
                          "address inside that no source has", &rctx->name);
            return NGX_DECLINED;
        }
    }

    return ngx_http_mlist_redirect_keep(redirect, &rctx->addrs[0]);
}


/* What the resolver gives is gone when it is done. */

static ngx_int_t
ngx_http_mlist_redirect_keep(ngx_http_mlist_redirect_t *redirect,
    ngx_resolver_addr_t *addr)
{
    ngx_addr_t  *address;
    ngx_pool_t  *pool;

    address = &redirect->address;
    pool = redirect->request->pool;

    address->socklen = addr->socklen;
    address->sockaddr = ngx_palloc(pool, addr->socklen);
    address->name.data = ngx_pnalloc(pool, NGX_SOCKADDR_STRLEN);

    if (address->sockaddr == NULL || address->name.data == NULL) {
        return NGX_DECLINED;
    }

    ngx_memcpy(address->sockaddr, addr->sockaddr, addr->socklen);
    ngx_inet_set_port(address->sockaddr, redirect->port);

    address->name.len = ngx_sock_ntop(address->sockaddr, address->socklen,
                                      address->name.data,
                                      NGX_SOCKADDR_STRLEN, 1);

    return NGX_OK;
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


ngx_int_t
ngx_http_mlist_redirect_fetch(ngx_http_request_t *r,
    ngx_http_mlist_fetch_t *fetch)
{
    ngx_int_t                   rc;
    ngx_http_mlist_redirect_t  *redirect;

    redirect = ngx_pcalloc(r->pool, sizeof(ngx_http_mlist_redirect_t));
    if (redirect == NULL) {
        return NGX_DECLINED;
    }

    redirect->registry = fetch->registry;
    redirect->url = fetch->url;
    redirect->location = fetch->location;
    redirect->hops = fetch->hops;
    redirect->done = ngx_http_mlist_redirect_fetch_done;
    redirect->data = fetch;

    fetch->redirect = redirect;

    rc = ngx_http_mlist_redirect_where(r, redirect);

    if (rc == NGX_AGAIN) {
        return NGX_OK;
    }

    return rc == NGX_OK ? ngx_http_mlist_redirect_go(r, fetch, redirect) : rc;
}


static void
ngx_http_mlist_redirect_fetch_done(ngx_http_request_t *r, void *data,
    ngx_int_t rc)
{
    ngx_http_mlist_fetch_t  *fetch = data;

    if (rc == NGX_OK) {
        rc = ngx_http_mlist_redirect_go(r, fetch, fetch->redirect);
    }

    if (rc != NGX_OK) {
        ngx_http_mlist_fetch_end(r, fetch, NGX_HTTP_MLIST_FETCH_FAILED);
    }
}


static ngx_int_t
ngx_http_mlist_redirect_go(ngx_http_request_t *r,
    ngx_http_mlist_fetch_t *fetch, ngx_http_mlist_redirect_t *redirect)
{
    ngx_http_mlist_ctx_t  *ctx;

    if (ngx_http_mlist_fetch_again(r, fetch, &redirect->target) != NGX_OK) {
        return NGX_DECLINED;
    }

    ctx = ngx_http_get_module_ctx(fetch->request, ngx_http_mlist_module);

    ctx->redirect = redirect;
    fetch->request->content_handler = ngx_http_mlist_redirect_content;

    return NGX_OK;
}

/*
 * A request on its way to where a redirect leads: see
 * ngx_http_mlist_redirect.h.
 */


#include "ngx_http_mlist_redirect.h"
#include "ngx_http_mlist_address.h"


static void ngx_http_mlist_redirect_resolved_again(ngx_resolver_ctx_t *rctx);
static ngx_int_t ngx_http_mlist_redirect_create(ngx_http_request_t *r);


/*
 * proxy resolves the name once more.  Where the resolver does not answer
 * from what was just checked, the new answer is checked too; where proxy
 * comes to it later only, as behind a lock of proxy_cache, it goes to the
 * address that was checked.
 */

ngx_int_t
ngx_http_mlist_redirect_content(ngx_http_request_t *r)
{
    ngx_int_t                   rc;
    ngx_http_upstream_t        *u;
    ngx_http_mlist_ctx_t       *ctx;
    ngx_http_core_loc_conf_t   *clcf;
    ngx_http_mlist_redirect_t  *redirect;

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    rc = clcf->handler(r);

    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);
    u = r->upstream;

    if (rc != NGX_DONE
        || ctx == NULL
        || ctx->redirect->address.sockaddr == NULL
        || u == NULL
        || u->resolved == NULL)
    {
        return rc;
    }

    redirect = ctx->redirect;

    if (u->resolved->ctx) {
        redirect->resolved = u->resolved->ctx->handler;
        u->resolved->ctx->handler = ngx_http_mlist_redirect_resolved_again;

    } else if (u->request_bufs == NULL) {
        redirect->create = u->create_request;
        u->create_request = ngx_http_mlist_redirect_create;
    }

    return rc;
}


static void
ngx_http_mlist_redirect_resolved_again(ngx_resolver_ctx_t *rctx)
{
    ngx_uint_t                  i;
    ngx_http_request_t         *r;
    ngx_http_mlist_ctx_t       *ctx;
    ngx_http_mlist_redirect_t  *redirect;

    r = rctx->data;
    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);
    redirect = ctx->redirect;

    for (i = 0; rctx->state == NGX_OK && i < rctx->naddrs; i++) {
        if (!ngx_http_mlist_address_allowed(r, rctx->addrs[i].sockaddr,
                                            redirect->port))
        {
            rctx->state = NGX_RESOLVE_REFUSED;
        }
    }

    redirect->resolved(rctx);
}


static ngx_int_t
ngx_http_mlist_redirect_create(ngx_http_request_t *r)
{
    ngx_http_mlist_ctx_t          *ctx;
    ngx_http_mlist_redirect_t     *redirect;
    ngx_http_upstream_resolved_t  *resolved;

    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);
    redirect = ctx->redirect;
    resolved = r->upstream->resolved;

    resolved->sockaddr = redirect->address.sockaddr;
    resolved->socklen = redirect->address.socklen;
    resolved->name = redirect->address.name;
    resolved->naddrs = 1;

    return redirect->create(r);
}

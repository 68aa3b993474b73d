/*
 * A browser at a tag's URL: see ngx_http_mlist_browse.h.
 */


#include "ngx_http_mlist_browse.h"
#include "ngx_http_mlist_form.h"


void
ngx_http_mlist_browse_init(ngx_http_mlist_main_conf_t *mcf)
{
    void                     **server;
    ngx_uint_t                 i, j;
    ngx_http_mlist_active_t   *active;

    if (mcf->pages == NULL) {
        return;
    }

    active = mcf->active.elts;
    server = mcf->pages->elts;

    for (i = 0; i < mcf->active.nelts; i++) {
        for (j = 0; j < mcf->pages->nelts; j++) {
            if (active[i].server == server[j]) {
                active[i].conf->page = 1;
            }
        }
    }
}


ngx_uint_t
ngx_http_mlist_browse_is(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx)
{
    return ctx->conf->page
           && r == r->main
           && mlist_accept_prefers_html(&ctx->accept);
}


ngx_int_t
ngx_http_mlist_browse(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_uint_t status)
{
    ngx_http_mlist_form_t  *form;

    form = ngx_pcalloc(r->pool, sizeof(ngx_http_mlist_form_t));
    if (form == NULL) {
        return NGX_ERROR;
    }

    form->form = NGX_HTTP_MLIST_FORM_HTML;
    form->name = ctx->name;
    form->tag = ctx->reference;
    form->place = ctx->conf;
    form->status = status;

    ctx->state = form;
    r->content_handler = ngx_http_mlist_form_send;

    return NGX_OK;
}

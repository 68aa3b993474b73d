/*
 * Walks: see ngx_http_mlist_walk.h.
 */


#include "ngx_http_mlist_walk.h"
#include "ngx_http_mlist_page.h"
#include "../core/mlist_page.h"


/* docker-registry refuses more unless it is told otherwise. */
#define NGX_HTTP_MLIST_WALK_SIZE  "?n=1000"


static ngx_int_t ngx_http_mlist_walk_base(ngx_http_request_t *r,
    ngx_http_mlist_walk_t *walk);
static ngx_int_t ngx_http_mlist_walk_status(ngx_http_request_t *r,
    ngx_http_mlist_walk_t *walk);
static mlist_rc_e ngx_http_mlist_walk_fold(ngx_http_mlist_walk_t *walk,
    ngx_http_mlist_fold_t *fold);
static ngx_int_t ngx_http_mlist_walk_next(ngx_http_request_t *r,
    ngx_http_mlist_walk_t *walk, ngx_uint_t stop);
static void ngx_http_mlist_walk_end(ngx_http_request_t *r,
    ngx_http_mlist_walk_t *walk, ngx_http_mlist_walk_e state);
static void ngx_http_mlist_walk_fail(ngx_http_request_t *r,
    ngx_http_mlist_walk_t *walk, const char *reason);


ngx_int_t
ngx_http_mlist_walk_start(ngx_http_request_t *r, ngx_http_mlist_walk_t *walk,
    ngx_http_mlist_target_t *target)
{
    u_char     *p;
    ngx_str_t  *url;

    walk->target = target;

    if (ngx_http_mlist_walk_base(r, walk) != NGX_OK) {
        return NGX_ERROR;
    }

    url = &walk->fetch.url;

    url->len = walk->base.len + sizeof(NGX_HTTP_MLIST_WALK_SIZE) - 1;
    url->data = ngx_pnalloc(r->pool, url->len);
    if (url->data == NULL) {
        return NGX_ERROR;
    }

    p = ngx_cpymem(url->data, walk->base.data, walk->base.len);
    ngx_memcpy(p, NGX_HTTP_MLIST_WALK_SIZE,
               sizeof(NGX_HTTP_MLIST_WALK_SIZE) - 1);

    walk->fetch.registry = target->registry;
    walk->fetch.sources = ngx_http_mlist_target_sources(r, target);
    walk->fetch.blob = 1;
    walk->fetch.max = NGX_HTTP_MLIST_WALK_BYTES;

    walk->sized = 1;

    return ngx_http_mlist_fetch_start(r, &walk->fetch);
}


static ngx_int_t
ngx_http_mlist_walk_base(ngx_http_request_t *r, ngx_http_mlist_walk_t *walk)
{
    u_char     *p;
    ngx_str_t  *registry;

    static ngx_str_t  list = ngx_string("list");

    if (walk->target->name.len) {
        return ngx_http_mlist_target_url(r, walk->target->registry,
                                         &walk->target->name, "tags", &list,
                                         &walk->base);
    }

    registry = &walk->target->registry->url;

    walk->base.data = ngx_pnalloc(r->pool, registry->len
                                           + sizeof("/v2/_catalog") - 1);
    if (walk->base.data == NULL) {
        return NGX_ERROR;
    }

    p = ngx_sprintf(walk->base.data, "%V/v2/_catalog", registry);
    walk->base.len = p - walk->base.data;

    return NGX_OK;
}


ngx_int_t
ngx_http_mlist_walk_step(ngx_http_request_t *r, ngx_http_mlist_walk_t *walk,
    ngx_http_mlist_fold_t *fold, ngx_uint_t stop)
{
    mlist_rc_e  folded;

    if (walk->fetch.state != NGX_HTTP_MLIST_FETCH_ANSWERED
        || walk->fetch.status != NGX_HTTP_OK)
    {
        return ngx_http_mlist_walk_status(r, walk);
    }

    walk->pages++;

    folded = ngx_http_mlist_walk_fold(walk, fold);

    if (folded == MLIST_NOMEM) {
        return NGX_ERROR;
    }

    if (folded != MLIST_OK) {
        ngx_http_mlist_walk_fail(r, walk, folded == MLIST_TOO_LARGE
                                          ? "it lists more than is allowed"
                                          : "what it lists is malformed");
        return NGX_OK;
    }

    return ngx_http_mlist_walk_next(r, walk, stop);
}


/* What came is no page. */

static ngx_int_t
ngx_http_mlist_walk_status(ngx_http_request_t *r, ngx_http_mlist_walk_t *walk)
{
    if (walk->fetch.state == NGX_HTTP_MLIST_FETCH_ANSWERED
        && walk->pages == 0)
    {
        if (walk->fetch.status == NGX_HTTP_NOT_FOUND
            && walk->target->name.len)
        {
            ngx_http_mlist_walk_end(r, walk, NGX_HTTP_MLIST_WALK_ABSENT);
            return NGX_OK;
        }

        /* a registry may be set to give smaller pages only */

        if (walk->fetch.status == NGX_HTTP_BAD_REQUEST && walk->sized) {
            walk->sized = 0;
            walk->fetch.url = walk->base;

            return ngx_http_mlist_fetch_start(r, &walk->fetch);
        }
    }

    ngx_http_mlist_walk_end(r, walk, NGX_HTTP_MLIST_WALK_FAILED);

    return NGX_OK;
}


static mlist_rc_e
ngx_http_mlist_walk_fold(ngx_http_mlist_walk_t *walk,
    ngx_http_mlist_fold_t *fold)
{
    mlist_str_t  body;

    body = ngx_http_mlist_view(&walk->fetch.body);
    fold->target = walk->target;

    return walk->target->name.len
               ? mlist_page_read(body, "tags", ngx_http_mlist_fold_tag, fold)
               : mlist_page_read(body, "repositories",
                                 ngx_http_mlist_fold_repository, fold);
}


static ngx_int_t
ngx_http_mlist_walk_next(ngx_http_request_t *r, ngx_http_mlist_walk_t *walk,
    ngx_uint_t stop)
{
    ngx_int_t  rc;
    ngx_str_t  url;

    rc = ngx_http_mlist_page_next(r, &walk->fetch, &walk->base, &url);

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    if (rc == NGX_DECLINED) {
        ngx_http_mlist_walk_fail(r, walk, "the Link in its list is malformed "
                                          "or leads elsewhere");
        return NGX_OK;
    }

    if (rc == NGX_DONE || stop) {
        ngx_http_mlist_walk_end(r, walk, NGX_HTTP_MLIST_WALK_DONE);
        return NGX_OK;
    }

    if (walk->pages == NGX_HTTP_MLIST_WALK_PAGES) {
        ngx_http_mlist_walk_fail(r, walk, "it lists on more pages than are "
                                          "allowed");
        return NGX_OK;
    }

    walk->fetch.url = url;

    return ngx_http_mlist_fetch_start(r, &walk->fetch);
}


/* A page may be large, and the request goes on for long. */

static void
ngx_http_mlist_walk_end(ngx_http_request_t *r, ngx_http_mlist_walk_t *walk,
    ngx_http_mlist_walk_e state)
{
    walk->state = state;

    if (walk->fetch.size) {
        (void) ngx_pfree(r->pool, walk->fetch.body.data);
        ngx_str_null(&walk->fetch.body);
        walk->fetch.size = 0;
    }
}


static void
ngx_http_mlist_walk_fail(ngx_http_request_t *r, ngx_http_mlist_walk_t *walk,
    const char *reason)
{
    walk->reason.data = (u_char *) reason;
    walk->reason.len = ngx_strlen(reason);

    ngx_http_mlist_walk_end(r, walk, NGX_HTTP_MLIST_WALK_FAILED);
}


ngx_int_t
ngx_http_mlist_walk_describe(ngx_http_request_t *r,
    ngx_http_mlist_walk_t *walk, ngx_http_mlist_failure_t *failure)
{
    ngx_str_t  *label;

    label = &walk->target->source->label;

    return walk->reason.len
               ? ngx_http_mlist_failure_bad(r, label, &walk->reason, failure)
               : ngx_http_mlist_failure_describe(r, &walk->fetch, label,
                                                 failure);
}

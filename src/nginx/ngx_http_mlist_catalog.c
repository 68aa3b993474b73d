/*
 * Reads that list what there is: see ngx_http_mlist_catalog.h.
 */


#include "ngx_http_mlist_catalog.h"
#include "ngx_http_mlist_failure.h"
#include "ngx_http_mlist_fetch.h"
#include "ngx_http_mlist_fold.h"
#include "ngx_http_mlist_send.h"
#include "ngx_http_mlist_walk.h"


typedef struct {
    ngx_http_mlist_fold_t    fold;
    ngx_array_t             *targets;    /* of ngx_http_mlist_target_t */
    ngx_http_mlist_walk_t   *walks;      /* one a target */
    size_t                   n;          /* names that are wanted */
    ngx_str_t                last;       /* after this one */
    unsigned                 failed:1;   /* one of them did */
} ngx_http_mlist_catalog_t;


static ngx_http_mlist_catalog_t *ngx_http_mlist_catalog_create(
    ngx_http_request_t *r);
static void ngx_http_mlist_catalog_cleanup(void *data);
static ngx_int_t ngx_http_mlist_catalog_args(ngx_http_request_t *r,
    ngx_http_mlist_catalog_t *catalog);
static ngx_int_t ngx_http_mlist_catalog_targets(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_catalog_t *catalog);
static ngx_int_t ngx_http_mlist_catalog_resume(ngx_http_request_t *r,
    void *state);
static ngx_uint_t ngx_http_mlist_catalog_denied(
    ngx_http_mlist_catalog_t *catalog, ngx_uint_t i);
static ngx_int_t ngx_http_mlist_catalog_failure(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_catalog_t *catalog);
static ngx_int_t ngx_http_mlist_catalog_answer(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_catalog_t *catalog);
static ngx_int_t ngx_http_mlist_catalog_link(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_catalog_t *catalog,
    mlist_tags_page_t *page);
static ngx_int_t ngx_http_mlist_catalog_unknown(ngx_http_mlist_ctx_t *ctx);


ngx_int_t
ngx_http_mlist_catalog_start(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx)
{
    ngx_int_t                  rc;
    ngx_uint_t                 i;
    ngx_http_mlist_target_t   *target;
    ngx_http_mlist_catalog_t  *catalog;

    catalog = ngx_http_mlist_catalog_create(r);
    if (catalog == NULL) {
        return NGX_ERROR;
    }

    rc = ngx_http_mlist_catalog_args(r, catalog);

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    if (rc == NGX_DECLINED) {
        return ngx_http_mlist_send_error(ctx, NGX_HTTP_BAD_REQUEST,
                                    MLIST_ERR_PAGINATION_NUMBER_INVALID, NULL,
                                    NULL);
    }

    if (ngx_http_mlist_catalog_targets(r, ctx, catalog) != NGX_OK) {
        return NGX_ERROR;
    }

    if (catalog->targets->nelts == 0) {
        return ngx_http_mlist_catalog_unknown(ctx);
    }

    catalog->walks = ngx_pcalloc(r->pool, catalog->targets->nelts
                                          * sizeof(ngx_http_mlist_walk_t));
    if (catalog->walks == NULL) {
        return NGX_ERROR;
    }

    target = catalog->targets->elts;

    for (i = 0; i < catalog->targets->nelts; i++) {
        if (ngx_http_mlist_walk_start(r, &catalog->walks[i], &target[i])
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    ctx->state = catalog;
    ctx->resume = ngx_http_mlist_catalog_resume;

    return NGX_AGAIN;
}


static ngx_http_mlist_catalog_t *
ngx_http_mlist_catalog_create(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t        *cln;
    ngx_http_mlist_catalog_t  *catalog;

    cln = ngx_pool_cleanup_add(r->pool, sizeof(ngx_http_mlist_catalog_t));
    if (cln == NULL) {
        return NULL;
    }

    catalog = cln->data;
    ngx_memzero(catalog, sizeof(ngx_http_mlist_catalog_t));

    cln->handler = ngx_http_mlist_catalog_cleanup;

    return catalog;
}


static void
ngx_http_mlist_catalog_cleanup(void *data)
{
    ngx_http_mlist_catalog_t  *catalog;

    catalog = data;

    mlist_tags_free(&catalog->fold.tags);
}


/*
 * n and last of the query; NGX_DECLINED: n is no good.  Each page costs the
 * whole lists of all registries, so that who does not ask for pages is given
 * none.
 */

static ngx_int_t
ngx_http_mlist_catalog_args(ngx_http_request_t *r,
    ngx_http_mlist_catalog_t *catalog)
{
    u_char     *from, *to;
    ngx_str_t   value;

    catalog->n = MLIST_TAGS_MAX;

    if (ngx_http_arg(r, (u_char *) "n", 1, &value) == NGX_OK
        && value.len
        && mlist_tags_number(ngx_http_mlist_view(&value), &catalog->n)
           != MLIST_OK)
    {
        return NGX_DECLINED;
    }

    if (ngx_http_arg(r, (u_char *) "last", 4, &value) != NGX_OK
        || value.len == 0)
    {
        return NGX_OK;
    }

    catalog->last.data = ngx_pnalloc(r->pool, value.len);
    if (catalog->last.data == NULL) {
        return NGX_ERROR;
    }

    from = value.data;
    to = catalog->last.data;

    ngx_unescape_uri(&to, &from, value.len, 0);

    catalog->last.len = to - catalog->last.data;

    return NGX_OK;
}


static ngx_int_t
ngx_http_mlist_catalog_targets(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_catalog_t *catalog)
{
    if (ctx->route.kind == MLIST_ROUTE_CATALOG) {
        catalog->fold.conf = ngx_http_get_module_loc_conf(r,
                                                     ngx_http_mlist_module);
        catalog->targets = ngx_http_mlist_target_registries(r);

        return catalog->targets ? NGX_OK : NGX_ERROR;
    }

    catalog->targets = ngx_http_mlist_target_list(r, &ctx->name);
    if (catalog->targets == NULL) {
        return NGX_ERROR;
    }

    return ngx_http_mlist_fold_begin(r, &catalog->fold, &ctx->name,
                                     catalog->targets);
}


static ngx_int_t
ngx_http_mlist_catalog_resume(ngx_http_request_t *r, void *state)
{
    ngx_uint_t                 i;
    ngx_http_mlist_ctx_t      *ctx;
    ngx_http_mlist_walk_t     *walk;
    ngx_http_mlist_catalog_t  *catalog;

    catalog = state;
    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);

    for (i = 0; i < catalog->targets->nelts; i++) {
        walk = &catalog->walks[i];

        if (walk->state != NGX_HTTP_MLIST_WALK_GOES
            || !ngx_http_mlist_fetch_done(&walk->fetch))
        {
            continue;
        }

        if (ngx_http_mlist_walk_step(r, walk, &catalog->fold,
                                     catalog->failed)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        if (walk->state == NGX_HTTP_MLIST_WALK_FAILED
            && ngx_http_mlist_catalog_denied(catalog, i))
        {
            walk->state = NGX_HTTP_MLIST_WALK_ABSENT;
        }

        if (walk->state == NGX_HTTP_MLIST_WALK_FAILED) {
            catalog->failed = 1;
        }
    }

    if (ctx->running) {
        return NGX_AGAIN;
    }

    return catalog->failed ? ngx_http_mlist_catalog_failure(r, ctx, catalog)
                           : ngx_http_mlist_catalog_answer(r, ctx, catalog);
}


/*
 * 1 if denied=missing makes an absence of a refusal, else 0: all sources of
 * this target say so, and the refusal is not of the credentials.
 */

static ngx_uint_t
ngx_http_mlist_catalog_denied(ngx_http_mlist_catalog_t *catalog,
    ngx_uint_t i)
{
    ngx_uint_t                k;
    ngx_http_mlist_fold_t    *fold;
    ngx_http_mlist_walk_t    *walk;
    ngx_http_mlist_source_t  *source;

    fold = &catalog->fold;
    walk = &catalog->walks[i];

    if (fold->conf->auth != NGX_HTTP_MLIST_AUTH_NGINX
        || fold->name == NULL
        || walk->pages
        || walk->reason.len
        || walk->fetch.state != NGX_HTTP_MLIST_FETCH_ANSWERED
        || (walk->fetch.status != NGX_HTTP_UNAUTHORIZED
            && walk->fetch.status != NGX_HTTP_FORBIDDEN)
        || (walk->fetch.login && !walk->fetch.accepted))
    {
        return 0;
    }

    source = fold->conf->sources->elts;

    for (k = 0; k < fold->conf->sources->nelts; k++) {
        if (fold->at[k] == walk->target && !source[k].denied) {
            return 0;
        }
    }

    return 1;
}


/* Of several failures a challenge is the one to be told. */

static ngx_int_t
ngx_http_mlist_catalog_failure(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_catalog_t *catalog)
{
    ngx_uint_t                i;
    ngx_http_mlist_walk_t    *walk;
    ngx_http_mlist_failure_t  failure, told;

    ngx_memzero(&told, sizeof(ngx_http_mlist_failure_t));

    for (i = 0; i < catalog->targets->nelts; i++) {
        walk = &catalog->walks[i];

        if (walk->state != NGX_HTTP_MLIST_WALK_FAILED) {
            continue;
        }

        if (ngx_http_mlist_walk_describe(r, walk, &failure) != NGX_OK) {
            return NGX_ERROR;
        }

        if (told.status == 0
            || (failure.status == NGX_HTTP_UNAUTHORIZED
                && told.status != NGX_HTTP_UNAUTHORIZED))
        {
            told = failure;
        }
    }

    return ngx_http_mlist_failure_send(r, ctx, &told);
}


static ngx_int_t
ngx_http_mlist_catalog_answer(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_catalog_t *catalog)
{
    ngx_str_t           json;
    ngx_uint_t          i;
    mlist_str_t         name;
    mlist_tags_t       *tags;
    mlist_tags_page_t   page;

    static ngx_str_t  type = ngx_string("application/json; charset=utf-8");

    for (i = 0; i < catalog->targets->nelts; i++) {
        if (catalog->walks[i].state != NGX_HTTP_MLIST_WALK_ABSENT) {
            break;
        }
    }

    if (i == catalog->targets->nelts) {
        return ngx_http_mlist_catalog_unknown(ctx);
    }

    tags = &catalog->fold.tags;

    mlist_tags_finish(tags, catalog->fold.required, catalog->fold.always);

    page = mlist_tags_page(tags, ngx_http_mlist_view(&catalog->last),
                           catalog->n);

    name = ngx_http_mlist_view(&ctx->name);

    json.len = mlist_tags_json(tags, &page, name, NULL);
    json.data = ngx_pnalloc(r->pool, json.len);
    if (json.data == NULL) {
        return NGX_ERROR;
    }

    (void) mlist_tags_json(tags, &page, name, (char *) json.data);

    if (page.more
        && ngx_http_mlist_catalog_link(r, ctx, catalog, &page) != NGX_OK)
    {
        return NGX_ERROR;
    }

    /* a slow client need not hold it */

    mlist_tags_free(tags);

    return ngx_http_mlist_send_text(r, ctx, &type, &json);
}


static ngx_int_t
ngx_http_mlist_catalog_link(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_catalog_t *catalog, mlist_tags_page_t *page)
{
    u_char     *p;
    ngx_str_t   last, link;

    last = ngx_http_mlist_ngx_str(
                     catalog->fold.tags.items[page->first + page->n - 1].text);

    /* valid names need no escapes in a query */

    link.len = sizeof("<?last=&n=>; rel=\"next\"") - 1 + ctx->path.len
               + last.len + NGX_SIZE_T_LEN;
    link.data = ngx_pnalloc(r->pool, link.len);
    if (link.data == NULL) {
        return NGX_ERROR;
    }

    p = ngx_sprintf(link.data, "<%V?last=%V&n=%uz>; rel=\"next\"", &ctx->path,
                    &last, catalog->n);
    link.len = p - link.data;

    return ngx_http_mlist_send_header(r, "Link", &link);
}


static ngx_int_t
ngx_http_mlist_catalog_unknown(ngx_http_mlist_ctx_t *ctx)
{
    return ngx_http_mlist_send_error(ctx, NGX_HTTP_NOT_FOUND,
                                     MLIST_ERR_NAME_UNKNOWN, NULL,
                                     &ctx->name);
}

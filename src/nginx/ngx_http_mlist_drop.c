/*
 * Drops: from a name and tag as a registry spells them back to the tags that
 * are made of it, and the keys under which those are dropped.  See
 * ngx_http_mlist_drop.h.
 */


#include "ngx_http_mlist_drop.h"
#include "ngx_http_mlist_key.h"
#include "ngx_http_mlist_conf.h"
#include "ngx_http_mlist_route.h"
#include "ngx_http_mlist_tag.h"
#include "ngx_http_mlist_zone.h"


static ngx_int_t ngx_http_mlist_drop_find_in(ngx_http_mlist_change_t *change,
    ngx_http_mlist_active_t *active, ngx_http_mlist_source_t *source,
    ngx_array_t *hits);
static ngx_int_t ngx_http_mlist_drop_find_named(
    ngx_http_mlist_change_t *change, ngx_http_mlist_active_t *active,
    ngx_http_mlist_source_t *source, ngx_str_t *name, ngx_array_t *hits);
static ngx_uint_t ngx_http_mlist_drop_is(mlist_pattern_t *pattern,
    ngx_str_t *text);
static ngx_int_t ngx_http_mlist_drop_hit(ngx_array_t *hits,
    ngx_http_mlist_active_t *active, ngx_str_t *name, ngx_str_t *tag);
static ngx_uint_t ngx_http_mlist_drop_same(ngx_http_mlist_hit_t *a,
    ngx_http_mlist_hit_t *b);
static void ngx_http_mlist_drop_key(ngx_http_mlist_hit_t *hit);
static void ngx_http_mlist_drop_cleanup(void *data);
static void ngx_http_mlist_drop_written(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx);
static void ngx_http_mlist_drop_changed(ngx_http_request_t *r,
    ngx_http_mlist_change_t *change);


typedef struct {
    ngx_http_request_t    *request;
    ngx_http_mlist_ctx_t  *ctx;  /* an error_page takes it off the request */
} ngx_http_mlist_drop_watch_t;


static ngx_str_t  ngx_http_mlist_drop_any;


ngx_int_t
ngx_http_mlist_drop_find(ngx_http_request_t *r,
    ngx_http_mlist_change_t *change, ngx_array_t *hits)
{
    ngx_uint_t                   i, j;
    ngx_http_mlist_active_t     *active;
    ngx_http_mlist_source_t     *source;
    ngx_http_mlist_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_mlist_module);
    active = mcf->active.elts;

    hits->nelts = 0;

    for (i = 0; i < mcf->active.nelts; i++) {
        source = active[i].conf->sources->elts;

        for (j = 0; j < active[i].conf->sources->nelts; j++) {

            if (ngx_http_mlist_drop_find_in(change, &active[i], &source[j],
                                            hits)
                != NGX_OK)
            {
                return NGX_ERROR;
            }
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_mlist_drop_find_in(ngx_http_mlist_change_t *change,
    ngx_http_mlist_active_t *active, ngx_http_mlist_source_t *source,
    ngx_array_t *hits)
{
    ngx_str_t    name;
    mlist_str_t  stem;

    if (ngx_http_mlist_drop_is(&source->name, &change->name)) {
        return ngx_http_mlist_drop_hit(hits, active, &ngx_http_mlist_drop_any,
                                       &ngx_http_mlist_drop_any);
    }

    if (!mlist_pattern_invert(&source->name,
                              ngx_http_mlist_view(&change->name), &stem))
    {
        return NGX_OK;
    }

    name = ngx_http_mlist_ngx_str(stem);

    if (!mlist_name_valid(stem)
        || !ngx_http_mlist_conf_matches(active->conf->names, &name)
        || !ngx_http_mlist_conf_serves(source, &name))
    {
        return NGX_OK;
    }

    return ngx_http_mlist_drop_find_named(change, active, source, &name,
                                          hits);
}


static ngx_int_t
ngx_http_mlist_drop_find_named(ngx_http_mlist_change_t *change,
    ngx_http_mlist_active_t *active, ngx_http_mlist_source_t *source,
    ngx_str_t *name, ngx_array_t *hits)
{
    ngx_str_t    tag;
    mlist_str_t  stem;

    if (change->tag.len == 0
        || ngx_http_mlist_drop_is(&source->tag, &change->tag))
    {
        return ngx_http_mlist_drop_hit(hits, active, name,
                                       &ngx_http_mlist_drop_any);
    }

    if (mlist_pattern_invert(&source->tag, ngx_http_mlist_view(&change->tag),
                             &stem)
        && mlist_name_tag_valid(stem))
    {
        tag = ngx_http_mlist_ngx_str(stem);

        if (ngx_http_mlist_conf_synthesizes(active->conf, name, &tag)
            && ngx_http_mlist_drop_hit(hits, active, name, &tag) != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    /* where no source has its spelling, the tag as it stands is the answer */

    return ngx_http_mlist_conf_synthesizes(active->conf, name, &change->tag)
               ? ngx_http_mlist_drop_hit(hits, active, name, &change->tag)
               : NGX_OK;
}


/* 1 if the pattern is just that text: all that is asked for gives it. */

static ngx_uint_t
ngx_http_mlist_drop_is(mlist_pattern_t *pattern, ngx_str_t *text)
{
    return !pattern->star
           && mlist_str_eq(pattern->before, ngx_http_mlist_view(text));
}


static ngx_int_t
ngx_http_mlist_drop_hit(ngx_array_t *hits, ngx_http_mlist_active_t *active,
    ngx_str_t *name, ngx_str_t *tag)
{
    ngx_uint_t             i;
    ngx_http_mlist_hit_t   one, *hit;

    one.active = active;
    one.name = *name;
    one.tag = *tag;

    hit = hits->elts;

    for (i = 0; i < hits->nelts; i++) {

        if (hit[i].active == active && ngx_http_mlist_drop_same(&hit[i], &one))
        {
            return NGX_OK;
        }
    }

    hit = ngx_array_push(hits);
    if (hit == NULL) {
        return NGX_ERROR;
    }

    *hit = one;

    return NGX_OK;
}


/* 1 if both have one key. */

static ngx_uint_t
ngx_http_mlist_drop_same(ngx_http_mlist_hit_t *a, ngx_http_mlist_hit_t *b)
{
    return ngx_memcmp(a->active->conf->fingerprint,
                      b->active->conf->fingerprint, NGX_HTTP_MLIST_KEY_SIZE)
           == 0
           && a->active->conf->store == b->active->conf->store
           && a->active->conf->publish == b->active->conf->publish
           && mlist_str_eq(ngx_http_mlist_view(&a->name),
                           ngx_http_mlist_view(&b->name))
           && mlist_str_eq(ngx_http_mlist_view(&a->tag),
                           ngx_http_mlist_view(&b->tag));
}


void
ngx_http_mlist_drop_hits(ngx_http_request_t *r,
    ngx_http_mlist_change_t *change, ngx_array_t *hits)
{
    ngx_uint_t             i, j, n;
    ngx_http_mlist_hit_t  *hit;

    hit = hits->elts;
    n = 0;

    for (i = 0; i < hits->nelts; i++) {

        for (j = 0; j < i; j++) {
            if (ngx_http_mlist_drop_same(&hit[i], &hit[j])) {
                break;
            }
        }

        if (j < i) {
            continue;
        }

        if (change->digest.len && hit[i].name.len) {
            ngx_http_mlist_route_forget(hit[i].active->conf, &hit[i].name,
                                      &change->digest);
        }

        ngx_http_mlist_drop_key(&hit[i]);
        n++;
    }

    if (n) {
        ngx_log_error(NGX_LOG_INFO, r->connection->log, 0,
                      "mlist %s of \"%V%s%V%s%V\": %ui dropped",
                      change->what, &change->name,
                      change->tag.len ? ":" : "", &change->tag,
                      change->digest.len ? "@" : "", &change->digest, n);
    }
}


static void
ngx_http_mlist_drop_key(ngx_http_mlist_hit_t *hit)
{
    u_char                      key[NGX_HTTP_MLIST_KEY_SIZE];
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = hit->active->conf;

    ngx_http_mlist_key_tag(mlcf, &hit->name, &hit->tag, key);
    ngx_http_mlist_zone_drop(mlcf->main->zone, key, hit->tag.len == 0);
}


ngx_int_t
ngx_http_mlist_drop_watch(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx)
{
    ngx_http_cleanup_t           *cln;
    ngx_http_mlist_drop_watch_t  *watch;

    if (ctx->route.kind != MLIST_ROUTE_TAG
        && ctx->route.kind != MLIST_ROUTE_DIGEST)
    {
        return NGX_OK;
    }

    cln = ngx_http_cleanup_add(r, sizeof(ngx_http_mlist_drop_watch_t));
    if (cln == NULL) {
        return NGX_ERROR;
    }

    watch = cln->data;
    watch->request = r;
    watch->ctx = ctx;

    cln->handler = ngx_http_mlist_drop_cleanup;

    /* nginx makes a GET of it where an error_page answers */

    ctx->writing = 1;
    ctx->deleting = (r->method == NGX_HTTP_DELETE);

    return NGX_OK;
}


static void
ngx_http_mlist_drop_cleanup(void *data)
{
    ngx_http_mlist_drop_watch_t *watch = data;

    ngx_http_mlist_drop_answered(watch->request, watch->ctx, 0);
}


void
ngx_http_mlist_drop_answered(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_uint_t status)
{
    if (!ctx->writing) {
        return;
    }

    ctx->writing = 0;

    if (status < NGX_HTTP_SPECIAL_RESPONSE
        || status >= NGX_HTTP_INTERNAL_SERVER_ERROR)
    {
        ngx_http_mlist_drop_written(r, ctx);
    }
}


static void
ngx_http_mlist_drop_written(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx)
{
    ngx_http_mlist_change_t  change;

    if (!ctx->deleting) {

        /* a manifest that is put by its digest alone has no tag yet */

        if (ctx->route.kind == MLIST_ROUTE_TAG) {
            ngx_http_mlist_drop_put(r, &ctx->spelled,
                                    ctx->spelled_tag.len ? &ctx->spelled_tag
                                                         : &ctx->reference);
        }

        return;
    }

    /* some registries delete what a tag names, and all tags of that */

    change.what = "DELETE";
    change.name = ctx->spelled;
    ngx_str_null(&change.tag);
    ngx_str_null(&change.digest);

    if (ctx->route.kind == MLIST_ROUTE_DIGEST) {
        change.digest = ctx->reference;
    }

    ngx_http_mlist_drop_changed(r, &change);
}


void
ngx_http_mlist_drop_put(ngx_http_request_t *r, ngx_str_t *name,
    ngx_str_t *tag)
{
    ngx_http_mlist_change_t  change;

    change.what = "PUT";
    change.name = *name;
    change.tag = *tag;
    ngx_str_null(&change.digest);

    ngx_http_mlist_drop_changed(r, &change);
}


ngx_int_t
ngx_http_mlist_drop_tag(ngx_http_request_t *r, ngx_str_t *name,
    ngx_str_t *tag)
{
    ngx_uint_t                   i;
    ngx_array_t                  hits;
    ngx_http_mlist_active_t     *active;
    ngx_http_mlist_change_t      change;
    ngx_http_mlist_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_mlist_module);

    if (ngx_array_init(&hits, r->pool, 4, sizeof(ngx_http_mlist_hit_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    active = mcf->active.elts;

    for (i = 0; i < mcf->active.nelts; i++) {

        if (ngx_http_mlist_conf_serves_name(active[i].conf, name)
            && ngx_http_mlist_conf_synthesizes(active[i].conf, name, tag)
            && ngx_http_mlist_drop_hit(&hits, &active[i], name, tag)
               != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    if (hits.nelts == 0) {
        return NGX_DECLINED;
    }

    change.what = "POST";
    change.name = *name;
    change.tag = *tag;
    ngx_str_null(&change.digest);

    ngx_http_mlist_drop_hits(r, &change, &hits);

    return NGX_OK;
}


static void
ngx_http_mlist_drop_changed(ngx_http_request_t *r,
    ngx_http_mlist_change_t *change)
{
    ngx_array_t  hits;

    if (ngx_array_init(&hits, r->pool, 4, sizeof(ngx_http_mlist_hit_t))
        == NGX_OK
        && ngx_http_mlist_drop_find(r, change, &hits) == NGX_OK)
    {
        ngx_http_mlist_drop_hits(r, change, &hits);
    }
}

/*
 * Drops: from a name and tag as a registry spells them back to the tags that
 * are made of it, and the keys under which those are dropped.  See
 * ngx_http_mlist_drop.h.
 */


#include "ngx_http_mlist_drop.h"
#include "ngx_http_mlist_ask.h"
#include "ngx_http_mlist_conf.h"
#include "ngx_http_mlist_tag.h"
#include "ngx_http_mlist_zone.h"


/* More are dropped, too, but maybe twice. */
#define NGX_HTTP_MLIST_DROP_KEYS  32


/* What a registry has changed, as it spells it, and what was dropped. */
typedef struct {
    ngx_str_t   name;
    ngx_str_t   tag;             /* empty: any */
    ngx_str_t   digest;          /* empty: none is lost */

    ngx_uint_t  n;               /* dropped so far */
    u_char      keys[NGX_HTTP_MLIST_DROP_KEYS][NGX_HTTP_MLIST_KEY_SIZE];
} ngx_http_mlist_drop_t;


static ngx_uint_t ngx_http_mlist_drop_all(ngx_http_request_t *r,
    const char *what, ngx_http_mlist_drop_t *drop);
static void ngx_http_mlist_drop_in(ngx_http_mlist_drop_t *drop,
    ngx_http_mlist_loc_conf_t *mlcf, ngx_http_mlist_source_t *source);
static void ngx_http_mlist_drop_named(ngx_http_mlist_drop_t *drop,
    ngx_http_mlist_loc_conf_t *mlcf, ngx_http_mlist_source_t *source,
    ngx_str_t *name);
static void ngx_http_mlist_drop_synthesized(ngx_http_mlist_drop_t *drop,
    ngx_http_mlist_loc_conf_t *mlcf, ngx_str_t *name, ngx_str_t *tag);
static ngx_uint_t ngx_http_mlist_drop_is(mlist_pattern_t *pattern,
    ngx_str_t *text);
static void ngx_http_mlist_drop_key(ngx_http_mlist_drop_t *drop,
    ngx_http_mlist_loc_conf_t *mlcf, ngx_str_t *name, ngx_str_t *tag);
static void ngx_http_mlist_drop_cleanup(void *data);
static void ngx_http_mlist_drop_written(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx);


typedef struct {
    ngx_http_request_t    *request;
    ngx_http_mlist_ctx_t  *ctx;  /* an error_page takes it off the request */
} ngx_http_mlist_drop_watch_t;


static ngx_str_t  ngx_http_mlist_drop_any;


ngx_uint_t
ngx_http_mlist_drop_tag(ngx_http_request_t *r, const char *what,
    ngx_str_t *name, ngx_str_t *tag)
{
    ngx_http_mlist_drop_t  drop;

    drop.name = *name;
    drop.tag = *tag;
    ngx_str_null(&drop.digest);

    return ngx_http_mlist_drop_all(r, what, &drop);
}


ngx_uint_t
ngx_http_mlist_drop_digest(ngx_http_request_t *r, const char *what,
    ngx_str_t *name, ngx_str_t *digest)
{
    ngx_http_mlist_drop_t  drop;

    drop.name = *name;
    ngx_str_null(&drop.tag);
    drop.digest = *digest;

    return ngx_http_mlist_drop_all(r, what, &drop);
}


static ngx_uint_t
ngx_http_mlist_drop_all(ngx_http_request_t *r, const char *what,
    ngx_http_mlist_drop_t *drop)
{
    ngx_uint_t                   i, j;
    ngx_http_mlist_active_t     *active;
    ngx_http_mlist_source_t     *source;
    ngx_http_mlist_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_mlist_module);
    active = mcf->active.elts;

    drop->n = 0;

    for (i = 0; i < mcf->active.nelts; i++) {
        source = active[i].conf->sources->elts;

        for (j = 0; j < active[i].conf->sources->nelts; j++) {
            ngx_http_mlist_drop_in(drop, active[i].conf, &source[j]);
        }
    }

    if (drop->n) {
        ngx_log_error(NGX_LOG_INFO, r->connection->log, 0,
                      "mlist %s of \"%V%s%V%s%V\": %ui dropped", what,
                      &drop->name, drop->tag.len ? ":" : "", &drop->tag,
                      drop->digest.len ? "@" : "", &drop->digest, drop->n);
    }

    return drop->n;
}


static void
ngx_http_mlist_drop_in(ngx_http_mlist_drop_t *drop,
    ngx_http_mlist_loc_conf_t *mlcf, ngx_http_mlist_source_t *source)
{
    ngx_str_t    name;
    mlist_str_t  stem;

    if (ngx_http_mlist_drop_is(&source->name, &drop->name)) {
        ngx_http_mlist_drop_key(drop, mlcf, &ngx_http_mlist_drop_any,
                                &ngx_http_mlist_drop_any);
        return;
    }

    if (!mlist_pattern_invert(&source->name, ngx_http_mlist_view(&drop->name),
                              &stem))
    {
        return;
    }

    name = ngx_http_mlist_ngx_str(stem);

    if (!mlist_name_valid(stem)
        || !ngx_http_mlist_conf_matches(mlcf->names, &name)
        || !ngx_http_mlist_conf_serves(source, &name))
    {
        return;
    }

    ngx_http_mlist_drop_named(drop, mlcf, source, &name);
}


static void
ngx_http_mlist_drop_named(ngx_http_mlist_drop_t *drop,
    ngx_http_mlist_loc_conf_t *mlcf, ngx_http_mlist_source_t *source,
    ngx_str_t *name)
{
    ngx_str_t    tag;
    mlist_str_t  stem;

    if (drop->digest.len) {
        ngx_http_mlist_ask_forget(mlcf, name, &drop->digest);
    }

    if (drop->tag.len == 0
        || ngx_http_mlist_drop_is(&source->tag, &drop->tag))
    {
        ngx_http_mlist_drop_key(drop, mlcf, name, &ngx_http_mlist_drop_any);
        return;
    }

    if (mlist_pattern_invert(&source->tag, ngx_http_mlist_view(&drop->tag),
                             &stem)
        && mlist_name_tag_valid(stem))
    {
        tag = ngx_http_mlist_ngx_str(stem);
        ngx_http_mlist_drop_synthesized(drop, mlcf, name, &tag);
    }

    /* where no source has its spelling, the tag as it stands is the answer */

    ngx_http_mlist_drop_synthesized(drop, mlcf, name, &drop->tag);
}


static void
ngx_http_mlist_drop_synthesized(ngx_http_mlist_drop_t *drop,
    ngx_http_mlist_loc_conf_t *mlcf, ngx_str_t *name, ngx_str_t *tag)
{
    if (ngx_http_mlist_conf_synthesizes(mlcf, name, tag)) {
        ngx_http_mlist_drop_key(drop, mlcf, name, tag);
    }
}


/* 1 if the pattern is just that text: all that is asked for gives it. */

static ngx_uint_t
ngx_http_mlist_drop_is(mlist_pattern_t *pattern, ngx_str_t *text)
{
    return !pattern->star
           && mlist_str_eq(pattern->before, ngx_http_mlist_view(text));
}


static void
ngx_http_mlist_drop_key(ngx_http_mlist_drop_t *drop,
    ngx_http_mlist_loc_conf_t *mlcf, ngx_str_t *name, ngx_str_t *tag)
{
    u_char      key[NGX_HTTP_MLIST_KEY_SIZE];
    ngx_uint_t  i;

    /* no key is no memory in libcrypto: the next one has none either */

    if (ngx_http_mlist_tag_key(mlcf, name, tag, key) != NGX_OK) {
        return;
    }

    for (i = 0; i < ngx_min(drop->n, NGX_HTTP_MLIST_DROP_KEYS); i++) {

        if (ngx_memcmp(drop->keys[i], key, NGX_HTTP_MLIST_KEY_SIZE) == 0) {
            return;
        }
    }

    if (drop->n < NGX_HTTP_MLIST_DROP_KEYS) {
        ngx_memcpy(drop->keys[drop->n], key, NGX_HTTP_MLIST_KEY_SIZE);
    }

    drop->n++;

    (void) ngx_http_mlist_zone_drop(mlcf->main->zone, key);
}


uint64_t
ngx_http_mlist_drop_last(ngx_http_mlist_loc_conf_t *mlcf, ngx_str_t *name,
    ngx_str_t *tag)
{
    u_char       key[NGX_HTTP_MLIST_KEY_SIZE];
    uint64_t     number, last;
    ngx_str_t   *names[3], *tags[3];
    ngx_uint_t   i;

    names[0] = name;
    tags[0] = tag;
    names[1] = name;
    tags[1] = &ngx_http_mlist_drop_any;
    names[2] = &ngx_http_mlist_drop_any;
    tags[2] = &ngx_http_mlist_drop_any;

    last = 0;

    for (i = 0; i < 3; i++) {

        if (ngx_http_mlist_tag_key(mlcf, names[i], tags[i], key) != NGX_OK) {
            return (uint64_t) -1;
        }

        number = ngx_http_mlist_zone_dropped(mlcf->main->zone, key);
        last = ngx_max(last, number);
    }

    return last;
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

    ctx->writing = 1;

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
    ngx_str_t  digest;

    if (r->method == NGX_HTTP_DELETE) {

        /* some registries delete what a tag names, and all tags of that */

        ngx_str_null(&digest);

        if (ctx->route.kind == MLIST_ROUTE_DIGEST) {
            digest = ctx->reference;
        }

        (void) ngx_http_mlist_drop_digest(r, "DELETE", &ctx->name, &digest);

    } else if (ctx->route.kind == MLIST_ROUTE_TAG) {
        (void) ngx_http_mlist_drop_tag(r, "PUT", &ctx->name,
                                       &ctx->reference);
    }
}

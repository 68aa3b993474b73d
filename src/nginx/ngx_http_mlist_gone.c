/*
 * Pins that no longer resolve: see ngx_http_mlist_gone.h.
 */


#include "ngx_http_mlist_gone.h"
#include "ngx_http_mlist_doc.h"
#include "ngx_http_mlist_grant.h"
#include "ngx_http_mlist_key.h"
#include "ngx_http_mlist_zone.h"

#include "../core/mlist_seen.h"


/*
 * A client reads a list before it asks for its children, so that the list is
 * one of the newest; and only lists of so many bytes are looked into.
 */
#define NGX_HTTP_MLIST_GONE_LISTS  64
#define NGX_HTTP_MLIST_GONE_SIZE   (16 * 1024)

#define NGX_HTTP_MLIST_GONE_TTL    86400


static void ngx_http_mlist_gone_key(ngx_http_mlist_ctx_t *ctx, u_char *key);
static ngx_int_t ngx_http_mlist_gone_find(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, mlist_digest_t *digest, mlist_seen_t *seen,
    mlist_seen_text_t *texts);
static ngx_int_t ngx_http_mlist_gone_in(ngx_http_mlist_ctx_t *ctx,
    ngx_str_t *value, u_char *key, mlist_digest_t *digest,
    mlist_seen_t *seen, mlist_seen_text_t *texts);


void
ngx_http_mlist_gone_answered(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_uint_t status)
{
    size_t                   len;
    u_char                   key[NGX_HTTP_MLIST_KEY_SIZE], *record;
    ngx_str_t                value;
    mlist_seen_t            *seen;
    mlist_digest_t           digest;
    mlist_seen_text_t       *texts;
    ngx_http_mlist_zone_t   *zone;

    zone = ctx->conf->main->zone;

    if (status != NGX_HTTP_NOT_FOUND) {

        if (status == NGX_HTTP_OK
            && ngx_http_mlist_zone_holds(zone, NGX_HTTP_MLIST_ZONE_GONE))
        {
            ngx_http_mlist_gone_key(ctx, key);
            ngx_http_mlist_zone_delete(zone, NGX_HTTP_MLIST_ZONE_GONE, key);
        }

        return;
    }

    /* what somebody may not see can look as if it were not there */

    if (!ngx_http_mlist_grant_known(r, &ctx->name, 0)
        || mlist_digest_parse(ngx_http_mlist_view(&ctx->reference), &digest)
           != MLIST_OK)
    {
        return;
    }

    seen = ngx_pcalloc(r->pool, sizeof(mlist_seen_t));
    texts = ngx_palloc(r->pool, MLIST_SEEN_CHILDREN
                                * sizeof(mlist_seen_text_t));
    record = ngx_pnalloc(r->pool, NGX_HTTP_MLIST_GONE_SIZE);

    if (seen == NULL || texts == NULL || record == NULL) {
        return;
    }

    ngx_http_mlist_gone_key(ctx, key);

    /* it is looked for, and logged, once */

    if (ngx_http_mlist_zone_peek(zone, NGX_HTTP_MLIST_ZONE_GONE, key, record,
                                 NGX_HTTP_MLIST_GONE_SIZE, &len)
        == NGX_OK
        || ngx_http_mlist_gone_find(r, ctx, &digest, seen, texts) != NGX_OK
        || mlist_seen_write(seen, record, NGX_HTTP_MLIST_GONE_SIZE, &len)
           != MLIST_OK)
    {
        return;
    }

    value.data = record;
    value.len = len;

    (void) ngx_http_mlist_zone_set(zone, NGX_HTTP_MLIST_ZONE_GONE, key,
                                   &value, 1, NGX_HTTP_MLIST_GONE_TTL);

    ngx_log_error(NGX_LOG_WARN, r->connection->log, 0,
                  "mlist: \"%V@%V\", of a list that is kept, is at no source "
                  "any more", &ctx->name, &ctx->reference);
}


static void
ngx_http_mlist_gone_key(ngx_http_mlist_ctx_t *ctx, u_char *key)
{
    ngx_str_t  pieces[4];

    ngx_str_set(&pieces[0], "gone");

    pieces[1].data = ctx->conf->fingerprint;
    pieces[1].len = NGX_HTTP_MLIST_KEY_SIZE;
    pieces[2] = ctx->name;
    pieces[3] = ctx->reference;

    ngx_http_mlist_key_of(ctx->conf->main->zone, pieces, 4, key);
}


/* NGX_OK: "seen" is the list, with that child alone; or NGX_DECLINED. */

static ngx_int_t
ngx_http_mlist_gone_find(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    mlist_digest_t *digest, mlist_seen_t *seen, mlist_seen_text_t *texts)
{
    size_t                  len;
    u_char                 *keys, *key, *buf;
    ngx_str_t               value;
    ngx_uint_t              i, n;
    ngx_http_mlist_zone_t  *zone;

    zone = ctx->conf->main->zone;

    keys = ngx_pnalloc(r->pool, NGX_HTTP_MLIST_GONE_LISTS
                                * NGX_HTTP_MLIST_ZONE_KEY);
    buf = ngx_pnalloc(r->pool, NGX_HTTP_MLIST_GONE_SIZE);

    if (keys == NULL || buf == NULL) {
        return NGX_DECLINED;
    }

    n = ngx_http_mlist_zone_keys(zone, NGX_HTTP_MLIST_ZONE_LIST, keys,
                                 NGX_HTTP_MLIST_GONE_LISTS);

    for (i = 0; i < n; i++) {
        key = keys + i * NGX_HTTP_MLIST_ZONE_KEY;

        if (ngx_http_mlist_zone_peek(zone, NGX_HTTP_MLIST_ZONE_LIST, key, buf,
                                     NGX_HTTP_MLIST_GONE_SIZE, &len)
            != NGX_OK)
        {
            continue;
        }

        value.data = buf;
        value.len = len;

        if (ngx_http_mlist_gone_in(ctx, &value, key, digest, seen, texts)
            == NGX_OK)
        {
            return NGX_OK;
        }
    }

    return NGX_DECLINED;
}


/* Whether a list of the zone is one of that name and has that child. */

static ngx_int_t
ngx_http_mlist_gone_in(ngx_http_mlist_ctx_t *ctx, ngx_str_t *value,
    u_char *key, mlist_digest_t *digest, mlist_seen_t *seen,
    mlist_seen_text_t *texts)
{
    u_char                made[NGX_HTTP_MLIST_KEY_SIZE];
    unsigned              i, n;
    ngx_str_t             text;
    mlist_digest_t        list;
    mlist_seen_digest_t   child;
    ngx_http_mlist_doc_t  doc;

    ngx_http_mlist_doc_view(value, &doc);

    /* to look is cheaper than to hash */

    if (ngx_strlcasestrn(doc.body.data, doc.body.data + doc.body.len,
                         ctx->reference.data, ctx->reference.len - 1)
        == NULL
        || mlist_digest_compute(ngx_http_mlist_view(&doc.body), &list)
        != MLIST_OK)
    {
        return NGX_DECLINED;
    }

    text = ngx_http_mlist_ngx_str(mlist_digest_str(&list));

    ngx_http_mlist_key_list(ctx->conf, &ctx->name, &text, made);

    if (ngx_memcmp(made, key, NGX_HTTP_MLIST_ZONE_KEY) != 0
        || mlist_seen_list(ngx_http_mlist_view(&doc.body), seen, texts)
           != MLIST_OK)
    {
        return NGX_DECLINED;
    }

    mlist_seen_digest(digest, &child);

    n = ngx_min(seen->nchildren, MLIST_SEEN_CHILDREN);

    for (i = 0; i < n; i++) {

        if (seen->children[i].digest.len != child.len
            || ngx_memcmp(seen->children[i].digest.bytes, child.bytes,
                          child.len)
               != 0)
        {
            continue;
        }

        seen->when = ngx_time();
        seen->type = doc.type;
        seen->size = doc.body.len;
        seen->name = ngx_http_mlist_view(&ctx->name);
        seen->children[0] = seen->children[i];
        seen->nchildren = 1;

        ngx_memcpy(seen->place, ctx->conf->fingerprint, MLIST_SEEN_PLACE);
        mlist_seen_digest(&list, &seen->digest);

        return NGX_OK;
    }

    return NGX_DECLINED;
}

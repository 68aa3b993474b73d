/*
 * Places, from platforms to names and tags: see ngx_http_mlist_place.h.
 */


#include "ngx_http_mlist_place.h"
#include "ngx_http_mlist_conf.h"
#include "ngx_http_mlist_send.h"
#include "ngx_http_mlist_target.h"

#include "../core/mlist_spread.h"


/* All sources that could be chosen, and what of them is. */
typedef struct {
    ngx_http_mlist_place_t      places[NGX_HTTP_MLIST_MAX_SOURCES];
    mlist_spread_t              sources[NGX_HTTP_MLIST_MAX_SOURCES];
    ngx_uint_t                  n;
} ngx_http_mlist_place_all_t;


static ngx_int_t ngx_http_mlist_place_gather(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_registry_t *registry,
    ngx_http_mlist_place_all_t *all);
static ngx_array_t *ngx_http_mlist_place_chosen(ngx_http_request_t *r,
    ngx_http_mlist_place_all_t *all);
static ngx_uint_t ngx_http_mlist_place_same(ngx_http_mlist_place_t *a,
    ngx_http_mlist_place_t *b);
static ngx_int_t ngx_http_mlist_place_left(ngx_http_request_t *r,
    mlist_platform_t *platform);
static ngx_int_t ngx_http_mlist_place_refuse(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_place_all_t *all,
    mlist_rc_e rc, mlist_platform_t *platform);


ngx_int_t
ngx_http_mlist_place_find(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_registry_t *registry, ngx_str_t *json,
    ngx_array_t **places)
{
    mlist_rc_e                   rc;
    mlist_platform_t             platform;
    ngx_http_mlist_place_all_t  *all;

    all = ngx_pcalloc(r->pool, sizeof(ngx_http_mlist_place_all_t));

    if (all == NULL
        || ngx_http_mlist_place_gather(r, ctx, registry, all) != NGX_OK)
    {
        return NGX_ERROR;
    }

    rc = mlist_spread_choose(ngx_http_mlist_view(json), all->sources, all->n,
                             &platform);

    if (rc == MLIST_NOT_FOUND || rc == MLIST_DUPLICATE) {
        return ngx_http_mlist_place_refuse(r, ctx, all, rc, &platform);
    }

    if (rc != MLIST_OK) {
        return NGX_ERROR;
    }

    if (platform.os[0] != '\0'
        && ngx_http_mlist_place_left(r, &platform) != NGX_OK)
    {
        return NGX_ERROR;
    }

    *places = ngx_http_mlist_place_chosen(r, all);

    return *places ? NGX_OK : NGX_ERROR;
}


static ngx_int_t
ngx_http_mlist_place_gather(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_registry_t *registry, ngx_http_mlist_place_all_t *all)
{
    ngx_int_t                   rc;
    ngx_uint_t                  i;
    ngx_http_mlist_place_t     *place;
    ngx_http_mlist_source_t    *source;
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);
    source = mlcf->sources->elts;

    for (i = 0; i < mlcf->sources->nelts; i++) {

        if (source[i].registry != registry
            || source[i].platform == NULL
            || !ngx_http_mlist_conf_serves(&source[i], &ctx->name))
        {
            continue;
        }

        place = &all->places[all->n];
        place->source = &source[i];

        rc = ngx_http_mlist_target_name(r, &source[i], &ctx->name,
                                        &place->name);

        if (rc == NGX_OK) {
            rc = ngx_http_mlist_target_tag(r, &source[i], &ctx->reference,
                                           &place->tag);
        }

        if (rc == NGX_ERROR) {
            return NGX_ERROR;
        }

        if (rc == NGX_OK) {
            all->sources[all->n].declared = source[i].platform;
            all->n++;
        }
    }

    return NGX_OK;
}


static ngx_array_t *
ngx_http_mlist_place_chosen(ngx_http_request_t *r,
    ngx_http_mlist_place_all_t *all)
{
    ngx_uint_t               i, j;
    ngx_array_t             *places;
    ngx_http_mlist_place_t  *place;

    places = ngx_array_create(r->pool, all->n, sizeof(ngx_http_mlist_place_t));
    if (places == NULL) {
        return NULL;
    }

    place = places->elts;

    for (i = 0; i < all->n; i++) {

        if (!all->sources[i].chosen) {
            continue;
        }

        for (j = 0; j < places->nelts; j++) {
            if (ngx_http_mlist_place_same(&place[j], &all->places[i])) {
                break;
            }
        }

        if (j == places->nelts) {
            place[j] = all->places[i];
            places->nelts++;
        }
    }

    return places;
}


static ngx_uint_t
ngx_http_mlist_place_same(ngx_http_mlist_place_t *a,
    ngx_http_mlist_place_t *b)
{
    return mlist_str_eq(ngx_http_mlist_view(&a->name),
                        ngx_http_mlist_view(&b->name))
           && mlist_str_eq(ngx_http_mlist_view(&a->tag),
                           ngx_http_mlist_view(&b->tag));
}


static ngx_int_t
ngx_http_mlist_place_left(ngx_http_request_t *r, mlist_platform_t *platform)
{
    char       text[MLIST_PLATFORM_TEXT];
    ngx_str_t  warning;

    static const char  format[] = "299 - \"this tag will not serve %s: no "
                                  "source declares it\"";

    (void) mlist_platform_text(platform, text);

    warning.data = ngx_pnalloc(r->pool, sizeof(format) + ngx_strlen(text));
    if (warning.data == NULL) {
        return NGX_ERROR;
    }

    warning.len = ngx_sprintf(warning.data, format, text) - warning.data;

    return ngx_http_mlist_send_header(r, "Warning", &warning);
}


/* Says which platforms there are, or which sources take this one. */

static ngx_int_t
ngx_http_mlist_place_refuse(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_place_all_t *all, mlist_rc_e rc,
    mlist_platform_t *platform)
{
    char                      text[MLIST_PLATFORM_TEXT];
    u_char                   *p;
    size_t                    len;
    ngx_str_t                 detail;
    ngx_uint_t                i, n;
    const char               *why;
    ngx_http_mlist_source_t  *source;

    why = rc == MLIST_DUPLICATE ? "is taken by more than one source:"
                                : "is taken by no source, expected one of";

    len = 2 * MLIST_PLATFORM_TEXT + ngx_strlen(why);

    for (i = 0; i < all->n; i++) {
        len += MLIST_PLATFORM_TEXT + sizeof(",  ()")
               + all->places[i].source->label.len;
    }

    detail.data = ngx_pnalloc(r->pool, len);
    if (detail.data == NULL) {
        return NGX_ERROR;
    }

    (void) mlist_platform_text(platform, text);

    p = ngx_sprintf(detail.data, "%s %s",
                    platform->os[0] != '\0' ? text : "an index of no platform",
                    why);
    n = 0;

    for (i = 0; i < all->n; i++) {
        source = all->places[i].source;

        if (rc == MLIST_DUPLICATE
            && !mlist_platform_covers(source->platform, platform))
        {
            continue;
        }

        (void) mlist_platform_text(source->platform, text);

        p = ngx_sprintf(p, "%s %s (%V)", n++ ? "," : "", text,
                        &source->label);
    }

    detail.len = (n ? p : ngx_sprintf(p, " none")) - detail.data;

    return ngx_http_mlist_send_error(ctx, NGX_HTTP_BAD_REQUEST,
                                     MLIST_ERR_MANIFEST_INVALID, NULL,
                                     &detail);
}

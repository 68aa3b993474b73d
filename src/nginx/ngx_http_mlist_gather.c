/*
 * Gathers what a read by tag is about: see ngx_http_mlist_gather.h.
 */


#include "ngx_http_mlist_gather.h"
#include "ngx_http_mlist_conf.h"
#include "ngx_http_mlist_header.h"


/* The longest line of an Accept header that is kept. */
#define NGX_HTTP_MLIST_GATHER_LINE  512


static void ngx_http_mlist_gather_line(mlist_accept_t *accept,
    ngx_str_t *value);
static ngx_http_mlist_spot_t *ngx_http_mlist_gather_spot(
    ngx_http_mlist_build_t *build, ngx_http_mlist_target_t *target,
    ngx_str_t *tag);


ngx_int_t
ngx_http_mlist_gather_sources(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_build_t *build)
{
    ngx_int_t                   rc, index;
    ngx_str_t                   tag, name;
    ngx_uint_t                  i;
    ngx_array_t                *targets;
    ngx_http_mlist_part_t      *part;
    ngx_http_mlist_source_t    *source;
    ngx_http_mlist_target_t    *target;
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    build->spots = ngx_pcalloc(r->pool, mlcf->sources->nelts
                                       * sizeof(ngx_http_mlist_spot_t));
    build->parts = ngx_pcalloc(r->pool, mlcf->sources->nelts
                                       * sizeof(ngx_http_mlist_part_t));
    targets = ngx_http_mlist_target_list(r, &ctx->name);

    if (build->spots == NULL || build->parts == NULL || targets == NULL) {
        return NGX_ERROR;
    }

    build->ntargets = targets->nelts;

    source = mlcf->sources->elts;
    target = targets->elts;

    for (i = 0; i < mlcf->sources->nelts; i++) {

        if (!ngx_http_mlist_conf_serves(&source[i], &ctx->name)) {
            continue;
        }

        part = &build->parts[build->nparts++];
        part->source = &source[i];
        part->index = i;

        rc = ngx_http_mlist_target_name(r, &source[i], &ctx->name, &name);

        if (rc == NGX_OK) {
            rc = ngx_http_mlist_target_tag(r, &source[i], &ctx->reference,
                                           &tag);
        }

        if (rc == NGX_ERROR) {
            return NGX_ERROR;
        }

        if (rc != NGX_OK) {
            continue;
        }

        index = ngx_http_mlist_target_find(targets, source[i].registry,
                                           &name);

        part->spot = ngx_http_mlist_gather_spot(build, &target[index], &tag);
        part->spot->index = index;
        part->spot->sources |= (uint32_t) 1 << i;
    }

    return NGX_OK;
}


static ngx_http_mlist_spot_t *
ngx_http_mlist_gather_spot(ngx_http_mlist_build_t *build,
    ngx_http_mlist_target_t *target, ngx_str_t *tag)
{
    ngx_uint_t              i;
    ngx_http_mlist_spot_t  *spot;

    for (i = 0; i < build->nspots; i++) {
        spot = &build->spots[i];

        if (spot->target.registry == target->registry
            && spot->target.name.data == target->name.data
            && spot->tag.len == tag->len
            && ngx_memcmp(spot->tag.data, tag->data, tag->len) == 0)
        {
            return spot;
        }
    }

    spot = &build->spots[build->nspots++];
    spot->target = *target;
    spot->tag = *tag;

    return spot;
}


/* $http_accept has only the first line before nginx 1.23. */

void
ngx_http_mlist_gather_accept(ngx_http_request_t *r, mlist_accept_t *accept)
{
    ngx_list_t       *headers;
    ngx_table_elt_t  *h;

    static ngx_str_t  name = ngx_string("accept");

    headers = &r->headers_in.headers;

    h = ngx_http_mlist_header_next(headers, &name, NULL);

    if (h == NULL) {
        mlist_accept_init(accept);
        return;
    }

    ngx_http_mlist_gather_line(accept, &h->value);

    for (h = ngx_http_mlist_header_next(headers, &name, h);
         h;
         h = ngx_http_mlist_header_next(headers, &name, h))
    {
        mlist_accept_add(accept, ngx_http_mlist_view(&h->value));
    }
}


/*
 * The first line of Accept.  Clients send the same ones again and again: what
 * the last one meant is kept.
 */

static void
ngx_http_mlist_gather_line(mlist_accept_t *accept, ngx_str_t *value)
{
    static size_t          len;
    static u_char          text[NGX_HTTP_MLIST_GATHER_LINE];
    static mlist_accept_t  known;

    if (value->len == len && ngx_memcmp(value->data, text, len) == 0) {
        *accept = known;
        return;
    }

    mlist_accept_init(accept);
    mlist_accept_add(accept, ngx_http_mlist_view(value));

    if (value->len <= NGX_HTTP_MLIST_GATHER_LINE) {
        len = value->len;
        ngx_memcpy(text, value->data, len);
        known = *accept;
    }
}


ngx_uint_t
ngx_http_mlist_gather_present(ngx_http_mlist_part_t *part)
{
    return part->spot
           && !part->left_out
           && part->spot->state != NGX_HTTP_MLIST_SPOT_ASKING
           && part->spot->state != NGX_HTTP_MLIST_SPOT_ABSENT
           && (part->spot->state != NGX_HTTP_MLIST_SPOT_FAILED
               || part->state != NGX_HTTP_MLIST_PART_NONE);
}


uint32_t
ngx_http_mlist_gather_missing(ngx_http_mlist_build_t *build)
{
    uint32_t    missing;
    ngx_uint_t  i;

    missing = 0;

    for (i = 0; i < build->nparts; i++) {
        if (!ngx_http_mlist_gather_present(&build->parts[i])) {
            missing |= (uint32_t) 1 << build->parts[i].index;
        }
    }

    return missing;
}


mlist_media_e
ngx_http_mlist_gather_wanted(ngx_http_mlist_build_t *build, mlist_media_e own)
{
    switch (build->want) {

    case NGX_HTTP_MLIST_WANT_DOCKER:
        return MLIST_MEDIA_DOCKER_LIST;

    case NGX_HTTP_MLIST_WANT_OCI:
        return MLIST_MEDIA_OCI_INDEX;

    default:
        return own;
    }
}

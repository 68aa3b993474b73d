/*
 * What a synthesized tag is made of: see ngx_http_mlist_made.h.
 */


#include "ngx_http_mlist_made.h"
#include "ngx_http_mlist_conf.h"


#define NGX_HTTP_MLIST_MADE_MAX  2048


static ngx_int_t ngx_http_mlist_made_tag(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_source_t *source,
    ngx_str_t *name, ngx_str_t *tag);
static void ngx_http_mlist_made_add(ngx_str_t *text, ngx_str_t *tag,
    ngx_str_t *label);
static ngx_uint_t ngx_http_mlist_made_same(ngx_str_t *a, ngx_str_t *b);


ngx_int_t
ngx_http_mlist_made_of(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_target_t *target, ngx_str_t *text)
{
    ngx_int_t                   rc;
    ngx_str_t                   name, tag;
    ngx_uint_t                  i, n, same;
    ngx_http_mlist_source_t    *source;
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);
    source = mlcf->sources->elts;

    text->len = 0;
    text->data = ngx_pnalloc(r->pool, NGX_HTTP_MLIST_MADE_MAX);
    if (text->data == NULL) {
        return NGX_ERROR;
    }

    n = 0;
    same = 0;

    for (i = 0; i < mlcf->sources->nelts; i++) {

        rc = ngx_http_mlist_made_tag(r, ctx, &source[i], &name, &tag);

        if (rc == NGX_ERROR) {
            return NGX_ERROR;
        }

        if (rc != NGX_OK) {
            continue;
        }

        n++;

        if (!ngx_http_mlist_made_same(&tag, &ctx->reference)) {
            ngx_http_mlist_made_add(text, &tag, NULL);
            continue;
        }

        ngx_http_mlist_made_add(text, &tag, &source[i].label);

        same += target != NULL
                && target->registry == source[i].registry
                && ngx_http_mlist_made_same(&name, &target->name);
    }

    return n == same && n <= 1 ? NGX_DECLINED : NGX_OK;
}


/* NGX_OK; NGX_DECLINED: the source has nothing for it; NGX_ERROR. */

static ngx_int_t
ngx_http_mlist_made_tag(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_source_t *source, ngx_str_t *name, ngx_str_t *tag)
{
    ngx_int_t  rc;

    if (!ngx_http_mlist_conf_serves(source, &ctx->name)) {
        return NGX_DECLINED;
    }

    rc = ngx_http_mlist_target_name(r, source, &ctx->name, name);

    return rc == NGX_OK
               ? ngx_http_mlist_target_tag(r, source, &ctx->reference, tag)
               : rc;
}


/* What has no room is three dots. */

static void
ngx_http_mlist_made_add(ngx_str_t *text, ngx_str_t *tag, ngx_str_t *label)
{
    u_char  *p;
    size_t   need;

    static ngx_str_t  more = ngx_string(", ...");

    p = text->data + text->len;

    need = sizeof(", ") - 1 + tag->len + more.len
           + (label ? sizeof(" at ") - 1 + label->len : 0);

    if (text->len + need <= NGX_HTTP_MLIST_MADE_MAX) {
        p = ngx_sprintf(p, "%s%V", text->len ? ", " : "", tag);

        if (label) {
            p = ngx_sprintf(p, " at %V", label);
        }

    } else if (text->len < more.len
               || ngx_memcmp(p - more.len, more.data, more.len) != 0)
    {
        p = ngx_cpymem(p, more.data, more.len);
    }

    text->len = p - text->data;
}


static ngx_uint_t
ngx_http_mlist_made_same(ngx_str_t *a, ngx_str_t *b)
{
    return mlist_str_eq(ngx_http_mlist_view(a), ngx_http_mlist_view(b));
}

/*
 * Chooses what this client is given of a list: see
 * ngx_http_mlist_choose.h.
 */


#include "ngx_http_mlist_choose.h"
#include "ngx_http_mlist_ask.h"
#include "ngx_http_mlist_gather.h"
#include "ngx_http_mlist_send.h"


static ngx_int_t ngx_http_mlist_choose_child(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_list_t *list);


/*
 * Which of the two types this client is given; with "child" set, from the
 * list's own, whose digest is "digest" or not known.  If-None-Match is
 * looked at before Accept.
 */

mlist_media_e
ngx_http_mlist_choose_wanted(ngx_http_request_t *r,
    ngx_http_mlist_list_t *list, ngx_str_t *digest)
{
    mlist_media_e   own;
    mlist_accept_e  choice;

    own = list->tag.type;

    list->child = 0;

    if (digest->len && ngx_http_mlist_send_matches(r, digest)) {
        return own;
    }

    choice = mlist_accept_choose(&list->accept, own);

    if (choice == MLIST_ACCEPT_OTHER_LIST) {
        return own == MLIST_MEDIA_OCI_INDEX ? MLIST_MEDIA_DOCKER_LIST
                                            : MLIST_MEDIA_OCI_INDEX;
    }

    list->child = (choice != MLIST_ACCEPT_LIST);

    return own;
}


ngx_int_t
ngx_http_mlist_choose_answer(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_list_t *list)
{
    if (ngx_http_mlist_choose_missing(r, ctx, list) != NGX_OK) {
        return NGX_ERROR;
    }

    ctx->digest = list->doc.digest;
    ctx->platforms = list->doc.platforms;

    if (list->child) {
        return ngx_http_mlist_choose_child(r, ctx, list);
    }

    return ngx_http_mlist_send_doc(r, ctx, &list->doc, 1);
}


/*
 * The default platform's child.  An index that passes as it is may say no
 * platforms, or hold indexes: then what was read of it is looked at.
 */

ngx_int_t
ngx_http_mlist_choose_find(ngx_http_request_t *r, ngx_http_mlist_list_t *list)
{
    mlist_rc_e                  rc;
    ngx_str_t                   text;
    ngx_uint_t                  i;
    mlist_platform_t            platform;
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    ngx_str_null(&text);

    if (mlcf->default_platform
        && ngx_http_complex_value(r, mlcf->default_platform, &text) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (mlist_platform_parse(ngx_http_mlist_view(&text), &platform)
        != MLIST_OK)
    {
        return NGX_DECLINED;
    }

    rc = mlist_index_find(ngx_http_mlist_view(&list->doc.body), &platform,
                          &list->found, &list->found_type);

    for (i = 0; rc == MLIST_NOT_FOUND && i < list->nparts; i++) {
        if (list->composed.verbatim
            && list->parts[i].spot == list->composed.verbatim)
        {
            rc = mlist_index_find(ngx_http_mlist_view(&list->parts[i].json),
                                  &platform, &list->found,
                                  &list->found_type);
        }
    }

    if (rc == MLIST_OK) {
        return NGX_OK;
    }

    return rc == MLIST_NOT_FOUND ? NGX_DECLINED : NGX_ERROR;
}


/* A client that takes no list is given the default platform's child. */

static ngx_int_t
ngx_http_mlist_choose_child(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_list_t *list)
{
    ngx_int_t      rc;
    ngx_str_t      detail, digest;
    mlist_media_e  type;

    static ngx_str_t  no_list = ngx_string("this tag is a manifest list, "
                                          "which Accept does not name");

    rc = ngx_http_mlist_choose_find(r, list);

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    type = (rc == NGX_OK) ? list->found_type : list->doc.type;

    if (rc == NGX_OK && mlist_accept_takes(&list->accept, type)) {
        digest = ngx_http_mlist_ngx_str(mlist_digest_str(&list->found));
        ctx->digest = digest;

        if (ngx_http_mlist_send_matches(r, &digest)) {
            list->doc.digest = digest;
            return ngx_http_mlist_send_doc(r, ctx, &list->doc, 1);
        }

        return ngx_http_mlist_ask_digest(r, ctx, &digest, 0);
    }

    detail.data = (u_char *) mlist_media_text(type);
    detail.len = ngx_strlen(detail.data);

    return ngx_http_mlist_send_error(ctx, NGX_HTTP_NOT_FOUND,
                                     MLIST_ERR_MANIFEST_UNKNOWN, &no_list,
                                     &detail);
}


/* $mlist_missing: the labels of the sources without the tag. */

ngx_int_t
ngx_http_mlist_choose_missing(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_list_t *list)
{
    u_char                 *p;
    size_t                  len;
    ngx_uint_t              i, pass;
    ngx_http_mlist_part_t  *part;

    len = 0;
    p = NULL;

    for (pass = 0; pass < 2; pass++) {

        for (i = 0; i < list->nparts; i++) {
            part = &list->parts[i];

            if (ngx_http_mlist_gather_present(part)
                && !(list->tag.missing & (uint32_t) 1 << part->index))
            {
                continue;
            }

            if (pass == 0) {
                len += part->source->label.len + 1;
                continue;
            }

            if (p != ctx->missing.data) {
                *p++ = ',';
            }

            p = ngx_cpymem(p, part->source->label.data,
                           part->source->label.len);
        }

        if (pass == 0) {
            p = ngx_pnalloc(r->pool, len + 1);
            if (p == NULL) {
                return NGX_ERROR;
            }

            ctx->missing.data = p;
        }
    }

    ctx->missing.len = p - ctx->missing.data;

    return NGX_OK;
}

/*
 * Chooses what this client is given of a list: see ngx_http_mlist_choose.h.
 */


#include "ngx_http_mlist_choose.h"
#include "ngx_http_mlist_ask.h"
#include "ngx_http_mlist_browse.h"
#include "ngx_http_mlist_send.h"


static ngx_int_t ngx_http_mlist_choose_warn(ngx_http_request_t *r,
    ngx_http_mlist_choice_t *choice);
static ngx_int_t ngx_http_mlist_choose_child(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_choice_t *choice);
static ngx_int_t ngx_http_mlist_choose_none(ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_choice_t *choice, ngx_uint_t found);


ngx_http_mlist_want_e
ngx_http_mlist_choose_want(mlist_accept_t *accept)
{
    mlist_accept_e  docker, oci;

    docker = mlist_accept_choose(accept, MLIST_MEDIA_DOCKER_LIST);
    oci = mlist_accept_choose(accept, MLIST_MEDIA_OCI_INDEX);

    if (docker == MLIST_ACCEPT_LIST) {
        return oci == MLIST_ACCEPT_LIST ? NGX_HTTP_MLIST_WANT_OWN
                                        : NGX_HTTP_MLIST_WANT_DOCKER;
    }

    return oci == MLIST_ACCEPT_LIST ? NGX_HTTP_MLIST_WANT_OCI
                                    : NGX_HTTP_MLIST_WANT_CHILD;
}


ngx_int_t
ngx_http_mlist_choose_answer(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_choice_t *choice)
{
    ngx_http_mlist_doc_t  *doc;

    doc = &choice->doc;

    ctx->status = choice->status;

    if (ngx_http_mlist_choose_labels(r, choice->missing, &ctx->missing)
        != NGX_OK
        || ngx_http_mlist_choose_warn(r, choice) != NGX_OK)
    {
        return NGX_ERROR;
    }

    ctx->digest = doc->digest;
    ctx->platforms = doc->platforms;

    if (ngx_http_mlist_browse_is(r, ctx)) {
        return ngx_http_mlist_browse(r, ctx, NGX_HTTP_OK);
    }

    /* If-None-Match is looked at before Accept */

    if (choice->own.len && ngx_http_mlist_send_matches(r, &choice->own)) {
        doc->digest = choice->own;

    } else if (choice->want == NGX_HTTP_MLIST_WANT_CHILD) {
        return ngx_http_mlist_choose_child(r, ctx, choice);
    }

    return ngx_http_mlist_send_doc(r, ctx, doc, 1);
}


static ngx_int_t
ngx_http_mlist_choose_warn(ngx_http_request_t *r,
    ngx_http_mlist_choice_t *choice)
{
    u_char      *p;
    ngx_str_t    value, labels;
    const char  *text;

    switch (choice->status) {

    case NGX_HTTP_MLIST_STATUS_STALE:
        text = "the last complete list, without an answer of";
        break;

    case NGX_HTTP_MLIST_STATUS_UPDATING:
        text = "the last complete list, while these are asked:";
        break;

    case NGX_HTTP_MLIST_STATUS_PARTIAL:
        text = "a list that lacks what failed:";
        break;

    default:
        return NGX_OK;
    }

    if (choice->failed == 0) {

        /* no source is to blame: the list could not be made or kept */

        text = "the last complete list, a later list could not be made";
    }

    if (ngx_http_mlist_choose_labels(r, choice->failed, &labels) != NGX_OK) {
        return NGX_ERROR;
    }

    value.data = ngx_pnalloc(r->pool, sizeof("299 - \" \"") - 1
                                      + ngx_strlen(text) + labels.len);
    if (value.data == NULL) {
        return NGX_ERROR;
    }

    p = ngx_sprintf(value.data, "299 - \"%s%s%V\"", text,
                    labels.len ? " " : "", &labels);
    value.len = p - value.data;

    return ngx_http_mlist_send_header(r, "Warning", &value);
}


/*
 * The default platform's child.  An index that passes as it is may say no
 * platforms, or hold indexes: then what was read of it is looked at.
 */

ngx_int_t
ngx_http_mlist_choose_find(ngx_http_request_t *r,
    ngx_http_mlist_choice_t *choice)
{
    mlist_rc_e                  rc;
    ngx_str_t                   text;
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

    rc = mlist_index_find(ngx_http_mlist_view(&choice->doc.body), &platform,
                          &choice->found, &choice->found_type);

    if (rc == MLIST_NOT_FOUND && choice->part.len) {
        rc = mlist_index_find(ngx_http_mlist_view(&choice->part), &platform,
                              &choice->found, &choice->found_type);
    }

    if (rc == MLIST_OK) {
        return NGX_OK;
    }

    return rc == MLIST_NOT_FOUND ? NGX_DECLINED : NGX_ERROR;
}


/* A client that takes no list is given the default platform's child. */

static ngx_int_t
ngx_http_mlist_choose_child(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_choice_t *choice)
{
    ngx_int_t  rc;
    ngx_str_t  digest;

    rc = ngx_http_mlist_choose_find(r, choice);

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    if (rc == NGX_OK
        && mlist_accept_takes(&ctx->accept, choice->found_type))
    {

        digest.len = choice->found.len;
        digest.data = ngx_pnalloc(r->pool, digest.len);
        if (digest.data == NULL) {
            return NGX_ERROR;
        }

        ngx_memcpy(digest.data, choice->found.text, digest.len);

        ctx->digest = digest;

        if (ngx_http_mlist_send_matches(r, &digest)) {
            choice->doc.digest = digest;
            return ngx_http_mlist_send_doc(r, ctx, &choice->doc, 1);
        }

        return ngx_http_mlist_ask_digest(r, ctx, &digest, 0);
    }

    return ngx_http_mlist_choose_none(ctx, choice, rc == NGX_OK);
}


/* Nothing of the list; "found": its child's type is not taken. */

static ngx_int_t
ngx_http_mlist_choose_none(ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_choice_t *choice, ngx_uint_t found)
{
    ngx_str_t      detail;
    mlist_media_e  type;

    static ngx_str_t  no_list = ngx_string("this tag is a manifest list, "
                                          "which Accept does not name");
    static ngx_str_t  unread = ngx_string("only a manifest list is left of "
                                         "this tag, which Accept does not "
                                         "name");

    if (!found && choice->status == NGX_HTTP_MLIST_STATUS_STALE) {
        /* its own bytes may not tell its platforms: that is no absence */

        return ngx_http_mlist_send_error(ctx, NGX_HTTP_BAD_GATEWAY,
                                         MLIST_ERR_UNAVAILABLE, &unread,
                                         NULL);
    }

    type = found ? choice->found_type : choice->doc.type;

    detail.data = (u_char *) mlist_media_text(type);
    detail.len = ngx_strlen(detail.data);

    return ngx_http_mlist_send_error(ctx, NGX_HTTP_NOT_FOUND,
                                     MLIST_ERR_MANIFEST_UNKNOWN, &no_list,
                                     &detail);
}


ngx_int_t
ngx_http_mlist_choose_labels(ngx_http_request_t *r, uint32_t bits,
    ngx_str_t *labels)
{
    u_char                     *p;
    size_t                      len;
    ngx_uint_t                  i;
    ngx_http_mlist_source_t    *source;
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    if (bits == 0) {
        ngx_str_null(labels);
        return NGX_OK;
    }

    source = mlcf->sources->elts;
    len = 0;

    for (i = 0; i < mlcf->sources->nelts; i++) {
        len += source[i].label.len + 1;
    }

    p = ngx_pnalloc(r->pool, len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    labels->data = p;

    for (i = 0; i < mlcf->sources->nelts; i++) {

        if (!(bits & (uint32_t) 1 << i)) {
            continue;
        }

        if (p != labels->data) {
            *p++ = ',';
        }

        p = ngx_cpymem(p, source[i].label.data, source[i].label.len);
    }

    labels->len = p - labels->data;

    return NGX_OK;
}

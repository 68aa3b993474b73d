/*
 * From parts to a list: see ngx_http_mlist_compose.h.
 */


#include "ngx_http_mlist_compose.h"


static ngx_uint_t ngx_http_mlist_compose_inputs(ngx_http_mlist_part_t *parts,
    ngx_uint_t n, mlist_index_input_t *inputs, ngx_uint_t *from);
static ngx_http_mlist_spot_t *ngx_http_mlist_compose_shared(
    ngx_http_mlist_part_t *parts, ngx_uint_t n);
static ngx_int_t ngx_http_mlist_compose_take(ngx_http_request_t *r,
    mlist_index_t *index, ngx_http_mlist_compose_t *composed);
static ngx_int_t ngx_http_mlist_compose_copy(ngx_http_request_t *r,
    ngx_str_t *dst, const char *src, size_t len);


ngx_int_t
ngx_http_mlist_compose(ngx_http_request_t *r, ngx_http_mlist_part_t *parts,
    ngx_uint_t n, mlist_type_e type, ngx_http_mlist_compose_t *composed)
{
    mlist_rc_e                  rc;
    ngx_uint_t                  i, count, from[NGX_HTTP_MLIST_MAX_SOURCES];
    mlist_index_t              *index;
    mlist_media_e               media;
    mlist_index_input_t        *inputs;
    ngx_http_mlist_spot_t      *shared;
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    ngx_memzero(composed, sizeof(ngx_http_mlist_compose_t));

    inputs = ngx_pcalloc(r->pool, n * sizeof(mlist_index_input_t));
    index = ngx_pcalloc(r->pool, sizeof(mlist_index_t));
    if (inputs == NULL || index == NULL) {
        return NGX_ERROR;
    }

    count = ngx_http_mlist_compose_inputs(parts, n, inputs, from);
    shared = ngx_http_mlist_compose_shared(parts, n);

    media = shared ? mlist_media_parse(ngx_http_mlist_view(&shared->type))
                   : MLIST_MEDIA_OTHER;

    rc = mlist_index_build(inputs, count, type, media,
                           mlcf->attestations != 0, index);

    if (rc == MLIST_NOMEM) {
        return NGX_ERROR;
    }

    if (rc == MLIST_NOT_FOUND) {
        return NGX_DECLINED;
    }

    if (rc != MLIST_OK) {
        composed->reason.data = (u_char *) mlist_rc_text(rc);
        composed->reason.len = ngx_strlen(composed->reason.data);
        return NGX_ABORT;
    }

    for (i = 0; i < count; i++) {

        if (inputs[i].used == 0 && inputs[i].shadowed == 0) {
            composed->missing |= (uint32_t) 1 << parts[from[i]].index;
        }

        if (inputs[i].shadowed) {
            ngx_log_error(NGX_LOG_WARN, r->connection->log, 0,
                          "mlist: \"%V\": %ud of source \"%V\" left out, "
                          "an earlier source has that platform", &r->uri,
                          inputs[i].shadowed,
                          &parts[from[i]].source->label);
        }
    }

    composed->verbatim = index->verbatim ? shared : NULL;

    if (!index->verbatim && index->len > mlcf->max_manifest_size) {
        free(index->json);
        ngx_str_set(&composed->reason,
                    "the list is larger than mlist_max_manifest_size");
        return NGX_ABORT;
    }

    return ngx_http_mlist_compose_take(r, index, composed);
}


static ngx_uint_t
ngx_http_mlist_compose_inputs(ngx_http_mlist_part_t *parts, ngx_uint_t n,
    mlist_index_input_t *inputs, ngx_uint_t *from)
{
    ngx_uint_t            i, count;
    mlist_index_input_t  *input;

    count = 0;

    for (i = 0; i < n; i++) {

        if (parts[i].state != NGX_HTTP_MLIST_PART_READY) {
            continue;
        }

        from[count] = i;
        input = &inputs[count++];

        input->kind = parts[i].kind;
        input->digest = parts[i].spot->digest;
        input->part = ngx_http_mlist_view(&parts[i].json);
        input->declared = parts[i].source->platform;
    }

    return count;
}


/* The spot of the one index that all parts are, or NULL. */

static ngx_http_mlist_spot_t *
ngx_http_mlist_compose_shared(ngx_http_mlist_part_t *parts, ngx_uint_t n)
{
    ngx_uint_t              i;
    ngx_http_mlist_spot_t  *spot;

    spot = NULL;

    for (i = 0; i < n; i++) {

        if (parts[i].state != NGX_HTTP_MLIST_PART_READY) {
            continue;
        }

        if (parts[i].kind != MLIST_PART_INDEX
            || (spot && !mlist_digest_eq(&spot->digest,
                                         &parts[i].spot->digest)))
        {
            return NULL;
        }

        /* one whose bytes are here is better */

        if (spot == NULL || spot->state != NGX_HTTP_MLIST_SPOT_FETCHED) {
            spot = parts[i].spot;
        }
    }

    return spot;
}


static ngx_int_t
ngx_http_mlist_compose_take(ngx_http_request_t *r, mlist_index_t *index,
    ngx_http_mlist_compose_t *composed)
{
    ngx_int_t              rc;
    ngx_http_mlist_doc_t  *doc;

    doc = &composed->doc;

    doc->type = index->type;

    rc = ngx_http_mlist_compose_copy(r, &doc->digest, index->digest.text,
                                     index->digest.len);

    if (rc == NGX_OK) {
        rc = ngx_http_mlist_compose_copy(r, &doc->platforms, index->platforms,
                                         ngx_strlen(index->platforms));
    }

    if (rc == NGX_OK && index->json) {
        rc = ngx_http_mlist_compose_copy(r, &doc->body, index->json,
                                         index->len);
    }

    free(index->json);

    return rc;
}


static ngx_int_t
ngx_http_mlist_compose_copy(ngx_http_request_t *r, ngx_str_t *dst,
    const char *src, size_t len)
{
    dst->data = ngx_pnalloc(r->pool, len);
    if (dst->data == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(dst->data, src, len);
    dst->len = len;

    return NGX_OK;
}

/*
 * Lists by repository name and digest: see ngx_http_mlist_doc.h.
 */


#include "ngx_http_mlist_doc.h"
#include "ngx_http_mlist_zone.h"


/* How a list stands in the zone: this, the platforms, the bytes. */

typedef struct {
    uint32_t   type;             /* mlist_media_e */
    uint32_t   platforms;        /* length */
} ngx_http_mlist_doc_head_t;


static ngx_int_t ngx_http_mlist_doc_key(ngx_http_mlist_loc_conf_t *mlcf,
    ngx_str_t *name, ngx_str_t *digest, u_char *key);
static void ngx_http_mlist_doc_set(ngx_http_mlist_loc_conf_t *mlcf,
    u_char *key, ngx_http_mlist_doc_t *doc);


ngx_int_t
ngx_http_mlist_doc_get(ngx_http_request_t *r, ngx_str_t *name,
    ngx_str_t *digest, ngx_http_mlist_doc_t *doc)
{
    u_char                      key[NGX_HTTP_MLIST_KEY_SIZE];
    ngx_int_t                   rc;
    ngx_str_t                   value;
    ngx_http_mlist_loc_conf_t  *mlcf;
    ngx_http_mlist_doc_head_t   head;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    if (ngx_http_mlist_doc_key(mlcf, name, digest, key) != NGX_OK) {
        return NGX_ERROR;
    }

    rc = ngx_http_mlist_zone_get(mlcf->main->zone, NGX_HTTP_MLIST_ZONE_LIST,
                                 key, r->pool, &value);

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    if (rc == NGX_OK) {
        ngx_memcpy(&head, value.data, sizeof(head));

        doc->type = head.type;
        doc->digest = *digest;
        doc->platforms.data = value.data + sizeof(head);
        doc->platforms.len = head.platforms;
        doc->body.data = doc->platforms.data + head.platforms;
        doc->body.len = value.len - sizeof(head) - head.platforms;

        return NGX_OK;
    }

    if (mlcf->store == NULL) {
        return NGX_DECLINED;
    }

    rc = ngx_http_mlist_store_get(r, mlcf->store, name, digest,
                                  mlcf->max_manifest_size, doc);

    if (rc == NGX_OK) {
        ngx_http_mlist_doc_set(mlcf, key, doc);
    }

    return rc;
}


ngx_int_t
ngx_http_mlist_doc_keep(ngx_http_request_t *r, ngx_str_t *name,
    ngx_http_mlist_doc_t *doc, ngx_http_mlist_store_pt handler, void *data)
{
    u_char                      key[NGX_HTTP_MLIST_KEY_SIZE];
    ngx_int_t                   rc;
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    if (ngx_http_mlist_doc_key(mlcf, name, &doc->digest, key) != NGX_OK) {
        return NGX_ERROR;
    }

    /*
     * Not in the zone before it is in the store, or another request could
     * announce what is then not written; a read by digest brings it there.
     */

    rc = mlcf->store ? ngx_http_mlist_store_put(r, mlcf->store, name, doc,
                                                handler, data)
                     : NGX_OK;

    if (rc == NGX_OK) {
        ngx_http_mlist_doc_set(mlcf, key, doc);
    }

    return rc;
}


static ngx_int_t
ngx_http_mlist_doc_key(ngx_http_mlist_loc_conf_t *mlcf, ngx_str_t *name,
    ngx_str_t *digest, u_char *key)
{
    ngx_str_t  pieces[3];

    if (mlcf->store) {
        pieces[0] = *ngx_http_mlist_store_id(mlcf->store);

    } else {

        /* what only the zone holds belongs to one set of sources */

        pieces[0].data = mlcf->fingerprint;
        pieces[0].len = NGX_HTTP_MLIST_KEY_SIZE;
    }

    pieces[1] = *name;
    pieces[2] = *digest;

    return ngx_http_mlist_zone_key(pieces, 3, key);
}


static void
ngx_http_mlist_doc_set(ngx_http_mlist_loc_conf_t *mlcf, u_char *key,
    ngx_http_mlist_doc_t *doc)
{
    ngx_str_t                  pieces[3];
    ngx_http_mlist_doc_head_t  head;

    head.type = doc->type;
    head.platforms = (uint32_t) doc->platforms.len;

    pieces[0].data = (u_char *) &head;
    pieces[0].len = sizeof(head);
    pieces[1] = doc->platforms;
    pieces[2] = doc->body;

    (void) ngx_http_mlist_zone_set(mlcf->main->zone, NGX_HTTP_MLIST_ZONE_LIST,
                                   key, pieces, 3, 0);
}

/*
 * Lists by repository name and digest: see ngx_http_mlist_doc.h.
 */


#include "ngx_http_mlist_doc.h"
#include "ngx_http_mlist_key.h"
#include "ngx_http_mlist_zone.h"


/* How a list stands in the zone: this, the platforms, the bytes. */

typedef struct {
    uint32_t   type;             /* mlist_media_e */
    uint32_t   platforms;        /* length */
} ngx_http_mlist_doc_head_t;


static ngx_int_t ngx_http_mlist_doc_zone(ngx_http_request_t *r,
    ngx_http_mlist_loc_conf_t *mlcf, u_char *key,
    ngx_http_mlist_store_op_t *op);
static void ngx_http_mlist_doc_set(ngx_http_mlist_loc_conf_t *mlcf,
    u_char *key, ngx_http_mlist_doc_t *doc);


ngx_int_t
ngx_http_mlist_doc_get(ngx_http_request_t *r, ngx_http_mlist_store_op_t *op)
{
    u_char                      key[NGX_HTTP_MLIST_KEY_SIZE];
    ngx_int_t                   rc;
    ngx_http_mlist_loc_conf_t  *mlcf;

    if (!op->asked) {
        rc = ngx_http_mlist_doc_cached(r, op, NULL);

        if (rc != NGX_DECLINED && !op->gone) {
            return rc;
        }

        op->asked = 1;
    }

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    /* what is announced once more is to last once more */

    if (op->gone) {
        rc = ngx_http_mlist_store_put(r, mlcf->store, op);
        return rc == NGX_BUSY ? NGX_ERROR : rc;
    }

    if (mlcf->store == NULL) {
        return NGX_DECLINED;
    }

    rc = ngx_http_mlist_store_get(r, mlcf->store, op);

    if (rc == NGX_OK) {
        ngx_http_mlist_key_list(mlcf, &op->name, &op->digest, key);
        ngx_http_mlist_doc_set(mlcf, key, &op->doc);
    }

    return rc;
}


ngx_int_t
ngx_http_mlist_doc_cached(ngx_http_request_t *r, ngx_http_mlist_store_op_t *op,
    u_char *key)
{
    u_char                      made[NGX_HTTP_MLIST_KEY_SIZE];
    ngx_int_t                   rc;
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    if (key == NULL) {
        ngx_http_mlist_key_list(mlcf, &op->name, &op->digest, made);
        key = made;
    }

    rc = ngx_http_mlist_doc_zone(r, mlcf, key, op);

    op->gone = rc == NGX_OK && mlcf->store
               && ngx_http_mlist_store_touch(mlcf->store, &op->name,
                                             &op->digest, key)
                  == NGX_DECLINED;

    if (rc == NGX_DECLINED) {
        op->asked = 1;
        op->max = mlcf->max_manifest_size;
    }

    return rc;
}


ngx_int_t
ngx_http_mlist_doc_keep(ngx_http_request_t *r, ngx_http_mlist_store_op_t *op)
{
    u_char                      key[NGX_HTTP_MLIST_KEY_SIZE];
    ngx_int_t                   rc;
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    /*
     * Not in the zone before it is in the store, or another request could
     * announce what is then not written.
     */

    rc = mlcf->store ? ngx_http_mlist_store_put(r, mlcf->store, op) : NGX_OK;

    if (rc == NGX_OK) {
        ngx_http_mlist_key_list(mlcf, &op->name, &op->doc.digest, key);
        ngx_http_mlist_doc_set(mlcf, key, &op->doc);
    }

    return rc;
}


ngx_int_t
ngx_http_mlist_doc_remove(ngx_http_request_t *r,
    ngx_http_mlist_store_op_t *op)
{
    u_char                      key[NGX_HTTP_MLIST_KEY_SIZE];
    ngx_int_t                   rc;
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    ngx_http_mlist_key_list(mlcf, &op->name, &op->digest, key);

    /*
     * First from the zone, of which the store would be told it again, and
     * afterwards, if somebody has read it from the store meanwhile.
     */

    ngx_http_mlist_zone_delete(mlcf->main->zone, NGX_HTTP_MLIST_ZONE_LIST,
                               key);

    rc = mlcf->store ? ngx_http_mlist_store_remove(r, mlcf->store, op)
                     : NGX_OK;

    if (rc == NGX_OK) {
        ngx_http_mlist_zone_delete(mlcf->main->zone,
                                   NGX_HTTP_MLIST_ZONE_LIST, key);
    }

    return rc;
}


/* NGX_OK, NGX_DECLINED: it is not there, or NGX_ERROR. */

static ngx_int_t
ngx_http_mlist_doc_zone(ngx_http_request_t *r,
    ngx_http_mlist_loc_conf_t *mlcf, u_char *key,
    ngx_http_mlist_store_op_t *op)
{
    ngx_int_t                   rc;
    ngx_str_t                   value;

    rc = ngx_http_mlist_zone_get(mlcf->main->zone, NGX_HTTP_MLIST_ZONE_LIST,
                                 key, r->pool, &value);
    if (rc != NGX_OK) {
        return rc;
    }

    ngx_http_mlist_doc_view(&value, &op->doc);

    op->doc.digest = op->digest;

    return NGX_OK;
}


void
ngx_http_mlist_doc_view(ngx_str_t *value, ngx_http_mlist_doc_t *doc)
{
    ngx_http_mlist_doc_head_t  head;

    ngx_memcpy(&head, value->data, sizeof(head));

    doc->type = head.type;
    doc->platforms.data = value->data + sizeof(head);
    doc->platforms.len = head.platforms;
    doc->body.data = doc->platforms.data + head.platforms;
    doc->body.len = value->len - sizeof(head) - head.platforms;
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

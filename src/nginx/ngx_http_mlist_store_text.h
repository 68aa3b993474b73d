/*
 * What a list's file in the store says: a text header and the list's bytes,
 * written and read again.  It knows no files and never logs.  Called by
 * store_list only.
 *
 *     mlist-list 1
 *     name: common/prometheus
 *     type: application/vnd.oci.image.index.v1+json
 *     digest: sha256:...
 *     size: 1234
 *     platforms: linux/amd64,linux/arm/v7
 *
 *     {"schemaVersion":2,...
 */

#ifndef _NGX_HTTP_MLIST_STORE_TEXT_H_INCLUDED_
#define _NGX_HTTP_MLIST_STORE_TEXT_H_INCLUDED_


#include "ngx_http_mlist_store.h"


/* no header is longer */
#define NGX_HTTP_MLIST_STORE_HEAD_MAX  4096


/* Why a file is not to be believed; "seen" is raw bytes of the file. */
typedef struct {
    const char      *what;
    ngx_str_t        expected;
    ngx_str_t        seen;

    /* "seen" may point here */
    mlist_digest_t   digest;
    u_char           size[NGX_SIZE_T_LEN];
} ngx_http_mlist_store_problem_t;


/*
 * Writes the header, the empty line included, of a list.  NGX_OK;
 * NGX_DECLINED: it would not be read again (a control character, or too
 * long); NGX_ERROR: no memory.
 */
ngx_int_t ngx_http_mlist_store_text_head(ngx_pool_t *pool, ngx_str_t *name,
    ngx_http_mlist_doc_t *doc, ngx_str_t *head);

/*
 * Reads a whole file and sets "doc", which points into "bytes".  NGX_OK: it
 * is the list of that name and digest, byte for byte; NGX_DECLINED: it is
 * not, and "problem" is set; NGX_ERROR: it could not be hashed.
 */
ngx_int_t ngx_http_mlist_store_text_parse(ngx_str_t *bytes, ngx_str_t *name,
    ngx_str_t *digest, ngx_http_mlist_doc_t *doc,
    ngx_http_mlist_store_problem_t *problem);


#endif /* _NGX_HTTP_MLIST_STORE_TEXT_H_INCLUDED_ */

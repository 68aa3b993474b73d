/*
 * Chooses what this client is given of a list: the list, its other type, or
 * the default platform's child.  Called by list and judge.
 */

#ifndef _NGX_HTTP_MLIST_CHOOSE_H_INCLUDED_
#define _NGX_HTTP_MLIST_CHOOSE_H_INCLUDED_


#include "ngx_http_mlist.h"
#include "ngx_http_mlist_list_state.h"


/*
 * The list type for this client; sets list->child.  "digest" is the list's
 * own, or empty.
 */
mlist_media_e ngx_http_mlist_choose_wanted(ngx_http_request_t *r,
    ngx_http_mlist_list_t *list, ngx_str_t *digest);

/* Answers with list->doc; returns what the phase handler is to return. */
ngx_int_t ngx_http_mlist_choose_answer(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_list_t *list);

/*
 * The default platform's child of list->doc, into list->found.  NGX_OK,
 * NGX_DECLINED: it has none, as far as its bytes and the parts that were read
 * tell; NGX_ERROR.
 */
ngx_int_t ngx_http_mlist_choose_find(ngx_http_request_t *r,
    ngx_http_mlist_list_t *list);

/* Makes $mlist_missing.  NGX_OK or NGX_ERROR. */
ngx_int_t ngx_http_mlist_choose_missing(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_list_t *list);


#endif /* _NGX_HTTP_MLIST_CHOOSE_H_INCLUDED_ */

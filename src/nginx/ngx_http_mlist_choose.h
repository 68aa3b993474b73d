/*
 * Chooses what this client is given of a list: the list, in its type or the
 * other one, or the default platform's child (spec: "A tag", 9 and 11).  It
 * asks no source about the tag.  Called by list.
 */

#ifndef _NGX_HTTP_MLIST_CHOOSE_H_INCLUDED_
#define _NGX_HTTP_MLIST_CHOOSE_H_INCLUDED_


#include "ngx_http_mlist.h"
#include "ngx_http_mlist_flight.h"
#include "ngx_http_mlist_store.h"


/* A list, and what is to be said of it. */
typedef struct {
    ngx_http_mlist_doc_t       doc;
    ngx_str_t                  own;      /* digest of its own type, or "" */
    ngx_str_t                  part;     /* what was read of an index that
                                            passes as it is, or "" */
    ngx_http_mlist_status_e    status;
    uint32_t                   missing;  /* bits (1 << index of source) */
    uint32_t                   failed;   /* the same, for the Warning */
    ngx_http_mlist_want_e      want;

    mlist_digest_t             found;    /* the default platform's child */
    mlist_media_e              found_type;
} ngx_http_mlist_choice_t;


/* What the client's Accept asks for of any list. */
ngx_http_mlist_want_e ngx_http_mlist_choose_want(mlist_accept_t *accept)
    MLIST_HOT;

/* Answers; returns what the phase handler is to return. */
ngx_int_t ngx_http_mlist_choose_answer(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_choice_t *choice) MLIST_HOT;

/*
 * The default platform's child, into choice->found.  NGX_OK, NGX_DECLINED:
 * the list has none, as far as its bytes and the part tell; NGX_ERROR.
 */
ngx_int_t ngx_http_mlist_choose_find(ngx_http_request_t *r,
    ngx_http_mlist_choice_t *choice);

/*
 * The labels of the sources that are "bits" (1 << index), with commas, in
 * r->pool.  NGX_OK or NGX_ERROR.
 */
ngx_int_t ngx_http_mlist_choose_labels(ngx_http_request_t *r, uint32_t bits,
    ngx_str_t *labels) MLIST_HOT;


#endif /* _NGX_HTTP_MLIST_CHOOSE_H_INCLUDED_ */

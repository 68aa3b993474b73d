/*
 * The status as a page for people: all of it, or one tag's own page.  Called
 * by form.
 *
 * status_page.c has the whole; status_tags.c the tags in it; status_tag.c
 * what is said of one.
 */

#ifndef _NGX_HTTP_MLIST_STATUS_PAGE_H_INCLUDED_
#define _NGX_HTTP_MLIST_STATUS_PAGE_H_INCLUDED_


#include "ngx_http_mlist_status_html.h"


/* What a page may have beside the numbers. */
typedef struct {
    ngx_str_t    nonce;        /* of the Content-Security-Policy */
    ngx_str_t    host;         /* as the client calls us; may be empty */
    ngx_str_t    name;         /* of one tag */
    ngx_str_t    tag;
    ngx_uint_t   home;         /* 1: the page of all is at "?" */
    ngx_uint_t   drop;         /* 1: a POST is taken */
    ngx_uint_t   dropped;      /* 1: it just was */
} ngx_http_mlist_status_page_t;


/* The page of all. */
void ngx_http_mlist_status_page(ngx_http_mlist_out_t *out,
    ngx_http_mlist_model_t *model, ngx_http_mlist_status_page_t *page);

/* The tags that were asked for lately, a part of that page. */
void ngx_http_mlist_status_tags(ngx_http_mlist_out_t *out,
    ngx_http_mlist_model_t *model);

/* The page of one tag. */
void ngx_http_mlist_status_tag(ngx_http_mlist_out_t *out,
    ngx_http_mlist_model_t *model, ngx_http_mlist_status_page_t *page);

/* The platforms of the record read last, as badges; and those that lack. */
void ngx_http_mlist_status_platforms(ngx_http_mlist_out_t *out,
    mlist_seen_t *seen, ngx_http_mlist_loc_conf_t *mlcf);


#endif /* _NGX_HTTP_MLIST_STATUS_PAGE_H_INCLUDED_ */

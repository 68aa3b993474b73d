/*
 * Walks: all pages of what one registry lists, one after the other, each
 * folded as it comes.  A walk goes nowhere but to its registry and its path,
 * and its pages and their bytes are bounded.  It never answers the client.
 * Called by catalog.
 */

#ifndef _NGX_HTTP_MLIST_WALK_H_INCLUDED_
#define _NGX_HTTP_MLIST_WALK_H_INCLUDED_


#include "ngx_http_mlist_failure.h"
#include "ngx_http_mlist_fetch.h"
#include "ngx_http_mlist_fold.h"


#define NGX_HTTP_MLIST_WALK_PAGES  256       /* of one registry */
#define NGX_HTTP_MLIST_WALK_BYTES  (4 * 1024 * 1024)  /* of a page */


typedef enum {
    NGX_HTTP_MLIST_WALK_GOES = 0,
    NGX_HTTP_MLIST_WALK_DONE,
    NGX_HTTP_MLIST_WALK_ABSENT,    /* the registry knows no such name */
    NGX_HTTP_MLIST_WALK_FAILED
} ngx_http_mlist_walk_e;


typedef struct {
    ngx_http_mlist_walk_e     state;
    ngx_http_mlist_target_t  *target;    /* no name: the catalog */
    ngx_http_mlist_fetch_t    fetch;     /* of the page that is asked for */
    ngx_str_t                 base;      /* the URL without its query */
    ngx_str_t                 reason;    /* why it failed; empty: the fetch */
    ngx_uint_t                pages;     /* that have come */
    unsigned                  sized:1;   /* a page's size was asked for */
} ngx_http_mlist_walk_t;


/* Asks for the first page; the walk is zeroed.  NGX_OK or NGX_ERROR. */
ngx_int_t ngx_http_mlist_walk_start(ngx_http_request_t *r,
    ngx_http_mlist_walk_t *walk, ngx_http_mlist_target_t *target);

/*
 * The page that was asked for is there: folds it, and asks for the next one,
 * or ends the walk; with "stop" it asks for no other.  NGX_OK or NGX_ERROR.
 */
ngx_int_t ngx_http_mlist_walk_step(ngx_http_request_t *r,
    ngx_http_mlist_walk_t *walk, ngx_http_mlist_fold_t *fold,
    ngx_uint_t stop);

/* What a client is told of a walk that failed.  NGX_OK or NGX_ERROR. */
ngx_int_t ngx_http_mlist_walk_describe(ngx_http_request_t *r,
    ngx_http_mlist_walk_t *walk, ngx_http_mlist_failure_t *failure);


#endif /* _NGX_HTTP_MLIST_WALK_H_INCLUDED_ */

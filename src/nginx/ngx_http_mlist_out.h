/*
 * Text that grows: what is printed for a client, in buffers of a pool.
 * Whatever may come from outside is escaped by it.  An error is kept until
 * the end, so that who prints need not look after each word.  Called by the
 * status rooms.
 */

#ifndef _NGX_HTTP_MLIST_OUT_H_INCLUDED_
#define _NGX_HTTP_MLIST_OUT_H_INCLUDED_


#include "ngx_http_mlist.h"

#include "../core/mlist_escape.h"


typedef struct {
    ngx_pool_t    *pool;
    ngx_chain_t   *first;
    ngx_chain_t  **next;
    ngx_buf_t     *buf;      /* the last one */
    off_t          size;     /* of all of it */
    unsigned       failed:1; /* memory was short: nothing of it is good */
} ngx_http_mlist_out_t;


void ngx_http_mlist_out_init(ngx_http_mlist_out_t *out, ngx_pool_t *pool);

/* As it is: bytes, or a literal. */
void ngx_http_mlist_out_bytes(ngx_http_mlist_out_t *out, const u_char *data,
    size_t len);
void ngx_http_mlist_out(ngx_http_mlist_out_t *out, const char *s);

/*
 * ngx_sprintf() of at most 256 bytes, which is for numbers and for what is
 * known to need no escape.
 */
void ngx_http_mlist_out_format(ngx_http_mlist_out_t *out, const char *fmt,
    ...);

/* Escaped for where it stands. */
void ngx_http_mlist_out_json(ngx_http_mlist_out_t *out, ngx_str_t *s);
void ngx_http_mlist_out_html(ngx_http_mlist_out_t *out, ngx_str_t *s);
void ngx_http_mlist_out_label(ngx_http_mlist_out_t *out, ngx_str_t *s);

/* A value of a query: all that is not unreserved, as %XX. */
void ngx_http_mlist_out_query(ngx_http_mlist_out_t *out, ngx_str_t *s);

/* 2026-11-24T21:05:00Z */
void ngx_http_mlist_out_time(ngx_http_mlist_out_t *out, time_t sec);

/* The last buffer is the last one of the answer.  NGX_OK or NGX_ERROR. */
ngx_int_t ngx_http_mlist_out_end(ngx_http_mlist_out_t *out);


#endif /* _NGX_HTTP_MLIST_OUT_H_INCLUDED_ */

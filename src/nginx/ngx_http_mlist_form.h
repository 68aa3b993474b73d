/*
 * Which form of the status a client is given, of what, and sends it: HTML,
 * JSON or Prometheus' text, by ?format= or by Accept.  Called by status and
 * browse.
 */

#ifndef _NGX_HTTP_MLIST_FORM_H_INCLUDED_
#define _NGX_HTTP_MLIST_FORM_H_INCLUDED_


#include "ngx_http_mlist.h"


typedef enum {
    NGX_HTTP_MLIST_FORM_JSON = 0,
    NGX_HTTP_MLIST_FORM_HTML,
    NGX_HTTP_MLIST_FORM_PROMETHEUS,
    NGX_HTTP_MLIST_FORM_OPENMETRICS
} ngx_http_mlist_form_e;


typedef struct {
    ngx_http_mlist_form_e  form;
    ngx_str_t              name;         /* of one tag; empty: all */
    ngx_str_t              tag;
    ngx_uint_t             limit;        /* of tags */
    ngx_uint_t             status;       /* to be answered */
    ngx_http_mlist_loc_conf_t  *place;   /* of the tag; NULL: any */
    unsigned               home:1;       /* it is the location's own page */
    unsigned               dropped:1;    /* it was, just now */
} ngx_http_mlist_form_t;


/* NGX_OK, or 400: there is no such format, or limit= is no number. */
ngx_int_t ngx_http_mlist_form_choose(ngx_http_request_t *r,
    ngx_http_mlist_form_t *form);

/*
 * Reads name= and tag= of a query, or of a posted form, into r->pool: both or
 * neither.  NGX_OK, 400, or 500.
 */
ngx_int_t ngx_http_mlist_form_tag(ngx_http_request_t *r, ngx_str_t *args,
    ngx_http_mlist_form_t *form);

/* The content handler: sends the form that the request's ctx->state is. */
ngx_int_t ngx_http_mlist_form_send(ngx_http_request_t *r);


#endif /* _NGX_HTTP_MLIST_FORM_H_INCLUDED_ */

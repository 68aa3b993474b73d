/*
 * Brings what a manifest names from one repository of a registry into
 * another, so that the manifest can be put there: blobs by mounting them,
 * the manifests of an index by putting their bytes (spec: "Writes").  No blob
 * is read, and the manifest itself is the caller's.  Called by spread.
 */

#ifndef _NGX_HTTP_MLIST_COPY_H_INCLUDED_
#define _NGX_HTTP_MLIST_COPY_H_INCLUDED_


#include "ngx_http_mlist.h"
#include "ngx_http_mlist_fetch.h"
#include "ngx_http_mlist_target.h"

#include "../core/mlist_contents.h"


typedef enum {
    NGX_HTTP_MLIST_COPY_NONE = 0,
    NGX_HTTP_MLIST_COPY_FETCHING,      /* the manifests of an index */
    NGX_HTTP_MLIST_COPY_KNOWN,         /* all is known that is named */
    NGX_HTTP_MLIST_COPY_MOUNTING,
    NGX_HTTP_MLIST_COPY_ASKING,        /* is what is not mounted there? */
    NGX_HTTP_MLIST_COPY_PUTTING,       /* manifests */
    NGX_HTTP_MLIST_COPY_PUTTING_LISTS,
    NGX_HTTP_MLIST_COPY_DONE
} ngx_http_mlist_copy_e;


typedef struct {
    ngx_http_mlist_fetch_t     *fetch;     /* of this state; or NULL */
    ngx_str_t                   body;      /* of a manifest */
    unsigned                    done:1;
    unsigned                    cancels:1; /* "fetch" ends an upload */
} ngx_http_mlist_copy_job_t;


typedef struct {

    /* set by the caller */

    ngx_http_mlist_target_t     from;
    ngx_str_t                   label;     /* of the registry, for errors */
    mlist_media_e               type;
    ngx_str_t                   body;
    ngx_str_t                   to;        /* see ngx_http_mlist_copy_to() */

    /* the room's own */

    ngx_http_mlist_copy_e       state;
    mlist_contents_t           *contents;
    ngx_http_mlist_copy_job_t  *jobs;      /* one for each item of it */
    size_t                      size;      /* of all manifests, in bytes */
    ngx_uint_t                  refused;   /* the item that was not mounted */
    ngx_http_mlist_fetch_t     *asked;
    unsigned                    unmounted:1;
} ngx_http_mlist_copy_t;


/* Aims at a repository: the first one, or the next after NGX_OK. */
void ngx_http_mlist_copy_to(ngx_http_mlist_copy_t *copy, ngx_str_t *name);

/*
 * Goes on as far as it can; "copy" lives in r->pool.  NGX_OK: all is there;
 * NGX_AGAIN; NGX_ERROR; else the status to be returned, its error noted.
 */
ngx_int_t ngx_http_mlist_copy_step(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_copy_t *copy);


#endif /* _NGX_HTTP_MLIST_COPY_H_INCLUDED_ */

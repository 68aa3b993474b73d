/*
 * Drops: what a write at a registry makes stale, in all source sets that can
 * spell it (spec: "Writes", "A tag" 10).  It notes when what was dropped and
 * never asks a registry.  Called by handler and filter for writes that pass
 * through here, and by notify for those that a registry tells of.
 *
 * A drop has one of three keys, all made by ngx_http_mlist_tag_key(), and
 * ngx_http_mlist_tag_last_drop() looks at them all:
 *
 *     (name, tag)   that tag
 *     (name, "")    every tag of the name: a manifest is deleted, and which
 *                   tags were its own is not told; or a source's tag=
 *                   without a * gives all of them
 *     ("", "")      every tag of the location: name= without a *
 */

#ifndef _NGX_HTTP_MLIST_DROP_H_INCLUDED_
#define _NGX_HTTP_MLIST_DROP_H_INCLUDED_


#include "ngx_http_mlist.h"


/* What a registry has changed, valid and as it spells it. */
typedef struct {
    const char                 *what;      /* for the log */
    ngx_str_t                   name;
    ngx_str_t                   tag;       /* empty: any of that name */
    ngx_str_t                   digest;    /* of what is lost, or empty */
} ngx_http_mlist_change_t;


/* A tag that is made of it: a key, see above. */
typedef struct {
    ngx_http_mlist_active_t    *active;
    ngx_str_t                   name;      /* views into the change, */
    ngx_str_t                   tag;       /* or empty */
} ngx_http_mlist_hit_t;


/*
 * Finds what is made of a change, in all locations.  "hits" is an array of
 * ngx_http_mlist_hit_t; what is in it goes.  NGX_OK or NGX_ERROR.
 */
ngx_int_t ngx_http_mlist_drop_find(ngx_http_request_t *r,
    ngx_http_mlist_change_t *change, ngx_array_t *hits);

/*
 * Drops the hits, each key once, and forgets where a digest that is lost was
 * thought to be.  Says so in the log, at info, if there is any hit.
 */
void ngx_http_mlist_drop_hits(ngx_http_request_t *r,
    ngx_http_mlist_change_t *change, ngx_array_t *hits);

/*
 * A client's write is about to be passed on.  From now on one drop is sure:
 * when the answer comes, or else when the request ends, since a write that
 * nobody saw the end of may have been one.  NGX_OK or NGX_ERROR.
 */
ngx_int_t ngx_http_mlist_drop_watch(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx);

/*
 * The write has been answered with "status"; 0: by nginx, for a registry
 * that has not.  A refusal (3xx, 4xx) drops nothing.  Called before the
 * client is told; at other times, and a second time, it does nothing.
 */
void ngx_http_mlist_drop_answered(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_uint_t status);

/*
 * Drops one tag wherever it is synthesized.  NGX_OK; NGX_DECLINED: it is
 * nowhere; NGX_ERROR.
 */
ngx_int_t ngx_http_mlist_drop_tag(ngx_http_request_t *r, ngx_str_t *name,
    ngx_str_t *tag);

/* Drops at once what a PUT of a tag, as the registry spells it, makes stale. */
void ngx_http_mlist_drop_put(ngx_http_request_t *r, ngx_str_t *name,
    ngx_str_t *tag);


#endif /* _NGX_HTTP_MLIST_DROP_H_INCLUDED_ */

/*
 * Where writes go: the push registry of a request, and how it spells the
 * name.  It passes nothing on and asks nobody.  Called by write, ask,
 * referrers, mount and spread.
 */

#ifndef _NGX_HTTP_MLIST_PUSH_H_INCLUDED_
#define _NGX_HTTP_MLIST_PUSH_H_INCLUDED_


#include "ngx_http_mlist.h"
#include "ngx_http_mlist_target.h"


/*
 * Where the writes of "r" for the name of "ctx" go: of an upload session that
 * is under way to the registry where it began, else as mlist_push says (a
 * variable is evaluated once a request).  The name is what all sources there
 * make of it, where they agree, else the name as it stands.  target->source
 * is the first source of that very target, NULL if it has none; texts live
 * in r->pool or longer.
 *
 * NGX_OK; NGX_DECLINED: there is no push registry, and where a variable has
 * yielded what is none, ctx->pushes is that; NGX_ERROR.
 */
ngx_int_t ngx_http_mlist_push_target(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_target_t *target);

/*
 * The same for any name at the target's registry: sets the target's name and
 * source.  NGX_OK or NGX_ERROR.
 */
ngx_int_t ngx_http_mlist_push_name(ngx_http_request_t *r, ngx_str_t *name,
    ngx_http_mlist_target_t *target);

/*
 * 1 if what is at a target of pushes may be read here: by a source, or since
 * mlist_push is configured.  By default alone the name as it stands, where
 * sources spell it in different ways, is a repository that name= keeps out.
 */
ngx_uint_t ngx_http_mlist_push_reads(ngx_http_request_t *r,
    ngx_http_mlist_target_t *target);

/*
 * Where the name of "ctx" may be read: the targets of its sources, in their
 * order, and behind them the target of its writes, where it is none of those
 * and may be read.  "*push" is the index of that target, or of none.  An
 * array in r->pool, or NULL if memory is short.
 */
ngx_array_t *ngx_http_mlist_push_places(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_uint_t *push);


#endif /* _NGX_HTTP_MLIST_PUSH_H_INCLUDED_ */

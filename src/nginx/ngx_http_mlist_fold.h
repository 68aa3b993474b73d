/*
 * Folding: from what a registry lists to what this front lists: a source's
 * spelling of a tag or of a repository stands for what a client asks for,
 * and what is not served is not listed (spec: "Everything else of the
 * registry API").  It asks nobody.  Called by catalog.
 */

#ifndef _NGX_HTTP_MLIST_FOLD_H_INCLUDED_
#define _NGX_HTTP_MLIST_FOLD_H_INCLUDED_


#include "ngx_http_mlist.h"
#include "ngx_http_mlist_target.h"

#include "../core/mlist_tags.h"


typedef struct {
    ngx_http_mlist_loc_conf_t  *conf;
    ngx_str_t                  *name;      /* NULL: of the catalog */
    ngx_http_mlist_target_t    *target;    /* whose page is being folded */
    ngx_http_mlist_target_t    *at[NGX_HTTP_MLIST_MAX_SOURCES];
                                           /* the target of each source, NULL
                                              where it has none */
    uint32_t                    serves;    /* sources asked for "name" */
    uint32_t                    required;  /* those without which there is
                                              no tag */
    uint32_t                    always;    /* those that have every tag */
    mlist_tags_t                tags;      /* the union so far */
} ngx_http_mlist_fold_t;


/*
 * Begins for the repository "name" and its targets; "fold" is zeroed.
 * Not called for the catalog, where the caller sets conf alone.
 * NGX_OK or NGX_ERROR.
 */
ngx_int_t ngx_http_mlist_fold_begin(ngx_http_request_t *r,
    ngx_http_mlist_fold_t *fold, ngx_str_t *name, ngx_array_t *targets);

/*
 * Of mlist_page_take_pt, "data" being the fold: a tag, or a repository, that
 * fold->target lists.  What is no valid one is passed over.
 */
mlist_rc_e ngx_http_mlist_fold_tag(void *data, mlist_str_t tag);
mlist_rc_e ngx_http_mlist_fold_repository(void *data, mlist_str_t name);


#endif /* _NGX_HTTP_MLIST_FOLD_H_INCLUDED_ */

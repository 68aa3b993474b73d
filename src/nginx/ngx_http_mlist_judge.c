/*
 * Judges what the sources said: see
 * ngx_http_mlist_judge.h.
 */


#include "ngx_http_mlist_judge.h"
#include "ngx_http_mlist_ask.h"
#include "ngx_http_mlist_choose.h"
#include "ngx_http_mlist_failure.h"
#include "ngx_http_mlist_gather.h"
#include "ngx_http_mlist_pass.h"
#include "ngx_http_mlist_send.h"


static ngx_http_mlist_blame_t *ngx_http_mlist_judge_blame(
    ngx_http_mlist_part_t *part);
static ngx_int_t ngx_http_mlist_judge_mixed(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_part_t *image,
    ngx_http_mlist_part_t *artifact);


/* NGX_OK: nothing failed so far; else what the phase handler returns. */

ngx_int_t
ngx_http_mlist_judge_failed(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_list_t *list)
{
    ngx_uint_t                  i;
    ngx_http_mlist_part_t      *part;
    ngx_http_mlist_blame_t     *blame, *b;
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    part = NULL;
    blame = NULL;

    for (i = 0; i < list->nparts; i++) {

        b = ngx_http_mlist_judge_blame(&list->parts[i]);

        if (b == NULL) {
            continue;
        }

        /* of several failures a challenge is the one to be told */

        if (blame == NULL
            || (mlcf->auth == NGX_HTTP_MLIST_AUTH_REGISTRY
                && b->fetch
                && b->fetch->status == NGX_HTTP_UNAUTHORIZED
                && (blame->fetch == NULL
                    || blame->fetch->status != NGX_HTTP_UNAUTHORIZED)))
        {
            part = &list->parts[i];
            blame = b;
        }
    }

    if (blame == NULL) {
        return NGX_OK;
    }

    if (ctx->running) {
        return NGX_AGAIN;
    }

    if (blame->fetch) {
        return ngx_http_mlist_failure_answer(r, ctx, blame->fetch,
                                             &part->source->label);
    }

    return ngx_http_mlist_failure_bad(r, ctx, &part->source->label,
                                      &blame->reason);
}


static ngx_http_mlist_blame_t *
ngx_http_mlist_judge_blame(ngx_http_mlist_part_t *part)
{
    if (part->spot && part->spot->state == NGX_HTTP_MLIST_SPOT_FAILED) {
        return &part->spot->blame;
    }

    return part->state == NGX_HTTP_MLIST_PART_FAILED ? &part->blame : NULL;
}


/* No source has it: the tag as it stands, where that was not asked yet. */

ngx_int_t
ngx_http_mlist_judge_nowhere(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_list_t *list)
{
    ngx_uint_t                i;
    ngx_array_t              *absent;
    ngx_http_mlist_spot_t    *spot;
    ngx_http_mlist_target_t  *target;

    if (ngx_http_mlist_choose_missing(r, ctx, list) != NGX_OK) {
        return NGX_ERROR;
    }

    absent = ngx_array_create(r->pool, list->nspots + 1,
                              sizeof(ngx_http_mlist_target_t));
    if (absent == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < list->nspots; i++) {
        spot = &list->spots[i];

        if (spot->state == NGX_HTTP_MLIST_SPOT_ABSENT
            && spot->tag.len == ctx->reference.len
            && ngx_memcmp(spot->tag.data, ctx->reference.data, spot->tag.len)
               == 0)
        {
            target = ngx_array_push(absent);
            if (target == NULL) {
                return NGX_ERROR;
            }

            *target = spot->target;
        }
    }

    return ngx_http_mlist_ask_tag(r, ctx, absent);
}


/* NGX_DONE: it is no artifact; else what the phase handler returns. */

ngx_int_t
ngx_http_mlist_judge_artifact(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_list_t *list)
{
    ngx_str_t               digest, url;
    ngx_uint_t              i;
    ngx_http_mlist_part_t  *part, *image, *artifact;

    image = NULL;
    artifact = NULL;

    for (i = 0; i < list->nparts; i++) {
        part = &list->parts[i];

        if (!ngx_http_mlist_gather_present(part)) {
            continue;
        }

        if (list->tag.artifact || part->kind == MLIST_PART_ARTIFACT) {
            artifact = artifact ? artifact : part;

        } else {
            image = image ? image : part;
        }
    }

    if (artifact == NULL) {
        return NGX_DONE;
    }

    if (image) {
        return ngx_http_mlist_judge_mixed(r, ctx, image, artifact);
    }

    digest = ngx_http_mlist_ngx_str(mlist_digest_str(&artifact->spot->digest));

    if (ngx_http_mlist_target_url(r, artifact->spot->target.registry,
                                  &artifact->spot->target.name, "manifests",
                                  &digest, &url)
        != NGX_OK
        || ngx_http_mlist_choose_missing(r, ctx, list) != NGX_OK)
    {
        return NGX_ERROR;
    }

    list->tag.artifact = 1;
    ngx_http_mlist_tag_set(r, ctx, &list->tag);

    ctx->digest = digest;
    ctx->kind = NGX_HTTP_MLIST_KIND_MANIFEST;
    ctx->status = NGX_HTTP_MLIST_STATUS_PASS;

    return ngx_http_mlist_pass_read(r, ctx, &artifact->spot->target, &url, 1);
}


static ngx_int_t
ngx_http_mlist_judge_mixed(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_part_t *image, ngx_http_mlist_part_t *artifact)
{
    u_char     *p;
    ngx_str_t   reason;

    reason.data = ngx_pnalloc(r->pool,
                              sizeof("it holds an artifact, but source \"\" "
                                     "holds an image under this tag") - 1
                              + image->source->label.len);
    if (reason.data == NULL) {
        return NGX_ERROR;
    }

    p = ngx_sprintf(reason.data, "it holds an artifact, but source \"%V\" "
                    "holds an image under this tag", &image->source->label);
    reason.len = p - reason.data;

    return ngx_http_mlist_failure_bad(r, ctx, &artifact->source->label,
                                      &reason);
}

/*
 * Judges what the sources said: see ngx_http_mlist_judge.h.
 */


#include "ngx_http_mlist_judge.h"
#include "ngx_http_mlist_gather.h"


static ngx_http_mlist_blame_t *ngx_http_mlist_judge_blame(
    ngx_http_mlist_part_t *part);
static uint32_t ngx_http_mlist_judge_blamed(ngx_http_mlist_build_t *build);
static ngx_uint_t ngx_http_mlist_judge_denial(ngx_http_mlist_part_t *part);
static ngx_uint_t ngx_http_mlist_judge_absence(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build, ngx_http_mlist_part_t *part);
static ngx_int_t ngx_http_mlist_judge_leave_out(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build, ngx_http_mlist_part_t *part,
    ngx_http_mlist_blame_t *blame);
static ngx_uint_t ngx_http_mlist_judge_challenge(ngx_http_request_t *r,
    ngx_http_mlist_blame_t *blame);
static ngx_int_t ngx_http_mlist_judge_describe(ngx_http_request_t *r,
    ngx_http_mlist_part_t *part, ngx_http_mlist_blame_t *blame,
    ngx_http_mlist_failure_t *failure);
static ngx_int_t ngx_http_mlist_judge_mixed(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build, ngx_http_mlist_part_t *image,
    ngx_http_mlist_part_t *artifact);


ngx_uint_t
ngx_http_mlist_judge_denied(ngx_http_mlist_build_t *build)
{
    ngx_uint_t  i;

    for (i = 0; i < build->nparts; i++) {
        if (ngx_http_mlist_judge_denial(&build->parts[i])) {
            return 1;
        }
    }

    return 0;
}


ngx_int_t
ngx_http_mlist_judge_failed(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build)
{
    ngx_uint_t               i, stale;
    ngx_http_mlist_ctx_t    *ctx;
    ngx_http_mlist_part_t   *part, *failed;
    ngx_http_mlist_blame_t  *blame, *b;

    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);

    failed = NULL;
    blame = NULL;
    stale = 0;

    for (i = 0; i < build->nparts; i++) {
        part = &build->parts[i];
        b = ngx_http_mlist_judge_blame(part);

        if (b == NULL || part->left_out) {
            continue;
        }

        if (ngx_http_mlist_judge_absence(r, build, part)) {
            part->left_out = 1;
            continue;
        }

        if (part->source->optional) {

            if (ngx_http_mlist_judge_leave_out(r, build, part, b) != NGX_OK) {
                return NGX_ERROR;
            }

            continue;
        }

        stale |= b->fetch ? ngx_http_mlist_failure_stale(r, b->fetch)
                          : NGX_HTTP_MLIST_STALE_ERROR;

        /* of several failures a challenge is the one to be told */

        if (blame == NULL
            || (ngx_http_mlist_judge_challenge(r, b)
                && !ngx_http_mlist_judge_challenge(r, blame)))
        {
            failed = part;
            blame = b;
        }
    }

    if (blame == NULL) {
        return NGX_OK;
    }

    if (ctx->running) {
        return NGX_AGAIN;
    }

    if (ngx_http_mlist_judge_describe(r, failed, blame, &build->failure)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    build->failure.stale = stale;
    build->failed = ngx_http_mlist_judge_blamed(build);

    return NGX_DECLINED;
}


static ngx_http_mlist_blame_t *
ngx_http_mlist_judge_blame(ngx_http_mlist_part_t *part)
{
    if (part->spot && part->spot->state == NGX_HTTP_MLIST_SPOT_FAILED) {
        return &part->spot->blame;
    }

    return part->state == NGX_HTTP_MLIST_PART_FAILED ? &part->blame : NULL;
}


/* The sources, as bits, that failed and are not left out as absent. */

static uint32_t
ngx_http_mlist_judge_blamed(ngx_http_mlist_build_t *build)
{
    uint32_t                blamed;
    ngx_uint_t              i;
    ngx_http_mlist_part_t  *part;

    blamed = build->failed;

    for (i = 0; i < build->nparts; i++) {
        part = &build->parts[i];

        if (!part->left_out && ngx_http_mlist_judge_blame(part)) {
            blamed |= (uint32_t) 1 << part->index;
        }
    }

    return blamed;
}


/* 1 if denied=missing and the tag itself was denied, else 0. */

static ngx_uint_t
ngx_http_mlist_judge_denial(ngx_http_mlist_part_t *part)
{
    ngx_http_mlist_fetch_t  *fetch;

    if (!part->source->denied
        || part->spot == NULL
        || part->spot->state != NGX_HTTP_MLIST_SPOT_FAILED
        || part->spot->digest.len)
    {
        return 0;
    }

    fetch = part->spot->blame.fetch;

    return fetch
           && fetch->state == NGX_HTTP_MLIST_FETCH_ANSWERED
           && (fetch->status == NGX_HTTP_UNAUTHORIZED
               || fetch->status == NGX_HTTP_FORBIDDEN);
}


/*
 * 1 if a denial means "no image here", as registries answer for what does
 * not exist, rather than that the credentials are no good or not enough.
 */

static ngx_uint_t
ngx_http_mlist_judge_absence(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build, ngx_http_mlist_part_t *part)
{
    ngx_http_mlist_fetch_t     *fetch;
    ngx_http_mlist_loc_conf_t  *mlcf;

    if (!ngx_http_mlist_judge_denial(part) || build->unknown) {
        return 0;
    }

    if ((build->last.docker_len || build->last.oci_len)
        && !(build->last.missing & (uint32_t) 1 << part->index))
    {
        return 0;
    }

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    if (mlcf->auth == NGX_HTTP_MLIST_AUTH_NGINX) {
        fetch = part->spot->blame.fetch;

        return fetch->login == NULL || fetch->accepted;
    }

    return ngx_http_mlist_judge_accepted(build, part->spot);
}


ngx_uint_t
ngx_http_mlist_judge_accepted(ngx_http_mlist_build_t *build,
    ngx_http_mlist_spot_t *spot)
{
    ngx_uint_t              i;
    ngx_http_mlist_spot_t  *other;

    for (i = 0; i < build->nspots; i++) {
        other = &build->spots[i];

        if (other->index == spot->index
            && (other->digest.len
                || other->state == NGX_HTTP_MLIST_SPOT_ABSENT))
        {
            return 1;
        }
    }

    return 0;
}


ngx_uint_t
ngx_http_mlist_judge_refused(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build)
{
    ngx_uint_t               i;
    ngx_http_mlist_part_t   *part;
    ngx_http_mlist_blame_t  *blame;

    for (i = 0; i < build->nparts; i++) {
        part = &build->parts[i];
        blame = ngx_http_mlist_judge_blame(part);

        if (blame
            && blame->fetch
            && !ngx_http_mlist_judge_missing(build, part)
            && ngx_http_mlist_failure_stale(r, blame->fetch) == 0)
        {
            return 1;
        }
    }

    return 0;
}


ngx_uint_t
ngx_http_mlist_judge_missing(ngx_http_mlist_build_t *build,
    ngx_http_mlist_part_t *part)
{
    return part->left_out
           && !(build->failed & (uint32_t) 1 << part->index);
}


static ngx_int_t
ngx_http_mlist_judge_leave_out(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build, ngx_http_mlist_part_t *part,
    ngx_http_mlist_blame_t *blame)
{
    ngx_http_mlist_failure_t  failure;

    part->left_out = 1;

    build->partial = 1;
    build->failed |= (uint32_t) 1 << part->index;

    /* one is told where nothing else is to be had, a challenge rather */

    if (ngx_http_mlist_judge_describe(r, part, blame, &failure) != NGX_OK) {
        return NGX_ERROR;
    }

    failure.stale |= build->failure.stale;

    if (build->failure.status == NGX_HTTP_UNAUTHORIZED) {
        build->failure.stale = failure.stale;

    } else {
        build->failure = failure;
    }

    return NGX_OK;
}


static ngx_uint_t
ngx_http_mlist_judge_challenge(ngx_http_request_t *r,
    ngx_http_mlist_blame_t *blame)
{
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    return mlcf->auth == NGX_HTTP_MLIST_AUTH_REGISTRY
           && blame->fetch
           && blame->fetch->status == NGX_HTTP_UNAUTHORIZED;
}


static ngx_int_t
ngx_http_mlist_judge_describe(ngx_http_request_t *r,
    ngx_http_mlist_part_t *part, ngx_http_mlist_blame_t *blame,
    ngx_http_mlist_failure_t *failure)
{
    if (blame->fetch) {
        return ngx_http_mlist_failure_describe(r, blame->fetch,
                                               &part->source->label, failure);
    }

    return ngx_http_mlist_failure_bad(r, &part->source->label,
                                      &blame->reason, failure);
}


ngx_int_t
ngx_http_mlist_judge_present(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build)
{
    ngx_int_t               rc;
    ngx_uint_t              i;
    ngx_http_mlist_part_t  *part, *image, *artifact;

    image = NULL;
    artifact = NULL;

    for (i = 0; i < build->nparts; i++) {
        part = &build->parts[i];

        if (!ngx_http_mlist_gather_present(part)) {
            continue;
        }

        if ((build->same && build->tag.artifact)
            || part->kind == MLIST_PART_ARTIFACT)
        {
            artifact = artifact ? artifact : part;

        } else {
            image = image ? image : part;
        }
    }

    if (image == NULL && artifact == NULL) {

        /* of a source that failed nobody knows what it has */

        return build->partial ? NGX_DECLINED : NGX_DONE;
    }

    build->missing = ngx_http_mlist_gather_missing(build);

    rc = ngx_http_mlist_judge_required(r, build);

    if (rc != NGX_OK) {
        return rc;
    }

    if (artifact == NULL) {
        return NGX_OK;
    }

    if (image) {
        return ngx_http_mlist_judge_mixed(r, build, image, artifact);
    }

    build->artifact = artifact - build->parts;

    return NGX_ABORT;
}


static ngx_int_t
ngx_http_mlist_judge_mixed(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build, ngx_http_mlist_part_t *image,
    ngx_http_mlist_part_t *artifact)
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

    if (ngx_http_mlist_failure_bad(r, &artifact->source->label, &reason,
                                   &build->failure)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    /* every source has answered: an old list would only hide it */

    build->failure.stale = 0;

    return NGX_DECLINED;
}


ngx_int_t
ngx_http_mlist_judge_required(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build)
{
    u_char                    *p;
    ngx_uint_t                 i;
    ngx_http_mlist_part_t     *part;
    ngx_http_mlist_failure_t  *failure;

    failure = &build->failure;
    part = NULL;

    for (i = 0; i < build->nparts; i++) {

        if (!build->parts[i].source->required
            || !(build->missing & (uint32_t) 1 << build->parts[i].index))
        {
            continue;
        }

        build->failed |= (uint32_t) 1 << build->parts[i].index;
        part = part ? part : &build->parts[i];
    }

    if (part == NULL) {
        return NGX_OK;
    }

    ngx_memzero(failure, sizeof(ngx_http_mlist_failure_t));

    build->required = 1;

    failure->status = NGX_HTTP_NOT_FOUND;
    failure->error = MLIST_ERR_MANIFEST_UNKNOWN;

    failure->detail.data = ngx_pnalloc(r->pool,
                             sizeof("source \"\", which is required, has it "
                                    "not") - 1 + part->source->label.len);
    if (failure->detail.data == NULL) {
        return NGX_ERROR;
    }

    p = ngx_sprintf(failure->detail.data,
                    "source \"%V\", which is required, has it not",
                    &part->source->label);
    failure->detail.len = p - failure->detail.data;

    return NGX_DECLINED;
}

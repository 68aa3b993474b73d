/*
 * What one source contributes to a list: see ngx_http_mlist_part.h.
 */


#include "ngx_http_mlist_part.h"
#include "ngx_http_mlist_key.h"
#include "ngx_http_mlist_failure.h"
#include "ngx_http_mlist_zone.h"


static ngx_int_t ngx_http_mlist_part_begin(ngx_http_request_t *r,
    ngx_http_mlist_part_t *part);
static ngx_int_t ngx_http_mlist_part_resolve(ngx_http_request_t *r,
    ngx_http_mlist_part_t *part);
static ngx_int_t ngx_http_mlist_part_wants(ngx_http_request_t *r,
    ngx_http_mlist_part_t *part);
static ngx_int_t ngx_http_mlist_part_fetch(ngx_http_request_t *r,
    ngx_http_mlist_part_t *part, mlist_want_t *want, ngx_uint_t i);
static ngx_int_t ngx_http_mlist_part_feed(ngx_http_request_t *r,
    ngx_http_mlist_part_t *part, ngx_uint_t i);
static ngx_int_t ngx_http_mlist_part_finish(ngx_http_request_t *r,
    ngx_http_mlist_part_t *part);
static ngx_int_t ngx_http_mlist_part_cached(ngx_http_request_t *r,
    ngx_http_mlist_part_t *part);
static void ngx_http_mlist_part_cache(ngx_http_request_t *r,
    ngx_http_mlist_part_t *part);
static ngx_int_t ngx_http_mlist_part_problem(ngx_http_request_t *r,
    ngx_http_mlist_part_t *part, mlist_rc_e rc);
static void ngx_http_mlist_part_cleanup(void *data);


ngx_int_t
ngx_http_mlist_part_step(ngx_http_request_t *r, ngx_http_mlist_part_t *part)
{
    ngx_int_t  rc;

    switch (part->state) {

    case NGX_HTTP_MLIST_PART_NONE:
        return ngx_http_mlist_part_begin(r, part);

    case NGX_HTTP_MLIST_PART_SPOT:

        rc = ngx_http_mlist_spot_step(r, part->spot);

        if (rc != NGX_OK) {
            return rc;
        }

        if (part->spot->state == NGX_HTTP_MLIST_SPOT_FAILED) {
            part->blame = part->spot->blame;
            part->state = NGX_HTTP_MLIST_PART_FAILED;
            return NGX_OK;
        }

        return ngx_http_mlist_part_resolve(r, part);

    case NGX_HTTP_MLIST_PART_RESOLVING:
        return ngx_http_mlist_part_wants(r, part);

    default:
        return NGX_OK;
    }
}


static ngx_int_t
ngx_http_mlist_part_begin(ngx_http_request_t *r, ngx_http_mlist_part_t *part)
{
    ngx_int_t  rc;

    rc = part->unkept ? NGX_DECLINED : ngx_http_mlist_part_cached(r, part);

    if (rc != NGX_DECLINED) {
        return rc;
    }

    if (part->spot->state == NGX_HTTP_MLIST_SPOT_FETCHED) {
        return ngx_http_mlist_part_resolve(r, part);
    }

    part->state = NGX_HTTP_MLIST_PART_SPOT;

    /* sources with one spot share its fetch */

    if (part->spot->state == NGX_HTTP_MLIST_SPOT_PRESENT
        && ngx_http_mlist_spot_fetch(r, part->spot) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return NGX_AGAIN;
}


static ngx_int_t
ngx_http_mlist_part_resolve(ngx_http_request_t *r,
    ngx_http_mlist_part_t *part)
{
    mlist_rc_e                  rc;
    ngx_pool_cleanup_t         *cln;
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    part->fetches = ngx_pcalloc(r->pool, MLIST_RESOLVE_WANTS
                                         * sizeof(ngx_http_mlist_fetch_t *));

    cln = ngx_pool_cleanup_add(r->pool, 0);

    if (part->fetches == NULL || cln == NULL) {
        return NGX_ERROR;
    }

    part->resolve = mlist_resolve_create(part->source->platform,
                                   mlcf->verify ? MLIST_RESOLVE_VERIFY : 0);
    if (part->resolve == NULL) {
        return NGX_ERROR;
    }

    cln->handler = ngx_http_mlist_part_cleanup;
    cln->data = part->resolve;

    rc = mlist_resolve_root(part->resolve, &part->spot->digest,
                            ngx_http_mlist_view(&part->spot->type),
                            ngx_http_mlist_view(&part->spot->body));

    if (rc != MLIST_OK) {
        return ngx_http_mlist_part_problem(r, part, rc);
    }

    part->state = NGX_HTTP_MLIST_PART_RESOLVING;

    return ngx_http_mlist_part_wants(r, part);
}


static ngx_int_t
ngx_http_mlist_part_wants(ngx_http_request_t *r, ngx_http_mlist_part_t *part)
{
    ngx_int_t      rc;
    ngx_uint_t     i, waiting;
    mlist_want_t  *want;

    waiting = 0;

    /* feeding one may add others, at the end */

    for (i = 0; i < mlist_resolve_nwants(part->resolve); i++) {

        want = mlist_resolve_want(part->resolve, i);

        if (want->fed) {
            continue;
        }

        if (!want->asked) {
            rc = ngx_http_mlist_part_fetch(r, part, want, i);

        } else if (ngx_http_mlist_fetch_done(part->fetches[i])) {
            rc = ngx_http_mlist_part_feed(r, part, i);

        } else {
            rc = NGX_AGAIN;
        }

        if (rc == NGX_AGAIN) {
            waiting = 1;

        } else if (rc != NGX_OK
                   || part->state == NGX_HTTP_MLIST_PART_FAILED)
        {
            return rc;
        }
    }

    if (waiting) {
        return NGX_AGAIN;
    }

    return ngx_http_mlist_part_finish(r, part);
}


static ngx_int_t
ngx_http_mlist_part_fetch(ngx_http_request_t *r, ngx_http_mlist_part_t *part,
    mlist_want_t *want, ngx_uint_t i)
{
    ngx_str_t                   digest;
    ngx_http_mlist_spot_t      *spot;
    ngx_http_mlist_fetch_t     *fetch;
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    if (want->size > mlcf->max_manifest_size) {
        ngx_str_set(&part->blame.reason,
                    "what its index or image names is larger than "
                    "mlist_max_manifest_size");
        part->state = NGX_HTTP_MLIST_PART_FAILED;
        return NGX_OK;
    }

    fetch = ngx_pcalloc(r->pool, sizeof(ngx_http_mlist_fetch_t));
    if (fetch == NULL) {
        return NGX_ERROR;
    }

    spot = part->spot;
    digest = ngx_http_mlist_ngx_str(mlist_digest_str(&want->digest));

    if (ngx_http_mlist_target_url(r, spot->target.registry,
                                  &spot->target.name,
                                  want->blob ? "blobs" : "manifests",
                                  &digest, &fetch->url)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    fetch->registry = spot->target.registry;
    fetch->sources = spot->sources;
    fetch->max = want->size;
    fetch->blob = want->blob;
    fetch->follow = want->blob;

    want->asked = 1;
    part->fetches[i] = fetch;

    return ngx_http_mlist_fetch_start(r, fetch) == NGX_OK ? NGX_AGAIN
                                                          : NGX_ERROR;
}


/* NGX_OK with the state FAILED where the source is to blame. */

static ngx_int_t
ngx_http_mlist_part_feed(ngx_http_request_t *r, ngx_http_mlist_part_t *part,
    ngx_uint_t i)
{
    mlist_rc_e               rc;
    ngx_http_mlist_fetch_t  *fetch;

    fetch = part->fetches[i];

    if (ngx_http_mlist_failure_verdict(fetch) != NGX_OK) {
        part->blame.fetch = fetch;
        part->state = NGX_HTTP_MLIST_PART_FAILED;
        return NGX_OK;
    }

    if (!ngx_http_mlist_spot_plain(fetch, &part->blame.reason)) {
        part->state = NGX_HTTP_MLIST_PART_FAILED;
        return NGX_OK;
    }

    rc = mlist_resolve_feed(part->resolve, i,
                            ngx_http_mlist_view(&fetch->type),
                            ngx_http_mlist_view(&fetch->body));

    return rc == MLIST_OK ? NGX_OK : ngx_http_mlist_part_problem(r, part, rc);
}


static ngx_int_t
ngx_http_mlist_part_finish(ngx_http_request_t *r, ngx_http_mlist_part_t *part)
{
    mlist_rc_e    rc;
    ngx_int_t     ok;
    mlist_part_t  made;

    rc = mlist_resolve_finish(part->resolve, &made);

    if (rc != MLIST_OK) {
        return ngx_http_mlist_part_problem(r, part, rc);
    }

    ok = NGX_OK;

    part->kind = made.kind;
    ngx_str_null(&part->json);

    if (made.json) {
        part->json.len = made.len;
        part->json.data = ngx_pnalloc(r->pool, made.len);

        if (part->json.data) {
            ngx_memcpy(part->json.data, made.json, made.len);

        } else {
            ok = NGX_ERROR;
        }

        free(made.json);
    }

    if (ok == NGX_OK) {
        part->state = NGX_HTTP_MLIST_PART_READY;

        if (!part->unkept) {
            ngx_http_mlist_part_cache(r, part);
        }
    }

    return ok;
}


static ngx_int_t
ngx_http_mlist_part_cached(ngx_http_request_t *r, ngx_http_mlist_part_t *part)
{
    char                        text[MLIST_PLATFORM_TEXT];
    ngx_int_t                   rc;
    ngx_str_t                   pieces[6], value;
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    pieces[0] = part->spot->target.registry->url;
    pieces[1] = part->spot->target.name;
    pieces[2] = ngx_http_mlist_ngx_str(mlist_digest_str(&part->spot->digest));

    ngx_str_null(&pieces[3]);

    if (part->source->platform) {
        pieces[3].data = (u_char *) text;
        pieces[3].len = mlist_platform_text(part->source->platform, text);
    }

    if (mlcf->verify) {
        ngx_str_set(&pieces[4], "verify");

    } else {
        ngx_str_null(&pieces[4]);
    }

    /* a wrong type, which no digest covers, is not remembered for the right */

    pieces[5] = part->spot->type;

    ngx_http_mlist_key_of(mlcf->main->zone, pieces, 6, part->key);

    rc = ngx_http_mlist_zone_get(mlcf->main->zone, NGX_HTTP_MLIST_ZONE_PART,
                                 part->key, r->pool, &value);

    if (rc != NGX_OK) {
        return rc;
    }

    part->kind = value.data[0];
    part->json.data = value.data + 1;
    part->json.len = value.len - 1;
    part->state = NGX_HTTP_MLIST_PART_READY;

    return NGX_OK;
}


static void
ngx_http_mlist_part_cache(ngx_http_request_t *r, ngx_http_mlist_part_t *part)
{
    u_char                      kind;
    ngx_str_t                   pieces[2];
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    kind = (u_char) part->kind;

    pieces[0].data = &kind;
    pieces[0].len = 1;
    pieces[1] = part->json;

    (void) ngx_http_mlist_zone_set(mlcf->main->zone, NGX_HTTP_MLIST_ZONE_PART,
                                   part->key, pieces, 2, 0);
}


static ngx_int_t
ngx_http_mlist_part_problem(ngx_http_request_t *r,
    ngx_http_mlist_part_t *part, mlist_rc_e rc)
{
    u_char      *p;
    size_t       len;
    const char  *text, *problem;

    if (rc == MLIST_NOMEM) {
        return NGX_ERROR;
    }

    text = mlist_rc_text(rc);
    problem = mlist_resolve_problem(part->resolve);

    len = ngx_strlen(text) + sizeof(": ") - 1 + ngx_strlen(problem);

    part->blame.reason.data = ngx_pnalloc(r->pool, len);
    if (part->blame.reason.data == NULL) {
        return NGX_ERROR;
    }

    p = ngx_sprintf(part->blame.reason.data, "%s: %s", text, problem);

    part->blame.reason.len = p - part->blame.reason.data;
    part->state = NGX_HTTP_MLIST_PART_FAILED;

    return NGX_OK;
}


static void
ngx_http_mlist_part_cleanup(void *data)
{
    mlist_resolve_free(data);
}

/*
 * What flights have seen of tags: see ngx_http_mlist_seen.h.
 */


#include "ngx_http_mlist_seen.h"
#include "ngx_http_mlist_judge.h"
#include "ngx_http_mlist_key.h"
#include "ngx_http_mlist_zone.h"


/* What one record is made with; too large for the stack. */
typedef struct {
    mlist_seen_t       seen;
    mlist_seen_t       before;
    mlist_seen_text_t  texts[MLIST_SEEN_CHILDREN];
    u_char             buf[MLIST_SEEN_MAX];
    u_char             out[MLIST_SEEN_MAX];
    unsigned           known:1;
} ngx_http_mlist_seen_work_t;


static ngx_uint_t ngx_http_mlist_seen_wanted(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build, ngx_http_mlist_verdict_e kind,
    ngx_uint_t known);
static ngx_uint_t ngx_http_mlist_seen_somewhere(
    ngx_http_mlist_build_t *build);
static void ngx_http_mlist_seen_verdict(ngx_http_mlist_build_t *build,
    ngx_http_mlist_verdict_e kind, mlist_seen_t *seen);
static void ngx_http_mlist_seen_source(ngx_http_mlist_build_t *build,
    ngx_http_mlist_part_t *part, mlist_seen_source_t *source);
static void ngx_http_mlist_seen_blame(ngx_http_mlist_blame_t *blame,
    mlist_seen_source_t *source);
static void ngx_http_mlist_seen_children(ngx_http_mlist_build_t *build,
    ngx_http_mlist_seen_work_t *work);
static void ngx_http_mlist_seen_origins(ngx_http_mlist_build_t *build,
    mlist_seen_t *seen);
static void ngx_http_mlist_seen_before(ngx_http_mlist_seen_work_t *work);
static ngx_uint_t ngx_http_mlist_seen_same(const mlist_seen_digest_t *a,
    const mlist_seen_digest_t *b);


void
ngx_http_mlist_seen_note(ngx_http_request_t *r, ngx_http_mlist_build_t *build,
    ngx_http_mlist_verdict_e kind)
{
    size_t                       len;
    u_char                       key[NGX_HTTP_MLIST_KEY_SIZE];
    ngx_str_t                    record;
    ngx_uint_t                   i;
    ngx_http_mlist_ctx_t        *ctx;
    ngx_http_mlist_part_t       *part;
    ngx_http_mlist_loc_conf_t   *mlcf;
    ngx_http_mlist_seen_work_t  *work;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    if (!mlcf->main->watched) {
        return;
    }

    work = ngx_alloc(sizeof(ngx_http_mlist_seen_work_t), r->connection->log);
    if (work == NULL) {
        return;
    }

    ctx = ngx_http_get_module_ctx(r, ngx_http_mlist_module);

    work->known = ngx_http_mlist_seen_get(mlcf, &ctx->name, &ctx->reference,
                                          work->buf, &record)
                  == NGX_OK
                  && mlist_seen_read(ngx_http_mlist_view(&record),
                                     &work->before)
                     == MLIST_OK;

    if (!ngx_http_mlist_seen_wanted(r, build, kind, work->known)) {
        ngx_free(work);
        return;
    }

    ngx_memzero(&work->seen, sizeof(mlist_seen_t));

    work->seen.when = ngx_time();
    work->seen.name = ngx_http_mlist_view(&ctx->name);
    work->seen.tag = ngx_http_mlist_view(&ctx->reference);
    work->seen.nsources = mlcf->sources->nelts;

    ngx_memcpy(work->seen.place, mlcf->fingerprint, MLIST_SEEN_PLACE);

    for (i = 0; i < build->nparts; i++) {
        part = &build->parts[i];
        ngx_http_mlist_seen_source(build, part,
                                   &work->seen.sources[part->index]);
    }

    ngx_http_mlist_seen_verdict(build, kind, &work->seen);

    if (kind == NGX_HTTP_MLIST_VERDICT_LIST) {
        ngx_http_mlist_seen_children(build, work);

    } else if (kind == NGX_HTTP_MLIST_VERDICT_FAILED) {
        ngx_http_mlist_seen_before(work);
    }

    if (mlist_seen_write(&work->seen, work->out, MLIST_SEEN_MAX, &len)
        == MLIST_OK)
    {
        record.data = work->out;
        record.len = len;

        ngx_http_mlist_key_tag(mlcf, &ctx->name, &ctx->reference, key);

        (void) ngx_http_mlist_zone_set_ordered(mlcf->main->zone,
                                               NGX_HTTP_MLIST_ZONE_SEEN, key,
                                               &record, 1,
                                               build->tag.number);
    }

    ngx_free(work);
}


/*
 * Nothing is kept of what never was, or may never have been, so that made-up
 * tags push out nothing; nor of what somebody was refused: then another
 * client's record would tell that it is not there.
 */

static ngx_uint_t
ngx_http_mlist_seen_wanted(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build, ngx_http_mlist_verdict_e kind,
    ngx_uint_t known)
{
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    switch (kind) {

    case NGX_HTTP_MLIST_VERDICT_NOWHERE:
        return known && mlcf->auth == NGX_HTTP_MLIST_AUTH_NGINX;

    case NGX_HTTP_MLIST_VERDICT_FAILED:
        return build->failure.status
               && !ngx_http_mlist_judge_refused(r, build)
               && (known
                   || (mlcf->auth == NGX_HTTP_MLIST_AUTH_NGINX
                       && ngx_http_mlist_seen_somewhere(build)));

    default:
        return 1;
    }
}


/* 1 if some source has the tag, or had it when it was last asked for. */

static ngx_uint_t
ngx_http_mlist_seen_somewhere(ngx_http_mlist_build_t *build)
{
    ngx_uint_t              i;
    ngx_http_mlist_spot_t  *spot;

    for (i = 0; i < build->nspots; i++) {
        spot = &build->spots[i];

        if (spot->fetch
            && spot->fetch->state == NGX_HTTP_MLIST_FETCH_ANSWERED
            && spot->fetch->status == NGX_HTTP_OK)
        {
            return 1;
        }
    }

    return build->known;
}


static void
ngx_http_mlist_seen_verdict(ngx_http_mlist_build_t *build,
    ngx_http_mlist_verdict_e kind, mlist_seen_t *seen)
{
    mlist_digest_t  digest;

    switch (kind) {

    case NGX_HTTP_MLIST_VERDICT_LIST:
        seen->verdict =
            build->status == NGX_HTTP_MLIST_STATUS_STALE ? MLIST_SEEN_STALE
            : build->status == NGX_HTTP_MLIST_STATUS_PARTIAL
                  ? MLIST_SEEN_PARTIAL
            : build->status == NGX_HTTP_MLIST_STATUS_REVALIDATED
                  ? MLIST_SEEN_UNCHANGED : MLIST_SEEN_LIST;

        seen->type = build->doc.type;
        seen->size = build->doc.body.len;

        if (mlist_digest_parse(ngx_http_mlist_view(&build->doc.digest),
                               &digest)
            == MLIST_OK)
        {
            mlist_seen_digest(&digest, &seen->digest);
        }

        if (seen->verdict == MLIST_SEEN_STALE) {
            seen->reason = ngx_http_mlist_view(&build->failure.detail);
        }

        break;

    case NGX_HTTP_MLIST_VERDICT_ARTIFACT:
        seen->verdict = MLIST_SEEN_ARTIFACT;
        mlist_seen_digest(&build->parts[build->artifact].spot->digest,
                          &seen->digest);
        break;

    case NGX_HTTP_MLIST_VERDICT_NOWHERE:
        seen->verdict = MLIST_SEEN_NOWHERE;
        break;

    default: /* NGX_HTTP_MLIST_VERDICT_FAILED */
        seen->verdict = MLIST_SEEN_ERROR;
        seen->failed = build->failure.status;
        seen->reason = ngx_http_mlist_view(&build->failure.detail);
    }
}


static void
ngx_http_mlist_seen_source(ngx_http_mlist_build_t *build,
    ngx_http_mlist_part_t *part, mlist_seen_source_t *source)
{
    ngx_http_mlist_spot_t  *spot;

    spot = part->spot;

    if (spot == NULL) {
        source->what = MLIST_SEEN_NO_SPELLING;
        return;
    }

    if (spot->fetch) {
        source->ms = spot->fetch->took;
        source->status = spot->fetch->status;
    }

    mlist_seen_digest(&spot->digest, &source->digest);

    if (ngx_http_mlist_judge_missing(build, part)) {
        source->what = MLIST_SEEN_DENIED;
        return;
    }

    source->left_out = part->left_out;

    switch (spot->state) {

    case NGX_HTTP_MLIST_SPOT_ASKING:
        return;

    case NGX_HTTP_MLIST_SPOT_ABSENT:
        source->what = MLIST_SEEN_ABSENT;
        return;

    case NGX_HTTP_MLIST_SPOT_FAILED:
        ngx_http_mlist_seen_blame(&spot->blame, source);
        return;

    default:
        break;
    }

    if (part->state == NGX_HTTP_MLIST_PART_FAILED) {
        ngx_http_mlist_seen_blame(&part->blame, source);
        return;
    }

    source->what = (build->missing & (uint32_t) 1 << part->index)
                   && build->status != NGX_HTTP_MLIST_STATUS_STALE
                       ? MLIST_SEEN_NO_PLATFORM : MLIST_SEEN_PRESENT;
}


static void
ngx_http_mlist_seen_blame(ngx_http_mlist_blame_t *blame,
    mlist_seen_source_t *source)
{
    ngx_http_mlist_fetch_t  *fetch;

    fetch = blame->fetch;

    if (fetch == NULL) {
        source->what = MLIST_SEEN_BAD;
        source->reason = ngx_http_mlist_view(&blame->reason);
        return;
    }

    source->status = fetch->status;
    source->ms = fetch->took;

    switch (fetch->state) {

    case NGX_HTTP_MLIST_FETCH_ANSWERED:
        source->what = MLIST_SEEN_STATUS;
        break;

    case NGX_HTTP_MLIST_FETCH_TIMEOUT:
        source->what = MLIST_SEEN_TIMEOUT;
        break;

    case NGX_HTTP_MLIST_FETCH_TOO_LARGE:
        source->what = MLIST_SEEN_TOO_LARGE;
        break;

    default:
        source->what = MLIST_SEEN_FAILED;
        source->reason = mlist_str(fetch->reason);
    }
}


/* What the list is made of; what is known of the same list is taken over. */

static void
ngx_http_mlist_seen_children(ngx_http_mlist_build_t *build,
    ngx_http_mlist_seen_work_t *work)
{
    if (work->known
        && work->before.nchildren
        && ngx_http_mlist_seen_same(&work->before.digest, &work->seen.digest))
    {
        work->seen.nchildren = work->before.nchildren;

        ngx_memcpy(work->seen.children, work->before.children,
                   sizeof(work->seen.children));
        return;
    }

    if (mlist_seen_list(ngx_http_mlist_view(&build->doc.body), &work->seen,
                        work->texts)
        == MLIST_OK)
    {
        ngx_http_mlist_seen_origins(build, &work->seen);
    }
}


/* Of two sources with one child the first is it. */

static void
ngx_http_mlist_seen_origins(ngx_http_mlist_build_t *build,
    mlist_seen_t *seen)
{
    unsigned                i, j, n;
    mlist_seen_child_t     *child;
    mlist_seen_digest_t    *digest;
    ngx_http_mlist_part_t  *part;

    n = ngx_min(seen->nchildren, MLIST_SEEN_CHILDREN);

    for (i = 0; i < build->nparts; i++) {
        part = &build->parts[i];
        digest = &seen->sources[part->index].digest;

        if (part->state == NGX_HTTP_MLIST_PART_READY && part->json.len) {
            (void) mlist_seen_part(ngx_http_mlist_view(&part->json),
                                   part->index, seen);
        }

        for (j = 0; j < n; j++) {
            child = &seen->children[j];

            if (child->source == MLIST_SEEN_NOBODY
                && (ngx_http_mlist_seen_same(digest, &child->digest)
                    || ngx_http_mlist_seen_same(digest, &seen->digest)))
            {
                child->source = part->index;
            }
        }
    }
}


/* The last list that there was stays in the record of an error. */

static void
ngx_http_mlist_seen_before(ngx_http_mlist_seen_work_t *work)
{
    if (!work->known) {
        return;
    }

    work->seen.digest = work->before.digest;
    work->seen.type = work->before.type;
    work->seen.size = work->before.size;
    work->seen.nchildren = work->before.nchildren;

    ngx_memcpy(work->seen.children, work->before.children,
               sizeof(work->seen.children));
}


static ngx_uint_t
ngx_http_mlist_seen_same(const mlist_seen_digest_t *a,
    const mlist_seen_digest_t *b)
{
    return a->len
           && a->len == b->len
           && ngx_memcmp(a->bytes, b->bytes, a->len) == 0;
}


ngx_int_t
ngx_http_mlist_seen_get(ngx_http_mlist_loc_conf_t *mlcf, ngx_str_t *name,
    ngx_str_t *tag, u_char *buf, ngx_str_t *record)
{
    u_char  key[NGX_HTTP_MLIST_KEY_SIZE];

    ngx_http_mlist_key_tag(mlcf, name, tag, key);

    record->data = buf;

    return ngx_http_mlist_zone_peek(mlcf->main->zone,
                                    NGX_HTTP_MLIST_ZONE_SEEN, key, buf,
                                    MLIST_SEEN_MAX, &record->len);
}


ngx_http_mlist_loc_conf_t *
ngx_http_mlist_seen_place(ngx_http_mlist_main_conf_t *mcf,
    const unsigned char *place)
{
    ngx_uint_t                i;
    ngx_http_mlist_active_t  *active;

    active = mcf->active.elts;

    for (i = 0; i < mcf->active.nelts; i++) {
        if (ngx_memcmp(active[i].conf->fingerprint, place, MLIST_SEEN_PLACE)
            == 0)
        {
            return active[i].conf;
        }
    }

    return NULL;
}

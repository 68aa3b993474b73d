/*
 * What the status pages print: see ngx_http_mlist_model.h.
 */


#include "ngx_http_mlist_model.h"


/* Of children that are gone: how many are shown, and counted. */
#define NGX_HTTP_MLIST_MODEL_PINS  256


static ngx_int_t ngx_http_mlist_model_one(ngx_http_request_t *r,
    ngx_http_mlist_model_ask_t *ask, ngx_http_mlist_model_t *model,
    u_char *buf);
static ngx_int_t ngx_http_mlist_model_records(ngx_http_request_t *r,
    ngx_http_mlist_model_t *model, ngx_http_mlist_zone_kind_e kind,
    ngx_uint_t limit, ngx_array_t *records, u_char *buf);
static ngx_int_t ngx_http_mlist_model_add(ngx_http_request_t *r,
    ngx_array_t *records, u_char *data, size_t len);
static ngx_int_t ngx_http_mlist_model_sources(ngx_http_request_t *r,
    ngx_http_mlist_main_conf_t *mcf, ngx_http_mlist_model_t *model);
static ngx_int_t ngx_http_mlist_model_source(ngx_http_request_t *r,
    ngx_http_mlist_model_t *model, ngx_http_mlist_health_t *health,
    ngx_http_mlist_source_t *source);
static ngx_int_t ngx_http_mlist_model_label(ngx_http_request_t *r,
    ngx_http_mlist_health_t *health, ngx_str_t *label);
static void ngx_http_mlist_model_sum(ngx_http_mlist_model_source_t *source);


ngx_int_t
ngx_http_mlist_model_take(ngx_http_request_t *r,
    ngx_http_mlist_model_ask_t *ask, ngx_http_mlist_model_t *model)
{
    u_char                      *buf;
    ngx_int_t                    rc;
    ngx_http_mlist_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_mlist_module);

    ngx_memzero(model, sizeof(ngx_http_mlist_model_t));

    model->main = mcf;
    model->now = ngx_time();
    model->stats = *mcf->stats;
    model->seen = ngx_palloc(r->pool, sizeof(mlist_seen_t));

    buf = ngx_palloc(r->pool, MLIST_SEEN_MAX);

    if (model->seen == NULL
        || buf == NULL
        || ngx_array_init(&model->tags, r->pool, 16, sizeof(ngx_str_t))
           != NGX_OK
        || ngx_array_init(&model->pins, r->pool, 4, sizeof(ngx_str_t))
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    rc = ask->name.len
             ? ngx_http_mlist_model_one(r, ask, model, buf)
             : ngx_http_mlist_model_records(r, model,
                                            NGX_HTTP_MLIST_ZONE_SEEN,
                                            ask->limit, &model->tags, buf);

    if (rc != NGX_OK
        || ngx_http_mlist_model_records(r, model, NGX_HTTP_MLIST_ZONE_GONE,
                                        ask->pins ? NGX_HTTP_MLIST_MODEL_PINS
                                                  : 0,
                                        &model->pins, buf)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_http_mlist_zone_figures(mcf->zone, &model->zone);

    return ngx_http_mlist_model_sources(r, mcf, model);
}


/* The records of one tag, one for each set of sources. */

static ngx_int_t
ngx_http_mlist_model_one(ngx_http_request_t *r,
    ngx_http_mlist_model_ask_t *ask, ngx_http_mlist_model_t *model,
    u_char *buf)
{
    ngx_str_t                 record;
    ngx_uint_t                i, j;
    ngx_http_mlist_active_t  *active;

    active = model->main->active.elts;

    for (i = 0; i < model->main->active.nelts; i++) {

        for (j = 0; j < i; j++) {
            if (ngx_memcmp(active[i].conf->fingerprint,
                           active[j].conf->fingerprint,
                           NGX_HTTP_MLIST_KEY_SIZE)
                == 0)
            {
                break;
            }
        }

        if (j < i
            || (ask->place
                && ngx_memcmp(active[i].conf->fingerprint,
                              ask->place->fingerprint,
                              NGX_HTTP_MLIST_KEY_SIZE)
                   != 0)
            || ngx_http_mlist_seen_get(active[i].conf, &ask->name, &ask->tag,
                                       buf, &record)
               != NGX_OK)
        {
            continue;
        }

        if (ngx_http_mlist_model_add(r, &model->tags, record.data, record.len)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/* The lock is taken for the keys, and again for each record. */

static ngx_int_t
ngx_http_mlist_model_records(ngx_http_request_t *r,
    ngx_http_mlist_model_t *model, ngx_http_mlist_zone_kind_e kind,
    ngx_uint_t limit, ngx_array_t *records, u_char *buf)
{
    u_char                 *keys;
    ngx_str_t               record;
    ngx_uint_t              i, n;
    ngx_http_mlist_zone_t  *zone;

    if (limit == 0) {
        return NGX_OK;
    }

    zone = model->main->zone;

    keys = ngx_palloc(r->pool, limit * NGX_HTTP_MLIST_ZONE_KEY);
    if (keys == NULL) {
        return NGX_ERROR;
    }

    n = ngx_http_mlist_zone_keys(zone, kind, keys, limit);

    for (i = 0; i < n; i++) {

        record.data = buf;

        /* what is counted is what is shown */

        if (ngx_http_mlist_zone_peek(zone, kind,
                                     keys + i * NGX_HTTP_MLIST_ZONE_KEY, buf,
                                     MLIST_SEEN_MAX, &record.len)
            != NGX_OK
            || ngx_http_mlist_model_record(model, &record) == NULL)
        {
            continue;
        }

        if (ngx_http_mlist_model_add(r, records, buf, record.len) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    ngx_pfree(r->pool, keys);

    return NGX_OK;
}


static ngx_int_t
ngx_http_mlist_model_add(ngx_http_request_t *r, ngx_array_t *records,
    u_char *data, size_t len)
{
    ngx_str_t  *record;

    record = ngx_array_push(records);
    if (record == NULL) {
        return NGX_ERROR;
    }

    record->data = ngx_pnalloc(r->pool, len);
    if (record->data == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(record->data, data, len);
    record->len = len;

    return NGX_OK;
}


ngx_http_mlist_loc_conf_t *
ngx_http_mlist_model_record(ngx_http_mlist_model_t *model, ngx_str_t *record)
{
    ngx_http_mlist_loc_conf_t  *mlcf;

    if (mlist_seen_read(ngx_http_mlist_view(record), model->seen)
        != MLIST_OK)
    {
        return NULL;
    }

    mlcf = ngx_http_mlist_seen_place(model->main, model->seen->place);

    /* what a source's index means is the location's to say */

    return mlcf && model->seen->nsources <= mlcf->sources->nelts ? mlcf
                                                                 : NULL;
}


static ngx_int_t
ngx_http_mlist_model_sources(ngx_http_request_t *r,
    ngx_http_mlist_main_conf_t *mcf, ngx_http_mlist_model_t *model)
{
    u_char                   *seen;
    ngx_uint_t                i, j, place;
    ngx_http_mlist_active_t  *active;
    ngx_http_mlist_source_t  *source;
    ngx_http_mlist_health_t  *health;

    health = mcf->stats->health;

    seen = ngx_pcalloc(r->pool, mcf->stats->nhealth);

    if (seen == NULL
        || ngx_array_init(&model->sources, r->pool, 8,
                          sizeof(ngx_http_mlist_model_source_t))
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    active = mcf->active.elts;

    for (i = 0; i < mcf->active.nelts; i++) {
        source = active[i].conf->sources->elts;

        for (j = 0; j < active[i].conf->sources->nelts; j++) {

            if (source[j].health == NULL) {
                continue;
            }

            place = source[j].health - health;

            if (!seen[place]) {
                seen[place] = 1;

                if (ngx_http_mlist_model_source(r, model, &health[place],
                                                &source[j])
                    != NGX_OK)
                {
                    return NGX_ERROR;
                }
            }
        }
    }

    for (i = 0; i < mcf->stats->nhealth; i++) {

        if (!seen[i]
            && health[i].len
            && ngx_http_mlist_model_source(r, model, &health[i], NULL)
               != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_mlist_model_source(ngx_http_request_t *r,
    ngx_http_mlist_model_t *model, ngx_http_mlist_health_t *health,
    ngx_http_mlist_source_t *source)
{
    ngx_http_mlist_model_source_t  *one;

    one = ngx_array_push(&model->sources);
    if (one == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(one, sizeof(ngx_http_mlist_model_source_t));

    one->health = *health;
    one->registry = source ? source->registry : NULL;

    ngx_http_mlist_model_sum(one);

    return ngx_http_mlist_model_label(r, &one->health, &one->label);
}


/* The label; where it was cut, with what tells it from others. */

static ngx_int_t
ngx_http_mlist_model_label(ngx_http_request_t *r,
    ngx_http_mlist_health_t *health, ngx_str_t *label)
{
    u_char  *p;

    p = ngx_pnalloc(r->pool, health->len + sizeof("~0123456789abcdef"));
    if (p == NULL) {
        return NGX_ERROR;
    }

    label->data = p;

    p = ngx_cpymem(p, health->label, health->len);

    if (health->len == NGX_HTTP_MLIST_HEALTH_LABEL) {
        p = ngx_sprintf(p, "~%016xL", (int64_t) health->hash);
    }

    label->len = p - label->data;

    return NGX_OK;
}


static void
ngx_http_mlist_model_sum(ngx_http_mlist_model_source_t *source)
{
    ngx_uint_t      i, n, code;
    unsigned long   counts[MLIST_LATENCY_BUCKETS];

    for (i = 0; i < NGX_HTTP_MLIST_HEALTH_ANSWERS; i++) {
        n = source->health.answers[i];
        source->total += n;

        code = i < NGX_HTTP_MLIST_STATS_CODES ? ngx_http_mlist_stats_code(i)
                                              : 0;

        if (i >= NGX_HTTP_MLIST_STATS_CODES
            || code == NGX_HTTP_TOO_MANY_REQUESTS
            || code >= NGX_HTTP_INTERNAL_SERVER_ERROR)
        {
            source->errors += n;
        }
    }

    for (i = 0; i < MLIST_LATENCY_BUCKETS; i++) {
        counts[i] = source->health.latency[i];
    }

    source->median = mlist_latency_median(counts);
}


const char *
ngx_http_mlist_model_what(ngx_http_mlist_zone_kind_e kind)
{
    static const char *const  names[NGX_HTTP_MLIST_ZONE_KINDS] = {
        "records", "gone", "negatives", "credentials", "tokens", "routes",
        "parts", "tags", "lists"
    };

    return names[kind];
}


const char *
ngx_http_mlist_model_auth(ngx_http_mlist_stats_auth_e result)
{
    static const char *const  names[NGX_HTTP_MLIST_STATS_AUTHS] = {
        "accepted", "refused", "busy", "failed"
    };

    return names[result];
}


void
ngx_http_mlist_model_answer(ngx_uint_t place,
    u_char text[NGX_HTTP_MLIST_MODEL_ANSWER])
{
    ngx_uint_t  code;

    static const char *const  names[] = { "failed", "timeout", "too_large" };

    if (place >= NGX_HTTP_MLIST_STATS_CODES) {
        (void) ngx_sprintf(text, "%s%Z",
                           names[place - NGX_HTTP_MLIST_STATS_CODES]);
        return;
    }

    code = ngx_http_mlist_stats_code(place);

    if (code) {
        (void) ngx_sprintf(text, "%ui%Z", code);

    } else {
        (void) ngx_sprintf(text, "other%Z");
    }
}


void
ngx_http_mlist_model_said(ngx_uint_t answer,
    u_char text[NGX_HTTP_MLIST_MODEL_ANSWER])
{
    if (answer > NGX_HTTP_MLIST_HEALTH_TOO_LARGE) {
        (void) ngx_sprintf(text, "%ui%Z", answer);

    } else {
        ngx_http_mlist_model_answer(NGX_HTTP_MLIST_STATS_CODES - 1 + answer,
                                    text);
    }
}

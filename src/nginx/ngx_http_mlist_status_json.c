/*
 * The status as JSON: see ngx_http_mlist_status_json.h.
 */


#include "ngx_http_mlist_status_json.h"
#include "ngx_http_mlist_explain.h"
#include "ngx_http_mlist_store_dir.h"
#include "ngx_http_mlist_variables.h"


static void ngx_http_mlist_status_json_counters(ngx_http_mlist_out_t *out,
    ngx_http_mlist_model_t *model);
static void ngx_http_mlist_status_json_stores(ngx_http_mlist_out_t *out,
    ngx_http_mlist_model_t *model);
static void ngx_http_mlist_status_json_requests(ngx_http_mlist_out_t *out,
    ngx_http_mlist_model_t *model);
static void ngx_http_mlist_status_json_zone(ngx_http_mlist_out_t *out,
    ngx_http_mlist_model_t *model);
static void ngx_http_mlist_status_json_sources(ngx_http_mlist_out_t *out,
    ngx_http_mlist_model_t *model);
static void ngx_http_mlist_status_json_source(ngx_http_mlist_out_t *out,
    ngx_http_mlist_model_source_t *source);
static void ngx_http_mlist_status_json_latency(ngx_http_mlist_out_t *out,
    ngx_http_mlist_model_source_t *source);
static void ngx_http_mlist_status_json_answer(ngx_http_mlist_out_t *out,
    const char *name, ngx_uint_t answer, time_t when);
static void ngx_http_mlist_status_json_pins(ngx_http_mlist_out_t *out,
    ngx_http_mlist_model_t *model);
static void ngx_http_mlist_status_json_tags(ngx_http_mlist_out_t *out,
    ngx_http_mlist_model_t *model);
static void ngx_http_mlist_status_json_tag(ngx_http_mlist_out_t *out,
    mlist_seen_t *seen, ngx_http_mlist_loc_conf_t *mlcf);
static void ngx_http_mlist_status_json_platforms(ngx_http_mlist_out_t *out,
    mlist_seen_t *seen, ngx_http_mlist_loc_conf_t *mlcf);
static void ngx_http_mlist_status_json_said(ngx_http_mlist_out_t *out,
    mlist_seen_t *seen, ngx_http_mlist_loc_conf_t *mlcf);
static void ngx_http_mlist_status_json_text(ngx_http_mlist_out_t *out,
    const char *name, ngx_str_t *s);
static void ngx_http_mlist_status_json_view(ngx_http_mlist_out_t *out,
    const char *name, mlist_str_t s);
static void ngx_http_mlist_status_json_digest(ngx_http_mlist_out_t *out,
    const char *name, mlist_seen_digest_t *digest);
static void ngx_http_mlist_status_json_time(ngx_http_mlist_out_t *out,
    const char *name, time_t when);


void
ngx_http_mlist_status_json(ngx_http_mlist_out_t *out,
    ngx_http_mlist_model_t *model, ngx_uint_t one)
{
    ngx_http_mlist_out(out, "{");
    ngx_http_mlist_status_json_time(out, "now", model->now);

    if (!one) {
        ngx_http_mlist_out(out, ",\n");
        ngx_http_mlist_status_json_time(out, "since", model->stats.since);
        ngx_http_mlist_status_json_counters(out, model);
        ngx_http_mlist_status_json_zone(out, model);
        ngx_http_mlist_status_json_sources(out, model);
        ngx_http_mlist_status_json_pins(out, model);
    }

    ngx_http_mlist_status_json_tags(out, model);
    ngx_http_mlist_out(out, "}\n");
}


static void
ngx_http_mlist_status_json_counters(ngx_http_mlist_out_t *out,
    ngx_http_mlist_model_t *model)
{
    ngx_uint_t  i;

    ngx_http_mlist_status_json_requests(out, model);

    ngx_http_mlist_out(out, ",\n\"cache\":{");

    for (i = NGX_HTTP_MLIST_STATUS_MISS; i < NGX_HTTP_MLIST_STATUSES; i++) {
        ngx_http_mlist_out_format(out, "%s\"%V\":%ui",
                                  i > NGX_HTTP_MLIST_STATUS_MISS ? "," : "",
                                  ngx_http_mlist_variables_status_text(i),
                                  (ngx_uint_t) model->stats.cache[i]);
    }

    ngx_http_mlist_out_format(out, "},\n\"flights\":{\"total\":%ui,"
                              "\"joined\":%ui},\n\"auth_checks\":{",
                              (ngx_uint_t) model->stats.flights,
                              (ngx_uint_t) model->stats.joined);

    for (i = 0; i < NGX_HTTP_MLIST_STATS_AUTHS; i++) {
        ngx_http_mlist_out_format(out, "%s\"%s\":%ui", i ? "," : "",
                                  ngx_http_mlist_model_auth(i),
                                  (ngx_uint_t) model->stats.auth[i]);
    }

    ngx_http_mlist_out(out, "}");
    ngx_http_mlist_status_json_stores(out, model);
}


static void
ngx_http_mlist_status_json_stores(ngx_http_mlist_out_t *out,
    ngx_http_mlist_model_t *model)
{
    ngx_http_mlist_store_dir_t  *dir;

    ngx_http_mlist_out_format(out, ",\n\"store\":{\"errors\":%ui,"
                              "\"directories\":[",
                              (ngx_uint_t) model->stats.store_errors);

    for (dir = model->main->dirs; dir; dir = dir->next) {
        ngx_http_mlist_out(out, "{");
        ngx_http_mlist_status_json_text(out, "path", &dir->path);

        if (dir->held && dir->held->when) {
            ngx_http_mlist_out_format(out, ",\"lists\":%ui,\"bytes\":%ui,",
                                      (ngx_uint_t) dir->held->lists,
                                      (ngx_uint_t) dir->held->bytes);
            ngx_http_mlist_status_json_time(out, "when", dir->held->when);
        }

        ngx_http_mlist_out(out, dir->next ? "}," : "}");
    }

    ngx_http_mlist_out(out, "]}");
}


static void
ngx_http_mlist_status_json_requests(ngx_http_mlist_out_t *out,
    ngx_http_mlist_model_t *model)
{
    u_char       text[NGX_HTTP_MLIST_MODEL_ANSWER];
    ngx_str_t   *name;
    ngx_uint_t   kind, place, n, any;

    static ngx_str_t  other = ngx_string("other");

    ngx_http_mlist_out(out, ",\n\"requests\":[");
    any = 0;

    for (kind = 0; kind < NGX_HTTP_MLIST_KINDS; kind++) {
        name = ngx_http_mlist_variables_kind_text(kind);

        for (place = 0; place < NGX_HTTP_MLIST_STATS_CODES; place++) {
            n = model->stats.requests[kind][place];

            if (n == 0) {
                continue;
            }

            ngx_http_mlist_model_answer(place, text);
            ngx_http_mlist_out_format(out, "%s{\"kind\":\"%V\",\"status\":"
                                      "\"%s\",\"count\":%ui}",
                                      any ? "," : "",
                                      name->len ? name : &other, text, n);
            any = 1;
        }
    }

    ngx_http_mlist_out(out, "]");
}


static void
ngx_http_mlist_status_json_zone(ngx_http_mlist_out_t *out,
    ngx_http_mlist_model_t *model)
{
    ngx_uint_t                      i;
    ngx_http_mlist_zone_figures_t  *zone;

    zone = &model->zone;

    ngx_http_mlist_out_format(out, ",\n\"zone\":{\"size\":%uz,\"used\":%uz,"
                              "\"kept\":{", zone->size, zone->used);

    for (i = 0; i < NGX_HTTP_MLIST_ZONE_KINDS; i++) {
        ngx_http_mlist_out_format(out, "%s\"%s\":{\"count\":%ui,"
                                  "\"bytes\":%uz,\"evicted\":%ui}",
                                  i ? "," : "", ngx_http_mlist_model_what(i),
                                  zone->count[i], zone->bytes[i],
                                  zone->evicted[i]);
    }

    ngx_http_mlist_out(out, "}}");
}


static void
ngx_http_mlist_status_json_sources(ngx_http_mlist_out_t *out,
    ngx_http_mlist_model_t *model)
{
    ngx_uint_t                      i, any;
    ngx_http_mlist_model_source_t  *source;

    ngx_http_mlist_out(out, ",\n\"sources\":[");

    source = model->sources.elts;
    any = 0;

    for (i = 0; i < model->sources.nelts; i++) {

        if (source[i].registry == NULL) {
            continue;
        }

        ngx_http_mlist_out(out, any ? ",\n{" : "\n{");
        ngx_http_mlist_status_json_source(out, &source[i]);
        ngx_http_mlist_out(out, "}");
        any = 1;
    }

    ngx_http_mlist_out(out, "]");
}


static void
ngx_http_mlist_status_json_source(ngx_http_mlist_out_t *out,
    ngx_http_mlist_model_source_t *source)
{
    u_char                    text[NGX_HTTP_MLIST_MODEL_ANSWER];
    ngx_uint_t                i, n, any;
    ngx_http_mlist_health_t  *health;

    health = &source->health;

    ngx_http_mlist_status_json_text(out, "source", &source->label);
    ngx_http_mlist_out(out, ",");
    ngx_http_mlist_status_json_text(out, "url", &source->registry->url);

    ngx_http_mlist_out_format(out, ",\"up\":%s,\"total\":%ui,\"errors\":%ui,"
                              "\"answers\":{",
                              health->when == 0 ? "null"
                              : ngx_http_mlist_health_works(health->last)
                                    ? "true" : "false",
                              source->total, source->errors);
    any = 0;

    for (i = 0; i < NGX_HTTP_MLIST_HEALTH_ANSWERS; i++) {
        n = health->answers[i];

        if (n) {
            ngx_http_mlist_model_answer(i, text);
            ngx_http_mlist_out_format(out, "%s\"%s\":%ui", any ? "," : "",
                                      text, n);
            any = 1;
        }
    }

    ngx_http_mlist_out(out, "},");
    ngx_http_mlist_status_json_answer(out, "last", health->last,
                                      health->when);
    ngx_http_mlist_out(out, ",");
    ngx_http_mlist_status_json_answer(out, "last_error", health->error,
                                      health->error_when);
    ngx_http_mlist_status_json_latency(out, source);
}


static void
ngx_http_mlist_status_json_latency(ngx_http_mlist_out_t *out,
    ngx_http_mlist_model_source_t *source)
{
    size_t         i;
    ngx_uint_t     n;
    unsigned long  bound;

    ngx_http_mlist_out_format(out, ",\"latency_ms\":{\"median\":%ul,"
                              "\"sum\":%ui,\"up_to\":[",
                              source->median,
                              (ngx_uint_t) source->health.sum);

    for (i = 0; i < MLIST_LATENCY_BUCKETS; i++) {
        bound = mlist_latency_bound(i);
        n = source->health.latency[i];

        if (bound) {
            ngx_http_mlist_out_format(out, "%s[%ul,%ui]", i ? "," : "",
                                      bound, n);
        } else {
            ngx_http_mlist_out_format(out, ",[null,%ui]", n);
        }
    }

    ngx_http_mlist_out(out, "]}");
}


static void
ngx_http_mlist_status_json_answer(ngx_http_mlist_out_t *out,
    const char *name, ngx_uint_t answer, time_t when)
{
    u_char  text[NGX_HTTP_MLIST_MODEL_ANSWER];

    ngx_http_mlist_out_format(out, "\"%s\":", name);

    if (when == 0) {
        ngx_http_mlist_out(out, "null");
        return;
    }

    ngx_http_mlist_model_said(answer, text);
    ngx_http_mlist_out_format(out, "{\"answer\":\"%s\",", text);
    ngx_http_mlist_status_json_time(out, "when", when);
    ngx_http_mlist_out(out, "}");
}


static void
ngx_http_mlist_status_json_pins(ngx_http_mlist_out_t *out,
    ngx_http_mlist_model_t *model)
{
    ngx_str_t     *record;
    ngx_uint_t     i, any;
    mlist_seen_t  *seen;

    ngx_http_mlist_out(out, ",\n\"pins_broken\":[");

    record = model->pins.elts;
    seen = model->seen;
    any = 0;

    for (i = 0; i < model->pins.nelts; i++) {

        if (ngx_http_mlist_model_record(model, &record[i]) == NULL) {
            continue;
        }

        ngx_http_mlist_out(out, any ? ",\n{" : "\n{");
        ngx_http_mlist_status_json_view(out, "name", seen->name);
        ngx_http_mlist_out(out, ",");
        ngx_http_mlist_status_json_digest(out, "list", &seen->digest);
        ngx_http_mlist_out(out, ",");
        ngx_http_mlist_status_json_view(out, "platform",
                                        seen->children[0].platform);
        ngx_http_mlist_out(out, ",");
        ngx_http_mlist_status_json_digest(out, "digest",
                                          &seen->children[0].digest);
        ngx_http_mlist_out(out, ",");
        ngx_http_mlist_status_json_time(out, "when", seen->when);
        ngx_http_mlist_out(out, "}");
        any = 1;
    }

    ngx_http_mlist_out(out, "]");
}


static void
ngx_http_mlist_status_json_tags(ngx_http_mlist_out_t *out,
    ngx_http_mlist_model_t *model)
{
    ngx_str_t                  *record;
    ngx_uint_t                  i, any;
    ngx_http_mlist_loc_conf_t  *mlcf;

    ngx_http_mlist_out(out, ",\n\"tags\":[");

    record = model->tags.elts;
    any = 0;

    for (i = 0; i < model->tags.nelts; i++) {
        mlcf = ngx_http_mlist_model_record(model, &record[i]);

        if (mlcf) {
            ngx_http_mlist_out(out, any ? ",\n{" : "\n{");
            ngx_http_mlist_status_json_tag(out, model->seen, mlcf);
            ngx_http_mlist_out(out, "}");
            any = 1;
        }
    }

    ngx_http_mlist_out(out, "]");
}


static void
ngx_http_mlist_status_json_tag(ngx_http_mlist_out_t *out, mlist_seen_t *seen,
    ngx_http_mlist_loc_conf_t *mlcf)
{
    u_char      buf[NGX_HTTP_MLIST_EXPLAIN];
    ngx_str_t   text;

    ngx_http_mlist_status_json_view(out, "name", seen->name);
    ngx_http_mlist_out(out, ",");
    ngx_http_mlist_status_json_view(out, "tag", seen->tag);
    ngx_http_mlist_out(out, ",");
    ngx_http_mlist_status_json_time(out, "when", seen->when);
    ngx_http_mlist_out_format(out, ",\"verdict\":\"%s\",",
                              mlist_seen_verdict_text(seen->verdict));

    text = ngx_http_mlist_explain_verdict(seen, buf);
    ngx_http_mlist_status_json_text(out, "text", &text);

    if (seen->verdict == MLIST_SEEN_ERROR) {
        ngx_http_mlist_out_format(out, ",\"status\":%ud", seen->failed);
    }

    ngx_http_mlist_out(out, ",");
    ngx_http_mlist_status_json_digest(out, "digest", &seen->digest);

    if (seen->nchildren) {
        ngx_http_mlist_out_format(out, ",\"type\":\"%s\",\"size\":%uL",
                                  mlist_media_text(seen->type), seen->size);
    }

    ngx_http_mlist_status_json_platforms(out, seen, mlcf);
    ngx_http_mlist_status_json_said(out, seen, mlcf);
}


static void
ngx_http_mlist_status_json_platforms(ngx_http_mlist_out_t *out,
    mlist_seen_t *seen, ngx_http_mlist_loc_conf_t *mlcf)
{
    unsigned                  i;
    mlist_seen_child_t       *child;
    ngx_http_mlist_source_t  *source;

    ngx_http_mlist_out_format(out, ",\"platforms_total\":%ud,\"platforms\":[",
                              seen->nchildren);

    source = mlcf->sources->elts;

    for (i = 0; i < ngx_min(seen->nchildren, MLIST_SEEN_CHILDREN); i++) {
        child = &seen->children[i];

        ngx_http_mlist_out(out, i ? ",{" : "{");
        ngx_http_mlist_status_json_view(out, "platform", child->platform);
        ngx_http_mlist_out(out, ",");
        ngx_http_mlist_status_json_digest(out, "digest", &child->digest);
        ngx_http_mlist_out_format(out, ",\"size\":%uL,", child->size);

        if (child->source < mlcf->sources->nelts) {
            ngx_http_mlist_status_json_text(out, "source",
                                            &source[child->source].label);
        } else {
            ngx_http_mlist_out(out, "\"source\":null");
        }

        ngx_http_mlist_out(out, "}");
    }

    ngx_http_mlist_out(out, "]");
}


static void
ngx_http_mlist_status_json_said(ngx_http_mlist_out_t *out,
    mlist_seen_t *seen, ngx_http_mlist_loc_conf_t *mlcf)
{
    char                      platform[MLIST_PLATFORM_TEXT];
    u_char                    buf[NGX_HTTP_MLIST_EXPLAIN];
    unsigned                  i;
    ngx_str_t                 text;
    mlist_seen_source_t      *said;
    ngx_http_mlist_source_t  *source;

    ngx_http_mlist_out(out, ",\"sources\":[");

    source = mlcf->sources->elts;

    for (i = 0; i < seen->nsources; i++) {
        said = &seen->sources[i];

        ngx_http_mlist_out(out, i ? ",{" : "{");
        ngx_http_mlist_status_json_text(out, "source", &source[i].label);

        if (source[i].platform) {
            (void) mlist_platform_text(source[i].platform, platform);
            ngx_http_mlist_out_format(out, ",\"platform\":\"%s\"", platform);

        } else {
            ngx_http_mlist_out(out, ",\"platform\":null");
        }

        ngx_http_mlist_out_format(out, ",\"said\":\"%s\",\"status\":%ud,"
                                  "\"ms\":%ud,",
                                  mlist_seen_source_text(said->what),
                                  said->status, said->ms);
        ngx_http_mlist_status_json_digest(out, "digest", &said->digest);
        ngx_http_mlist_out(out, ",");

        text = ngx_http_mlist_explain_source(said, &source[i], buf);
        ngx_http_mlist_status_json_text(out, "text", &text);
        ngx_http_mlist_out(out, "}");
    }

    ngx_http_mlist_out(out, "]");
}


static void
ngx_http_mlist_status_json_text(ngx_http_mlist_out_t *out, const char *name,
    ngx_str_t *s)
{
    ngx_http_mlist_out_format(out, "\"%s\":\"", name);
    ngx_http_mlist_out_json(out, s);
    ngx_http_mlist_out(out, "\"");
}


static void
ngx_http_mlist_status_json_view(ngx_http_mlist_out_t *out, const char *name,
    mlist_str_t s)
{
    ngx_str_t  text;

    text = ngx_http_mlist_ngx_str(s);

    ngx_http_mlist_status_json_text(out, name, &text);
}


static void
ngx_http_mlist_status_json_digest(ngx_http_mlist_out_t *out,
    const char *name, mlist_seen_digest_t *digest)
{
    char  text[MLIST_DIGEST_MAX + 1];

    if (mlist_seen_digest_text(digest, text)) {
        ngx_http_mlist_out_format(out, "\"%s\":\"%s\"", name, text);

    } else {
        ngx_http_mlist_out_format(out, "\"%s\":null", name);
    }
}


static void
ngx_http_mlist_status_json_time(ngx_http_mlist_out_t *out, const char *name,
    time_t when)
{
    ngx_http_mlist_out_format(out, "\"%s\":\"", name);
    ngx_http_mlist_out_time(out, when);
    ngx_http_mlist_out(out, "\"");
}

/*
 * The status as Prometheus reads it: see ngx_http_mlist_prometheus.h.
 */


#include "ngx_http_mlist_prometheus.h"
#include "ngx_http_mlist_store_dir.h"
#include "ngx_http_mlist_variables.h"


typedef struct {
    ngx_http_mlist_out_t    *out;
    ngx_http_mlist_model_t  *model;
    ngx_uint_t               open;
} ngx_http_mlist_prometheus_t;


static void ngx_http_mlist_prometheus_head(ngx_http_mlist_prometheus_t *p,
    const char *name, const char *type, const char *unit, const char *help);
static void ngx_http_mlist_prometheus_counter(
    ngx_http_mlist_prometheus_t *p, const char *name, const char *help);
static void ngx_http_mlist_prometheus_one(ngx_http_mlist_prometheus_t *p,
    const char *name, const char *help, ngx_uint_t value);
static void ngx_http_mlist_prometheus_gauge(ngx_http_mlist_prometheus_t *p,
    const char *name, const char *unit, const char *help, ngx_uint_t value);
static void ngx_http_mlist_prometheus_requests(
    ngx_http_mlist_prometheus_t *p);
static void ngx_http_mlist_prometheus_cache(ngx_http_mlist_prometheus_t *p);
static void ngx_http_mlist_prometheus_answers(
    ngx_http_mlist_prometheus_t *p);
static void ngx_http_mlist_prometheus_up(ngx_http_mlist_prometheus_t *p);
static void ngx_http_mlist_prometheus_durations(
    ngx_http_mlist_prometheus_t *p);
static void ngx_http_mlist_prometheus_duration(
    ngx_http_mlist_prometheus_t *p, ngx_http_mlist_model_source_t *source);
static void ngx_http_mlist_prometheus_zone(ngx_http_mlist_prometheus_t *p);
static void ngx_http_mlist_prometheus_stores(ngx_http_mlist_prometheus_t *p);
static void ngx_http_mlist_prometheus_auth(ngx_http_mlist_prometheus_t *p);


void
ngx_http_mlist_prometheus(ngx_http_mlist_out_t *out,
    ngx_http_mlist_model_t *model, ngx_uint_t open)
{
    ngx_http_mlist_prometheus_t  p;

    p.out = out;
    p.model = model;
    p.open = open;

    ngx_http_mlist_prometheus_requests(&p);
    ngx_http_mlist_prometheus_cache(&p);
    ngx_http_mlist_prometheus_answers(&p);
    ngx_http_mlist_prometheus_up(&p);
    ngx_http_mlist_prometheus_durations(&p);

    ngx_http_mlist_prometheus_one(&p, "mlist_flights",
                                  "Askings of all sources for a tag.",
                                  model->stats.flights);
    ngx_http_mlist_prometheus_one(&p, "mlist_flights_joined",
                                  "Requests that waited for an asking which "
                                  "another request had begun.",
                                  model->stats.joined);

    ngx_http_mlist_prometheus_zone(&p);

    ngx_http_mlist_prometheus_gauge(&p, "mlist_pins_broken", NULL,
                                    "Children of lists that are kept, asked "
                                    "for in the last day and at no source any "
                                    "more.", model->pins.nelts);
    ngx_http_mlist_prometheus_one(&p, "mlist_store_errors",
                                  "Reads and writes of a store that failed.",
                                  model->stats.store_errors);

    ngx_http_mlist_prometheus_stores(&p);
    ngx_http_mlist_prometheus_auth(&p);

    if (open) {
        ngx_http_mlist_out(out, "# EOF\n");
    }
}


/* OpenMetrics calls a counter by its name without "_total". */

static void
ngx_http_mlist_prometheus_head(ngx_http_mlist_prometheus_t *p,
    const char *name, const char *type, const char *unit, const char *help)
{
    const char  *total;

    total = !p->open && ngx_strcmp(type, "counter") == 0 ? "_total" : "";

    ngx_http_mlist_out_format(p->out, "# HELP %s%s %s\n", name, total, help);
    ngx_http_mlist_out_format(p->out, "# TYPE %s%s %s\n", name, total, type);

    if (p->open && unit) {
        ngx_http_mlist_out_format(p->out, "# UNIT %s %s\n", name, unit);
    }
}


static void
ngx_http_mlist_prometheus_counter(ngx_http_mlist_prometheus_t *p,
    const char *name, const char *help)
{
    ngx_http_mlist_prometheus_head(p, name, "counter", NULL, help);
}


static void
ngx_http_mlist_prometheus_one(ngx_http_mlist_prometheus_t *p,
    const char *name, const char *help, ngx_uint_t value)
{
    ngx_http_mlist_prometheus_counter(p, name, help);
    ngx_http_mlist_out_format(p->out, "%s_total %ui\n", name, value);
}


static void
ngx_http_mlist_prometheus_gauge(ngx_http_mlist_prometheus_t *p,
    const char *name, const char *unit, const char *help, ngx_uint_t value)
{
    ngx_http_mlist_prometheus_head(p, name, "gauge", unit, help);
    ngx_http_mlist_out_format(p->out, "%s %ui\n", name, value);
}


static void
ngx_http_mlist_prometheus_requests(ngx_http_mlist_prometheus_t *p)
{
    u_char       text[NGX_HTTP_MLIST_MODEL_ANSWER];
    ngx_str_t   *name;
    ngx_uint_t   kind, place, n;

    ngx_http_mlist_prometheus_counter(p, "mlist_requests",
                                      "Requests of the registry API, by what "
                                      "they are for and their answer.");

    for (kind = 0; kind < NGX_HTTP_MLIST_KINDS; kind++) {
        name = ngx_http_mlist_variables_kind_text(kind);

        for (place = 0; place < NGX_HTTP_MLIST_STATS_CODES; place++) {
            n = p->model->stats.requests[kind][place];

            /* what may be asked for begins at 0, not with the first one */

            if (n == 0
                && (name->len == 0
                    || place != ngx_http_mlist_stats_place(NGX_HTTP_OK)))
            {
                continue;
            }

            ngx_http_mlist_model_answer(place, text);
            ngx_http_mlist_out_format(p->out, "mlist_requests_total{kind="
                                      "\"%*s\",status=\"%s\"} %ui\n",
                                      name->len ? name->len : 5,
                                      name->len ? name->data
                                                : (u_char *) "other",
                                      text, n);
        }
    }
}


static void
ngx_http_mlist_prometheus_cache(ngx_http_mlist_prometheus_t *p)
{
    ngx_uint_t  i;

    ngx_http_mlist_prometheus_counter(p, "mlist_cache",
                                      "Requests by $mlist_cache_status.");

    for (i = NGX_HTTP_MLIST_STATUS_MISS; i < NGX_HTTP_MLIST_STATUSES; i++) {
        ngx_http_mlist_out_format(p->out,
                                  "mlist_cache_total{status=\"%V\"} %ui\n",
                                  ngx_http_mlist_variables_status_text(i),
                                  (ngx_uint_t) p->model->stats.cache[i]);
    }
}


static void
ngx_http_mlist_prometheus_answers(ngx_http_mlist_prometheus_t *p)
{
    u_char                          text[NGX_HTTP_MLIST_MODEL_ANSWER];
    ngx_uint_t                      i, place, n;
    ngx_http_mlist_model_source_t  *source;

    ngx_http_mlist_prometheus_counter(p, "mlist_source_requests",
                                      "Requests to a source by the status it "
                                      "answered, or what came instead.");

    source = p->model->sources.elts;

    for (i = 0; i < p->model->sources.nelts; i++) {

        for (place = 0; place < NGX_HTTP_MLIST_HEALTH_ANSWERS; place++) {
            n = source[i].health.answers[place];

            if (n == 0 && place != ngx_http_mlist_stats_place(NGX_HTTP_OK)) {
                continue;
            }

            ngx_http_mlist_model_answer(place, text);
            ngx_http_mlist_out(p->out, "mlist_source_requests_total{source=\"");
            ngx_http_mlist_out_label(p->out, &source[i].label);
            ngx_http_mlist_out_format(p->out, "\",status=\"%s\"} %ui\n",
                                      text, n);
        }
    }
}


/* Of sources that the configuration has, from their first answer on. */

static void
ngx_http_mlist_prometheus_up(ngx_http_mlist_prometheus_t *p)
{
    ngx_uint_t                      i;
    ngx_http_mlist_model_source_t  *source;

    ngx_http_mlist_prometheus_head(p, "mlist_source_up", "gauge", NULL,
                                   "1 if the last request to a source was "
                                   "answered, by no 5xx.");

    source = p->model->sources.elts;

    for (i = 0; i < p->model->sources.nelts; i++) {

        if (source[i].registry == NULL || source[i].health.when == 0) {
            continue;
        }

        ngx_http_mlist_out(p->out, "mlist_source_up{source=\"");
        ngx_http_mlist_out_label(p->out, &source[i].label);
        ngx_http_mlist_out_format(p->out, "\"} %ui\n",
                      ngx_http_mlist_health_works(source[i].health.last));
    }
}


static void
ngx_http_mlist_prometheus_durations(ngx_http_mlist_prometheus_t *p)
{
    ngx_uint_t                      i;
    ngx_http_mlist_model_source_t  *source;

    ngx_http_mlist_prometheus_head(p, "mlist_source_duration_seconds",
                                   "histogram", "seconds",
                                   "How long a source took to answer; of what "
                                   "is passed on, until its header came.");

    source = p->model->sources.elts;

    for (i = 0; i < p->model->sources.nelts; i++) {
        ngx_http_mlist_prometheus_duration(p, &source[i]);
    }
}


static void
ngx_http_mlist_prometheus_duration(ngx_http_mlist_prometheus_t *p,
    ngx_http_mlist_model_source_t *source)
{
    size_t         i;
    ngx_uint_t     n;
    unsigned long  bound;

    n = 0;

    for (i = 0; i < MLIST_LATENCY_BUCKETS; i++) {
        n += source->health.latency[i];
        bound = mlist_latency_bound(i);

        ngx_http_mlist_out(p->out,
                           "mlist_source_duration_seconds_bucket{source=\"");
        ngx_http_mlist_out_label(p->out, &source->label);

        if (bound) {
            ngx_http_mlist_out_format(p->out, "\",le=\"%ul.%03ul\"} %ui\n",
                                      bound / 1000, bound % 1000, n);
        } else {
            ngx_http_mlist_out_format(p->out, "\",le=\"+Inf\"} %ui\n", n);
        }
    }

    ngx_http_mlist_out(p->out, "mlist_source_duration_seconds_sum{source=\"");
    ngx_http_mlist_out_label(p->out, &source->label);
    ngx_http_mlist_out_format(p->out, "\"} %ui.%03ui\n",
                              (ngx_uint_t) source->health.sum / 1000,
                              (ngx_uint_t) source->health.sum % 1000);

    ngx_http_mlist_out(p->out,
                       "mlist_source_duration_seconds_count{source=\"");
    ngx_http_mlist_out_label(p->out, &source->label);
    ngx_http_mlist_out_format(p->out, "\"} %ui\n", n);
}


static void
ngx_http_mlist_prometheus_zone(ngx_http_mlist_prometheus_t *p)
{
    ngx_uint_t                      i;
    ngx_http_mlist_zone_figures_t  *zone;

    zone = &p->model->zone;

    ngx_http_mlist_prometheus_gauge(p, "mlist_lists", NULL,
                                    "Lists in the zone.",
                                    zone->count[NGX_HTTP_MLIST_ZONE_LIST]);
    ngx_http_mlist_prometheus_gauge(p, "mlist_routes", NULL,
                                    "Digests in the zone whose source is "
                                    "known.",
                                    zone->count[NGX_HTTP_MLIST_ZONE_ROUTE]);
    ngx_http_mlist_prometheus_gauge(p, "mlist_zone_used_bytes", "bytes",
                                    "Shared memory in use.", zone->used);
    ngx_http_mlist_prometheus_gauge(p, "mlist_zone_size_bytes", "bytes",
                                    "The size of the shared memory.",
                                    zone->size);

    ngx_http_mlist_prometheus_counter(p, "mlist_zone_evictions",
                                      "What had to go from the zone before "
                                      "its time, since it was full.");

    for (i = 0; i < NGX_HTTP_MLIST_ZONE_KINDS; i++) {
        ngx_http_mlist_out_format(p->out, "mlist_zone_evictions_total{what="
                                  "\"%s\"} %ui\n",
                                  ngx_http_mlist_model_what(i),
                                  zone->evicted[i]);
    }
}


/* Of directories that something is removed from: others are not counted. */

static void
ngx_http_mlist_prometheus_stores(ngx_http_mlist_prometheus_t *p)
{
    ngx_http_mlist_store_dir_t  *dir;

    ngx_http_mlist_prometheus_head(p, "mlist_store_used_bytes", "gauge",
                                   "bytes", "Lists in a directory with "
                                   "inactive= or max_size=.");

    for (dir = p->model->main->dirs; dir; dir = dir->next) {

        if (dir->held && dir->held->when) {
            ngx_http_mlist_out(p->out, "mlist_store_used_bytes{store=\"");
            ngx_http_mlist_out_label(p->out, &dir->path);
            ngx_http_mlist_out_format(p->out, "\"} %ui\n",
                                      (ngx_uint_t) dir->held->bytes);
        }
    }
}


static void
ngx_http_mlist_prometheus_auth(ngx_http_mlist_prometheus_t *p)
{
    ngx_uint_t  i;

    ngx_http_mlist_prometheus_counter(p, "mlist_auth_checks",
                                      "Credentials that were checked, by "
                                      "mlist_htpasswd or at the sources.");

    for (i = 0; i < NGX_HTTP_MLIST_STATS_AUTHS; i++) {
        ngx_http_mlist_out_format(p->out, "mlist_auth_checks_total{result="
                                  "\"%s\"} %ui\n",
                                  ngx_http_mlist_model_auth(i),
                                  (ngx_uint_t) p->model->stats.auth[i]);
    }
}

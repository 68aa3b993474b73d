/*
 * The status as a page, the whole of it: see ngx_http_mlist_status_page.h.
 */


#include "ngx_http_mlist_status_page.h"
#include "ngx_http_mlist_store_dir.h"
#include "ngx_http_mlist_variables.h"


static void ngx_http_mlist_status_page_figures(ngx_http_mlist_out_t *out,
    ngx_http_mlist_model_t *model);
static void ngx_http_mlist_status_page_figure(ngx_http_mlist_out_t *out,
    const char *what, ngx_uint_t n, const char *fmt, ngx_uint_t more);
static void ngx_http_mlist_status_page_store(ngx_http_mlist_out_t *out,
    ngx_http_mlist_model_t *model);
static void ngx_http_mlist_status_page_zone(ngx_http_mlist_out_t *out,
    ngx_http_mlist_model_t *model);
static void ngx_http_mlist_status_page_sources(ngx_http_mlist_out_t *out,
    ngx_http_mlist_model_t *model);
static void ngx_http_mlist_status_page_source(ngx_http_mlist_out_t *out,
    ngx_http_mlist_model_t *model, ngx_http_mlist_model_source_t *source);
static void ngx_http_mlist_status_page_answer(ngx_http_mlist_out_t *out,
    ngx_http_mlist_model_t *model, ngx_uint_t answer, time_t when);
static void ngx_http_mlist_status_page_pins(ngx_http_mlist_out_t *out,
    ngx_http_mlist_model_t *model);
static void ngx_http_mlist_status_page_requests(ngx_http_mlist_out_t *out,
    ngx_http_mlist_model_t *model);
static void ngx_http_mlist_status_page_kind(ngx_http_mlist_out_t *out,
    ngx_http_mlist_model_t *model, ngx_uint_t kind);
static void ngx_http_mlist_status_page_kept(ngx_http_mlist_out_t *out,
    ngx_http_mlist_model_t *model);
static ngx_uint_t ngx_http_mlist_status_page_sum(
    ngx_http_mlist_model_t *model, ngx_uint_t from);


void
ngx_http_mlist_status_page(ngx_http_mlist_out_t *out,
    ngx_http_mlist_model_t *model, ngx_http_mlist_status_page_t *page)
{
    static ngx_str_t  title = ngx_string("Manifest lists");

    ngx_http_mlist_status_html_begin(out, &title, &page->nonce);

    ngx_http_mlist_out(out, "<header>\n<h1>Manifest lists</h1>\n"
                       "<p id=\"as-of\" data-live>");
    ngx_http_mlist_out_html(out, &page->host);
    ngx_http_mlist_out(out, page->host.len ? " &middot; as of " : "as of ");
    ngx_http_mlist_out_time(out, model->now);
    ngx_http_mlist_out(out, ", counted since ");
    ngx_http_mlist_out_time(out, model->stats.since);
    ngx_http_mlist_out(out, "</p>\n</header>\n<main>\n");

    ngx_http_mlist_out(out, "<div id=\"live\" data-live>\n");
    ngx_http_mlist_status_page_figures(out, model);
    ngx_http_mlist_status_page_sources(out, model);
    ngx_http_mlist_status_page_pins(out, model);
    ngx_http_mlist_out(out, "</div>\n");

    ngx_http_mlist_status_tags(out, model);

    ngx_http_mlist_out(out, "<div class=\"two\" id=\"numbers\" data-live>\n"
                       "<section>\n");
    ngx_http_mlist_status_page_requests(out, model);
    ngx_http_mlist_out(out, "</section>\n<section>\n");
    ngx_http_mlist_status_page_kept(out, model);
    ngx_http_mlist_out(out, "</section>\n</div>\n");

    ngx_http_mlist_status_html_end(out, &page->nonce);
}


static void
ngx_http_mlist_status_page_figures(ngx_http_mlist_out_t *out,
    ngx_http_mlist_model_t *model)
{
    ngx_uint_t               stale;
    ngx_http_mlist_stats_t  *stats;

    stats = &model->stats;
    stale = stats->cache[NGX_HTTP_MLIST_STATUS_STALE]
            + stats->cache[NGX_HTTP_MLIST_STATUS_UPDATING];

    ngx_http_mlist_out(out, "<dl class=\"figures\">\n");

    ngx_http_mlist_status_page_figure(out, "Requests",
                                ngx_http_mlist_status_page_sum(model, 0),
                                "%ui with 5xx",
                                ngx_http_mlist_status_page_sum(model,
                                          NGX_HTTP_INTERNAL_SERVER_ERROR));
    ngx_http_mlist_status_page_figure(out, "From memory",
                                stats->cache[NGX_HTTP_MLIST_STATUS_HIT],
                                "%ui unchanged",
                                stats->cache
                                    [NGX_HTTP_MLIST_STATUS_REVALIDATED]);
    ngx_http_mlist_status_page_figure(out, "Flights",
                                      stats->flights,
                                      "%ui requests joined one",
                                      stats->joined);
    ngx_http_mlist_status_page_figure(out, "Stale answers", stale,
                                "%ui partial",
                                stats->cache[NGX_HTTP_MLIST_STATUS_PARTIAL]);
    ngx_http_mlist_status_page_figure(out, "Broken pins", model->pins.nelts,
                                      NULL, 0);
    ngx_http_mlist_status_page_store(out, model);
    ngx_http_mlist_status_page_zone(out, model);

    ngx_http_mlist_out(out, "</dl>\n");
}


static void
ngx_http_mlist_status_page_figure(ngx_http_mlist_out_t *out,
    const char *what, ngx_uint_t n, const char *fmt, ngx_uint_t more)
{
    ngx_http_mlist_out_format(out, "<div><dt>%s</dt><dd>%ui", what, n);

    if (fmt) {
        ngx_http_mlist_out(out, "<small>");
        ngx_http_mlist_out_format(out, fmt, more);
        ngx_http_mlist_out(out, "</small>");
    }

    ngx_http_mlist_out(out, "</dd></div>\n");
}


static void
ngx_http_mlist_status_page_store(ngx_http_mlist_out_t *out,
    ngx_http_mlist_model_t *model)
{
    ngx_http_mlist_store_dir_t  *dir;

    ngx_http_mlist_out_format(out, "<div><dt>Store errors</dt><dd>%ui",
                              (ngx_uint_t) model->stats.store_errors);

    for (dir = model->main->dirs; dir; dir = dir->next) {

        if (dir->held && dir->held->when) {
            ngx_http_mlist_out(out, "<small title=\"");
            ngx_http_mlist_out_html(out, &dir->path);
            ngx_http_mlist_out_format(out, "\">%ui lists, ",
                                      (ngx_uint_t) dir->held->lists);
            ngx_http_mlist_status_html_size(out, dir->held->bytes);
            ngx_http_mlist_out(out, "</small>");
        }
    }

    ngx_http_mlist_out(out, "</dd></div>\n");
}


static void
ngx_http_mlist_status_page_zone(ngx_http_mlist_out_t *out,
    ngx_http_mlist_model_t *model)
{
    ngx_http_mlist_zone_figures_t  *zone;

    zone = &model->zone;

    ngx_http_mlist_out(out, "<div><dt>Zone in use</dt><dd>");
    ngx_http_mlist_status_html_size(out, zone->used);
    ngx_http_mlist_out(out, "<small>of ");
    ngx_http_mlist_status_html_size(out, zone->size);
    ngx_http_mlist_out_format(out, "</small><meter min=\"0\" max=\"%uz\" "
                              "value=\"%uz\">%uz%%</meter></dd></div>\n",
                              zone->size, zone->used,
                              zone->used * 100 / zone->size);
}


static void
ngx_http_mlist_status_page_sources(ngx_http_mlist_out_t *out,
    ngx_http_mlist_model_t *model)
{
    ngx_uint_t                      i;
    ngx_http_mlist_model_source_t  *source;

    ngx_http_mlist_out(out, "<h2 id=\"sources\">Sources</h2>\n"
                       "<div class=\"table\"><table aria-labelledby="
                       "\"sources\">\n<thead><tr><th scope=\"col\">Source"
                       "</th><th scope=\"col\">State</th><th scope=\"col\">"
                       "Last answer</th><th scope=\"col\">Last error</th>"
                       "<th scope=\"col\" class=\"n\">Median</th>"
                       "<th scope=\"col\" class=\"n\">Answers</th>"
                       "<th scope=\"col\" class=\"n\">Errors</th>"
                       "</tr></thead>\n<tbody>\n");

    source = model->sources.elts;

    for (i = 0; i < model->sources.nelts; i++) {
        if (source[i].registry) {
            ngx_http_mlist_status_page_source(out, model, &source[i]);
        }
    }

    ngx_http_mlist_out(out, "</tbody></table></div>\n");
}


static void
ngx_http_mlist_status_page_source(ngx_http_mlist_out_t *out,
    ngx_http_mlist_model_t *model, ngx_http_mlist_model_source_t *source)
{
    ngx_http_mlist_health_t  *health;

    health = &source->health;

    ngx_http_mlist_out(out, "<tr><th scope=\"row\">");
    ngx_http_mlist_out_html(out, &source->label);
    ngx_http_mlist_out(out, "<small>");
    ngx_http_mlist_out_html(out, &source->registry->url);
    ngx_http_mlist_out(out, "</small></th><td>");

    if (health->when == 0) {
        ngx_http_mlist_status_html_word(out, NGX_HTTP_MLIST_STATUS_PLAIN,
                                        "not asked yet");

    } else if (ngx_http_mlist_health_works(health->last)) {
        ngx_http_mlist_status_html_word(out, NGX_HTTP_MLIST_STATUS_GOOD,
                                        "up");

    } else {
        ngx_http_mlist_status_html_word(out, NGX_HTTP_MLIST_STATUS_BAD,
                                        "down");
    }

    ngx_http_mlist_out(out, "</td><td>");
    ngx_http_mlist_status_page_answer(out, model, health->last, health->when);
    ngx_http_mlist_out(out, "</td><td>");
    ngx_http_mlist_status_page_answer(out, model, health->error,
                                      health->error_when);

    if (source->total) {
        ngx_http_mlist_out_format(out, "</td><td class=\"n\">%ul ms",
                                  source->median);
    } else {
        ngx_http_mlist_out(out, "</td><td class=\"n\">&ndash;");
    }

    ngx_http_mlist_out_format(out, "</td><td class=\"n\">%ui</td>"
                              "<td class=\"n\">%ui</td></tr>\n",
                              source->total, source->errors);
}


static void
ngx_http_mlist_status_page_answer(ngx_http_mlist_out_t *out,
    ngx_http_mlist_model_t *model, ngx_uint_t answer, time_t when)
{
    u_char  text[NGX_HTTP_MLIST_MODEL_ANSWER];

    if (when == 0) {
        ngx_http_mlist_out(out, "&ndash;");
        return;
    }

    ngx_http_mlist_model_said(answer, text);
    ngx_http_mlist_out_format(out, "%s <small>", text);
    ngx_http_mlist_status_html_ago(out, model->now, when);
    ngx_http_mlist_out(out, "</small>");
}


static void
ngx_http_mlist_status_page_pins(ngx_http_mlist_out_t *out,
    ngx_http_mlist_model_t *model)
{
    ngx_str_t      text, *record;
    ngx_uint_t     i;
    mlist_seen_t  *seen;

    if (model->pins.nelts == 0) {
        return;
    }

    ngx_http_mlist_out(out, "<h2 id=\"pins\">Broken pins</h2>\n<p>These "
                       "lists are kept, but a child of theirs is at no "
                       "source any more: a pull by the list's digest fails "
                       "for that platform.</p>\n<div class=\"table\"><table "
                       "aria-labelledby=\"pins\">\n<thead><tr><th scope="
                       "\"col\">Repository</th><th scope=\"col\">List</th>"
                       "<th scope=\"col\">Platform</th><th scope=\"col\">"
                       "Child that is gone</th><th scope=\"col\">Asked for"
                       "</th></tr></thead>\n<tbody>\n");

    record = model->pins.elts;
    seen = model->seen;

    for (i = 0; i < model->pins.nelts; i++) {

        if (ngx_http_mlist_model_record(model, &record[i]) == NULL) {
            continue;
        }

        ngx_http_mlist_out(out, "<tr><th scope=\"row\">");
        text = ngx_http_mlist_ngx_str(seen->name);
        ngx_http_mlist_out_html(out, &text);
        ngx_http_mlist_out(out, "</th><td>");
        ngx_http_mlist_status_html_digest(out, &seen->digest, 0);
        ngx_http_mlist_out(out, "</td><td>");
        text = ngx_http_mlist_ngx_str(seen->children[0].platform);
        ngx_http_mlist_status_html_badge(out, NGX_HTTP_MLIST_STATUS_BAD,
                                         &text, NULL);
        ngx_http_mlist_out(out, "</td><td>");
        ngx_http_mlist_status_html_digest(out, &seen->children[0].digest, 0);
        ngx_http_mlist_out(out, "</td><td>");
        ngx_http_mlist_status_html_ago(out, model->now, seen->when);
        ngx_http_mlist_out(out, "</td></tr>\n");
    }

    ngx_http_mlist_out(out, "</tbody></table></div>\n");
}


static void
ngx_http_mlist_status_page_requests(ngx_http_mlist_out_t *out,
    ngx_http_mlist_model_t *model)
{
    ngx_uint_t  kind;

    ngx_http_mlist_out(out, "<h2 id=\"requests\">Requests</h2>\n"
                       "<div class=\"table\"><table aria-labelledby="
                       "\"requests\">\n<thead><tr><th scope=\"col\">Kind"
                       "</th><th scope=\"col\" class=\"n\">Requests</th>"
                       "<th scope=\"col\">By status</th></tr></thead>\n"
                       "<tbody>\n");

    for (kind = NGX_HTTP_MLIST_KIND_PING; kind < NGX_HTTP_MLIST_KINDS; kind++)
    {
        ngx_http_mlist_status_page_kind(out, model, kind);
    }

    ngx_http_mlist_status_page_kind(out, model, NGX_HTTP_MLIST_KIND_NONE);

    if (ngx_http_mlist_status_page_sum(model, 0) == 0) {
        ngx_http_mlist_out(out, "<tr><td colspan=\"3\" class=\"dim\">None "
                           "yet.</td></tr>\n");
    }

    ngx_http_mlist_out(out, "</tbody></table></div>\n");
}


static void
ngx_http_mlist_status_page_kind(ngx_http_mlist_out_t *out,
    ngx_http_mlist_model_t *model, ngx_uint_t kind)
{
    u_char                         text[NGX_HTTP_MLIST_MODEL_ANSWER];
    ngx_str_t                     *name;
    ngx_uint_t                     place, n, sum, code;
    ngx_http_mlist_status_look_e   look;

    sum = 0;

    for (place = 0; place < NGX_HTTP_MLIST_STATS_CODES; place++) {
        sum += model->stats.requests[kind][place];
    }

    if (sum == 0) {
        return;
    }

    name = ngx_http_mlist_variables_kind_text(kind);

    ngx_http_mlist_out(out, "<tr><th scope=\"row\">");
    ngx_http_mlist_out_format(out, "%s", name->len ? (char *) name->data
                                                   : "malformed");
    ngx_http_mlist_out_format(out, "</th><td class=\"n\">%ui</td><td>", sum);

    for (place = 0; place < NGX_HTTP_MLIST_STATS_CODES; place++) {
        n = model->stats.requests[kind][place];

        if (n == 0) {
            continue;
        }

        code = ngx_http_mlist_stats_code(place);
        look = code >= NGX_HTTP_INTERNAL_SERVER_ERROR
                   ? NGX_HTTP_MLIST_STATUS_BAD
               : code >= NGX_HTTP_BAD_REQUEST ? NGX_HTTP_MLIST_STATUS_WARN
                                              : NGX_HTTP_MLIST_STATUS_PLAIN;

        ngx_http_mlist_model_answer(place, text);
        ngx_http_mlist_out_format(out, "<span class=\"b%s\">%s: %ui</span>",
                                  ngx_http_mlist_status_html_looks[look],
                                  text, n);
    }

    ngx_http_mlist_out(out, "</td></tr>\n");
}


static void
ngx_http_mlist_status_page_kept(ngx_http_mlist_out_t *out,
    ngx_http_mlist_model_t *model)
{
    ngx_uint_t                      i;
    ngx_http_mlist_zone_figures_t  *zone;

    zone = &model->zone;

    ngx_http_mlist_out(out, "<h2 id=\"zone\">What the zone holds</h2>\n"
                       "<div class=\"table\"><table aria-labelledby="
                       "\"zone\">\n<thead><tr><th scope=\"col\">What</th>"
                       "<th scope=\"col\" class=\"n\">Number</th>"
                       "<th scope=\"col\" class=\"n\">Size</th>"
                       "<th scope=\"col\" class=\"n\">Evicted</th></tr>"
                       "</thead>\n<tbody>\n");

    for (i = NGX_HTTP_MLIST_ZONE_KINDS; i--; /* void */ ) {
        ngx_http_mlist_out_format(out, "<tr><th scope=\"row\">%s</th>"
                                  "<td class=\"n\">%ui</td>"
                                  "<td class=\"n\">",
                                  ngx_http_mlist_model_what(i),
                                  zone->count[i]);
        ngx_http_mlist_status_html_size(out, zone->bytes[i]);
        ngx_http_mlist_out_format(out, "</td><td class=\"n\">%ui</td></tr>\n",
                                  zone->evicted[i]);
    }

    ngx_http_mlist_out(out, "</tbody></table></div>\n");
}


/* All requests that were answered with a status of "from" or more. */

static ngx_uint_t
ngx_http_mlist_status_page_sum(ngx_http_mlist_model_t *model,
    ngx_uint_t from)
{
    ngx_uint_t  kind, place, sum;

    sum = 0;

    for (place = 0; place < NGX_HTTP_MLIST_STATS_CODES; place++) {

        if (ngx_http_mlist_stats_code(place) < from) {
            continue;
        }

        for (kind = 0; kind < NGX_HTTP_MLIST_KINDS; kind++) {
            sum += model->stats.requests[kind][place];
        }
    }

    return sum;
}

/*
 * The tags that were asked for lately, as a part of the status' page: see
 * ngx_http_mlist_status_page.h.
 */


#include "ngx_http_mlist_status_page.h"
#include "ngx_http_mlist_explain.h"


static void ngx_http_mlist_status_tags_row(ngx_http_mlist_out_t *out,
    ngx_http_mlist_model_t *model, ngx_http_mlist_loc_conf_t *mlcf,
    ngx_uint_t n);
static void ngx_http_mlist_status_tags_verdict(ngx_http_mlist_out_t *out,
    mlist_seen_t *seen);
static void ngx_http_mlist_status_tags_children(ngx_http_mlist_out_t *out,
    mlist_seen_t *seen, ngx_http_mlist_loc_conf_t *mlcf, ngx_uint_t n);
static void ngx_http_mlist_status_tags_missing(ngx_http_mlist_out_t *out,
    mlist_seen_source_t *said, ngx_http_mlist_source_t *source);


void
ngx_http_mlist_status_tags(ngx_http_mlist_out_t *out,
    ngx_http_mlist_model_t *model)
{
    ngx_str_t                  *record;
    ngx_uint_t                  i, n;
    ngx_http_mlist_loc_conf_t  *mlcf;

    ngx_http_mlist_out(out, "<h2 id=\"tags-title\">Tags</h2>\n"
                       "<form class=\"tools\" role=\"search\" hidden>"
                       "<label for=\"filter\">Filter</label><input "
                       "type=\"search\" id=\"filter\" autocomplete=\"off\" "
                       "placeholder=\"name, tag, platform, stale ...\">"
                       "<span id=\"shown\" class=\"dim\" role=\"status\">"
                       "</span></form>\n"
                       "<div class=\"table\" id=\"tags\" data-live><table "
                       "aria-labelledby=\"tags-title\">\n<thead><tr>"
                       "<th scope=\"col\">Tag</th><th scope=\"col\">"
                       "Platforms</th><th scope=\"col\">Last asking</th>"
                       "<th scope=\"col\" class=\"wide\">List</th></tr>"
                       "</thead>\n<tbody>\n");

    record = model->tags.elts;
    n = 0;

    for (i = 0; i < model->tags.nelts; i++) {
        mlcf = ngx_http_mlist_model_record(model, &record[i]);

        if (mlcf) {
            ngx_http_mlist_status_tags_row(out, model, mlcf, n++);
        }
    }

    if (n == 0) {
        ngx_http_mlist_out(out, "<tr><td colspan=\"4\" class=\"dim\">No tag "
                           "was asked for yet.</td></tr>\n");
    }

    ngx_http_mlist_out(out, "</tbody></table></div>\n");

    if (model->zone.count[NGX_HTTP_MLIST_ZONE_SEEN] > model->tags.nelts) {
        ngx_http_mlist_out_format(out, "<p class=\"dim\">The %ui newest of "
                                  "%ui.</p>\n", model->tags.nelts,
                                  model->zone.count
                                      [NGX_HTTP_MLIST_ZONE_SEEN]);
    }
}


static void
ngx_http_mlist_status_tags_row(ngx_http_mlist_out_t *out,
    ngx_http_mlist_model_t *model, ngx_http_mlist_loc_conf_t *mlcf,
    ngx_uint_t n)
{
    ngx_str_t      name, tag;
    mlist_seen_t  *seen;

    seen = model->seen;
    name = ngx_http_mlist_ngx_str(seen->name);
    tag = ngx_http_mlist_ngx_str(seen->tag);

    ngx_http_mlist_out(out, "<tr><th scope=\"row\"><a href=\"?name=");
    ngx_http_mlist_out_query(out, &name);
    ngx_http_mlist_out(out, "&amp;tag=");
    ngx_http_mlist_out_query(out, &tag);
    ngx_http_mlist_out(out, "\">");
    ngx_http_mlist_out_html(out, &name);
    ngx_http_mlist_out(out, ":");
    ngx_http_mlist_out_html(out, &tag);
    ngx_http_mlist_out(out, "</a></th><td>");

    ngx_http_mlist_status_platforms(out, seen, mlcf);

    ngx_http_mlist_out(out, "</td><td>");
    ngx_http_mlist_status_tags_verdict(out, seen);
    ngx_http_mlist_out(out, "<small>");
    ngx_http_mlist_status_html_ago(out, model->now, seen->when);
    ngx_http_mlist_out(out, "</small></td><td class=\"wide\">");
    ngx_http_mlist_status_html_digest(out, &seen->digest, 0);

    if (seen->nchildren) {
        ngx_http_mlist_status_tags_children(out, seen, mlcf, n);
    }

    ngx_http_mlist_out(out, "</td></tr>\n");
}


static void
ngx_http_mlist_status_tags_verdict(ngx_http_mlist_out_t *out,
    mlist_seen_t *seen)
{
    u_char      buf[NGX_HTTP_MLIST_EXPLAIN];
    ngx_str_t   word, text;

    word.data = (u_char *) mlist_seen_verdict_text(seen->verdict);
    word.len = ngx_strlen(word.data);
    text = ngx_http_mlist_explain_verdict(seen, buf);

    ngx_http_mlist_status_html_badge(out,
                              ngx_http_mlist_status_html_look(seen->verdict),
                              &word, &text);
}


static void
ngx_http_mlist_status_tags_children(ngx_http_mlist_out_t *out,
    mlist_seen_t *seen, ngx_http_mlist_loc_conf_t *mlcf, ngx_uint_t n)
{
    unsigned                  i;
    ngx_str_t                 platform;
    mlist_seen_child_t       *child;
    ngx_http_mlist_source_t  *source;

    /* by the name that a script finds it again, where rows move */

    platform = ngx_http_mlist_ngx_str(seen->name);

    ngx_http_mlist_out(out, "<details data-of=\"");
    ngx_http_mlist_out_html(out, &platform);
    platform = ngx_http_mlist_ngx_str(seen->tag);
    ngx_http_mlist_out(out, ":");
    ngx_http_mlist_out_html(out, &platform);
    ngx_http_mlist_out_format(out, "\"><summary>%ud %s, ", seen->nchildren,
                              seen->nchildren == 1 ? "child" : "children");
    ngx_http_mlist_status_html_size(out, seen->size);
    ngx_http_mlist_out(out, "</summary><ul>");

    source = mlcf->sources->elts;

    for (i = 0; i < ngx_min(seen->nchildren, MLIST_SEEN_CHILDREN); i++) {
        child = &seen->children[i];
        platform = ngx_http_mlist_ngx_str(child->platform);

        ngx_http_mlist_out(out, "<li>");
        ngx_http_mlist_out_html(out, &platform);
        ngx_http_mlist_out(out, " ");
        ngx_http_mlist_status_html_digest(out, &child->digest, 0);
        ngx_http_mlist_out(out, " ");
        ngx_http_mlist_status_html_size(out, child->size);

        if (child->source < mlcf->sources->nelts) {
            ngx_http_mlist_out(out, " of ");
            ngx_http_mlist_out_html(out, &source[child->source].label);
        }

        ngx_http_mlist_out(out, "</li>");
    }

    ngx_http_mlist_out(out, "</ul></details>");
}


void
ngx_http_mlist_status_platforms(ngx_http_mlist_out_t *out,
    mlist_seen_t *seen, ngx_http_mlist_loc_conf_t *mlcf)
{
    unsigned                  i;
    ngx_str_t                 text;
    mlist_seen_child_t       *child;
    ngx_http_mlist_source_t  *source;

    source = mlcf->sources->elts;

    for (i = 0; i < ngx_min(seen->nchildren, MLIST_SEEN_CHILDREN); i++) {
        child = &seen->children[i];
        text = ngx_http_mlist_ngx_str(child->platform);

        ngx_http_mlist_status_html_badge(out,
                                seen->verdict == MLIST_SEEN_ERROR
                                    ? NGX_HTTP_MLIST_STATUS_PLAIN
                                    : NGX_HTTP_MLIST_STATUS_GOOD,
                                &text,
                                child->source < mlcf->sources->nelts
                                    ? &source[child->source].label : NULL);
    }

    if (seen->nchildren > MLIST_SEEN_CHILDREN) {
        ngx_http_mlist_out_format(out, "and %ud more ",
                                  seen->nchildren - MLIST_SEEN_CHILDREN);
    }

    for (i = 0; i < seen->nsources; i++) {

        if (seen->sources[i].what != MLIST_SEEN_PRESENT
            && seen->sources[i].what != MLIST_SEEN_NOT_ASKED)
        {
            ngx_http_mlist_status_tags_missing(out, &seen->sources[i],
                                               &source[i]);
        }
    }
}


/* What is not in the list: the platform of its source, or that source. */

static void
ngx_http_mlist_status_tags_missing(ngx_http_mlist_out_t *out,
    mlist_seen_source_t *said, ngx_http_mlist_source_t *source)
{
    char        platform[MLIST_PLATFORM_TEXT];
    u_char      buf[NGX_HTTP_MLIST_EXPLAIN];
    ngx_str_t   text;

    text = ngx_http_mlist_explain_source(said, source, buf);

    ngx_http_mlist_out(out, "<span class=\"b gone\" title=\"");
    ngx_http_mlist_out_html(out, &source->label);
    ngx_http_mlist_out(out, " ");
    ngx_http_mlist_out_html(out, &text);
    ngx_http_mlist_out(out, "\">no ");

    if (source->platform) {
        text.data = (u_char *) platform;
        text.len = mlist_platform_text(source->platform, platform);

    } else {
        text = source->label;
    }

    ngx_http_mlist_out_html(out, &text);
    ngx_http_mlist_out(out, ": ");
    ngx_http_mlist_status_html_plain(out, said->what == MLIST_SEEN_STATUS
                                     ? "error"
                                     : mlist_seen_source_text(said->what));
    ngx_http_mlist_out(out, "</span>");
}

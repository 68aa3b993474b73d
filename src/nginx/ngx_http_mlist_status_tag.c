/*
 * What is said of one tag, as a page of its own: see
 * ngx_http_mlist_status_page.h.
 */


#include "ngx_http_mlist_status_page.h"
#include "ngx_http_mlist_explain.h"


static void ngx_http_mlist_status_tag_record(ngx_http_mlist_out_t *out,
    ngx_http_mlist_model_t *model, ngx_http_mlist_status_page_t *page,
    ngx_http_mlist_loc_conf_t *mlcf);
static void ngx_http_mlist_status_tag_verdict(ngx_http_mlist_out_t *out,
    ngx_http_mlist_model_t *model);
static void ngx_http_mlist_status_tag_list(ngx_http_mlist_out_t *out,
    mlist_seen_t *seen, ngx_http_mlist_status_page_t *page);
static void ngx_http_mlist_status_tag_children(ngx_http_mlist_out_t *out,
    mlist_seen_t *seen, ngx_http_mlist_loc_conf_t *mlcf);
static void ngx_http_mlist_status_tag_sources(ngx_http_mlist_out_t *out,
    mlist_seen_t *seen, ngx_http_mlist_loc_conf_t *mlcf);
static void ngx_http_mlist_status_tag_source(ngx_http_mlist_out_t *out,
    mlist_seen_source_t *said, ngx_http_mlist_source_t *source);
static ngx_http_mlist_status_look_e ngx_http_mlist_status_tag_look(
    mlist_seen_source_t *said);
static void ngx_http_mlist_status_tag_drop(ngx_http_mlist_out_t *out,
    ngx_http_mlist_status_page_t *page);


void
ngx_http_mlist_status_tag(ngx_http_mlist_out_t *out,
    ngx_http_mlist_model_t *model, ngx_http_mlist_status_page_t *page)
{
    ngx_str_t                  *record;
    ngx_uint_t                  i, n;
    ngx_http_mlist_loc_conf_t  *mlcf;

    /* a name and a tag are valid, and have nothing to be escaped */

    ngx_http_mlist_status_html_begin(out, &page->name, &page->nonce);

    ngx_http_mlist_out(out, "<header>\n<h1>");
    ngx_http_mlist_out_html(out, &page->name);
    ngx_http_mlist_out(out, ":");
    ngx_http_mlist_out_html(out, &page->tag);
    ngx_http_mlist_out(out, "</h1>\n<p id=\"as-of\" data-live>");

    if (page->home) {
        ngx_http_mlist_out(out, "<a href=\"?\">all tags</a> &middot; ");
    }

    ngx_http_mlist_out(out, "as of ");
    ngx_http_mlist_out_time(out, model->now);
    ngx_http_mlist_out(out, "</p>\n</header>\n<main>\n"
                       "<div id=\"live\" data-live>\n");

    if (page->dropped) {
        ngx_http_mlist_out(out, "<p class=\"say good\">Dropped: the next "
                           "pull asks the sources.</p>\n");
    }

    record = model->tags.elts;
    n = 0;

    for (i = 0; i < model->tags.nelts; i++) {
        mlcf = ngx_http_mlist_model_record(model, &record[i]);

        if (mlcf) {
            ngx_http_mlist_status_tag_record(out, model, page, mlcf);
            n++;
        }
    }

    if (n == 0) {
        ngx_http_mlist_out(out, "<p class=\"say\">Nothing is known of this "
                           "tag: it was not asked for lately, or no source "
                           "said that it has it.</p>\n");
    }

    ngx_http_mlist_out(out, "</div>\n");

    if (page->drop) {
        ngx_http_mlist_status_tag_drop(out, page);
    }

    ngx_http_mlist_status_html_end(out, &page->nonce);
}


static void
ngx_http_mlist_status_tag_record(ngx_http_mlist_out_t *out,
    ngx_http_mlist_model_t *model, ngx_http_mlist_status_page_t *page,
    ngx_http_mlist_loc_conf_t *mlcf)
{
    mlist_seen_t  *seen;

    seen = model->seen;

    ngx_http_mlist_status_tag_verdict(out, model);
    ngx_http_mlist_status_tag_list(out, seen, page);

    if (seen->nchildren) {
        ngx_http_mlist_status_tag_children(out, seen, mlcf);
    }

    if (seen->nsources) {
        ngx_http_mlist_status_tag_sources(out, seen, mlcf);
    }
}


static void
ngx_http_mlist_status_tag_verdict(ngx_http_mlist_out_t *out,
    ngx_http_mlist_model_t *model)
{
    u_char                         buf[NGX_HTTP_MLIST_EXPLAIN];
    ngx_str_t                      text;
    ngx_http_mlist_status_look_e   look;

    look = ngx_http_mlist_status_html_look(model->seen->verdict);

    ngx_http_mlist_out_format(out, "<div class=\"say%s\"><p>",
                              ngx_http_mlist_status_html_looks[look]);
    ngx_http_mlist_status_html_word(out, look,
                      mlist_seen_verdict_text(model->seen->verdict));

    text = ngx_http_mlist_explain_verdict(model->seen, buf);
    ngx_http_mlist_out_html(out, &text);
    ngx_http_mlist_out(out, ".</p><p class=\"dim\">The sources were asked ");
    ngx_http_mlist_status_html_ago(out, model->now, model->seen->when);
    ngx_http_mlist_out(out, ".</p></div>\n");
}


static void
ngx_http_mlist_status_tag_list(ngx_http_mlist_out_t *out,
    mlist_seen_t *seen, ngx_http_mlist_status_page_t *page)
{
    char  text[MLIST_DIGEST_MAX + 1];

    if (mlist_seen_digest_text(&seen->digest, text) == 0) {
        return;
    }

    ngx_http_mlist_out_format(out, "<h2>%s</h2>\n<div class=\"table keys\">"
                              "<table><tbody>\n<tr><th scope=\"row\">Digest"
                              "</th><td><code id=\"digest\">%s</code></td>"
                              "</tr>\n",
                              seen->nchildren ? "The list" : "The artifact",
                              text);

    if (seen->nchildren) {
        ngx_http_mlist_out_format(out, "<tr><th scope=\"row\">Type</th><td>"
                                  "<code>%s</code></td></tr>\n",
                                  mlist_media_text(seen->type));
        ngx_http_mlist_out(out, "<tr><th scope=\"row\">Size</th><td>");
        ngx_http_mlist_status_html_size(out, seen->size);
        ngx_http_mlist_out(out, "</td></tr>\n");
    }

    if (page->host.len) {
        ngx_http_mlist_out(out, "<tr><th scope=\"row\">By tag</th><td>"
                           "<code>");
        ngx_http_mlist_out_html(out, &page->host);
        ngx_http_mlist_out(out, "/");
        ngx_http_mlist_out_html(out, &page->name);
        ngx_http_mlist_out(out, ":");
        ngx_http_mlist_out_html(out, &page->tag);
        ngx_http_mlist_out(out, "</code></td></tr>\n<tr><th scope=\"row\">"
                           "Pinned</th><td><code>");
        ngx_http_mlist_out_html(out, &page->host);
        ngx_http_mlist_out(out, "/");
        ngx_http_mlist_out_html(out, &page->name);
        ngx_http_mlist_out_format(out, "@%s</code></td></tr>\n", text);
    }

    ngx_http_mlist_out(out, "</tbody></table></div>\n");
}


static void
ngx_http_mlist_status_tag_children(ngx_http_mlist_out_t *out,
    mlist_seen_t *seen, ngx_http_mlist_loc_conf_t *mlcf)
{
    unsigned                  i;
    ngx_str_t                 platform;
    mlist_seen_child_t       *child;
    ngx_http_mlist_source_t  *source;

    ngx_http_mlist_out(out, "<h2 id=\"platforms\">Platforms</h2>\n<div "
                       "class=\"table\"><table aria-labelledby=\"platforms\""
                       ">\n<thead><tr><th scope=\"col\">Platform</th>"
                       "<th scope=\"col\">Source</th><th scope=\"col\">"
                       "Digest</th><th scope=\"col\" class=\"n\">Size</th>"
                       "</tr></thead>\n<tbody>\n");

    source = mlcf->sources->elts;

    for (i = 0; i < ngx_min(seen->nchildren, MLIST_SEEN_CHILDREN); i++) {
        child = &seen->children[i];
        platform = ngx_http_mlist_ngx_str(child->platform);

        ngx_http_mlist_out(out, "<tr><th scope=\"row\">");
        ngx_http_mlist_status_html_badge(out, NGX_HTTP_MLIST_STATUS_GOOD,
                                         &platform, NULL);
        ngx_http_mlist_out(out, "</th><td>");

        if (child->source < mlcf->sources->nelts) {
            ngx_http_mlist_out_html(out, &source[child->source].label);

        } else {
            ngx_http_mlist_out(out, "&ndash;");
        }

        ngx_http_mlist_out(out, "</td><td>");
        ngx_http_mlist_status_html_digest(out, &child->digest, 1);
        ngx_http_mlist_out(out, "</td><td class=\"n\">");
        ngx_http_mlist_status_html_size(out, child->size);
        ngx_http_mlist_out(out, "</td></tr>\n");
    }

    if (seen->nchildren > MLIST_SEEN_CHILDREN) {
        ngx_http_mlist_out_format(out, "<tr><td colspan=\"4\" class=\"dim\">"
                                  "and %ud more</td></tr>\n",
                                  seen->nchildren - MLIST_SEEN_CHILDREN);
    }

    ngx_http_mlist_out(out, "</tbody></table></div>\n");
}


static void
ngx_http_mlist_status_tag_sources(ngx_http_mlist_out_t *out,
    mlist_seen_t *seen, ngx_http_mlist_loc_conf_t *mlcf)
{
    unsigned                  i;
    ngx_http_mlist_source_t  *source;

    ngx_http_mlist_out(out, "<h2 id=\"said\">What each source said</h2>\n"
                       "<div class=\"table\"><table aria-labelledby=\"said\""
                       ">\n<thead><tr><th scope=\"col\">Source</th>"
                       "<th scope=\"col\">For</th><th scope=\"col\">It</th>"
                       "<th scope=\"col\">Its tag holds</th><th scope=\"col\""
                       " class=\"n\">Took</th></tr></thead>\n<tbody>\n");

    source = mlcf->sources->elts;

    for (i = 0; i < seen->nsources; i++) {
        ngx_http_mlist_status_tag_source(out, &seen->sources[i], &source[i]);
    }

    ngx_http_mlist_out(out, "</tbody></table></div>\n");
}


static void
ngx_http_mlist_status_tag_source(ngx_http_mlist_out_t *out,
    mlist_seen_source_t *said, ngx_http_mlist_source_t *source)
{
    char        platform[MLIST_PLATFORM_TEXT];
    u_char      buf[NGX_HTTP_MLIST_EXPLAIN];
    ngx_str_t   text;

    ngx_http_mlist_out(out, "<tr><th scope=\"row\">");
    ngx_http_mlist_out_html(out, &source->label);
    ngx_http_mlist_out(out, "</th><td>");

    if (source->platform) {
        text.data = (u_char *) platform;
        text.len = mlist_platform_text(source->platform, platform);

        ngx_http_mlist_status_html_badge(out, NGX_HTTP_MLIST_STATUS_PLAIN,
                                         &text, NULL);
    } else {
        ngx_http_mlist_out(out, "any platform");
    }

    ngx_http_mlist_out(out, "</td><td>");
    ngx_http_mlist_status_html_word(out, ngx_http_mlist_status_tag_look(said),
                                    mlist_seen_source_text(said->what));

    text = ngx_http_mlist_explain_source(said, source, buf);
    ngx_http_mlist_out_html(out, &text);

    ngx_http_mlist_out(out, "</td><td>");
    ngx_http_mlist_status_html_digest(out, &said->digest, 0);

    if (said->what > MLIST_SEEN_NO_SPELLING) {
        ngx_http_mlist_out_format(out, "</td><td class=\"n\">%ud ms"
                                  "</td></tr>\n", said->ms);
    } else {
        ngx_http_mlist_out(out, "</td><td class=\"n\">&ndash;</td></tr>\n");
    }
}


static ngx_http_mlist_status_look_e
ngx_http_mlist_status_tag_look(mlist_seen_source_t *said)
{
    switch (said->what) {

    case MLIST_SEEN_PRESENT:
        return NGX_HTTP_MLIST_STATUS_GOOD;

    case MLIST_SEEN_NOT_ASKED:
    case MLIST_SEEN_NO_SPELLING:
        return NGX_HTTP_MLIST_STATUS_PLAIN;

    case MLIST_SEEN_ABSENT:
    case MLIST_SEEN_NO_PLATFORM:
    case MLIST_SEEN_DENIED:
        return NGX_HTTP_MLIST_STATUS_WARN;

    default:
        return NGX_HTTP_MLIST_STATUS_BAD;
    }
}


static void
ngx_http_mlist_status_tag_drop(ngx_http_mlist_out_t *out,
    ngx_http_mlist_status_page_t *page)
{
    ngx_http_mlist_out(out, "<h2>Drop it</h2>\n<form method=\"post\" class="
                       "\"tools\"><input type=\"hidden\" name=\"name\" "
                       "value=\"");
    ngx_http_mlist_out_html(out, &page->name);
    ngx_http_mlist_out(out, "\"><input type=\"hidden\" name=\"tag\" value=\"");
    ngx_http_mlist_out_html(out, &page->tag);
    ngx_http_mlist_out(out, "\"><button>Ask the sources at the next pull"
                       "</button></form>\n");
}

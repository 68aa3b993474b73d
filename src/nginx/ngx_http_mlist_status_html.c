/*
 * The pieces that the status' pages are made of: see
 * ngx_http_mlist_status_html.h.
 */


#include "ngx_http_mlist_status_html.h"


#define NGX_HTTP_MLIST_STATUS_HTML_SHORT  19   /* of a digest: sha256: and 12 */


/* In the order of ngx_http_mlist_status_look_e. */
const char *const  ngx_http_mlist_status_html_looks[] = {
    " good", "", " warn", " bad"
};


void
ngx_http_mlist_status_html_begin(ngx_http_mlist_out_t *out,
    ngx_str_t *title, ngx_str_t *nonce)
{
    ngx_http_mlist_out(out, "<!doctype html>\n<html lang=\"en\">\n<head>\n"
                       "<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
                       "content=\"width=device-width, initial-scale=1\">\n"
                       "<title>");
    ngx_http_mlist_out_html(out, title);
    ngx_http_mlist_out_format(out, "</title>\n<style nonce=\"%V\">", nonce);
    ngx_http_mlist_out(out, ngx_http_mlist_status_style);
    ngx_http_mlist_out(out, "</style>\n<noscript><meta http-equiv="
                       "\"refresh\" content=\"30\"></noscript>\n"
                       "</head>\n<body>\n");
}


void
ngx_http_mlist_status_html_end(ngx_http_mlist_out_t *out, ngx_str_t *nonce)
{
    ngx_http_mlist_out(out, "</main>\n<footer>\n<label hidden><input "
                       "type=\"checkbox\" id=\"on\" checked> refresh this "
                       "page by itself</label>\n<span id=\"lost\" "
                       "role=\"status\" hidden> &mdash; no answer, what is "
                       "shown is old</span>\n</footer>\n");
    ngx_http_mlist_out_format(out, "<script nonce=\"%V\">", nonce);
    ngx_http_mlist_out(out, ngx_http_mlist_status_script);
    ngx_http_mlist_out(out, "</script>\n</body>\n</html>\n");
}


void
ngx_http_mlist_status_html_ago(ngx_http_mlist_out_t *out, time_t now,
    time_t when)
{
    time_t       past;
    ngx_uint_t   i;

    static const struct {
        time_t       below;
        time_t       unit;
        const char  *name;
    } units[] = {
        { 120, 1, "s" },
        { 2 * 3600, 60, "min" },
        { 2 * 86400, 3600, "h" },
        { 0, 86400, "days" }
    };

    if (when == 0) {
        ngx_http_mlist_out(out, "&ndash;");
        return;
    }

    past = ngx_max(now - when, 0);

    if (past < 2) {
        ngx_http_mlist_out(out, "just now");
        return;
    }

    for (i = 0; units[i].below && past >= units[i].below; i++) { /* void */ }

    ngx_http_mlist_out(out, "<time datetime=\"");
    ngx_http_mlist_out_time(out, when);
    ngx_http_mlist_out(out, "\" title=\"");
    ngx_http_mlist_out_time(out, when);
    ngx_http_mlist_out_format(out, "\">%T %s ago</time>",
                              past / units[i].unit, units[i].name);
}


void
ngx_http_mlist_status_html_size(ngx_http_mlist_out_t *out, uint64_t size)
{
    ngx_uint_t  i, tenths;

    static const char *const  units[] = { "kB", "MB", "GB", "TB" };

    if (size < 1024) {
        ngx_http_mlist_out_format(out, "%uL B", size);
        return;
    }

    for (i = 0; i < 3 && size >= 1024 * 1024; i++) {
        size /= 1024;
    }

    tenths = (ngx_uint_t) (size * 10 / 1024);

    ngx_http_mlist_out_format(out, "%ui.%ui %s", tenths / 10, tenths % 10,
                              units[i]);
}


void
ngx_http_mlist_status_html_digest(ngx_http_mlist_out_t *out,
    mlist_seen_digest_t *digest, ngx_uint_t whole)
{
    char    text[MLIST_DIGEST_MAX + 1];
    size_t  len;

    len = mlist_seen_digest_text(digest, text);

    if (len == 0) {
        ngx_http_mlist_out(out, "&ndash;");
        return;
    }

    if (whole) {
        ngx_http_mlist_out_format(out, "<code>%s</code>", text);
        return;
    }

    ngx_http_mlist_out_format(out, "<code title=\"%s\">%*s&hellip;</code>",
                              text,
                              (size_t) NGX_HTTP_MLIST_STATUS_HTML_SHORT,
                              text);
}


void
ngx_http_mlist_status_html_badge(ngx_http_mlist_out_t *out,
    ngx_http_mlist_status_look_e look, ngx_str_t *text, ngx_str_t *title)
{
    ngx_http_mlist_out_format(out, "<span class=\"b%s\"",
                              ngx_http_mlist_status_html_looks[look]);

    if (title) {
        ngx_http_mlist_out(out, " title=\"");
        ngx_http_mlist_out_html(out, title);
        ngx_http_mlist_out(out, "\"");
    }

    ngx_http_mlist_out(out, ">");
    ngx_http_mlist_out_html(out, text);
    ngx_http_mlist_out(out, "</span>");
}


void
ngx_http_mlist_status_html_word(ngx_http_mlist_out_t *out,
    ngx_http_mlist_status_look_e look, const char *word)
{
    ngx_http_mlist_out_format(out, "<span class=\"b%s\">",
                              ngx_http_mlist_status_html_looks[look]);
    ngx_http_mlist_status_html_plain(out, word);
    ngx_http_mlist_out(out, "</span>");
}


void
ngx_http_mlist_status_html_plain(ngx_http_mlist_out_t *out, const char *word)
{
    u_char       c;
    const char  *p;

    for (p = word; *p; p++) {
        c = *p == '_' ? ' ' : (u_char) *p;
        ngx_http_mlist_out_bytes(out, &c, 1);
    }
}


ngx_http_mlist_status_look_e
ngx_http_mlist_status_html_look(mlist_seen_verdict_e verdict)
{
    switch (verdict) {

    case MLIST_SEEN_LIST:
    case MLIST_SEEN_UNCHANGED:
        return NGX_HTTP_MLIST_STATUS_GOOD;

    case MLIST_SEEN_PARTIAL:
    case MLIST_SEEN_STALE:
        return NGX_HTTP_MLIST_STATUS_WARN;

    case MLIST_SEEN_ERROR:
        return NGX_HTTP_MLIST_STATUS_BAD;

    default: /* MLIST_SEEN_ARTIFACT, MLIST_SEEN_NOWHERE */
        return NGX_HTTP_MLIST_STATUS_PLAIN;
    }
}

/*
 * The pieces that the status' pages are made of: the frame with its style and
 * script, and how times, sizes, digests and states look.  Whatever is printed
 * is escaped.  The style and the script are static texts; a page loads nothing
 * else, and works without the script.  Called by status_page, status_tags and
 * status_tag.
 */

#ifndef _NGX_HTTP_MLIST_STATUS_HTML_H_INCLUDED_
#define _NGX_HTTP_MLIST_STATUS_HTML_H_INCLUDED_


#include "ngx_http_mlist_model.h"
#include "ngx_http_mlist_out.h"


/* How something is: a word for the eye, as a class of the style. */
typedef enum {
    NGX_HTTP_MLIST_STATUS_GOOD = 0,
    NGX_HTTP_MLIST_STATUS_PLAIN,
    NGX_HTTP_MLIST_STATUS_WARN,
    NGX_HTTP_MLIST_STATUS_BAD
} ngx_http_mlist_status_look_e;

/* Its class in the style, with a space before it; or "". */
extern const char *const  ngx_http_mlist_status_html_looks[];


/*
 * From the doctype to the opening of main; "title" stands in the title, the
 * nonce (base64) is that of the Content-Security-Policy.
 */
void ngx_http_mlist_status_html_begin(ngx_http_mlist_out_t *out,
    ngx_str_t *title, ngx_str_t *nonce);
void ngx_http_mlist_status_html_end(ngx_http_mlist_out_t *out,
    ngx_str_t *nonce);

/* "3 min ago", with the time itself for who looks closer. */
void ngx_http_mlist_status_html_ago(ngx_http_mlist_out_t *out, time_t now,
    time_t when);

/* "1.2 MB" */
void ngx_http_mlist_status_html_size(ngx_http_mlist_out_t *out,
    uint64_t size);

/* A digest, short or whole; a dash where there is none. */
void ngx_http_mlist_status_html_digest(ngx_http_mlist_out_t *out,
    mlist_seen_digest_t *digest, ngx_uint_t whole);

/* A badge; "title" is what is told who points at it, and may be NULL. */
void ngx_http_mlist_status_html_badge(ngx_http_mlist_out_t *out,
    ngx_http_mlist_status_look_e look, ngx_str_t *text, ngx_str_t *title);

/* The same of a literal, whose "_" are shown as spaces. */
void ngx_http_mlist_status_html_word(ngx_http_mlist_out_t *out,
    ngx_http_mlist_status_look_e look, const char *word);

/* Such a literal as text. */
void ngx_http_mlist_status_html_plain(ngx_http_mlist_out_t *out,
    const char *word);

/* How a verdict looks, and what it is called. */
ngx_http_mlist_status_look_e ngx_http_mlist_status_html_look(
    mlist_seen_verdict_e verdict);

/* The style and the script. */
extern const char  ngx_http_mlist_status_style[];
extern const char  ngx_http_mlist_status_script[];


#endif /* _NGX_HTTP_MLIST_STATUS_HTML_H_INCLUDED_ */

/*
 * The configuration: create, merge, the setters, and what is derived from
 * it.  It refuses what cannot work; it never looks at a request.  Called by
 * module; the questions at the end by handler, target, drop, fold.
 *
 * conf.c holds create, merge and derive, conf_set.c the setters and the
 * questions; mlist_source and proxy_pass have rooms of their own (source,
 * proxy).
 */

#ifndef _NGX_HTTP_MLIST_CONF_H_INCLUDED_
#define _NGX_HTTP_MLIST_CONF_H_INCLUDED_


#include "ngx_http_mlist.h"


void *ngx_http_mlist_conf_create_main(ngx_conf_t *cf);
char *ngx_http_mlist_conf_init_main(ngx_conf_t *cf, void *conf);
void *ngx_http_mlist_conf_create_loc(ngx_conf_t *cf);
char *ngx_http_mlist_conf_merge_loc(ngx_conf_t *cf, void *parent,
    void *child);

/* The bit of "off", while mlist_use_stale is read; no other room sees it. */
#define NGX_HTTP_MLIST_STALE_OFF  0x10


/* The setters, of ngx_command_t's type; see the README for the syntax. */
char *ngx_http_mlist_conf_mlist(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_mlist_conf_store(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_mlist_conf_auth(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_mlist_conf_match(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);                            /* mlist_names, mlist_tags */
char *ngx_http_mlist_conf_default_platform(ngx_conf_t *cf,
    ngx_command_t *cmd, void *conf);
char *ngx_http_mlist_conf_use_stale(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/*
 * Marks a location as a directive's own; returns what a setter does.  And what
 * a level inherits of that: an "if" or limit_except without another handler
 * has the mark of its location, nothing else has.
 */
char *ngx_http_mlist_conf_mark(ngx_conf_t *cf, ngx_http_mlist_mark_t *mark);
void ngx_http_mlist_conf_mark_merge(ngx_http_core_loc_conf_t *clcf,
    ngx_http_mlist_mark_t *prev, ngx_http_mlist_mark_t *conf);

/* What mlist_zone and mlist_max_manifest_size refuse (ngx_conf_post_t). */
char *ngx_http_mlist_conf_check_zone(ngx_conf_t *cf, void *post, void *data);
char *ngx_http_mlist_conf_check_size(ngx_conf_t *cf, void *post, void *data);

#if (NGX_PCRE)

/*
 * Compiles ~REGEX, or ~*REGEX without regard to case.  "text" is an argument
 * of a directive or the end of one.  NULL on error (logged at emerg).
 */
ngx_regex_t *ngx_http_mlist_conf_regex(ngx_conf_t *cf, ngx_str_t *text);

#endif

/*
 * 1 if "s" passes the matches of mlist_names or mlist_tags (NULL: all pass):
 * no negative one matches, and a positive one does if there are any; else 0.
 * A regex that PCRE gives up on lets nothing pass.
 */
ngx_uint_t ngx_http_mlist_conf_matches(ngx_array_t *matches, ngx_str_t *s)
    MLIST_HOT;

/* 1 if the source is asked for repositories of this name, else 0. */
ngx_uint_t ngx_http_mlist_conf_serves(ngx_http_mlist_source_t *source,
    ngx_str_t *name) MLIST_HOT;

/*
 * 1 if this location serves "name", a valid one: mlist_names lets it pass,
 * no store has it, and a source is asked for it; else 0.
 */
ngx_uint_t ngx_http_mlist_conf_serves_name(ngx_http_mlist_loc_conf_t *mlcf,
    ngx_str_t *name) MLIST_HOT;

/*
 * 1 if a tag of a name that is served is answered with a list here, else 0:
 * mlist_tags leaves it out, it is a signature's, or a source's spelling.
 */
ngx_uint_t ngx_http_mlist_conf_synthesizes(ngx_http_mlist_loc_conf_t *mlcf,
    ngx_str_t *name, ngx_str_t *tag) MLIST_HOT;


#endif /* _NGX_HTTP_MLIST_CONF_H_INCLUDED_ */

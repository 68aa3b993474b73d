/*
 * The types that the rooms of the glue share: configuration, sources, and
 * what is known of one request.  No code but two inline conversions.
 *
 * Arrows between the rooms point one way:
 *
 *     module -> conf, handler, variables
 *     handler -> list, digest, notify, auth -> flight, build, send
 *             -> fetch, zone, store -> core
 */

#ifndef _NGX_HTTP_MLIST_H_INCLUDED_
#define _NGX_HTTP_MLIST_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "../core/mlist_accept.h"
#include "../core/mlist_digest.h"
#include "../core/mlist_error.h"
#include "../core/mlist_index.h"
#include "../core/mlist_media.h"
#include "../core/mlist_name.h"
#include "../core/mlist_pattern.h"
#include "../core/mlist_platform.h"
#include "../core/mlist_route.h"
#include "../core/mlist_siphash.h"


#define NGX_HTTP_MLIST_MAX_SOURCES   32

#define NGX_HTTP_MLIST_KEY_SIZE      MLIST_SHA256_SIZE

/* mlist_use_stale; beside NGX_CONF_BITMASK_SET, which is 1 */
#define NGX_HTTP_MLIST_STALE_ERROR     0x02
#define NGX_HTTP_MLIST_STALE_TIMEOUT   0x04
#define NGX_HTTP_MLIST_STALE_UPDATING  0x08


typedef struct ngx_http_mlist_zone_s      ngx_http_mlist_zone_t;
typedef struct ngx_http_mlist_store_s     ngx_http_mlist_store_t;
typedef struct ngx_http_mlist_store_dir_s  ngx_http_mlist_store_dir_t;
typedef struct ngx_http_mlist_htpasswd_s  ngx_http_mlist_htpasswd_t;
typedef struct ngx_http_mlist_body_s      ngx_http_mlist_body_t;
typedef struct ngx_http_mlist_deadline_s  ngx_http_mlist_deadline_t;
typedef struct ngx_http_mlist_fetch_s     ngx_http_mlist_fetch_t;
typedef struct ngx_http_mlist_flight_s    ngx_http_mlist_flight_t;
typedef struct ngx_http_mlist_follow_s    ngx_http_mlist_follow_t;
typedef struct ngx_http_mlist_redirect_s  ngx_http_mlist_redirect_t;
typedef struct ngx_http_mlist_offer_s  ngx_http_mlist_offer_t;
typedef struct ngx_http_mlist_relogin_s   ngx_http_mlist_relogin_t;
typedef struct ngx_http_mlist_verdict_s   ngx_http_mlist_verdict_t;
typedef struct ngx_http_mlist_rebuild_s   ngx_http_mlist_rebuild_t;
typedef struct ngx_http_mlist_doc_s       ngx_http_mlist_doc_t;
typedef struct ngx_http_mlist_thread_s    ngx_http_mlist_thread_t;
typedef struct ngx_http_mlist_checks_s    ngx_http_mlist_checks_t;
typedef struct ngx_http_mlist_stats_s     ngx_http_mlist_stats_t;
typedef struct ngx_http_mlist_health_s    ngx_http_mlist_health_t;
typedef struct ngx_http_mlist_held_s      ngx_http_mlist_held_t;


/* One registry: what a source's URL names.  One per URL in all of http{}. */
typedef struct {
    ngx_str_t                   url;       /* scheme://host[:port], no "/" */
    ngx_str_t                   host;      /* host[:port] as written */
    unsigned                    ssl:1;
    ngx_http_upstream_srv_conf_t  *upstream; /* NULL: resolved at run time */

    ngx_str_t                   name;      /* the host without the port */
    in_port_t                   port;      /* the scheme's if none is given */
    u_char                     *file;      /* where it is named first */
    ngx_uint_t                  line;
    unsigned                    no_port:1; /* the URL has none */
    unsigned                    served:1;  /* a source or a mlist_push names
                                              it, not a store alone */
} ngx_http_mlist_registry_t;


typedef struct {
    ngx_http_mlist_registry_t  *registry;
    ngx_str_t                   label;
    mlist_pattern_t             tag;
    mlist_pattern_t             name;
    mlist_platform_t           *platform;  /* NULL: read from the config */
#if (NGX_PCRE)
    ngx_regex_t                *names;     /* NULL: all */
#endif
    unsigned                    trusted:1;
    unsigned                    resolve:1;
    unsigned                    required:1;  /* never with "optional" */
    unsigned                    optional:1;
    unsigned                    denied:1;    /* denied=missing */

    ngx_str_t                   tag_text;    /* the patterns as written */
    ngx_str_t                   name_text;
    ngx_str_t                   names_text;  /* ~REGEX as written, or "" */
    ngx_http_mlist_health_t    *health;      /* counted there, in the zone;
                                              NULL: it has no room */
    uint64_t                    health_hash; /* of whom that place is */
    u_char                     *file;        /* where it is configured */
    ngx_uint_t                  line;
} ngx_http_mlist_source_t;


/* A directive that makes a location its own, and where it stands. */
typedef struct {
    ngx_flag_t                  on;
    u_char                     *file;
    ngx_uint_t                  line;
} ngx_http_mlist_mark_t;


/* Where writes go: mlist_push, or what stands for it. */
typedef struct {
    ngx_http_mlist_registry_t  *registry;  /* NULL: "value" says which */
    ngx_http_complex_value_t   *value;     /* the URL of a request; or NULL */
    ngx_str_t                   text;      /* as written */
    unsigned                    by_platform:1;
    u_char                     *file;      /* where it is configured */
    ngx_uint_t                  line;
} ngx_http_mlist_push_t;


/* One [!]~REGEX of mlist_names or mlist_tags. */
typedef struct {
#if (NGX_PCRE)
    ngx_regex_t                *regex;
#endif
    unsigned                    negative:1;
    ngx_str_t                   text;        /* [!]~REGEX as written */
} ngx_http_mlist_match_t;


typedef enum {
    NGX_HTTP_MLIST_AUTH_REGISTRY = 0,
    NGX_HTTP_MLIST_AUTH_NGINX
} ngx_http_mlist_auth_e;


typedef struct {
    ngx_http_mlist_zone_t      *zone;
    ngx_http_mlist_stats_t     *stats;       /* in the zone, where there is
                                              one */
    size_t                      zone_size;
    ngx_array_t                 registries;  /* of
                                              ngx_http_mlist_registry_t * */
    ngx_http_mlist_thread_t    *threads;     /* the pools; NULL: none yet */
    ngx_http_mlist_checks_t    *checks;      /* of passwords; NULL: none */
    ngx_http_mlist_store_dir_t *dirs;        /* of stores; NULL: none */
    ngx_array_t                *remotes;     /* of
                                              ngx_http_mlist_store_remote_t *;
                                              NULL: none */
    ngx_array_t                *guarded;     /* of ngx_http_upstream_conf_t *,
                                              of active locations with
                                              mlist_auth nginx; may be NULL */
    ngx_array_t                 active;      /* of ngx_http_mlist_active_t */
    unsigned                    used:1;      /* there is a source */
    unsigned                    notified:1;  /* there is a mlist_notify */
    unsigned                    watched:1;   /* there is a mlist_status */
    ngx_array_t                *pages;       /* of ngx_http_core_srv_conf_t *
                                              that have one; may be NULL */
} ngx_http_mlist_main_conf_t;


/* Kinds of access control that are not this module's. */
typedef enum {
    NGX_HTTP_MLIST_GUARD_RULES = 0,          /* allow, deny */
    NGX_HTTP_MLIST_GUARD_BASIC,
    NGX_HTTP_MLIST_GUARD_REQUEST,
    NGX_HTTP_MLIST_GUARD_CERTIFICATE,
    NGX_HTTP_MLIST_GUARD_OTHER,
    NGX_HTTP_MLIST_GUARDS
} ngx_http_mlist_guard_e;


typedef struct {
    ngx_flag_t                  off;         /* mlist off */
    ngx_array_t                *sources;     /* of ngx_http_mlist_source_t */
    ngx_array_t                *names;       /* of ngx_http_mlist_match_t */
    ngx_array_t                *tags;        /* of ngx_http_mlist_match_t */
    ngx_uint_t                  auth;        /* ngx_http_mlist_auth_e */
    ngx_http_mlist_htpasswd_t  *htpasswd;    /* NULL: off */
    ngx_http_mlist_store_t     *store;       /* NULL: off */
    ngx_array_t                *logins;      /* of ngx_http_mlist_login_t;
                                              NULL: none */
    ngx_flag_t                  authorization; /* proxy_set_header has one */
    ngx_uint_t                  type;        /* mlist_type_e */
    ngx_http_complex_value_t   *default_platform;   /* NULL: off */
    ngx_flag_t                  attestations;       /* 1: keep */
    ngx_flag_t                  verify;
    size_t                      max_manifest_size;
    time_t                      valid;       /* in seconds */
    ngx_uint_t                  use_stale;   /* bits, see above; others may
                                              be set too */
    ngx_int_t                   flights;     /* 1 or more */
    ngx_flag_t                  publish;
    ngx_uint_t                  redirect;    /* 1: follow */
    ngx_http_mlist_push_t      *push_named;  /* unset: as "push" is derived;
                                              NULL: off */

    /*
     * 1 if the location's proxy_pass is $mlist_upstream, 0 if it is another
     * one, unset if there is none.
     */
    ngx_flag_t                  proxied;
    ngx_http_handler_pt         proxy_handler;   /* set by that proxy_pass */
    u_char                     *proxy_file;      /* where it is configured */
    ngx_uint_t                  proxy_line;

    ngx_uint_t                  auth_named;  /* mlist_auth alone: "auth" is
                                              also what htpasswd implies */

    ngx_http_mlist_mark_t       status;      /* mlist_status */
    ngx_http_mlist_mark_t       notify;      /* mlist_notify */
    ngx_flag_t                  guards[NGX_HTTP_MLIST_GUARDS];

    /* derived when the location is merged */

    ngx_http_mlist_main_conf_t *main;
    ngx_array_t                *registries;  /* of
                                              ngx_http_mlist_registry_t *:
                                              distinct, in source order */
    ngx_http_mlist_push_t      *push;        /* NULL: no writes */
    u_char                      fingerprint[NGX_HTTP_MLIST_KEY_SIZE];
                                             /* of all that decides what a
                                              tag is answered with */
    u_char                      tag_secret[MLIST_SIPHASH_SIZE];
    u_char                      list_secret[MLIST_SIPHASH_SIZE];
    u_char                      blob_secret[MLIST_SIPHASH_SIZE];
    u_char                      manifest_secret[MLIST_SIPHASH_SIZE];
    u_char                      all_key[NGX_HTTP_MLIST_KEY_SIZE];
                                             /* see key */
    unsigned                    has_secrets:1;   /* in this process */
    unsigned                    push_by_platform:1;
    unsigned                    active:1;    /* requests here are ours */
    unsigned                    page:1;      /* browsers are shown a page */
    unsigned                    intercept:1; /* proxy_intercept_errors */
    unsigned                    notify_limited:1; /* limit_except decides who
                                              may POST */
} ngx_http_mlist_loc_conf_t;


/* A location that is active, as it was merged. */
typedef struct {
    ngx_http_mlist_loc_conf_t  *conf;
    void                      **loc_conf;    /* of all modules */
    void                       *server;      /* its
                                              ngx_http_core_srv_conf_t */
} ngx_http_mlist_active_t;


typedef enum {
    NGX_HTTP_MLIST_KIND_NONE = 0,
    NGX_HTTP_MLIST_KIND_PING,
    NGX_HTTP_MLIST_KIND_LIST,
    NGX_HTTP_MLIST_KIND_MANIFEST,
    NGX_HTTP_MLIST_KIND_BLOB,
    NGX_HTTP_MLIST_KIND_TAGS,
    NGX_HTTP_MLIST_KIND_CATALOG,
    NGX_HTTP_MLIST_KIND_REFERRERS,
    NGX_HTTP_MLIST_KIND_UPLOAD
} ngx_http_mlist_kind_e;

#define NGX_HTTP_MLIST_KINDS     (NGX_HTTP_MLIST_KIND_UPLOAD + 1)


typedef enum {
    NGX_HTTP_MLIST_STATUS_NONE = 0,
    NGX_HTTP_MLIST_STATUS_MISS,
    NGX_HTTP_MLIST_STATUS_HIT,
    NGX_HTTP_MLIST_STATUS_REVALIDATED,
    NGX_HTTP_MLIST_STATUS_STALE,
    NGX_HTTP_MLIST_STATUS_UPDATING,
    NGX_HTTP_MLIST_STATUS_PARTIAL,
    NGX_HTTP_MLIST_STATUS_PASS
} ngx_http_mlist_status_e;

#define NGX_HTTP_MLIST_STATUSES  (NGX_HTTP_MLIST_STATUS_PASS + 1)


/*
 * What is known of one request of a client.  A fetch has a ctx of its own, in
 * which only "fetch", "upstream", "credentials" (and inject's) and "redirect"
 * are set; so has a flight's
 * carrier, with "conf", "name", "reference", "kind" and what drives it.
 */
typedef struct {
    ngx_http_mlist_kind_e       kind;
    ngx_http_mlist_status_e     status;      /* $mlist_cache_status */
    ngx_http_mlist_loc_conf_t  *conf;        /* that "kind" was judged by */
    ngx_str_t                   path;        /* r->uri, canonical */
    mlist_route_t               route;       /* views into "path" */
    ngx_str_t                   name;        /* of the route; may be empty */
    ngx_str_t                   reference;   /* the same */

    ngx_str_t                   digest;      /* $mlist_digest */
    ngx_str_t                   platforms;   /* $mlist_platforms */
    ngx_str_t                   missing;     /* $mlist_missing */
    ngx_str_t                   source;      /* $mlist_source */

    ngx_str_t                   upstream;    /* $mlist_upstream: whole URL */
    ngx_http_mlist_registry_t  *registry;    /* that it is passed on to */
    ngx_http_mlist_source_t    *from;        /* whose that is; or NULL */
    ngx_uint_t                  http_version;  /* the client's, then */
    ngx_str_t                   spelled;     /* the name of a write there */
    ngx_str_t                   spelled_tag; /* and its tag; empty: as it is */
    ngx_http_mlist_registry_t  *push;        /* where writes go, see push; */
    ngx_str_t                   pushes;      /* what a variable has yielded */
    ngx_http_mlist_follow_t    *follow;      /* NULL: no redirect so far */

    ngx_str_t                   credentials; /* the front's own, for inject;
                                              empty: none */
    ngx_int_t                 (*create_request)(ngx_http_request_t *r);
                                             /* proxy's; inject's */
    ngx_http_mlist_relogin_t   *relogin;     /* of login_request; or NULL */

    ngx_http_mlist_fetch_t     *fetch;       /* of a child */
    ngx_http_mlist_redirect_t  *redirect;    /* that led to "upstream" */
    ngx_http_mlist_body_t      *body;        /* read here; or NULL */
    void                       *state;       /* of the room that works on
                                              the request */
    ngx_int_t                 (*resume)(ngx_http_request_t *r, void *state);

    mlist_error_e               error;       /* for the JSON of an error */
    ngx_str_t                   message;     /* the same; may be empty */
    ngx_str_t                   detail;

    ngx_uint_t                  running;     /* fetches under way */

    ngx_http_mlist_rebuild_t   *rebuild;     /* after events; or NULL */

    ngx_http_mlist_flight_t    *flight;      /* of a carrier */
    ngx_int_t                 (*start)(ngx_http_request_t *r,
                                       ngx_http_mlist_flight_t *flight);

    ngx_int_t                   phase;       /* index of our phase handler */
    ngx_uint_t                  tries;       /* restarts so far */
    mlist_accept_t              accept;      /* the client's own: what is
                                              passed on has another */
    ngx_str_t                   error_body;  /* set: replaces the body */
    ngx_uint_t                  allow;       /* methods, of a 405; or 0 */
    ngx_http_mlist_doc_t       *doc;         /* the list to be sent, or */
    ngx_str_t                   text;        /* another body, and */
    ngx_str_t                   text_type;   /* its Content-Type */
    u_char                     *route_key;   /* in the zone, of what is
                                              passed on; or NULL */

    unsigned                    left:1;      /* of a carrier: the client it
                                              belongs to is gone */
    unsigned                    lingers:1;   /* a carrier works on when the
                                              client has its answer */
    unsigned                    dispatched:1; /* path and conf are final */
    unsigned                    push_known:1; /* "push" and "pushes" */
    unsigned                    has_error:1; /* error, message, detail */
    unsigned                    passed:1;    /* proxied as it is */
    unsigned                    learned:1;   /* by a route that may be
                                              wrong by now */
    unsigned                    restart:1;   /* the answer is dropped */
    unsigned                    dropping:1;  /* until it is restarted */
    unsigned                    canonical:1; /* so was the raw path */
    unsigned                    writing:1;   /* passed on, no answer yet */
    unsigned                    deleting:1;  /* that is a DELETE */
    unsigned                    accepted:1;  /* the answer is a 202 */
} ngx_http_mlist_ctx_t;


extern ngx_module_t  ngx_http_mlist_module;


static ngx_inline mlist_str_t
ngx_http_mlist_view(ngx_str_t *s)
{
    mlist_str_t  view;

    view.data = (const char *) s->data;
    view.len = s->len;

    return view;
}


static ngx_inline ngx_str_t
ngx_http_mlist_ngx_str(mlist_str_t view)
{
    ngx_str_t  s;

    s.data = (u_char *) view.data;
    s.len = view.len;

    return s;
}


#endif /* _NGX_HTTP_MLIST_H_INCLUDED_ */

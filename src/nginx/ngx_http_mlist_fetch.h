/*
 * Internal fetches: one background subrequest each, through the location's
 * own proxy_pass, so that every proxy_* setting holds for them too.  It
 * never judges what the registry answered, and never lets a child's answer or
 * failure reach the client; what is taken of an answer is answer's.  Called
 * by list, ask, digest, walk, referrers.
 */

#ifndef _NGX_HTTP_MLIST_FETCH_H_INCLUDED_
#define _NGX_HTTP_MLIST_FETCH_H_INCLUDED_


#include "ngx_http_mlist.h"


/* Every type that a source may hold under a tag or digest (one line). */
#define NGX_HTTP_MLIST_ACCEPT                                                \
    "application/vnd.oci.image.index.v1+json, "                              \
    "application/vnd.oci.image.manifest.v1+json, "                           \
    "application/vnd.docker.distribution.manifest.list.v2+json, "            \
    "application/vnd.docker.distribution.manifest.v2+json, "                 \
    "application/vnd.oci.artifact.manifest.v1+json, "                        \
    "application/vnd.docker.distribution.manifest.v1+prettyjws, "            \
    "application/vnd.docker.distribution.manifest.v1+json, "                 \
    "*/*"


typedef enum {
    NGX_HTTP_MLIST_FETCH_IDLE = 0,   /* never started */
    NGX_HTTP_MLIST_FETCH_RUNNING,
    NGX_HTTP_MLIST_FETCH_ANSWERED,   /* the registry answered: "status" */
    NGX_HTTP_MLIST_FETCH_FAILED,     /* no (whole) answer */
    NGX_HTTP_MLIST_FETCH_TIMEOUT,
    NGX_HTTP_MLIST_FETCH_TOO_LARGE   /* more than "max" bytes of body */
} ngx_http_mlist_fetch_e;


struct ngx_http_mlist_fetch_s {

    /* set by the caller, living in r->pool */

    ngx_str_t                   url;       /* whole, of valid bytes only */
    size_t                      max;       /* of the body, in bytes */
    unsigned                    head:1;
    unsigned                    blob:1;    /* no Accept */
    unsigned                    anonymous:1;  /* never with what the client
                                              authorizes itself by */
    unsigned                    bare:1;    /* with "credentials" as they are,
                                              whatever logins there are */
    unsigned                    follow:1;  /* a redirect is followed as
                                              ngx_http_mlist_redirect says */
    ngx_http_mlist_registry_t  *registry;  /* that "url" is at */
    uint32_t                    sources;   /* bits (1 << index): for whom
                                              the answer is counted */

    /*
     * POST, PUT, PATCH or DELETE instead of a read, with a body, even if it
     * is empty.  Of the answer only status and headers are taken.
     */
    ngx_str_t                   method;    /* empty: GET or HEAD */
    ngx_str_t                   send;
    ngx_str_t                   send_type; /* Content-Type; may be empty */

    /* set by the caller: is called before "r" is woken; or NULL */
    void                      (*done)(ngx_http_request_t *r,
                                      ngx_http_mlist_fetch_t *fetch);
    void                       *data;

    /* the result, valid when "state" is ANSWERED or later */

    ngx_http_mlist_fetch_e      state;
    ngx_uint_t                  status;    /* the registry's own; 0: none */
    off_t                       length;    /* Content-Length, or -1 */
    ngx_str_t                   type;      /* Content-Type */
    ngx_str_t                   digest;    /* Docker-Content-Digest */
    ngx_str_t                   location;
    ngx_str_t                   retry_after;
    ngx_str_t                   encoding;  /* Content-Encoding */
    ngx_str_t                   body;
    const char                 *reason;    /* of FAILED; or NULL */
    ngx_msec_t                  began;     /* when it was sent last, and */
    ngx_msec_t                  took;      /* how long that took */
    unsigned                    accepted:1;  /* a login's user and password
                                              were found good */

    ngx_http_mlist_offer_t  *login;  /* NULL: there is none */
    ngx_str_t                   credentials;  /* the Authorization of a login,
                                              in no header list ever */

    /* the room's own */

    ngx_http_request_t         *request;
    size_t                      size;      /* allocated for the body */
    ngx_http_mlist_deadline_t  *deadline;  /* NULL: there was none yet */
    ngx_uint_t                  hops;
    ngx_http_mlist_redirect_t  *redirect;  /* the last one; or NULL */
    unsigned                    overflow:1;   /* more than "max" came */
    unsigned                    broken:1;     /* no memory for the body */
    ngx_str_t                   authorization;  /* empty: none is sent */
};


/*
 * Starts a fetch for the request "r", a client's or a flight's (from a phase
 * handler or from the handler of a finished fetch).  When it is done the
 * phases of "r" are run again, so that the phase handler looks at "state".
 * NGX_OK or NGX_ERROR (logged, or no memory).
 */
ngx_int_t ngx_http_mlist_fetch_start(ngx_http_request_t *r,
    ngx_http_mlist_fetch_t *fetch);

/*
 * The same for a redirect's target "url" (already found to be allowed):
 * the fetch goes on there, without any credentials.
 */
ngx_int_t ngx_http_mlist_fetch_again(ngx_http_request_t *r,
    ngx_http_mlist_fetch_t *fetch, ngx_str_t *url);

/*
 * Sends it, or sends it once more, with the credentials that it has by now.
 * NGX_OK or NGX_ERROR.  For login_fetch.
 */
ngx_int_t ngx_http_mlist_fetch_go(ngx_http_request_t *r,
    ngx_http_mlist_fetch_t *fetch);

/*
 * Ends a fetch of the request "r" and wakes it.  For redirect and
 * login_fetch.
 */
void ngx_http_mlist_fetch_end(ngx_http_request_t *r,
    ngx_http_mlist_fetch_t *fetch, ngx_http_mlist_fetch_e state);

/* 1 once the fetch needs no more waiting, else 0. */
ngx_uint_t ngx_http_mlist_fetch_done(ngx_http_mlist_fetch_t *fetch);


#endif /* _NGX_HTTP_MLIST_FETCH_H_INCLUDED_ */

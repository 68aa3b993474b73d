/*
 * Who is asked about a login, and what the answer means: a registry, for the
 * way it wants credentials (GET /v2/), or its token service, for a token.  It
 * keeps nothing and asks nobody by itself.  A password goes to the registry's
 * own scheme, host and port, or to the realm that is declared; where else a
 * registry sends it is an error that says what to declare.  Called by token.
 */

#ifndef _NGX_HTTP_MLIST_SERVICE_H_INCLUDED_
#define _NGX_HTTP_MLIST_SERVICE_H_INCLUDED_


#include "ngx_http_mlist_fetch.h"
#include "ngx_http_mlist_login.h"
#include "../core/mlist_challenge.h"


/* How a registry wants credentials. */
typedef enum {
    NGX_HTTP_MLIST_SCHEME_NONE = 0,    /* not at all, so far */
    NGX_HTTP_MLIST_SCHEME_BASIC,
    NGX_HTTP_MLIST_SCHEME_BEARER       /* of a token service */
} ngx_http_mlist_scheme_e;


typedef struct {
    ngx_http_mlist_scheme_e     scheme;
    mlist_challenge_t           challenge;  /* of BEARER */
} ngx_http_mlist_way_t;


/* What is asked for; all it points to lives in one pool. */
typedef struct {
    ngx_http_mlist_login_t     *login;
    ngx_str_t                   basic;     /* "Basic ..." of the login */
    unsigned                    token:1;   /* 0: the way */
    unsigned                    upload:1;  /* a token for an upload */
    ngx_http_mlist_way_t        way;       /* in of a token */
    ngx_str_t                   scope;     /* in of a token; see mlist_token */
} ngx_http_mlist_service_ask_t;


/* Why there are no credentials; as a fetch that had failed so. */
typedef struct {
    ngx_http_mlist_fetch_e      state;
    ngx_uint_t                  status;    /* 429 or a 5xx, of ANSWERED */
    ngx_str_t                   retry_after;
    const char                 *reason;    /* of FAILED */
} ngx_http_mlist_service_fail_t;


/*
 * Prepares the fetch, which "r" then starts.  NGX_OK; NGX_DECLINED: the
 * password must not go where the registry sends it (*fail; logged at error);
 * NGX_ERROR.
 */
ngx_int_t ngx_http_mlist_service_aim(ngx_http_request_t *r,
    ngx_http_mlist_service_ask_t *ask, ngx_http_mlist_fetch_t *fetch,
    ngx_http_mlist_service_fail_t *fail);

/*
 * The way, from the answer to GET /v2/.  NGX_OK or NGX_DECLINED (*fail, a
 * view into the fetch; logged at error).
 */
ngx_int_t ngx_http_mlist_service_way(ngx_http_request_t *r,
    ngx_http_mlist_service_ask_t *ask, ngx_http_mlist_fetch_t *fetch,
    ngx_http_mlist_way_t *way, ngx_http_mlist_service_fail_t *fail);

/* The token, in r->pool, and its life in seconds; the same, or NGX_ERROR. */
ngx_int_t ngx_http_mlist_service_token(ngx_http_request_t *r,
    ngx_http_mlist_service_ask_t *ask, ngx_http_mlist_fetch_t *fetch,
    ngx_str_t *token, time_t *life, ngx_http_mlist_service_fail_t *fail);

/*
 * What a 401's headers ask for.  NGX_OK, or NGX_DECLINED: nothing that is
 * known here.
 */
ngx_int_t ngx_http_mlist_service_challenge(ngx_list_t *headers,
    ngx_http_mlist_way_t *way);


#endif /* _NGX_HTTP_MLIST_SERVICE_H_INCLUDED_ */

/*
 * Password checks: remembered in the zone, joined where the same one is
 * under way in this worker, else computed off the event loop.  It never
 * reads a file, nor answers a request; a password is wiped as soon as it was
 * checked.  Called by auth.
 */

#ifndef _NGX_HTTP_MLIST_CHECK_H_INCLUDED_
#define _NGX_HTTP_MLIST_CHECK_H_INCLUDED_


#include "ngx_http_mlist.h"


typedef struct {
    u_char      key[NGX_HTTP_MLIST_KEY_SIZE];   /* of all that is below and
                                                 of what it is checked for */
    ngx_str_t   password;    /* NUL-terminated, without a NUL inside */
    ngx_str_t   hash;        /* the same; what crypt() is to give */
    ngx_uint_t  known;       /* 0: fails whatever crypt() gives */
    time_t      valid;       /* how long it is remembered; 0: not */
} ngx_http_mlist_credentials_t;


/*
 * Makes the table of checks and its thread pool ("mlist_auth", one thread,
 * a queue of 32), once in a configuration.  NULL on error (logged).
 */
ngx_http_mlist_checks_t *ngx_http_mlist_check_add(ngx_conf_t *cf);

/*
 * NGX_OK: the password is right, NGX_DECLINED: it is wrong; remembered for
 * at most 10 seconds.  NGX_AGAIN: it is being checked; the phases of the
 * main request "r" are run again afterwards, and the same call then has the
 * answer; if the client leaves, the check goes on without it.  NGX_BUSY: too
 * many checks wait.  NGX_ERROR: no memory.  What "c" points to is copied.
 */
ngx_int_t ngx_http_mlist_check(ngx_http_request_t *r,
    ngx_http_mlist_checks_t *checks, ngx_http_mlist_zone_t *zone,
    ngx_http_mlist_credentials_t *c);


#endif /* _NGX_HTTP_MLIST_CHECK_H_INCLUDED_ */

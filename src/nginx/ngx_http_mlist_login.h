/*
 * mlist_login: the front's own credentials for registries, as they are
 * configured, and which of them are for whom.  It sends nothing: see
 * credentials (what is sent), token (how it is had) and inject (how it is
 * sent).  Called by module, conf and those rooms.
 */

#ifndef _NGX_HTTP_MLIST_LOGIN_H_INCLUDED_
#define _NGX_HTTP_MLIST_LOGIN_H_INCLUDED_


#include "ngx_http_mlist.h"
#include "ngx_http_mlist_secret.h"


/* One mlist_login. */
typedef struct {
    ngx_http_mlist_registry_t  *registry;  /* that it is for, by its URL */
    ngx_str_t                   user;
    ngx_http_mlist_secret_t    *secret;

    ngx_str_t                   realm;     /* a whole URL; empty: none */
    ngx_http_mlist_registry_t  *service;   /* that "realm" is at; NULL: it is
                                              at the registry's own origin */
    u_char                     *file;      /* where it is configured */
    ngx_uint_t                  line;
} ngx_http_mlist_login_t;


/*
 * Notes from now on which levels send an Authorization of their own.  Called
 * in preconfiguration.  NGX_OK or NGX_ERROR.
 */
ngx_int_t ngx_http_mlist_login_watch(ngx_conf_t *cf);

/* The setter, of ngx_command_t's type; see the README for the syntax. */
char *ngx_http_mlist_login_set(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/*
 * What is inherited.  Called for each level, before login_check.
 */
void ngx_http_mlist_login_merge(ngx_http_mlist_loc_conf_t *prev,
    ngx_http_mlist_loc_conf_t *conf);

/*
 * Refuses the logins of a location that is active where they would let
 * anybody read, or where proxy_set_header sends credentials too; warns where
 * a password would be sent in the clear or to whoever answers, and, with
 * "own", of logins that stand in the location itself and are of no use there.
 * NGX_OK or NGX_ERROR (logged at emerg).
 */
ngx_int_t ngx_http_mlist_login_check(ngx_conf_t *cf,
    ngx_http_mlist_loc_conf_t *conf, ngx_uint_t own);

/*
 * The login for a URL at "registry", or NULL.  With mlist_auth registry there
 * are none but for fetches of the store ("store"), since all others are a
 * client's, with its own credentials.
 */
ngx_http_mlist_login_t *ngx_http_mlist_login_find(
    ngx_http_mlist_loc_conf_t *mlcf, ngx_http_mlist_registry_t *registry,
    ngx_str_t *url, ngx_uint_t store);

/* As whom a location reads a source's registry; empty: with no login. */
ngx_str_t ngx_http_mlist_login_reader(ngx_http_mlist_loc_conf_t *mlcf,
    ngx_http_mlist_registry_t *registry);


#endif /* _NGX_HTTP_MLIST_LOGIN_H_INCLUDED_ */

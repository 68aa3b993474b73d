/*
 * Basic authentication against an htpasswd file: it owns the directive and
 * the answers to who is refused.  It never computes a hash of a password.
 * Called by module.
 */

#include "ngx_http_mlist_auth.h"
#include "ngx_http_mlist_check.h"
#include "ngx_http_mlist_header.h"
#include "ngx_http_mlist_key.h"
#include "ngx_http_mlist_stats.h"
#include "ngx_http_mlist_users.h"
#include "ngx_http_mlist_zone.h"


#define NGX_HTTP_MLIST_AUTH_REALM       "Registry Realm"
#define NGX_HTTP_MLIST_AUTH_MAX_REALM   256
#define NGX_HTTP_MLIST_AUTH_MAX_INPUT   1024   /* of user and of password */
#define NGX_HTTP_MLIST_AUTH_VALID       300


struct ngx_http_mlist_htpasswd_s {
    ngx_http_mlist_checks_t  *checks;
    ngx_http_mlist_users_t   *users;
    ngx_str_t                 realm;
    ngx_str_t                 challenge;   /* Basic realm="..." */
    time_t                    valid;
};


static char *ngx_http_mlist_auth_params(ngx_conf_t *cf,
    ngx_http_mlist_htpasswd_t *htpasswd);
static ngx_int_t ngx_http_mlist_auth_quoted(ngx_conf_t *cf, ngx_uint_t *i,
    ngx_str_t *realm);
static char *ngx_http_mlist_auth_realm(ngx_conf_t *cf,
    ngx_http_mlist_htpasswd_t *htpasswd, ngx_str_t *realm);
static ngx_int_t ngx_http_mlist_auth_challenge(ngx_conf_t *cf,
    ngx_http_mlist_htpasswd_t *htpasswd);
static ngx_uint_t ngx_http_mlist_auth_acceptable(ngx_http_request_t *r);
static ngx_int_t ngx_http_mlist_auth_check(ngx_http_request_t *r,
    ngx_http_mlist_loc_conf_t *mlcf);
static ngx_int_t ngx_http_mlist_auth_wrong(ngx_http_request_t *r,
    ngx_http_mlist_htpasswd_t *htpasswd, ngx_uint_t known);
static ngx_int_t ngx_http_mlist_auth_refuse(ngx_http_request_t *r,
    ngx_http_mlist_htpasswd_t *htpasswd);
static ngx_int_t ngx_http_mlist_auth_busy(ngx_http_request_t *r);


char *
ngx_http_mlist_auth_htpasswd(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_mlist_loc_conf_t *mlcf = conf;

    char                       *rv;
    ngx_str_t                  *value, path;
    ngx_http_mlist_htpasswd_t  *htpasswd;

    if (mlcf->htpasswd != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_strcmp(value[1].data, "off") == 0) {

        if (cf->args->nelts != 2) {
            return "has parameters beside \"off\"";
        }

        mlcf->htpasswd = NULL;
        return NGX_CONF_OK;
    }

    if (mlcf->auth == NGX_HTTP_MLIST_AUTH_REGISTRY) {
        return "cannot be used with \"mlist_auth registry\"";
    }

    htpasswd = ngx_pcalloc(cf->pool, sizeof(ngx_http_mlist_htpasswd_t));
    if (htpasswd == NULL) {
        return NGX_CONF_ERROR;
    }

    rv = ngx_http_mlist_auth_params(cf, htpasswd);
    if (rv != NGX_CONF_OK) {
        return rv;
    }

    path = value[1];

    if (ngx_conf_full_name(cf->cycle, &path, 1) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    htpasswd->users = ngx_http_mlist_users_add(cf, &path);
    htpasswd->checks = ngx_http_mlist_check_add(cf);

    if (htpasswd->users == NULL || htpasswd->checks == NULL) {
        return NGX_CONF_ERROR;
    }

    mlcf->htpasswd = htpasswd;
    mlcf->auth = NGX_HTTP_MLIST_AUTH_NGINX;

    return NGX_CONF_OK;
}


static char *
ngx_http_mlist_auth_params(ngx_conf_t *cf, ngx_http_mlist_htpasswd_t *htpasswd)
{
    char        *rv;
    ngx_str_t   *value, s;
    ngx_uint_t   i;

    htpasswd->valid = NGX_CONF_UNSET;

    value = cf->args->elts;

    for (i = 2; i < cf->args->nelts; i++) {

        if (ngx_strncmp(value[i].data, "realm=", 6) == 0) {
            if (ngx_http_mlist_auth_quoted(cf, &i, &s) != NGX_OK) {
                return "has a realm whose quotes do not end";
            }

            rv = ngx_http_mlist_auth_realm(cf, htpasswd, &s);
            if (rv != NGX_CONF_OK) {
                return rv;
            }

            continue;
        }

        if (ngx_strncmp(value[i].data, "valid=", 6) == 0) {
            s.data = value[i].data + 6;
            s.len = value[i].len - 6;

            if (htpasswd->valid != NGX_CONF_UNSET) {
                return "has parameter \"valid\" twice";
            }

            htpasswd->valid = ngx_parse_time(&s, 1);
            if (htpasswd->valid != (time_t) NGX_ERROR) {
                continue;
            }
        }

        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid parameter \"%V\"", &value[i]);
        return NGX_CONF_ERROR;
    }

    ngx_conf_init_value(htpasswd->valid, NGX_HTTP_MLIST_AUTH_VALID);

    if (htpasswd->realm.data == NULL) {
        ngx_str_set(&htpasswd->realm, NGX_HTTP_MLIST_AUTH_REALM);
    }

    return (ngx_http_mlist_auth_challenge(cf, htpasswd) == NGX_OK)
           ? NGX_CONF_OK : NGX_CONF_ERROR;
}


/*
 * To nginx a quote inside a word is no quote, so realm="A B" comes as two
 * arguments: they are joined again, with one space each.
 */

static ngx_int_t
ngx_http_mlist_auth_quoted(ngx_conf_t *cf, ngx_uint_t *i, ngx_str_t *realm)
{
    u_char      *p;
    size_t       len;
    ngx_str_t   *value;
    ngx_uint_t   last;

    value = cf->args->elts;

    realm->data = value[*i].data + 6;
    realm->len = value[*i].len - 6;

    if (realm->len == 0 || realm->data[0] != '"') {
        return NGX_OK;
    }

    len = 0;

    for (last = *i; last < cf->args->nelts; last++) {
        len += value[last].len + 1;

        if (value[last].data[value[last].len - 1] == '"'
            && (last > *i || realm->len > 1))
        {
            break;
        }
    }

    if (last == cf->args->nelts) {
        return NGX_ERROR;
    }

    p = ngx_pnalloc(cf->pool, len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    realm->data++;
    realm->len--;

    len = realm->len;
    ngx_memcpy(p, realm->data, len);

    while (*i < last) {
        (*i)++;
        p[len++] = ' ';
        ngx_memcpy(p + len, value[*i].data, value[*i].len);
        len += value[*i].len;
    }

    realm->data = p;
    realm->len = len - 1;

    return NGX_OK;
}


static char *
ngx_http_mlist_auth_realm(ngx_conf_t *cf, ngx_http_mlist_htpasswd_t *htpasswd,
    ngx_str_t *realm)
{
    size_t  i;

    if (htpasswd->realm.data) {
        return "has parameter \"realm\" twice";
    }

    if (realm->len == 0 || realm->len > NGX_HTTP_MLIST_AUTH_MAX_REALM) {
        return "has a realm that is empty or longer than 256 bytes";
    }

    for (i = 0; i < realm->len; i++) {
        if (realm->data[i] < 0x20 || realm->data[i] == 0x7f) {
            return "has a realm with control characters";
        }
    }

    htpasswd->realm = *realm;

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_mlist_auth_challenge(ngx_conf_t *cf,
    ngx_http_mlist_htpasswd_t *htpasswd)
{
    size_t   i;
    u_char  *p;

    p = ngx_pnalloc(cf->pool, sizeof("Basic realm=\"\"") - 1
                              + 2 * htpasswd->realm.len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    htpasswd->challenge.data = p;

    p = ngx_cpymem(p, "Basic realm=\"", sizeof("Basic realm=\"") - 1);

    for (i = 0; i < htpasswd->realm.len; i++) {

        if (htpasswd->realm.data[i] == '"' || htpasswd->realm.data[i] == '\\')
        {
            *p++ = '\\';
        }

        *p++ = htpasswd->realm.data[i];
    }

    *p++ = '"';

    htpasswd->challenge.len = p - htpasswd->challenge.data;

    return NGX_OK;
}


ngx_int_t
ngx_http_mlist_auth_init(ngx_conf_t *cf)
{
    ngx_uint_t                  i;
    ngx_array_t                *handlers;
    ngx_http_handler_pt        *h;
    ngx_http_core_main_conf_t  *cmcf;

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    handlers = &cmcf->phases[NGX_HTTP_ACCESS_PHASE].handlers;

    if (ngx_array_push(handlers) == NULL) {
        return NGX_ERROR;
    }

    /* the first of the array runs last */

    h = handlers->elts;

    for (i = handlers->nelts - 1; i > 0; i--) {
        h[i] = h[i - 1];
    }

    h[0] = ngx_http_mlist_auth_handler;

    return NGX_OK;
}


ngx_int_t
ngx_http_mlist_auth_handler(ngx_http_request_t *r)
{
    ngx_int_t                   rc;
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    if (mlcf->htpasswd == NULL
        || (!mlcf->active && !mlcf->notify.on && !mlcf->status.on))
    {
        return NGX_DECLINED;
    }

    rc = ngx_http_auth_basic_user(r);

    if (rc == NGX_ERROR) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (rc == NGX_DECLINED) {
        ngx_log_error(NGX_LOG_INFO, r->connection->log, 0,
                      "no user/password was provided for basic "
                      "authentication");
        return ngx_http_mlist_auth_refuse(r, mlcf->htpasswd);
    }

    if (!ngx_http_mlist_auth_acceptable(r)) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "user or password is too long or has a null byte");
        return ngx_http_mlist_auth_refuse(r, mlcf->htpasswd);
    }

    return ngx_http_mlist_stats_auth(mlcf, ngx_http_mlist_auth_check(r, mlcf));
}


/* crypt() takes NUL for the end: "right\0more" must not pass for "right". */

static ngx_uint_t
ngx_http_mlist_auth_acceptable(ngx_http_request_t *r)
{
    ngx_str_t  *user, *passwd;

    user = &r->headers_in.user;
    passwd = &r->headers_in.passwd;

    return user->len <= NGX_HTTP_MLIST_AUTH_MAX_INPUT
           && passwd->len <= NGX_HTTP_MLIST_AUTH_MAX_INPUT
           && ngx_strlchr(user->data, user->data + user->len, '\0') == NULL
           && ngx_strlchr(passwd->data, passwd->data + passwd->len, '\0')
              == NULL;
}


static ngx_int_t
ngx_http_mlist_auth_check(ngx_http_request_t *r,
    ngx_http_mlist_loc_conf_t *mlcf)
{
    ngx_int_t                      rc;
    ngx_str_t                      line, pieces[5];
    ngx_http_mlist_user_t          user;
    ngx_http_mlist_htpasswd_t     *htpasswd;
    ngx_http_mlist_credentials_t   c;

    htpasswd = mlcf->htpasswd;

    rc = ngx_http_mlist_users_find(htpasswd->users, r->connection->log,
                                   &r->headers_in.user, &user);
    if (rc == NGX_ERROR) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    c.known = (rc == NGX_OK);
    c.valid = htpasswd->valid;
    c.hash = user.hash;
    c.password = r->headers_in.passwd;

    if (c.hash.len == 0) {
        return ngx_http_mlist_auth_wrong(r, htpasswd, 0);
    }

    /* no line of a known user is empty */

    line = user.rest;

    if (!c.known) {
        line.len = 0;
    }

    ngx_str_set(&pieces[0], "password");
    pieces[1] = mlcf->htpasswd->realm;
    pieces[2] = r->headers_in.user;
    pieces[3] = r->headers_in.passwd;
    pieces[4] = line;

    ngx_http_mlist_key_of(mlcf->main->zone, pieces, 5, c.key);

    rc = ngx_http_mlist_check(r, htpasswd->checks, mlcf->main->zone, &c);

    switch (rc) {

    case NGX_OK:
    case NGX_AGAIN:
        return rc;

    case NGX_DECLINED:
        return ngx_http_mlist_auth_wrong(r, htpasswd, c.known);

    case NGX_BUSY:
        return ngx_http_mlist_auth_busy(r);

    default:
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
}


/* The messages are those of auth_basic, which log watchers know. */

static ngx_int_t
ngx_http_mlist_auth_wrong(ngx_http_request_t *r,
    ngx_http_mlist_htpasswd_t *htpasswd, ngx_uint_t known)
{
    size_t     i;
    ngx_str_t  user;

    user.len = r->headers_in.user.len;
    user.data = ngx_pnalloc(r->pool, user.len);
    if (user.data == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    for (i = 0; i < user.len; i++) {
        user.data[i] = r->headers_in.user.data[i];

        if (user.data[i] < 0x20 || user.data[i] > 0x7e || user.data[i] == '"')
        {
            user.data[i] = '?';
        }
    }

    if (known) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "user \"%V\": password mismatch", &user);

    } else {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "user \"%V\" was not found in \"%V\"", &user,
                      ngx_http_mlist_users_path(htpasswd->users));
    }

    return ngx_http_mlist_auth_refuse(r, htpasswd);
}


static ngx_int_t
ngx_http_mlist_auth_refuse(ngx_http_request_t *r,
    ngx_http_mlist_htpasswd_t *htpasswd)
{
    ngx_table_elt_t  *h;

    h = ngx_http_mlist_header_push(&r->headers_out.headers,
                                   "WWW-Authenticate", &htpasswd->challenge);
    if (h == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    r->headers_out.www_authenticate = h;

    return NGX_HTTP_UNAUTHORIZED;
}


static ngx_int_t
ngx_http_mlist_auth_busy(ngx_http_request_t *r)
{
    ngx_str_t         value;
    ngx_table_elt_t  *h;

    ngx_log_error(NGX_LOG_WARN, r->connection->log, 0,
                  "too many passwords wait to be checked");

    ngx_str_set(&value, "1");

    h = ngx_http_mlist_header_push(&r->headers_out.headers, "Retry-After",
                                   &value);

    return (h == NULL) ? NGX_HTTP_INTERNAL_SERVER_ERROR
                       : NGX_HTTP_SERVICE_UNAVAILABLE;
}

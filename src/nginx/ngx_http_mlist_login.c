/*
 * mlist_login: see ngx_http_mlist_login.h.
 */


#include "ngx_http_mlist_login.h"
#include "ngx_http_mlist_registry.h"
#include "ngx_http_mlist_store.h"
#include "ngx_http_mlist_watch.h"
#include "../core/mlist_realm.h"


static void ngx_http_mlist_login_header(ngx_conf_t *cf, ngx_str_t *name);
static ngx_int_t ngx_http_mlist_login_registry(ngx_conf_t *cf,
    ngx_array_t *logins, ngx_http_mlist_login_t *login, ngx_str_t *url);
static ngx_int_t ngx_http_mlist_login_user(ngx_conf_t *cf,
    ngx_http_mlist_login_t *login, ngx_str_t *user);
static ngx_int_t ngx_http_mlist_login_realm(ngx_conf_t *cf,
    ngx_http_mlist_login_t *login, ngx_str_t *param);
static ngx_int_t ngx_http_mlist_login_service(ngx_conf_t *cf,
    ngx_http_mlist_login_t *login, mlist_realm_t *realm);
static ngx_uint_t ngx_http_mlist_login_same(ngx_http_mlist_registry_t *a,
    ngx_http_mlist_registry_t *b);
static ngx_uint_t ngx_http_mlist_login_of_source(
    ngx_http_mlist_loc_conf_t *conf, ngx_http_mlist_login_t *login);
static ngx_uint_t ngx_http_mlist_login_of_store(
    ngx_http_mlist_loc_conf_t *conf, ngx_http_mlist_login_t *login);
static ngx_uint_t ngx_http_mlist_login_of_push(
    ngx_http_mlist_loc_conf_t *conf, ngx_http_mlist_login_t *login);
static void ngx_http_mlist_login_warn(ngx_conf_t *cf,
    ngx_http_mlist_login_t *login, ngx_http_mlist_registry_t *registry);
static ngx_uint_t ngx_http_mlist_login_local(
    ngx_http_mlist_registry_t *registry);
static ngx_uint_t ngx_http_mlist_login_loopback(struct sockaddr *sockaddr);
static ngx_http_mlist_login_t *ngx_http_mlist_login_at(
    ngx_http_mlist_loc_conf_t *mlcf, ngx_http_mlist_registry_t *registry);


extern ngx_module_t  ngx_http_proxy_module;


ngx_int_t
ngx_http_mlist_login_watch(ngx_conf_t *cf)
{
    return ngx_http_mlist_watch(cf, "proxy_set_header",
                                ngx_http_mlist_login_header) == NGX_ERROR
               ? NGX_ERROR : NGX_OK;
}


/* A level with one proxy_set_header inherits none. */

static void
ngx_http_mlist_login_header(ngx_conf_t *cf, ngx_str_t *name)
{
    ngx_str_t                  *value;
    ngx_http_mlist_loc_conf_t  *mlcf;

    static ngx_str_t  authorization = ngx_string("authorization");

    value = cf->args->elts;

    mlcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_mlist_module);

    if (mlcf->authorization == NGX_CONF_UNSET) {
        mlcf->authorization = 0;
    }

    if (value[2].len
        && mlist_str_caseeq(ngx_http_mlist_view(&value[1]),
                            ngx_http_mlist_view(&authorization)))
    {
        mlcf->authorization = 1;
    }
}


char *
ngx_http_mlist_login_set(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_mlist_loc_conf_t *mlcf = conf;

    ngx_str_t               *value, path;
    ngx_http_mlist_login_t  *login;

    value = cf->args->elts;

    if (mlcf->logins == NGX_CONF_UNSET_PTR) {
        mlcf->logins = ngx_array_create(cf->pool, 2,
                                        sizeof(ngx_http_mlist_login_t));
        if (mlcf->logins == NULL) {
            mlcf->logins = NGX_CONF_UNSET_PTR;
            return NGX_CONF_ERROR;
        }
    }

    login = ngx_array_push(mlcf->logins);
    if (login == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(login, sizeof(ngx_http_mlist_login_t));

    login->file = cf->conf_file->file.name.data;
    login->line = cf->conf_file->line;

    if (ngx_http_mlist_login_registry(cf, mlcf->logins, login, &value[1])
        != NGX_OK
        || ngx_http_mlist_login_user(cf, login, &value[2]) != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    if (cf->args->nelts > 4
        && ngx_http_mlist_login_realm(cf, login, &value[4]) != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    path = value[3];

    if (path.len == 0 || ngx_conf_full_name(cf->cycle, &path, 1) != NGX_OK) {
        return "needs a password file";
    }

    login->secret = ngx_http_mlist_secret_add(cf, &path);

    return login->secret == NULL ? NGX_CONF_ERROR : NGX_CONF_OK;
}


/*
 * Its host is not resolved for the login's sake: what nobody else names is of
 * no use.
 */

static ngx_int_t
ngx_http_mlist_login_registry(ngx_conf_t *cf, ngx_array_t *logins,
    ngx_http_mlist_login_t *login, ngx_str_t *url)
{
    ngx_uint_t               i;
    ngx_http_mlist_login_t  *other;

    login->registry = ngx_http_mlist_registry_parse(cf, url, 0);
    if (login->registry == NULL) {
        return NGX_ERROR;
    }

    other = logins->elts;

    for (i = 0; i < logins->nelts - 1; i++) {

        if (ngx_http_mlist_login_same(other[i].registry, login->registry)) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "there is a \"mlist_login\" for \"%V\" in "
                               "%s:%ui already", url, other[i].file,
                               other[i].line);
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_mlist_login_user(ngx_conf_t *cf, ngx_http_mlist_login_t *login,
    ngx_str_t *user)
{
    size_t  i;

    /* RFC 7617: the first colon ends the user */

    for (i = 0; i < user->len; i++) {

        if (user->data[i] < ' ' || user->data[i] == 0x7f
            || user->data[i] == ':')
        {
            break;
        }
    }

    if (user->len == 0 || i < user->len) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid user \"%V\" in \"mlist_login\", it must "
                           "not be empty nor have a colon or a control "
                           "character", user);
        return NGX_ERROR;
    }

    login->user = *user;

    return NGX_OK;
}


/* realm=URL, with or without quotes around the URL. */

static ngx_int_t
ngx_http_mlist_login_realm(ngx_conf_t *cf, ngx_http_mlist_login_t *login,
    ngx_str_t *param)
{
    ngx_str_t      url;
    mlist_realm_t  realm;

    if (param->len < 6 || ngx_strncmp(param->data, "realm=", 6) != 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid parameter \"%V\" in \"mlist_login\", "
                           "the only one is \"realm=URL\"", param);
        return NGX_ERROR;
    }

    url.data = param->data + 6;
    url.len = param->len - 6;

    if (url.len > 1 && url.data[0] == '"' && url.data[url.len - 1] == '"') {
        url.data++;
        url.len -= 2;
    }

    if (mlist_realm_parse(ngx_http_mlist_view(&url), &realm) != MLIST_OK
        || realm.query.len)
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid \"%V\" in \"mlist_login\", a realm must "
                           "be http(s)://host[:port][/path] without user, "
                           "query and variables", param);
        return NGX_ERROR;
    }

    login->realm = url;

    return ngx_http_mlist_login_service(cf, login, &realm);
}


static ngx_int_t
ngx_http_mlist_login_service(ngx_conf_t *cf, ngx_http_mlist_login_t *login,
    mlist_realm_t *realm)
{
    ngx_str_t      origin;
    mlist_realm_t  own;

    if (mlist_realm_parse(ngx_http_mlist_view(&login->registry->url), &own)
        == MLIST_OK
        && mlist_realm_same_origin(realm, &own))
    {
        return NGX_OK;
    }

    origin = ngx_http_mlist_ngx_str(realm->origin);

    login->service = ngx_http_mlist_registry_get(cf, &origin, 0);

    return login->service == NULL ? NGX_ERROR : NGX_OK;
}


static ngx_uint_t
ngx_http_mlist_login_same(ngx_http_mlist_registry_t *a,
    ngx_http_mlist_registry_t *b)
{
    return mlist_str_caseeq(ngx_http_mlist_view(&a->url),
                            ngx_http_mlist_view(&b->url));
}


void
ngx_http_mlist_login_merge(ngx_http_mlist_loc_conf_t *prev,
    ngx_http_mlist_loc_conf_t *conf)
{
    ngx_conf_merge_ptr_value(conf->logins, prev->logins, NULL);
    ngx_conf_merge_value(conf->authorization, prev->authorization, 0);
}


ngx_int_t
ngx_http_mlist_login_check(ngx_conf_t *cf, ngx_http_mlist_loc_conf_t *conf,
    ngx_uint_t own)
{
    ngx_uint_t                  i, store;
    ngx_http_mlist_login_t     *login;
    ngx_http_mlist_registry_t  *known;

    login = conf->logins ? conf->logins->elts : NULL;

    for (i = 0; login && i < conf->logins->nelts; i++) {
        known = ngx_http_mlist_registry_known(conf->main, login[i].registry);

        if (known) {
            login[i].registry = known;
        }

        store = ngx_http_mlist_login_of_store(conf, &login[i]);

        if (!store
            && !ngx_http_mlist_login_of_source(conf, &login[i])
            && !ngx_http_mlist_login_of_push(conf, &login[i]))
        {
            if (own) {
                ngx_log_error(NGX_LOG_WARN, cf->log, 0,
                              "\"mlist_login\" for \"%V\" is of no use: the "
                              "location has no source, push registry or "
                              "store of that URL, in %s:%ui",
                              &login[i].registry->url, login[i].file,
                              login[i].line);
            }

            continue;
        }

        if (conf->auth == NGX_HTTP_MLIST_AUTH_REGISTRY && !store) {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "\"mlist_login\" for \"%V\" needs \"mlist_auth "
                          "nginx\", or anybody would read with its "
                          "credentials, in %s:%ui",
                          &login[i].registry->url, login[i].file,
                          login[i].line);
            return NGX_ERROR;
        }

        if (conf->authorization) {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "\"mlist_login\" for \"%V\" contradicts "
                          "\"proxy_set_header Authorization\" in the same "
                          "location, in %s:%ui", &login[i].registry->url,
                          login[i].file, login[i].line);
            return NGX_ERROR;
        }

        ngx_http_mlist_login_warn(cf, &login[i], login[i].registry);

        if (login[i].service) {
            ngx_http_mlist_login_warn(cf, &login[i], login[i].service);
        }
    }

    return NGX_OK;
}


static ngx_uint_t
ngx_http_mlist_login_of_source(ngx_http_mlist_loc_conf_t *conf,
    ngx_http_mlist_login_t *login)
{
    ngx_uint_t                   i;
    ngx_http_mlist_registry_t  **registry;

    registry = conf->registries->elts;

    for (i = 0; i < conf->registries->nelts; i++) {
        if (ngx_http_mlist_login_same(registry[i], login->registry)) {
            return 1;
        }
    }

    return 0;
}


static ngx_uint_t
ngx_http_mlist_login_of_store(ngx_http_mlist_loc_conf_t *conf,
    ngx_http_mlist_login_t *login)
{
    ngx_http_mlist_registry_t  *registry;

    registry = conf->store ? ngx_http_mlist_store_registry(conf->store)
                           : NULL;

    return registry && ngx_http_mlist_login_same(registry, login->registry);
}


/* What a variable yields may be any registry. */

static ngx_uint_t
ngx_http_mlist_login_of_push(ngx_http_mlist_loc_conf_t *conf,
    ngx_http_mlist_login_t *login)
{
    return conf->push
           && (conf->push->registry == NULL
               || ngx_http_mlist_login_same(conf->push->registry,
                                            login->registry));
}


static void
ngx_http_mlist_login_warn(ngx_conf_t *cf, ngx_http_mlist_login_t *login,
    ngx_http_mlist_registry_t *registry)
{
    const char                *what;
    ngx_http_upstream_conf_t  *ucf;

    what = NULL;
    ucf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_proxy_module);

    if (!registry->ssl && !ngx_http_mlist_login_local(registry)) {
        what = "in the clear: use https";
    }

#if (NGX_HTTP_SSL)
    if (registry->ssl && !ucf->ssl_verify) {
        what = "to whoever answers: use \"proxy_ssl_verify on\"";
    }
#else
    (void) ucf;
#endif

    if (what) {
        ngx_log_error(NGX_LOG_WARN, cf->log, 0,
                      "the password of \"mlist_login\" for \"%V\" is sent to "
                      "\"%V\" %s, in %s:%ui", &login->registry->url,
                      &registry->url, what, login->file, login->line);
    }
}


/* 1 if what is sent there stays on this machine, as far as is known now. */

static ngx_uint_t
ngx_http_mlist_login_local(ngx_http_mlist_registry_t *registry)
{
    ngx_uint_t                     i, j;
    ngx_http_upstream_server_t    *server;
    ngx_http_upstream_srv_conf_t  *uscf;

    uscf = registry->upstream;

    if (registry->name.len == sizeof("localhost") - 1
        && ngx_strncasecmp(registry->name.data, (u_char *) "localhost",
                           registry->name.len)
           == 0)
    {
        return 1;
    }

    if (uscf == NULL || uscf->servers == NULL) {
        return 0;
    }

    server = uscf->servers->elts;

    for (i = 0; i < uscf->servers->nelts; i++) {
        for (j = 0; j < server[i].naddrs; j++) {
            if (!ngx_http_mlist_login_loopback(server[i].addrs[j].sockaddr)) {
                return 0;
            }
        }
    }

    return 1;
}


static ngx_uint_t
ngx_http_mlist_login_loopback(struct sockaddr *sockaddr)
{
    struct sockaddr_in   *sin;
#if (NGX_HAVE_INET6)
    struct sockaddr_in6  *sin6;
#endif

    switch (sockaddr->sa_family) {

#if (NGX_HAVE_INET6)
    case AF_INET6:
        sin6 = (struct sockaddr_in6 *) sockaddr;
        return IN6_IS_ADDR_LOOPBACK(&sin6->sin6_addr);
#endif

    case AF_INET:
        sin = (struct sockaddr_in *) sockaddr;
        return *(u_char *) &sin->sin_addr == 127;

    default:
        return sockaddr->sa_family == AF_UNIX;
    }
}


ngx_http_mlist_login_t *
ngx_http_mlist_login_find(ngx_http_mlist_loc_conf_t *mlcf,
    ngx_http_mlist_registry_t *registry, ngx_str_t *url, ngx_uint_t store)
{
    if (mlcf->logins == NULL
        || registry == NULL
        || (mlcf->auth == NGX_HTTP_MLIST_AUTH_REGISTRY && !store))
    {
        return NULL;
    }

    /* credentials go nowhere else, whoever has made the URL */

    if (url->len <= registry->url.len
        || url->data[registry->url.len] != '/'
        || ngx_memcmp(url->data, registry->url.data, registry->url.len) != 0)
    {
        return NULL;
    }

    return ngx_http_mlist_login_at(mlcf, registry);
}


ngx_str_t
ngx_http_mlist_login_reader(ngx_http_mlist_loc_conf_t *mlcf,
    ngx_http_mlist_registry_t *registry)
{
    ngx_str_t                none;
    ngx_http_mlist_login_t  *login;

    ngx_str_null(&none);

    if (mlcf->logins == NULL || mlcf->auth == NGX_HTTP_MLIST_AUTH_REGISTRY) {
        return none;
    }

    login = ngx_http_mlist_login_at(mlcf, registry);

    return login ? login->user : none;
}


static ngx_http_mlist_login_t *
ngx_http_mlist_login_at(ngx_http_mlist_loc_conf_t *mlcf,
    ngx_http_mlist_registry_t *registry)
{
    ngx_uint_t               i;
    ngx_http_mlist_login_t  *login;

    login = mlcf->logins->elts;

    for (i = 0; i < mlcf->logins->nelts; i++) {
        if (ngx_http_mlist_login_same(login[i].registry, registry)) {
            return &login[i];
        }
    }

    return NULL;
}

/*
 * What keeps strangers out of a location: which directives of which modules
 * do that, and what they inherit.  See ngx_http_mlist_guard.h.
 */


#include "ngx_http_mlist_guard.h"
#include "ngx_http_mlist_watch.h"


typedef struct {
    const char                 *name;
    ngx_http_mlist_guard_e      kind;
    const char                 *value;   /* that turns it on; NULL: all but
                                          off */
} ngx_http_mlist_guard_t;


static void ngx_http_mlist_guard_rule(ngx_conf_t *cf, ngx_str_t *name);
static void ngx_http_mlist_guard_seen(ngx_conf_t *cf, ngx_str_t *name);


/* The modules of others, too: a warning must not cry wolf. */

static ngx_http_mlist_guard_t  ngx_http_mlist_guards[] = {
    { "auth_basic", NGX_HTTP_MLIST_GUARD_BASIC, NULL },
    { "auth_request", NGX_HTTP_MLIST_GUARD_REQUEST, NULL },
    { "ssl_verify_client", NGX_HTTP_MLIST_GUARD_CERTIFICATE, "on" },
    { "auth_jwt", NGX_HTTP_MLIST_GUARD_OTHER, NULL },
    { "auth_oidc", NGX_HTTP_MLIST_GUARD_OTHER, NULL },
    { "auth_digest", NGX_HTTP_MLIST_GUARD_OTHER, NULL },
    { "auth_gss", NGX_HTTP_MLIST_GUARD_OTHER, NULL },
    { "auth_ldap", NGX_HTTP_MLIST_GUARD_OTHER, NULL },
    { "auth_pam", NGX_HTTP_MLIST_GUARD_OTHER, NULL },
    { "access_by_lua", NGX_HTTP_MLIST_GUARD_OTHER, NULL },
    { "access_by_lua_block", NGX_HTTP_MLIST_GUARD_OTHER, NULL },
    { "access_by_lua_file", NGX_HTTP_MLIST_GUARD_OTHER, NULL },
    { NULL, NGX_HTTP_MLIST_GUARD_OTHER, NULL }
};


ngx_int_t
ngx_http_mlist_guard_watch(ngx_conf_t *cf)
{
    ngx_uint_t  i;

    if (ngx_http_mlist_watch(cf, "allow", ngx_http_mlist_guard_rule)
        == NGX_ERROR
        || ngx_http_mlist_watch(cf, "deny", ngx_http_mlist_guard_rule)
           == NGX_ERROR)
    {
        return NGX_ERROR;
    }

    for (i = 0; ngx_http_mlist_guards[i].name; i++) {

        if (ngx_http_mlist_watch(cf, ngx_http_mlist_guards[i].name,
                                 ngx_http_mlist_guard_seen)
            == NGX_ERROR)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/* A level with rules of its own inherits none, and "allow" keeps out none. */

static void
ngx_http_mlist_guard_rule(ngx_conf_t *cf, ngx_str_t *name)
{
    ngx_flag_t                 *rules;
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_mlist_module);
    rules = &mlcf->guards[NGX_HTTP_MLIST_GUARD_RULES];

    if (ngx_strcmp(name->data, "deny") == 0) {
        *rules = 1;

    } else if (*rules == NGX_CONF_UNSET) {
        *rules = 0;
    }
}


static void
ngx_http_mlist_guard_seen(ngx_conf_t *cf, ngx_str_t *name)
{
    ngx_str_t                  *value;
    ngx_flag_t                  on;
    ngx_http_mlist_guard_t     *guard;
    ngx_http_mlist_loc_conf_t  *mlcf;

    guard = ngx_http_mlist_guards;

    while (ngx_strcmp(name->data, guard->name) != 0) {
        guard++;
    }

    value = cf->args->elts;
    on = 1;

    if (cf->args->nelts > 1) {
        on = guard->value ? ngx_strcmp(value[1].data, guard->value) == 0
                          : ngx_strcmp(value[1].data, "off") != 0;
    }

    mlcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_mlist_module);
    mlcf->guards[guard->kind] = on;
}


void
ngx_http_mlist_guard_merge(ngx_http_mlist_loc_conf_t *prev,
    ngx_http_mlist_loc_conf_t *conf)
{
    ngx_uint_t  i;

    for (i = 0; i < NGX_HTTP_MLIST_GUARDS; i++) {
        ngx_conf_merge_value(conf->guards[i], prev->guards[i], 0);
    }
}


ngx_uint_t
ngx_http_mlist_guard_is(ngx_http_mlist_loc_conf_t *mlcf)
{
    ngx_uint_t  i;

    for (i = 0; i < NGX_HTTP_MLIST_GUARDS; i++) {

        if (mlcf->guards[i]) {
            return 1;
        }
    }

    return mlcf->htpasswd != NULL
           && (mlcf->active || mlcf->notify.on || mlcf->status.on);
}

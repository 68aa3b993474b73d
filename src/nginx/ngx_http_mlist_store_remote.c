/*
 * Stores in registries: see ngx_http_mlist_store_remote.h.
 */


#include "ngx_http_mlist_store_remote.h"
#include "ngx_http_mlist_registry.h"


static ngx_http_mlist_store_remote_t *ngx_http_mlist_store_remote_parse(
    ngx_conf_t *cf, ngx_str_t *url);
static ngx_http_mlist_store_remote_t *ngx_http_mlist_store_remote_known(
    ngx_http_mlist_main_conf_t *mmcf, ngx_http_mlist_store_remote_t *remote);


ngx_uint_t
ngx_http_mlist_store_remote_is_url(ngx_str_t *value)
{
    return ngx_strstr(value->data, "://") != NULL;
}


ngx_http_mlist_store_remote_t *
ngx_http_mlist_store_remote_add(ngx_conf_t *cf, ngx_str_t *url)
{
    ngx_http_mlist_store_remote_t   *remote, *known, **slot;
    ngx_http_mlist_main_conf_t      *mmcf;

    remote = ngx_http_mlist_store_remote_parse(cf, url);
    if (remote == NULL) {
        return NULL;
    }

    mmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_mlist_module);

    known = ngx_http_mlist_store_remote_known(mmcf, remote);
    if (known) {
        return known;
    }

    if (mmcf->remotes == NULL) {
        mmcf->remotes = ngx_array_create(cf->pool, 1,
                                    sizeof(ngx_http_mlist_store_remote_t *));
        if (mmcf->remotes == NULL) {
            return NULL;
        }
    }

    slot = ngx_array_push(mmcf->remotes);
    if (slot == NULL) {
        return NULL;
    }

    *slot = remote;

    return remote;
}


static ngx_http_mlist_store_remote_t *
ngx_http_mlist_store_remote_parse(ngx_conf_t *cf, ngx_str_t *url)
{
    u_char                         *p, *last;
    ngx_str_t                       base;
    ngx_http_mlist_store_remote_t  *remote;

    remote = ngx_pcalloc(cf->pool, sizeof(ngx_http_mlist_store_remote_t));
    if (remote == NULL) {
        return NULL;
    }

    last = url->data + url->len;

    p = (u_char *) ngx_strstr(url->data, "://") + sizeof("://") - 1;
    p = ngx_strlchr(p, last, '/');

    base.data = url->data;
    base.len = (p ? p : last) - url->data;

    if (p && p + 1 < last) {
        remote->name.data = p + 1;
        remote->name.len = last - p - 1;

    } else {
        ngx_str_set(&remote->name, NGX_HTTP_MLIST_STORE_REPOSITORY);
    }

    if (!mlist_name_valid(ngx_http_mlist_view(&remote->name))) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid repository \"%V\" in \"mlist_store\"",
                           &remote->name);
        return NULL;
    }

    remote->registry = ngx_http_mlist_registry_get(cf, &base, 0);
    if (remote->registry == NULL) {
        return NULL;
    }

    remote->id.data = ngx_pnalloc(cf->pool, remote->registry->url.len + 1
                                            + remote->name.len);
    if (remote->id.data == NULL) {
        return NULL;
    }

    p = ngx_sprintf(remote->id.data, "%V/%V", &remote->registry->url,
                    &remote->name);
    remote->id.len = p - remote->id.data;

    return remote;
}


static ngx_http_mlist_store_remote_t *
ngx_http_mlist_store_remote_known(ngx_http_mlist_main_conf_t *mmcf,
    ngx_http_mlist_store_remote_t *remote)
{
    ngx_uint_t                       i;
    ngx_http_mlist_store_remote_t  **known;

    known = mmcf->remotes ? mmcf->remotes->elts : NULL;

    for (i = 0; known && i < mmcf->remotes->nelts; i++) {

        if (known[i]->registry == remote->registry
            && mlist_str_eq(ngx_http_mlist_view(&known[i]->name),
                            ngx_http_mlist_view(&remote->name)))
        {
            return known[i];
        }
    }

    return NULL;
}


ngx_uint_t
ngx_http_mlist_store_remote_is(ngx_http_mlist_main_conf_t *mmcf,
    ngx_str_t *name)
{
    ngx_uint_t                       i;
    ngx_http_mlist_store_remote_t  **remote;

    remote = mmcf->remotes ? mmcf->remotes->elts : NULL;

    for (i = 0; remote && i < mmcf->remotes->nelts; i++) {

        if (mlist_str_eq(ngx_http_mlist_view(&remote[i]->name),
                         ngx_http_mlist_view(name)))
        {
            return 1;
        }
    }

    return 0;
}

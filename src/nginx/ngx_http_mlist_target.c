/*
 * Targets: see ngx_http_mlist_target.h.
 */


#include "ngx_http_mlist_target.h"
#include "ngx_http_mlist_conf.h"
#include "ngx_http_mlist_store_remote.h"


static ngx_int_t ngx_http_mlist_target_add(ngx_array_t *targets,
    ngx_http_mlist_source_t *source, ngx_str_t *name);
static ngx_int_t ngx_http_mlist_target_spell(ngx_http_request_t *r,
    mlist_pattern_t *pattern, ngx_str_t *text, size_t max,
    ngx_str_t *spelled);


ngx_array_t *
ngx_http_mlist_target_list(ngx_http_request_t *r, ngx_str_t *name)
{
    ngx_int_t                   rc;
    ngx_str_t                   spelled;
    ngx_uint_t                  i;
    ngx_array_t                *targets;
    ngx_http_mlist_source_t    *source;
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    targets = ngx_array_create(r->pool, mlcf->sources->nelts,
                               sizeof(ngx_http_mlist_target_t));
    if (targets == NULL) {
        return NULL;
    }

    source = mlcf->sources->elts;

    for (i = 0; i < mlcf->sources->nelts; i++) {

        if (!ngx_http_mlist_conf_serves(&source[i], name)) {
            continue;
        }

        rc = ngx_http_mlist_target_name(r, &source[i], name, &spelled);

        if (rc == NGX_OK) {
            rc = ngx_http_mlist_target_add(targets, &source[i], &spelled);
        }

        if (rc == NGX_ERROR) {
            return NULL;
        }
    }

    return targets;
}


uint32_t
ngx_http_mlist_target_sources(ngx_http_request_t *r,
    ngx_http_mlist_target_t *target)
{
    ngx_http_mlist_source_t    *source;
    ngx_http_mlist_loc_conf_t  *mlcf;

    if (target->source == NULL) {
        return 0;
    }

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);
    source = mlcf->sources->elts;

    return (uint32_t) 1 << (target->source - source);
}


ngx_array_t *
ngx_http_mlist_target_registries(ngx_http_request_t *r)
{
    ngx_str_t                   none;
    ngx_uint_t                  i;
    ngx_array_t                *targets;
    ngx_http_mlist_source_t    *source;
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    targets = ngx_array_create(r->pool, mlcf->registries->nelts,
                               sizeof(ngx_http_mlist_target_t));
    if (targets == NULL) {
        return NULL;
    }

    ngx_str_null(&none);
    source = mlcf->sources->elts;

    for (i = 0; i < mlcf->sources->nelts; i++) {
        if (ngx_http_mlist_target_add(targets, &source[i], &none) != NGX_OK) {
            return NULL;
        }
    }

    return targets;
}


/* Each distinct one once.  NGX_OK or NGX_ERROR. */

static ngx_int_t
ngx_http_mlist_target_add(ngx_array_t *targets,
    ngx_http_mlist_source_t *source, ngx_str_t *name)
{
    ngx_http_mlist_target_t  *target;

    if (ngx_http_mlist_target_find(targets, source->registry, name)
        != NGX_ERROR)
    {
        return NGX_OK;
    }

    target = ngx_array_push(targets);
    if (target == NULL) {
        return NGX_ERROR;
    }

    target->registry = source->registry;
    target->source = source;
    target->name = *name;

    return NGX_OK;
}


ngx_str_t *
ngx_http_mlist_target_label(ngx_http_mlist_target_t *target)
{
    return target->source ? &target->source->label : &target->registry->host;
}


ngx_int_t
ngx_http_mlist_target_find(ngx_array_t *targets,
    ngx_http_mlist_registry_t *registry, ngx_str_t *name)
{
    ngx_uint_t                i;
    ngx_http_mlist_target_t  *target;

    target = targets->elts;

    for (i = 0; i < targets->nelts; i++) {
        if (target[i].registry == registry
            && mlist_str_eq(ngx_http_mlist_view(&target[i].name),
                            ngx_http_mlist_view(name)))
        {
            return i;
        }
    }

    return NGX_ERROR;
}


ngx_int_t
ngx_http_mlist_target_name(ngx_http_request_t *r,
    ngx_http_mlist_source_t *source, ngx_str_t *name, ngx_str_t *spelled)
{
    ngx_int_t                   rc;
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    rc = ngx_http_mlist_target_spell(r, &source->name, name, MLIST_NAME_MAX,
                                     spelled);

    /* a name that is spelled as it stands has been looked at */

    if (rc == NGX_OK
        && ((spelled->data != name->data
             && !mlist_name_valid(ngx_http_mlist_view(spelled)))
            || ngx_http_mlist_store_remote_is(mlcf->main, spelled)))
    {
        return NGX_DECLINED;
    }

    return rc;
}


ngx_int_t
ngx_http_mlist_target_tag(ngx_http_request_t *r,
    ngx_http_mlist_source_t *source, ngx_str_t *tag, ngx_str_t *spelled)
{
    ngx_int_t  rc;

    rc = ngx_http_mlist_target_spell(r, &source->tag, tag, MLIST_TAG_MAX,
                                     spelled);

    if (rc == NGX_OK && !mlist_name_tag_valid(ngx_http_mlist_view(spelled))) {
        return NGX_DECLINED;
    }

    return rc;
}


static ngx_int_t
ngx_http_mlist_target_spell(ngx_http_request_t *r, mlist_pattern_t *pattern,
    ngx_str_t *text, size_t max, ngx_str_t *spelled)
{
    if (mlist_pattern_is_identity(pattern)) {
        *spelled = *text;
        return NGX_OK;
    }

    spelled->data = ngx_pnalloc(r->pool, max);
    if (spelled->data == NULL) {
        return NGX_ERROR;
    }

    spelled->len = mlist_pattern_apply(pattern, ngx_http_mlist_view(text),
                                       (char *) spelled->data, max);

    return spelled->len ? NGX_OK : NGX_DECLINED;
}


ngx_int_t
ngx_http_mlist_target_url(ngx_http_request_t *r,
    ngx_http_mlist_registry_t *registry, ngx_str_t *name, const char *what,
    ngx_str_t *reference, ngx_str_t *url)
{
    size_t   len;
    u_char  *p;

    len = ngx_strlen(what);

    url->len = registry->url.len + sizeof("/v2/") - 1 + name->len + 1 + len
               + 1 + reference->len;
    url->data = ngx_pnalloc(r->pool, url->len);
    if (url->data == NULL) {
        return NGX_ERROR;
    }

    p = ngx_cpymem(url->data, registry->url.data, registry->url.len);
    p = ngx_cpymem(p, "/v2/", sizeof("/v2/") - 1);
    p = ngx_cpymem(p, name->data, name->len);
    *p++ = '/';
    p = ngx_cpymem(p, what, len);
    *p++ = '/';
    ngx_memcpy(p, reference->data, reference->len);

    return NGX_OK;
}

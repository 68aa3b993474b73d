/*
 * mlist_push, as it is configured: see ngx_http_mlist_push_conf.h.
 */


#include "ngx_http_mlist_push_conf.h"
#include "ngx_http_mlist_registry.h"


static char *ngx_http_mlist_push_conf_off(ngx_conf_t *cf,
    ngx_http_mlist_loc_conf_t *mlcf);
static ngx_int_t ngx_http_mlist_push_conf_parameter(ngx_conf_t *cf,
    ngx_http_mlist_push_t *push, ngx_str_t *text);
static ngx_int_t ngx_http_mlist_push_conf_where(ngx_conf_t *cf,
    ngx_http_mlist_push_t *push);
static ngx_int_t ngx_http_mlist_push_conf_default(ngx_conf_t *cf,
    ngx_http_mlist_loc_conf_t *mlcf);
static ngx_int_t ngx_http_mlist_push_conf_platforms(ngx_conf_t *cf,
    ngx_http_mlist_loc_conf_t *mlcf);


char *
ngx_http_mlist_push_conf_set(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_mlist_loc_conf_t *mlcf = conf;

    ngx_str_t              *value;
    ngx_uint_t              i;
    ngx_http_mlist_push_t  *push;

    if (mlcf->push_named != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_strcmp(value[1].data, "off") == 0) {
        return ngx_http_mlist_push_conf_off(cf, mlcf);
    }

    push = ngx_pcalloc(cf->pool, sizeof(ngx_http_mlist_push_t));
    if (push == NULL) {
        return NGX_CONF_ERROR;
    }

    push->text = value[1];
    push->file = cf->conf_file->file.name.data;
    push->line = cf->conf_file->line;

    for (i = 2; i < cf->args->nelts; i++) {

        if (ngx_http_mlist_push_conf_parameter(cf, push, &value[i])
            != NGX_OK)
        {
            return NGX_CONF_ERROR;
        }
    }

    if (ngx_http_mlist_push_conf_where(cf, push) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    mlcf->push_named = push;

    return NGX_CONF_OK;
}


static char *
ngx_http_mlist_push_conf_off(ngx_conf_t *cf, ngx_http_mlist_loc_conf_t *mlcf)
{
    ngx_str_t  *value;

    if (cf->args->nelts > 2) {
        value = cf->args->elts;

        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"mlist_push off\" takes no parameter \"%V\"",
                           &value[2]);
        return NGX_CONF_ERROR;
    }

    mlcf->push_named = NULL;

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_mlist_push_conf_parameter(ngx_conf_t *cf,
    ngx_http_mlist_push_t *push, ngx_str_t *text)
{
    if (ngx_strcmp(text->data, "by=platform") != 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid parameter \"%V\" in \"mlist_push\", it "
                           "must be \"by=platform\"", text);
        return NGX_ERROR;
    }

    if (push->by_platform) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "duplicate parameter \"%V\" in \"mlist_push\"",
                           text);
        return NGX_ERROR;
    }

    push->by_platform = 1;

    return NGX_OK;
}


static ngx_int_t
ngx_http_mlist_push_conf_where(ngx_conf_t *cf, ngx_http_mlist_push_t *push)
{
    ngx_http_compile_complex_value_t  ccv;

    push->value = ngx_palloc(cf->pool, sizeof(ngx_http_complex_value_t));
    if (push->value == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(&ccv, sizeof(ngx_http_compile_complex_value_t));

    ccv.cf = cf;
    ccv.value = &push->text;
    ccv.complex_value = push->value;

    if (ngx_http_compile_complex_value(&ccv) != NGX_OK) {
        return NGX_ERROR;
    }

    if (push->value->lengths) {
        return NGX_OK;
    }

    push->value = NULL;
    push->registry = ngx_http_mlist_registry_get(cf, &push->text,
                                            NGX_HTTP_MLIST_REGISTRY_EITHER);
    if (push->registry == NULL) {
        return NGX_ERROR;
    }

    push->registry->served = 1;

    return NGX_OK;
}


ngx_int_t
ngx_http_mlist_push_conf_derive(ngx_conf_t *cf,
    ngx_http_mlist_loc_conf_t *mlcf)
{
    if (mlcf->push_named == NGX_CONF_UNSET_PTR) {
        return ngx_http_mlist_push_conf_default(cf, mlcf);
    }

    mlcf->push = mlcf->push_named;

    if (mlcf->push == NULL || !mlcf->push->by_platform) {
        return NGX_OK;
    }

    mlcf->push_by_platform = 1;

    return ngx_http_mlist_push_conf_platforms(cf, mlcf);
}


/* The registry, if all sources name one. */

static ngx_int_t
ngx_http_mlist_push_conf_default(ngx_conf_t *cf,
    ngx_http_mlist_loc_conf_t *mlcf)
{
    ngx_http_mlist_registry_t  **registry;

    if (mlcf->registries->nelts != 1) {
        return NGX_OK;
    }

    mlcf->push = ngx_pcalloc(cf->pool, sizeof(ngx_http_mlist_push_t));
    if (mlcf->push == NULL) {
        return NGX_ERROR;
    }

    registry = mlcf->registries->elts;

    mlcf->push->registry = registry[0];
    mlcf->push->text = registry[0]->url;

    return NGX_OK;
}


/* What a variable yields is known at run time: it may be any of them. */

static ngx_int_t
ngx_http_mlist_push_conf_platforms(ngx_conf_t *cf,
    ngx_http_mlist_loc_conf_t *mlcf)
{
    ngx_uint_t                i, n;
    ngx_http_mlist_push_t    *push;
    ngx_http_mlist_source_t  *source;

    push = mlcf->push;
    source = mlcf->sources->elts;
    n = 0;

    for (i = 0; i < mlcf->sources->nelts; i++) {

        if (push->registry && source[i].registry != push->registry) {
            continue;
        }

        n++;

        if (source[i].platform == NULL) {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "\"mlist_push %V by=platform\" in %s:%ui needs "
                          "\"platform=\" of the source \"%V\" in %s:%ui",
                          &push->text, push->file, push->line,
                          &source[i].label, source[i].file, source[i].line);
            return NGX_ERROR;
        }
    }

    if (n == 0) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"mlist_push %V by=platform\" needs a source at that "
                      "registry in %s:%ui", &push->text, push->file,
                      push->line);
        return NGX_ERROR;
    }

    return NGX_OK;
}

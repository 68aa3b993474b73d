/*
 * The setters of all directives but mlist_source and mlist_htpasswd, and the
 * questions that regular expressions of the configuration answer.  Called by
 * module; the questions by the rooms that work on requests.
 */

#include "ngx_http_mlist_conf.h"
#include "ngx_http_mlist_store.h"
#include "ngx_http_mlist_store_remote.h"


#define NGX_HTTP_MLIST_ZONE_PAGES  8


static ngx_int_t ngx_http_mlist_conf_match_add(ngx_conf_t *cf,
    ngx_array_t *matches, ngx_str_t *text);


char *
ngx_http_mlist_conf_mlist(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_mlist_loc_conf_t *mlcf = conf;

    ngx_str_t  *value;

    if (mlcf->off != NGX_CONF_UNSET) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_strcmp(value[1].data, "off") != 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid value \"%V\" in \"mlist\", it must be "
                           "\"off\"", &value[1]);
        return NGX_CONF_ERROR;
    }

    if (mlcf->sources != NGX_CONF_UNSET_PTR) {
        return "off contradicts \"mlist_source\"";
    }

    mlcf->off = 1;

    return NGX_CONF_OK;
}


char *
ngx_http_mlist_conf_store(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_mlist_loc_conf_t *mlcf = conf;

    ngx_str_t  *value;

    if (mlcf->store != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_strcmp(value[1].data, "off") == 0) {

        if (cf->args->nelts > 2) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "\"mlist_store off\" takes no parameter "
                               "\"%V\"", &value[2]);
            return NGX_CONF_ERROR;
        }

        mlcf->store = NULL;
        return NGX_CONF_OK;
    }

    if (value[1].len == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid value \"%V\" in \"mlist_store\", it must "
                           "be a directory, a URL or \"off\"", &value[1]);
        return NGX_CONF_ERROR;
    }

    mlcf->store = ngx_http_mlist_store_add(cf, &value[1],
                                           cf->args->nelts - 1);

    return mlcf->store == NULL ? NGX_CONF_ERROR : NGX_CONF_OK;
}


char *
ngx_http_mlist_conf_auth(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_mlist_loc_conf_t *mlcf = conf;

    ngx_str_t  *value;

    if (mlcf->auth_named != NGX_CONF_UNSET_UINT) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_strcmp(value[1].data, "nginx") == 0) {
        mlcf->auth_named = NGX_HTTP_MLIST_AUTH_NGINX;

    } else if (ngx_strcmp(value[1].data, "registry") == 0) {
        mlcf->auth_named = NGX_HTTP_MLIST_AUTH_REGISTRY;

    } else {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid value \"%V\" in \"mlist_auth\", it must "
                           "be \"registry\" or \"nginx\"", &value[1]);
        return NGX_CONF_ERROR;
    }

    if (mlcf->auth_named == NGX_HTTP_MLIST_AUTH_REGISTRY
        && mlcf->htpasswd != NGX_CONF_UNSET_PTR
        && mlcf->htpasswd != NULL)
    {
        return "registry contradicts \"mlist_htpasswd\"";
    }

    mlcf->auth = mlcf->auth_named;

    return NGX_CONF_OK;
}


char *
ngx_http_mlist_conf_match(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t    *value;
    ngx_uint_t    i;
    ngx_array_t **matches;

    matches = (ngx_array_t **) ((char *) conf + cmd->offset);

    if (*matches == NGX_CONF_UNSET_PTR) {
        *matches = ngx_array_create(cf->pool, 4,
                                    sizeof(ngx_http_mlist_match_t));
        if (*matches == NULL) {
            *matches = NGX_CONF_UNSET_PTR;
            return NGX_CONF_ERROR;
        }
    }

    value = cf->args->elts;

    for (i = 1; i < cf->args->nelts; i++) {

        if (ngx_http_mlist_conf_match_add(cf, *matches, &value[i])
            != NGX_OK)
        {
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_mlist_conf_match_add(ngx_conf_t *cf, ngx_array_t *matches,
    ngx_str_t *text)
{
    ngx_str_t                regex;
    ngx_http_mlist_match_t  *match;

    match = ngx_array_push(matches);
    if (match == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(match, sizeof(ngx_http_mlist_match_t));

    match->text = *text;
    match->negative = text->len && text->data[0] == '!';

    regex.data = text->data + match->negative;
    regex.len = text->len - match->negative;

    if (regex.len == 0 || regex.data[0] != '~') {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid parameter \"%V\", it must be [!]~REGEX",
                           text);
        return NGX_ERROR;
    }

#if (NGX_PCRE)

    match->regex = ngx_http_mlist_conf_regex(cf, &regex);

    return match->regex == NULL ? NGX_ERROR : NGX_OK;

#else

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "using regex \"%V\" requires PCRE library", text);

    return NGX_ERROR;

#endif
}


char *
ngx_http_mlist_conf_default_platform(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_mlist_loc_conf_t *mlcf = conf;

    ngx_str_t                         *value;
    mlist_platform_t                   platform;
    ngx_http_complex_value_t          *cv;
    ngx_http_compile_complex_value_t   ccv;

    if (mlcf->default_platform != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_strcmp(value[1].data, "off") == 0) {
        mlcf->default_platform = NULL;
        return NGX_CONF_OK;
    }

    cv = ngx_palloc(cf->pool, sizeof(ngx_http_complex_value_t));
    if (cv == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(&ccv, sizeof(ngx_http_compile_complex_value_t));

    ccv.cf = cf;
    ccv.value = &value[1];
    ccv.complex_value = cv;

    if (ngx_http_compile_complex_value(&ccv) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    if (cv->lengths == NULL
        && mlist_platform_parse(ngx_http_mlist_view(&value[1]), &platform)
           != MLIST_OK)
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid platform \"%V\" in "
                           "\"mlist_default_platform\", it must be "
                           "OS/ARCH[/VARIANT] or \"off\"", &value[1]);
        return NGX_CONF_ERROR;
    }

    mlcf->default_platform = cv;

    return NGX_CONF_OK;
}


char *
ngx_http_mlist_conf_use_stale(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_mlist_loc_conf_t *mlcf = conf;

    char  *rv;

    if (mlcf->use_stale != 0) {
        return "is duplicate";
    }

    rv = ngx_conf_set_bitmask_slot(cf, cmd, conf);
    if (rv != NGX_CONF_OK) {
        return rv;
    }

    if (mlcf->use_stale & NGX_HTTP_MLIST_STALE_OFF) {

        if (mlcf->use_stale != NGX_HTTP_MLIST_STALE_OFF) {
            return "off contradicts the other parameters";
        }

        mlcf->use_stale = 0;
    }

    mlcf->use_stale |= NGX_CONF_BITMASK_SET;

    return NGX_CONF_OK;
}


char *
ngx_http_mlist_conf_mark(ngx_conf_t *cf, ngx_http_mlist_mark_t *mark)
{
    ngx_http_mlist_main_conf_t  *mcf;

    if (mark->on != NGX_CONF_UNSET) {
        return "is duplicate";
    }

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_mlist_module);
    mcf->used = 1;

    mark->on = 1;
    mark->file = cf->conf_file->file.name.data;
    mark->line = cf->conf_file->line;

    return NGX_CONF_OK;
}


void
ngx_http_mlist_conf_mark_merge(ngx_http_core_loc_conf_t *clcf,
    ngx_http_mlist_mark_t *prev, ngx_http_mlist_mark_t *conf)
{
    if (conf->on != NGX_CONF_UNSET) {
        return;
    }

    conf->on = 0;

    if (clcf->noname && clcf->handler == NULL && prev->on == 1) {
        *conf = *prev;
    }
}


char *
ngx_http_mlist_conf_check_zone(ngx_conf_t *cf, void *post, void *data)
{
    size_t *size = data;

    if (*size < NGX_HTTP_MLIST_ZONE_PAGES * ngx_pagesize) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"mlist_zone\" is too small, it must be %uz or "
                           "more",
                           (size_t) NGX_HTTP_MLIST_ZONE_PAGES * ngx_pagesize);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


char *
ngx_http_mlist_conf_check_size(ngx_conf_t *cf, void *post, void *data)
{
    size_t *size = data;

    if (*size == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"mlist_max_manifest_size\" must not be 0");
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


#if (NGX_PCRE)

ngx_regex_t *
ngx_http_mlist_conf_regex(ngx_conf_t *cf, ngx_str_t *text)
{
    u_char               errstr[NGX_MAX_CONF_ERRSTR];
    size_t               skip;
    ngx_regex_compile_t  rc;

    ngx_memzero(&rc, sizeof(ngx_regex_compile_t));

    skip = 1;

    if (text->len > 1 && text->data[1] == '*') {
        skip = 2;
        rc.options = NGX_REGEX_CASELESS;
    }

    if (text->len == skip) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "empty regex \"%V\"", text);
        return NULL;
    }

    rc.pattern.data = text->data + skip;
    rc.pattern.len = text->len - skip;
    rc.pool = cf->pool;
    rc.err.len = NGX_MAX_CONF_ERRSTR;
    rc.err.data = errstr;

    if (ngx_regex_compile(&rc) != NGX_OK) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "%V", &rc.err);
        return NULL;
    }

    return rc.regex;
}

#endif


ngx_uint_t
ngx_http_mlist_conf_matches(ngx_array_t *matches, ngx_str_t *s)
{
    ngx_uint_t               passes;
#if (NGX_PCRE)
    ngx_int_t                rc;
    ngx_uint_t               i;
    ngx_http_mlist_match_t  *match;
#endif

    if (matches == NULL) {
        return 1;
    }

#if (NGX_PCRE)

    match = matches->elts;
    passes = 1;

    for (i = 0; i < matches->nelts; i++) {

        if (!match[i].negative) {
            passes = 0;
            break;
        }
    }

    for (i = 0; i < matches->nelts; i++) {

        rc = ngx_regex_exec(match[i].regex, s, NULL, 0);

        if (rc < 0 && rc != NGX_REGEX_NO_MATCHED) {
            return 0;
        }

        if (rc == NGX_REGEX_NO_MATCHED) {
            continue;
        }

        if (match[i].negative) {
            return 0;
        }

        passes = 1;
    }

#else

    passes = 0;

#endif

    return passes;
}


ngx_uint_t
ngx_http_mlist_conf_serves(ngx_http_mlist_source_t *source, ngx_str_t *name)
{
#if (NGX_PCRE)

    return source->names == NULL
           || ngx_regex_exec(source->names, name, NULL, 0) >= 0;

#else

    return 1;

#endif
}


ngx_uint_t
ngx_http_mlist_conf_serves_name(ngx_http_mlist_loc_conf_t *mlcf,
    ngx_str_t *name)
{
    ngx_uint_t                i;
    ngx_http_mlist_source_t  *source;

    if (ngx_http_mlist_store_remote_is(mlcf->main, name)
        || !ngx_http_mlist_conf_matches(mlcf->names, name))
    {
        return 0;
    }

    source = mlcf->sources->elts;

    for (i = 0; i < mlcf->sources->nelts; i++) {
        if (ngx_http_mlist_conf_serves(&source[i], name)) {
            return 1;
        }
    }

    return 0;
}


ngx_uint_t
ngx_http_mlist_conf_synthesizes(ngx_http_mlist_loc_conf_t *mlcf,
    ngx_str_t *name, ngx_str_t *tag)
{
    ngx_uint_t                i;
    mlist_str_t               stem;
    ngx_http_mlist_source_t  *source;

    if (mlist_name_is_signature_tag(ngx_http_mlist_view(tag))
        || !ngx_http_mlist_conf_matches(mlcf->tags, tag))
    {
        return 0;
    }

    source = mlcf->sources->elts;

    for (i = 0; i < mlcf->sources->nelts; i++) {

        if (!mlist_pattern_is_identity(&source[i].tag)
            && mlist_pattern_invert(&source[i].tag, ngx_http_mlist_view(tag),
                                    &stem)
            && mlist_name_tag_valid(stem)
            && ngx_http_mlist_conf_serves(&source[i], name))
        {
            return 0;
        }
    }

    return 1;
}

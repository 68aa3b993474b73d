/*
 * The directive mlist_source.  It refuses a source that cannot work, whatever
 * the other directives of the location say; what depends on those is for
 * conf and sources to refuse.  It never looks at a request.  Called by
 * module (the setter).
 */

#include "ngx_http_mlist_conf.h"
#include "ngx_http_mlist_registry.h"
#include "ngx_http_mlist_source.h"


typedef struct {
    ngx_str_t    name;           /* with "=" if a value follows */
    ngx_int_t  (*set)(ngx_conf_t *cf, ngx_http_mlist_source_t *source,
                      ngx_str_t *value);
} ngx_http_mlist_source_param_t;


static ngx_int_t ngx_http_mlist_source_parse(ngx_conf_t *cf,
    ngx_http_mlist_source_t *source);
static ngx_int_t ngx_http_mlist_source_param(ngx_conf_t *cf,
    ngx_http_mlist_source_t *source, ngx_str_t *arg, ngx_uint_t *seen);
static ngx_int_t ngx_http_mlist_source_platform(ngx_conf_t *cf,
    ngx_http_mlist_source_t *source, ngx_str_t *value);
static ngx_int_t ngx_http_mlist_source_tag(ngx_conf_t *cf,
    ngx_http_mlist_source_t *source, ngx_str_t *value);
static ngx_int_t ngx_http_mlist_source_name(ngx_conf_t *cf,
    ngx_http_mlist_source_t *source, ngx_str_t *value);
static ngx_int_t ngx_http_mlist_source_pattern(ngx_conf_t *cf,
    ngx_str_t *value, mlist_pattern_t *pattern, mlist_str_t *sample,
    char *buf, size_t size);
static ngx_int_t ngx_http_mlist_source_names(ngx_conf_t *cf,
    ngx_http_mlist_source_t *source, ngx_str_t *value);
static ngx_int_t ngx_http_mlist_source_label(ngx_conf_t *cf,
    ngx_http_mlist_source_t *source, ngx_str_t *value);
static ngx_int_t ngx_http_mlist_source_trusted(ngx_conf_t *cf,
    ngx_http_mlist_source_t *source, ngx_str_t *value);
static ngx_int_t ngx_http_mlist_source_resolve(ngx_conf_t *cf,
    ngx_http_mlist_source_t *source, ngx_str_t *value);

static ngx_int_t ngx_http_mlist_source_required(ngx_conf_t *cf,
    ngx_http_mlist_source_t *source, ngx_str_t *value);
static ngx_int_t ngx_http_mlist_source_optional(ngx_conf_t *cf,
    ngx_http_mlist_source_t *source, ngx_str_t *value);
static ngx_int_t ngx_http_mlist_source_contradiction(ngx_conf_t *cf);
static ngx_int_t ngx_http_mlist_source_denied(ngx_conf_t *cf,
    ngx_http_mlist_source_t *source, ngx_str_t *value);

static ngx_int_t ngx_http_mlist_source_add(ngx_conf_t *cf,
    ngx_http_mlist_loc_conf_t *mlcf, ngx_http_mlist_source_t *source);
static ngx_uint_t ngx_http_mlist_source_eq(ngx_http_mlist_source_t *a,
    ngx_http_mlist_source_t *b);
static ngx_uint_t ngx_http_mlist_source_platform_eq(mlist_platform_t *a,
    mlist_platform_t *b);


static ngx_http_mlist_source_param_t  ngx_http_mlist_source_params[] = {
    { ngx_string("platform="), ngx_http_mlist_source_platform },
    { ngx_string("tag="), ngx_http_mlist_source_tag },
    { ngx_string("name="), ngx_http_mlist_source_name },
    { ngx_string("names="), ngx_http_mlist_source_names },
    { ngx_string("label="), ngx_http_mlist_source_label },
    { ngx_string("trusted"), ngx_http_mlist_source_trusted },
    { ngx_string("resolve"), ngx_http_mlist_source_resolve },
    { ngx_string("required"), ngx_http_mlist_source_required },
    { ngx_string("optional"), ngx_http_mlist_source_optional },
    { ngx_string("denied="), ngx_http_mlist_source_denied },
    { ngx_null_string, NULL }
};


char *
ngx_http_mlist_source_set(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_mlist_loc_conf_t *mlcf = conf;

    ngx_str_t                   *value;
    ngx_http_mlist_source_t      source;
    ngx_http_mlist_main_conf_t  *mcf;

    if (mlcf->off == 1) {
        return "contradicts \"mlist off\"";
    }

    if (ngx_http_mlist_source_parse(cf, &source) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    value = cf->args->elts;

    source.registry = ngx_http_mlist_registry_get(cf, &value[1],
                                                  source.resolve);
    if (source.registry == NULL) {
        return NGX_CONF_ERROR;
    }

    source.registry->served = 1;

    if (ngx_http_mlist_source_add(cf, mlcf, &source) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_mlist_module);
    mcf->used = 1;

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_mlist_source_parse(ngx_conf_t *cf, ngx_http_mlist_source_t *source)
{
    ngx_str_t   *value;
    ngx_uint_t   i, seen;

    static ngx_str_t  all = ngx_string("*");

    ngx_memzero(source, sizeof(ngx_http_mlist_source_t));

    source->file = cf->conf_file->file.name.data;
    source->line = cf->conf_file->line;

    if (ngx_http_mlist_source_tag(cf, source, &all) != NGX_OK
        || ngx_http_mlist_source_name(cf, source, &all) != NGX_OK)
    {
        return NGX_ERROR;
    }

    value = cf->args->elts;
    seen = 0;

    for (i = 2; i < cf->args->nelts; i++) {

        if (ngx_http_mlist_source_param(cf, source, &value[i], &seen)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_mlist_source_param(ngx_conf_t *cf, ngx_http_mlist_source_t *source,
    ngx_str_t *arg, ngx_uint_t *seen)
{
    ngx_str_t                       value;
    ngx_uint_t                      i, flag;
    ngx_http_mlist_source_param_t  *p;

    p = ngx_http_mlist_source_params;

    for (i = 0; p[i].name.len; i++) {

        flag = p[i].name.data[p[i].name.len - 1] != '=';

        if (arg->len < p[i].name.len
            || ngx_strncmp(arg->data, p[i].name.data, p[i].name.len) != 0
            || (flag && arg->len != p[i].name.len))
        {
            continue;
        }

        if (*seen & ((ngx_uint_t) 1 << i)) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "duplicate parameter \"%V\" in "
                               "\"mlist_source\"", arg);
            return NGX_ERROR;
        }

        *seen |= (ngx_uint_t) 1 << i;

        value.data = arg->data + p[i].name.len;
        value.len = arg->len - p[i].name.len;

        return p[i].set(cf, source, &value);
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "unknown parameter \"%V\" in \"mlist_source\"", arg);

    return NGX_ERROR;
}


static ngx_int_t
ngx_http_mlist_source_platform(ngx_conf_t *cf,
    ngx_http_mlist_source_t *source, ngx_str_t *value)
{
    source->platform = ngx_palloc(cf->pool, sizeof(mlist_platform_t));
    if (source->platform == NULL) {
        return NGX_ERROR;
    }

    if (mlist_platform_parse(ngx_http_mlist_view(value), source->platform)
        != MLIST_OK)
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid platform \"%V\" in \"mlist_source\", "
                           "it must be OS/ARCH[/VARIANT]", value);
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_mlist_source_tag(ngx_conf_t *cf, ngx_http_mlist_source_t *source,
    ngx_str_t *value)
{
    char         buf[MLIST_TAG_MAX];
    mlist_str_t  sample;

    if (ngx_http_mlist_source_pattern(cf, value, &source->tag, &sample, buf,
                                      sizeof(buf))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (!mlist_name_tag_valid(sample)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "pattern \"tag=%V\" in \"mlist_source\" can make "
                           "no valid tag", value);
        return NGX_ERROR;
    }

    source->tag_text = *value;

    return NGX_OK;
}


static ngx_int_t
ngx_http_mlist_source_name(ngx_conf_t *cf, ngx_http_mlist_source_t *source,
    ngx_str_t *value)
{
    char         buf[MLIST_NAME_MAX];
    mlist_str_t  sample;

    if (ngx_http_mlist_source_pattern(cf, value, &source->name, &sample, buf,
                                      sizeof(buf))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (!mlist_name_valid(sample)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "pattern \"name=%V\" in \"mlist_source\" can make "
                           "no valid repository name", value);
        return NGX_ERROR;
    }

    source->name_text = *value;

    return NGX_OK;
}


/*
 * Parses a pattern and makes a sample of what it makes: "a" is the shortest
 * name and tag, and may stand beside anything that a longer one may.  The
 * sample is empty if it does not fit.
 */

static ngx_int_t
ngx_http_mlist_source_pattern(ngx_conf_t *cf, ngx_str_t *value,
    mlist_pattern_t *pattern, mlist_str_t *sample, char *buf, size_t size)
{
    if (mlist_pattern_parse(ngx_http_mlist_view(value), pattern)
        != MLIST_OK)
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid pattern \"%V\" in \"mlist_source\", it "
                           "must be a text with one \"*\" at most", value);
        return NGX_ERROR;
    }

    sample->data = buf;
    sample->len = mlist_pattern_apply(pattern, mlist_str("a"), buf, size);

    return NGX_OK;
}


static ngx_int_t
ngx_http_mlist_source_names(ngx_conf_t *cf, ngx_http_mlist_source_t *source,
    ngx_str_t *value)
{
    if (value->len == 0 || value->data[0] != '~') {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid parameter \"names=%V\" in "
                           "\"mlist_source\", it must be names=~REGEX",
                           value);
        return NGX_ERROR;
    }

    source->names_text = *value;

#if (NGX_PCRE)

    source->names = ngx_http_mlist_conf_regex(cf, value);

    return source->names == NULL ? NGX_ERROR : NGX_OK;

#else

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "using regex \"%V\" requires PCRE library", value);

    return NGX_ERROR;

#endif
}


static ngx_int_t
ngx_http_mlist_source_label(ngx_conf_t *cf, ngx_http_mlist_source_t *source,
    ngx_str_t *value)
{
    u_char  *p;

    /* labels stand in lists, in quotes, and in headers */

    for (p = value->data; p < value->data + value->len; p++) {

        if (*p < 0x20 || *p > 0x7e || *p == '"' || *p == '\\' || *p == ',') {
            break;
        }
    }

    if (value->len == 0 || p != value->data + value->len) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid label \"%V\" in \"mlist_source\", it "
                           "must be of printable ASCII characters without "
                           "quotes, backslashes and commas", value);
        return NGX_ERROR;
    }

    source->label = *value;

    return NGX_OK;
}


static ngx_int_t
ngx_http_mlist_source_trusted(ngx_conf_t *cf,
    ngx_http_mlist_source_t *source, ngx_str_t *value)
{
    source->trusted = 1;

    return NGX_OK;
}


static ngx_int_t
ngx_http_mlist_source_resolve(ngx_conf_t *cf,
    ngx_http_mlist_source_t *source, ngx_str_t *value)
{
    source->resolve = 1;

    return NGX_OK;
}


static ngx_int_t
ngx_http_mlist_source_required(ngx_conf_t *cf,
    ngx_http_mlist_source_t *source, ngx_str_t *value)
{
    source->required = 1;

    return source->optional ? ngx_http_mlist_source_contradiction(cf)
                            : NGX_OK;
}


static ngx_int_t
ngx_http_mlist_source_optional(ngx_conf_t *cf,
    ngx_http_mlist_source_t *source, ngx_str_t *value)
{
    source->optional = 1;

    return source->required ? ngx_http_mlist_source_contradiction(cf)
                            : NGX_OK;
}


static ngx_int_t
ngx_http_mlist_source_contradiction(ngx_conf_t *cf)
{
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "\"required\" contradicts \"optional\" in "
                       "\"mlist_source\"");

    return NGX_ERROR;
}


static ngx_int_t
ngx_http_mlist_source_denied(ngx_conf_t *cf, ngx_http_mlist_source_t *source,
    ngx_str_t *value)
{
    if (!mlist_str_eq(ngx_http_mlist_view(value), mlist_str("missing"))) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid parameter \"denied=%V\" in "
                           "\"mlist_source\", it must be denied=missing",
                           value);
        return NGX_ERROR;
    }

    source->denied = 1;

    return NGX_OK;
}


static ngx_int_t
ngx_http_mlist_source_add(ngx_conf_t *cf, ngx_http_mlist_loc_conf_t *mlcf,
    ngx_http_mlist_source_t *source)
{
    ngx_uint_t                i;
    ngx_http_mlist_source_t  *other;

    if (mlcf->sources == NGX_CONF_UNSET_PTR) {
        mlcf->sources = ngx_array_create(cf->pool, 4,
                                         sizeof(ngx_http_mlist_source_t));
        if (mlcf->sources == NULL) {
            mlcf->sources = NGX_CONF_UNSET_PTR;
            return NGX_ERROR;
        }
    }

    if (mlcf->sources->nelts == NGX_HTTP_MLIST_MAX_SOURCES) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "more than %d \"mlist_source\"",
                           NGX_HTTP_MLIST_MAX_SOURCES);
        return NGX_ERROR;
    }

    other = mlcf->sources->elts;

    for (i = 0; i < mlcf->sources->nelts; i++) {

        if (ngx_http_mlist_source_eq(&other[i], source)) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "duplicate \"mlist_source\", the same is in "
                               "%s:%ui", other[i].file, other[i].line);
            return NGX_ERROR;
        }
    }

    other = ngx_array_push(mlcf->sources);
    if (other == NULL) {
        return NGX_ERROR;
    }

    *other = *source;

    return NGX_OK;
}


static ngx_uint_t
ngx_http_mlist_source_eq(ngx_http_mlist_source_t *a,
    ngx_http_mlist_source_t *b)
{
    return a->registry == b->registry
           && mlist_str_eq(ngx_http_mlist_view(&a->tag_text),
                           ngx_http_mlist_view(&b->tag_text))
           && mlist_str_eq(ngx_http_mlist_view(&a->name_text),
                           ngx_http_mlist_view(&b->name_text))
           && mlist_str_eq(ngx_http_mlist_view(&a->names_text),
                           ngx_http_mlist_view(&b->names_text))
           && ngx_http_mlist_source_platform_eq(a->platform, b->platform);
}


static ngx_uint_t
ngx_http_mlist_source_platform_eq(mlist_platform_t *a, mlist_platform_t *b)
{
    if (a == NULL || b == NULL) {
        return a == b;
    }

    return mlist_platform_eq(a, b);
}

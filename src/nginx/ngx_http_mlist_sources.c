/*
 * What is derived from the sources of a location: labels, registries, the
 * fingerprint; and what is refused of them together.  It never looks at a
 * request.  Called by conf.
 */

#include "ngx_http_mlist_sources.h"
#include "ngx_http_mlist_login.h"
#include "ngx_http_mlist_zone.h"


/* How much of a source its default label tells. */
typedef enum {
    NGX_HTTP_MLIST_LABEL_HOST = 0,
    NGX_HTTP_MLIST_LABEL_PATTERNS,
    NGX_HTTP_MLIST_LABEL_ALL
} ngx_http_mlist_label_e;


/* registry, tag, name, names, platform, what its failures mean, as whom */
#define NGX_HTTP_MLIST_SOURCE_PIECES  7


static ngx_int_t ngx_http_mlist_sources_unique(ngx_conf_t *cf,
    ngx_array_t *sources);
static ngx_http_mlist_label_e ngx_http_mlist_sources_detail(
    ngx_array_t *sources, ngx_uint_t n);
static ngx_int_t ngx_http_mlist_sources_default_label(ngx_conf_t *cf,
    ngx_http_mlist_source_t *source, ngx_http_mlist_label_e detail);
static ngx_uint_t ngx_http_mlist_sources_has_registry(ngx_array_t *registries,
    ngx_http_mlist_registry_t *registry);
static ngx_int_t ngx_http_mlist_sources_check_auth(ngx_conf_t *cf,
    ngx_array_t *sources);
static ngx_int_t ngx_http_mlist_sources_check_publish(ngx_conf_t *cf,
    ngx_http_mlist_loc_conf_t *mlcf);
static ngx_int_t ngx_http_mlist_sources_check_resolver(ngx_conf_t *cf,
    ngx_http_mlist_loc_conf_t *mlcf);
static ngx_int_t ngx_http_mlist_sources_pieces(ngx_conf_t *cf,
    ngx_http_mlist_loc_conf_t *mlcf, ngx_http_mlist_source_t *source,
    ngx_array_t *pieces);
static ngx_str_t ngx_http_mlist_sources_failures(
    ngx_http_mlist_source_t *source);
static ngx_int_t ngx_http_mlist_sources_options(ngx_conf_t *cf,
    ngx_http_mlist_loc_conf_t *mlcf, ngx_array_t *pieces);


ngx_int_t
ngx_http_mlist_sources_label(ngx_conf_t *cf, ngx_array_t *sources)
{
    ngx_uint_t                i;
    ngx_http_mlist_source_t  *source;

    source = sources->elts;

    for (i = 0; i < sources->nelts; i++) {

        if (source[i].label.len) {
            continue;
        }

        if (ngx_http_mlist_sources_default_label(cf, &source[i],
                                  ngx_http_mlist_sources_detail(sources, i))
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return ngx_http_mlist_sources_unique(cf, sources);
}


static ngx_int_t
ngx_http_mlist_sources_unique(ngx_conf_t *cf, ngx_array_t *sources)
{
    ngx_uint_t                i, j;
    ngx_http_mlist_source_t  *source;

    source = sources->elts;

    for (i = 1; i < sources->nelts; i++) {

        for (j = 0; j < i; j++) {

            if (mlist_str_eq(ngx_http_mlist_view(&source[i].label),
                             ngx_http_mlist_view(&source[j].label)))
            {
                ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                              "label \"%V\" of two \"mlist_source\", the "
                              "other in %s:%ui, must be made unique with "
                              "\"label=\" in %s:%ui",
                              &source[i].label, source[j].file,
                              source[j].line, source[i].file, source[i].line);
                return NGX_ERROR;
            }
        }
    }

    return NGX_OK;
}


static ngx_http_mlist_label_e
ngx_http_mlist_sources_detail(ngx_array_t *sources, ngx_uint_t n)
{
    ngx_uint_t                i;
    ngx_http_mlist_label_e    detail;
    ngx_http_mlist_source_t  *source;

    source = sources->elts;
    detail = NGX_HTTP_MLIST_LABEL_HOST;

    for (i = 0; i < sources->nelts; i++) {

        if (i == n
            || !mlist_str_caseeq(ngx_http_mlist_view(&source[i].registry->host),
                               ngx_http_mlist_view(&source[n].registry->host)))
        {
            continue;
        }

        if (mlist_str_eq(ngx_http_mlist_view(&source[i].tag_text),
                         ngx_http_mlist_view(&source[n].tag_text))
            && mlist_str_eq(ngx_http_mlist_view(&source[i].name_text),
                            ngx_http_mlist_view(&source[n].name_text)))
        {
            return NGX_HTTP_MLIST_LABEL_ALL;
        }

        detail = NGX_HTTP_MLIST_LABEL_PATTERNS;
    }

    return detail;
}


static ngx_int_t
ngx_http_mlist_sources_default_label(ngx_conf_t *cf,
    ngx_http_mlist_source_t *source, ngx_http_mlist_label_e detail)
{
    char        platform[MLIST_PLATFORM_TEXT];
    u_char     *p;
    ngx_str_t  *place;

    place = detail == NGX_HTTP_MLIST_LABEL_ALL ? &source->registry->url
                                               : &source->registry->host;

    p = ngx_pnalloc(cf->pool, place->len + source->tag_text.len
                              + source->name_text.len + MLIST_PLATFORM_TEXT
                              + sizeof(" tag= name= platform=") - 1);
    if (p == NULL) {
        return NGX_ERROR;
    }

    source->label.data = p;

    p = ngx_cpymem(p, place->data, place->len);

    if (detail != NGX_HTTP_MLIST_LABEL_HOST) {

        if (!mlist_pattern_is_identity(&source->tag)) {
            p = ngx_sprintf(p, " tag=%V", &source->tag_text);
        }

        if (!mlist_pattern_is_identity(&source->name)) {
            p = ngx_sprintf(p, " name=%V", &source->name_text);
        }
    }

    if (detail == NGX_HTTP_MLIST_LABEL_ALL && source->platform) {
        (void) mlist_platform_text(source->platform, platform);
        p = ngx_sprintf(p, " platform=%s", platform);
    }

    source->label.len = p - source->label.data;

    return NGX_OK;
}


ngx_int_t
ngx_http_mlist_sources_registries(ngx_conf_t *cf,
    ngx_http_mlist_loc_conf_t *mlcf)
{
    ngx_uint_t                   i;
    ngx_http_mlist_source_t     *source;
    ngx_http_mlist_registry_t  **slot;

    mlcf->registries = ngx_array_create(cf->pool, mlcf->sources->nelts,
                                        sizeof(ngx_http_mlist_registry_t *));
    if (mlcf->registries == NULL) {
        return NGX_ERROR;
    }

    source = mlcf->sources->elts;

    for (i = 0; i < mlcf->sources->nelts; i++) {

        if (ngx_http_mlist_sources_has_registry(mlcf->registries,
                                                source[i].registry))
        {
            continue;
        }

        slot = ngx_array_push(mlcf->registries);
        if (slot == NULL) {
            return NGX_ERROR;
        }

        *slot = source[i].registry;
    }

    return NGX_OK;
}


static ngx_uint_t
ngx_http_mlist_sources_has_registry(ngx_array_t *registries,
    ngx_http_mlist_registry_t *registry)
{
    ngx_uint_t                   i;
    ngx_http_mlist_registry_t  **known;

    known = registries->elts;

    for (i = 0; i < registries->nelts; i++) {

        if (known[i] == registry) {
            return 1;
        }
    }

    return 0;
}


ngx_int_t
ngx_http_mlist_sources_check(ngx_conf_t *cf, ngx_http_mlist_loc_conf_t *mlcf)
{
    if (mlcf->auth == NGX_HTTP_MLIST_AUTH_REGISTRY
        && ngx_http_mlist_sources_check_auth(cf, mlcf->sources) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (mlcf->publish
        && ngx_http_mlist_sources_check_publish(cf, mlcf) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_mlist_sources_check_resolver(cf, mlcf);
}


static ngx_int_t
ngx_http_mlist_sources_check_auth(ngx_conf_t *cf, ngx_array_t *sources)
{
    ngx_uint_t                i;
    ngx_http_mlist_source_t  *source, *authority;

    source = sources->elts;
    authority = NULL;

    for (i = 0; i < sources->nelts; i++) {

        if (source[i].trusted) {
            continue;
        }

        if (authority == NULL) {
            authority = &source[i];
            continue;
        }

        if (source[i].registry != authority->registry) {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "with \"mlist_auth registry\" the source \"%V\" "
                          "must be of the registry of \"%V\" or be "
                          "\"trusted\" in %s:%ui",
                          &source[i].label, &authority->label,
                          source[i].file, source[i].line);
            return NGX_ERROR;
        }
    }

    if (authority == NULL) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "with \"mlist_auth registry\" one source must not be "
                      "\"trusted\" in %s:%ui", source[0].file, source[0].line);
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_mlist_sources_check_publish(ngx_conf_t *cf,
    ngx_http_mlist_loc_conf_t *mlcf)
{
    ngx_uint_t                  i;
    ngx_http_mlist_source_t    *source;
    ngx_http_mlist_registry_t  *registry;

    static ngx_str_t  off = ngx_string("off");

    source = mlcf->sources->elts;
    registry = source[0].registry;

    /* without a mlist_push of its own a location pushes to that registry */

    if (mlcf->push_named != NGX_CONF_UNSET_PTR
        && (mlcf->push == NULL || mlcf->push->registry != registry))
    {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"mlist_publish\" needs \"mlist_push %V\", the "
                      "registry of its sources, not \"%V\": name it or "
                      "switch it off in %s:%ui", &registry->url,
                      mlcf->push ? &mlcf->push->text : &off,
                      source[0].file, source[0].line);
        return NGX_ERROR;
    }

    for (i = 0; i < mlcf->sources->nelts; i++) {

        if (source[i].registry != registry) {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "\"mlist_publish\" needs all sources at one "
                          "registry: give the source \"%V\" the URL \"%V\" "
                          "or switch it off in %s:%ui", &source[i].label,
                          &registry->url, source[i].file, source[i].line);
            return NGX_ERROR;
        }

        if (!mlist_pattern_is_identity(&source[i].name)) {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "\"mlist_publish\" needs all sources in the "
                          "repository asked for: remove \"name=%V\" of the "
                          "source \"%V\" or switch it off in %s:%ui",
                          &source[i].name_text, &source[i].label,
                          source[i].file, source[i].line);
            return NGX_ERROR;
        }

        if (mlist_pattern_is_identity(&source[i].tag)) {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "\"mlist_publish\" would overwrite the source "
                          "\"%V\", which spells a tag as it is asked for: "
                          "give it \"tag=\" or switch it off in %s:%ui",
                          &source[i].label, source[i].file, source[i].line);
            return NGX_ERROR;
        }

        if (!source[i].tag.star) {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "\"mlist_publish\" would write every tag that a "
                          "client makes up, since the source \"%V\" has one "
                          "for all: put \"*\" into its \"tag=\" or switch it "
                          "off in %s:%ui", &source[i].label,
                          source[i].file, source[i].line);
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_mlist_sources_check_resolver(ngx_conf_t *cf,
    ngx_http_mlist_loc_conf_t *mlcf)
{
    ngx_uint_t                 i;
    ngx_http_mlist_source_t   *source;
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    /* without the directive nginx makes one that has no servers */

    if (clcf->resolver && clcf->resolver->connections.nelts) {
        return NGX_OK;
    }

    source = mlcf->sources->elts;

    for (i = 0; i < mlcf->sources->nelts; i++) {

        if (source[i].resolve) {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "\"resolve\" in \"mlist_source\" needs a "
                          "\"resolver\" in %s:%ui",
                          source[i].file, source[i].line);
            return NGX_ERROR;
        }
    }

    if (mlcf->push
        && mlcf->push->registry
        && mlcf->push->registry->upstream == NULL)
    {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"mlist_push\" to \"%V\", which has \"resolve\" in "
                      "\"mlist_source\", needs a \"resolver\" in %s:%ui",
                      &mlcf->push->text, mlcf->push->file, mlcf->push->line);
        return NGX_ERROR;
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_mlist_sources_fingerprint(ngx_conf_t *cf,
    ngx_http_mlist_loc_conf_t *mlcf)
{
    ngx_uint_t                i;
    ngx_array_t               pieces;
    ngx_http_mlist_source_t  *source;

    if (ngx_array_init(&pieces, cf->temp_pool, 16, sizeof(ngx_str_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (ngx_http_mlist_sources_options(cf, mlcf, &pieces) != NGX_OK) {
        return NGX_ERROR;
    }

    source = mlcf->sources->elts;

    for (i = 0; i < mlcf->sources->nelts; i++) {

        if (ngx_http_mlist_sources_pieces(cf, mlcf, &source[i], &pieces)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return ngx_http_mlist_zone_key(pieces.elts, pieces.nelts,
                                   mlcf->fingerprint);
}


static ngx_int_t
ngx_http_mlist_sources_pieces(ngx_conf_t *cf, ngx_http_mlist_loc_conf_t *mlcf,
    ngx_http_mlist_source_t *source, ngx_array_t *pieces)
{
    ngx_str_t  *piece;

    piece = ngx_array_push_n(pieces, NGX_HTTP_MLIST_SOURCE_PIECES);
    if (piece == NULL) {
        return NGX_ERROR;
    }

    piece[0] = source->registry->url;
    piece[1] = source->tag_text;
    piece[2] = source->name_text;
    piece[3] = source->names_text;
    ngx_str_null(&piece[4]);
    piece[5] = ngx_http_mlist_sources_failures(source);
    piece[6] = ngx_http_mlist_login_reader(mlcf, source->registry);

    if (source->platform) {
        piece[4].data = ngx_pnalloc(cf->temp_pool, MLIST_PLATFORM_TEXT);
        if (piece[4].data == NULL) {
            return NGX_ERROR;
        }

        piece[4].len = mlist_platform_text(source->platform,
                                           (char *) piece[4].data);
    }

    return NGX_OK;
}


/* By "required", "optional" (never both) and "denied". */

static ngx_str_t
ngx_http_mlist_sources_failures(ngx_http_mlist_source_t *source)
{
    static ngx_str_t  texts[2][3] = {
        { ngx_string(""), ngx_string("required"), ngx_string("optional") },
        { ngx_string("denied"), ngx_string("denied required"),
          ngx_string("denied optional") }
    };

    return texts[source->denied][source->required ? 1
                                                  : 2 * source->optional];
}


static ngx_int_t
ngx_http_mlist_sources_options(ngx_conf_t *cf,
    ngx_http_mlist_loc_conf_t *mlcf, ngx_array_t *pieces)
{
    size_t                   size;
    ngx_str_t               *piece;
    ngx_uint_t               i;
    ngx_http_mlist_match_t  *match;

    piece = ngx_array_push(pieces);
    if (piece == NULL) {
        return NGX_ERROR;
    }

    size = 4 * NGX_INT_T_LEN + NGX_SIZE_T_LEN + sizeof("t a v m u");

    piece->data = ngx_pnalloc(cf->temp_pool, size);
    if (piece->data == NULL) {
        return NGX_ERROR;
    }

    piece->len = ngx_snprintf(piece->data, size, "t%ui a%i v%i m%uz u%ui",
                              mlcf->type, mlcf->attestations, mlcf->verify,
                              mlcf->max_manifest_size, mlcf->auth)
                 - piece->data;

    if (mlcf->tags == NULL) {
        return NGX_OK;
    }

    match = mlcf->tags->elts;

    for (i = 0; i < mlcf->tags->nelts; i++) {

        piece = ngx_array_push(pieces);
        if (piece == NULL) {
            return NGX_ERROR;
        }

        *piece = match[i].text;
    }

    return NGX_OK;
}

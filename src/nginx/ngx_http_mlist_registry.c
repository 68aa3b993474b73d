/*
 * Registries: what URLs of sources, mlist_push and stores name.  It owns the
 * list of them, and makes nginx resolve their hosts as those of a constant
 * proxy_pass.  It never looks at a request: see ngx_http_mlist_registry.h.
 */

#include "ngx_http_mlist_registry.h"


static ngx_int_t ngx_http_mlist_registry_split(ngx_str_t *text,
    ngx_http_mlist_registry_t *registry);
static ngx_uint_t ngx_http_mlist_registry_host_byte(u_char c);
static void ngx_http_mlist_registry_url(ngx_http_mlist_registry_t *registry,
    ngx_url_t *url);
static ngx_int_t ngx_http_mlist_registry_add(ngx_conf_t *cf,
    ngx_http_mlist_main_conf_t *mcf, ngx_http_mlist_registry_t *registry,
    ngx_uint_t resolve);
static ngx_http_upstream_srv_conf_t *ngx_http_mlist_registry_upstream(
    ngx_conf_t *cf, ngx_http_mlist_registry_t *registry);
static mlist_str_t ngx_http_mlist_registry_bare(ngx_str_t *url);


ngx_http_mlist_registry_t *
ngx_http_mlist_registry_get(ngx_conf_t *cf, ngx_str_t *text,
    ngx_uint_t resolve)
{
    ngx_str_t                   *directive;
    ngx_http_mlist_registry_t   *registry, *known;
    ngx_http_mlist_main_conf_t  *mcf;

    directive = cf->args->elts;

    registry = ngx_http_mlist_registry_parse(cf, text, resolve == 1);
    if (registry == NULL) {
        return NULL;
    }

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_mlist_module);

    known = ngx_http_mlist_registry_known(mcf, registry);

    if (known == NULL) {
        return ngx_http_mlist_registry_add(cf, mcf, registry, resolve == 1)
               == NGX_OK ? registry : NULL;
    }

    if (resolve != NGX_HTTP_MLIST_REGISTRY_EITHER
        && (known->upstream == NULL) != resolve)
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "URL \"%V\" in \"%V\" must have "
                           "\"resolve\" everywhere or nowhere, it is in "
                           "%s:%ui too", text, directive, known->file,
                           known->line);
        return NULL;
    }

    return known;
}


ngx_http_mlist_registry_t *
ngx_http_mlist_registry_parse(ngx_conf_t *cf, ngx_str_t *text,
    ngx_uint_t resolve)
{
    ngx_str_t                  *directive;
    ngx_url_t                   url;
    ngx_http_mlist_registry_t  *registry;

    directive = cf->args->elts;

    registry = ngx_pcalloc(cf->pool, sizeof(ngx_http_mlist_registry_t));
    if (registry == NULL) {
        return NULL;
    }

    if (ngx_http_mlist_registry_split(text, registry) != NGX_OK) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid URL \"%V\" in \"%V\", it must "
                           "be http(s)://host[:port] without user, path, "
                           "query and variables", text, directive);
        return NULL;
    }

#if !(NGX_HTTP_SSL)

    if (registry->ssl) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "URL \"%V\" in \"%V\": https protocol "
                           "requires SSL support", text, directive);
        return NULL;
    }

#endif

    ngx_http_mlist_registry_url(registry, &url);

    if (ngx_parse_url(cf->pool, &url) != NGX_OK || url.family == AF_UNIX) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "%s in URL \"%V\" in \"%V\"",
                           url.err ? url.err : "invalid host", text,
                           directive);
        return NULL;
    }

    if (resolve && url.naddrs) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"resolve\" contradicts the address in URL "
                           "\"%V\" in \"%V\"", text, directive);
        return NULL;
    }

    registry->name = url.host;
    registry->port = url.port;
    registry->no_port = url.no_port;
    registry->file = cf->conf_file->file.name.data;
    registry->line = cf->conf_file->line;

    return registry;
}


/* Sets url, host and ssl.  A single "/" at the end is dropped. */

static ngx_int_t
ngx_http_mlist_registry_split(ngx_str_t *text,
    ngx_http_mlist_registry_t *registry)
{
    size_t      scheme;
    ngx_uint_t  i;

    if (ngx_strncasecmp(text->data, (u_char *) "http://", 7) == 0) {
        scheme = 7;

    } else if (ngx_strncasecmp(text->data, (u_char *) "https://", 8) == 0) {
        scheme = 8;
        registry->ssl = 1;

    } else {
        return NGX_ERROR;
    }

    registry->url = *text;

    if (text->len > scheme && text->data[text->len - 1] == '/') {
        registry->url.len--;
    }

    registry->host.data = registry->url.data + scheme;
    registry->host.len = registry->url.len - scheme;

    for (i = 0; i < registry->host.len; i++) {

        if (!ngx_http_mlist_registry_host_byte(registry->host.data[i])) {
            return NGX_ERROR;
        }
    }

    return registry->host.len ? NGX_OK : NGX_ERROR;
}


static ngx_uint_t
ngx_http_mlist_registry_host_byte(u_char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
           || (c >= '0' && c <= '9')
           || c == '.' || c == '_' || c == '-'
           || c == ':' || c == '[' || c == ']';
}


static void
ngx_http_mlist_registry_url(ngx_http_mlist_registry_t *registry,
    ngx_url_t *url)
{
    ngx_memzero(url, sizeof(ngx_url_t));

    url->url = registry->host;
    url->default_port = registry->ssl ? 443 : 80;
    url->no_resolve = 1;
}


ngx_http_mlist_registry_t *
ngx_http_mlist_registry_known(ngx_http_mlist_main_conf_t *mcf,
    ngx_http_mlist_registry_t *registry)
{
    ngx_uint_t                   i;
    ngx_http_mlist_registry_t  **known;

    known = mcf->registries.elts;

    /* neither schemes nor hosts have a case */

    for (i = 0; i < mcf->registries.nelts; i++) {

        if (mlist_str_caseeq(ngx_http_mlist_view(&known[i]->url),
                             ngx_http_mlist_view(&registry->url)))
        {
            return known[i];
        }
    }

    return NULL;
}


static ngx_int_t
ngx_http_mlist_registry_add(ngx_conf_t *cf, ngx_http_mlist_main_conf_t *mcf,
    ngx_http_mlist_registry_t *registry, ngx_uint_t resolve)
{
    ngx_url_t                    url;
    ngx_http_mlist_registry_t  **slot;

    if (!resolve) {

        /*
         * this is what a constant proxy_pass does; a proxy_pass with a
         * variable then finds the upstream by host and port
         */

        ngx_http_mlist_registry_url(registry, &url);

        registry->upstream = ngx_http_upstream_add(cf, &url, 0);
        if (registry->upstream == NULL) {
            return NGX_ERROR;
        }
    }

    slot = ngx_array_push(&mcf->registries);
    if (slot == NULL) {
        return NGX_ERROR;
    }

    *slot = registry;

    return NGX_OK;
}


ngx_int_t
ngx_http_mlist_registry_check_resolve(ngx_conf_t *cf,
    ngx_http_mlist_main_conf_t *mcf)
{
    ngx_uint_t                      i;
    ngx_http_mlist_registry_t     **registry;
    ngx_http_upstream_srv_conf_t   *uscf;

    registry = mcf->registries.elts;

    for (i = 0; i < mcf->registries.nelts; i++) {

        if (registry[i]->upstream) {
            continue;
        }

        uscf = ngx_http_mlist_registry_upstream(cf, registry[i]);

        if (uscf != NULL) {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "\"resolve\" contradicts the upstream \"%V\" of "
                          "%s:%ui, which is resolved at start, in %s:%ui",
                          &uscf->host, uscf->file_name, uscf->line,
                          registry[i]->file, registry[i]->line);
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/* The upstream that ngx_http_upstream_init_request() would find, or NULL. */

static ngx_http_upstream_srv_conf_t *
ngx_http_mlist_registry_upstream(ngx_conf_t *cf,
    ngx_http_mlist_registry_t *registry)
{
    ngx_uint_t                       i;
    ngx_http_upstream_srv_conf_t   **uscfp;
    ngx_http_upstream_main_conf_t   *umcf;

    umcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_upstream_module);

    uscfp = umcf->upstreams.elts;

    for (i = 0; i < umcf->upstreams.nelts; i++) {

        if (mlist_str_caseeq(ngx_http_mlist_view(&uscfp[i]->host),
                             ngx_http_mlist_view(&registry->name))
            && (uscfp[i]->port == registry->port
                || (uscfp[i]->port == 0 && registry->no_port)))
        {
            return uscfp[i];
        }
    }

    return NULL;
}


ngx_http_mlist_registry_t *
ngx_http_mlist_registry_find(ngx_http_mlist_main_conf_t *mcf, ngx_str_t *url)
{
    mlist_str_t                  bare;
    ngx_uint_t                   i;
    ngx_http_mlist_registry_t  **registry, *found;

    registry = mcf->registries.elts;
    bare = ngx_http_mlist_registry_bare(url);
    found = NULL;

    for (i = 0; i < mcf->registries.nelts; i++) {

        if (!registry[i]->served) {
            continue;
        }

        if (mlist_str_caseeq(ngx_http_mlist_view(&registry[i]->url),
                             ngx_http_mlist_view(url)))
        {
            return registry[i];
        }

        if (found == NULL
            && mlist_str_caseeq(
                          ngx_http_mlist_registry_bare(&registry[i]->url),
                          bare))
        {
            found = registry[i];
        }
    }

    return found;
}


/* Without what may as well not be written. */

static mlist_str_t
ngx_http_mlist_registry_bare(ngx_str_t *url)
{
    mlist_str_t  bare;

    bare = ngx_http_mlist_view(url);

    if (bare.len && bare.data[bare.len - 1] == '/') {
        bare.len--;
    }

    if (bare.len > sizeof("http://:80") - 1
        && ngx_strncasecmp(url->data, (u_char *) "http://", 7) == 0
        && ngx_strncmp(bare.data + bare.len - 3, ":80", 3) == 0)
    {
        bare.len -= 3;

    } else if (bare.len > sizeof("https://:443") - 1
               && ngx_strncasecmp(url->data, (u_char *) "https://", 8) == 0
               && ngx_strncmp(bare.data + bare.len - 4, ":443", 4) == 0)
    {
        bare.len -= 4;
    }

    return bare;
}

/*
 * What the module's sources call of nginx in the test build: each call is
 * counted and may have to fail, before it is made.  None may be made with the
 * zone's mutex held but those on the zone itself.
 */

#include "faults_state.h"

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_crypt.h>

void *mlist_faults_alloc(size_t size, ngx_log_t *log);
void *mlist_faults_ngx_calloc(size_t size, ngx_log_t *log);
ngx_pool_t *mlist_faults_create_pool(size_t size, ngx_log_t *log);
void *mlist_faults_palloc(ngx_pool_t *pool, size_t size);
void *mlist_faults_pnalloc(ngx_pool_t *pool, size_t size);
void *mlist_faults_pcalloc(ngx_pool_t *pool, size_t size);
u_char *mlist_faults_pstrdup(ngx_pool_t *pool, ngx_str_t *s);
ngx_pool_cleanup_t *mlist_faults_pool_cleanup_add(ngx_pool_t *pool,
    size_t size);
ngx_array_t *mlist_faults_array_create(ngx_pool_t *pool, ngx_uint_t n,
    size_t size);
void *mlist_faults_array_push(ngx_array_t *array);
void *mlist_faults_array_push_n(ngx_array_t *array, ngx_uint_t n);
void *mlist_faults_list_push(ngx_list_t *list);
ngx_chain_t *mlist_faults_chain_link(ngx_pool_t *pool);
ngx_buf_t *mlist_faults_temp_buf(ngx_pool_t *pool, size_t size);
ngx_int_t mlist_faults_crypt(ngx_pool_t *pool, u_char *key, u_char *salt,
    u_char **encrypted);
#if (NGX_THREADS)
ngx_int_t mlist_faults_task_post(ngx_thread_pool_t *pool,
    ngx_thread_task_t *task);
#endif
ngx_http_cleanup_t *mlist_faults_cleanup_add(ngx_http_request_t *r,
    size_t size);
ngx_int_t mlist_faults_subrequest(ngx_http_request_t *r, ngx_str_t *uri,
    ngx_str_t *args, ngx_http_request_t **sr, ngx_http_post_subrequest_t *ps,
    ngx_uint_t flags);
ngx_int_t mlist_faults_complex_value(ngx_http_request_t *r,
    ngx_http_complex_value_t *value, ngx_str_t *text);
ngx_int_t mlist_faults_auth_basic_user(ngx_http_request_t *r);
ngx_int_t mlist_faults_read_body(ngx_http_request_t *r,
    ngx_http_client_body_handler_pt handler);
ngx_int_t mlist_faults_discard_body(ngx_http_request_t *r);
ngx_int_t mlist_faults_send_header(ngx_http_request_t *r);
ngx_int_t mlist_faults_output_filter(ngx_http_request_t *r, ngx_chain_t *in);
ngx_resolver_ctx_t *mlist_faults_resolve_start(ngx_resolver_t *resolver,
    ngx_resolver_ctx_t *temp);
ngx_int_t mlist_faults_resolve_name(ngx_resolver_ctx_t *ctx);
ngx_int_t mlist_faults_compile_value(ngx_http_compile_complex_value_t *ccv);
ngx_http_variable_t *mlist_faults_add_variable(ngx_conf_t *cf, ngx_str_t *name,
    ngx_uint_t flags);
ngx_http_upstream_srv_conf_t *mlist_faults_upstream_add(ngx_conf_t *cf,
    ngx_url_t *url, ngx_uint_t flags);
ngx_int_t mlist_faults_parse_url(ngx_pool_t *pool, ngx_url_t *url);
#if (NGX_PCRE)
ngx_int_t mlist_faults_regex_compile(ngx_regex_compile_t *rc);
#endif
ngx_shm_zone_t *mlist_faults_shared_memory_add(ngx_conf_t *cf, ngx_str_t *name,
    size_t size, void *tag);
ngx_int_t mlist_faults_add_path(ngx_conf_t *cf, ngx_path_t **slot);
ngx_int_t mlist_faults_full_name(ngx_cycle_t *cycle, ngx_str_t *name,
    ngx_uint_t conf_prefix);
void *mlist_faults_slab_calloc(ngx_slab_pool_t *pool, size_t size);
void *mlist_faults_slab_alloc_locked(ngx_slab_pool_t *pool, size_t size);
void mlist_faults_slab_free_locked(ngx_slab_pool_t *pool, void *p);
void mlist_faults_lock(ngx_shmtx_t *mutex);
void mlist_faults_unlock(ngx_shmtx_t *mutex);
void mlist_faults_log(ngx_uint_t level, ngx_log_t *log, ngx_err_t err,
    const char *format, ...);


void *
mlist_faults_alloc(size_t size, ngx_log_t *log)
{
    return mlist_faults_hit("ngx_alloc")
           ? NULL : ngx_alloc(size, log);
}


void *
mlist_faults_ngx_calloc(size_t size, ngx_log_t *log)
{
    return mlist_faults_hit("ngx_calloc")
           ? NULL : ngx_calloc(size, log);
}


ngx_pool_t *
mlist_faults_create_pool(size_t size, ngx_log_t *log)
{
    return mlist_faults_hit("ngx_create_pool")
           ? NULL : ngx_create_pool(size, log);
}


void *
mlist_faults_palloc(ngx_pool_t *pool, size_t size)
{
    return mlist_faults_hit("ngx_palloc")
           ? NULL : ngx_palloc(pool, size);
}


void *
mlist_faults_pnalloc(ngx_pool_t *pool, size_t size)
{
    return mlist_faults_hit("ngx_pnalloc")
           ? NULL : ngx_pnalloc(pool, size);
}


void *
mlist_faults_pcalloc(ngx_pool_t *pool, size_t size)
{
    return mlist_faults_hit("ngx_pcalloc")
           ? NULL : ngx_pcalloc(pool, size);
}


u_char *
mlist_faults_pstrdup(ngx_pool_t *pool, ngx_str_t *s)
{
    return mlist_faults_hit("ngx_pstrdup")
           ? NULL : ngx_pstrdup(pool, s);
}


ngx_pool_cleanup_t *
mlist_faults_pool_cleanup_add(ngx_pool_t *pool, size_t size)
{
    return mlist_faults_hit("ngx_pool_cleanup_add")
           ? NULL : ngx_pool_cleanup_add(pool, size);
}


ngx_array_t *
mlist_faults_array_create(ngx_pool_t *pool, ngx_uint_t n, size_t size)
{
    return mlist_faults_hit("ngx_array_create")
           ? NULL : ngx_array_create(pool, n, size);
}


void *
mlist_faults_array_push(ngx_array_t *array)
{
    return mlist_faults_hit("ngx_array_push")
           ? NULL : ngx_array_push(array);
}


void *
mlist_faults_array_push_n(ngx_array_t *array, ngx_uint_t n)
{
    return mlist_faults_hit("ngx_array_push_n")
           ? NULL : ngx_array_push_n(array, n);
}


void *
mlist_faults_list_push(ngx_list_t *list)
{
    return mlist_faults_hit("ngx_list_push")
           ? NULL : ngx_list_push(list);
}


ngx_chain_t *
mlist_faults_chain_link(ngx_pool_t *pool)
{
    return mlist_faults_hit("ngx_alloc_chain_link")
           ? NULL : ngx_alloc_chain_link(pool);
}


ngx_buf_t *
mlist_faults_temp_buf(ngx_pool_t *pool, size_t size)
{
    return mlist_faults_hit("ngx_create_temp_buf")
           ? NULL : ngx_create_temp_buf(pool, size);
}


ngx_int_t
mlist_faults_crypt(ngx_pool_t *pool, u_char *key, u_char *salt,
    u_char **encrypted)
{
    return mlist_faults_hit("ngx_crypt")
           ? NGX_ERROR : ngx_crypt(pool, key, salt, encrypted);
}


#if (NGX_THREADS)

ngx_int_t
mlist_faults_task_post(ngx_thread_pool_t *pool, ngx_thread_task_t *task)
{
    return mlist_faults_hit("ngx_thread_task_post")
           ? NGX_ERROR : ngx_thread_task_post(pool, task);
}

#endif


ngx_http_cleanup_t *
mlist_faults_cleanup_add(ngx_http_request_t *r, size_t size)
{
    return mlist_faults_hit("ngx_http_cleanup_add")
           ? NULL : ngx_http_cleanup_add(r, size);
}


ngx_int_t
mlist_faults_subrequest(ngx_http_request_t *r, ngx_str_t *uri,
    ngx_str_t *args, ngx_http_request_t **sr, ngx_http_post_subrequest_t *ps,
    ngx_uint_t flags)
{
    return mlist_faults_hit("ngx_http_subrequest")
           ? NGX_ERROR : ngx_http_subrequest(r, uri, args, sr, ps, flags);
}


ngx_int_t
mlist_faults_complex_value(ngx_http_request_t *r,
    ngx_http_complex_value_t *value, ngx_str_t *text)
{
    return mlist_faults_hit("ngx_http_complex_value")
           ? NGX_ERROR : ngx_http_complex_value(r, value, text);
}


ngx_int_t
mlist_faults_auth_basic_user(ngx_http_request_t *r)
{
    return mlist_faults_hit("ngx_http_auth_basic_user")
           ? NGX_ERROR : ngx_http_auth_basic_user(r);
}


ngx_int_t
mlist_faults_read_body(ngx_http_request_t *r,
    ngx_http_client_body_handler_pt handler)
{
    return mlist_faults_hit("ngx_http_read_client_request_body")
           ? NGX_HTTP_INTERNAL_SERVER_ERROR
           : ngx_http_read_client_request_body(r, handler);
}


ngx_int_t
mlist_faults_discard_body(ngx_http_request_t *r)
{
    return mlist_faults_hit("ngx_http_discard_request_body")
           ? NGX_HTTP_INTERNAL_SERVER_ERROR : ngx_http_discard_request_body(r);
}


ngx_int_t
mlist_faults_send_header(ngx_http_request_t *r)
{
    return mlist_faults_hit("ngx_http_send_header")
           ? NGX_ERROR : ngx_http_send_header(r);
}


ngx_int_t
mlist_faults_output_filter(ngx_http_request_t *r, ngx_chain_t *in)
{
    return mlist_faults_hit("ngx_http_output_filter")
           ? NGX_ERROR : ngx_http_output_filter(r, in);
}


ngx_resolver_ctx_t *
mlist_faults_resolve_start(ngx_resolver_t *resolver, ngx_resolver_ctx_t *temp)
{
    return mlist_faults_hit("ngx_resolve_start")
           ? NULL : ngx_resolve_start(resolver, temp);
}


ngx_int_t
mlist_faults_resolve_name(ngx_resolver_ctx_t *ctx)
{
    return mlist_faults_hit("ngx_resolve_name")
           ? NGX_ERROR : ngx_resolve_name(ctx);
}


ngx_int_t
mlist_faults_compile_value(ngx_http_compile_complex_value_t *ccv)
{
    return mlist_faults_hit("ngx_http_compile_complex_value")
           ? NGX_ERROR : ngx_http_compile_complex_value(ccv);
}


ngx_http_variable_t *
mlist_faults_add_variable(ngx_conf_t *cf, ngx_str_t *name, ngx_uint_t flags)
{
    return mlist_faults_hit("ngx_http_add_variable")
           ? NULL : ngx_http_add_variable(cf, name, flags);
}


ngx_http_upstream_srv_conf_t *
mlist_faults_upstream_add(ngx_conf_t *cf, ngx_url_t *url, ngx_uint_t flags)
{
    return mlist_faults_hit("ngx_http_upstream_add")
           ? NULL : ngx_http_upstream_add(cf, url, flags);
}


ngx_int_t
mlist_faults_parse_url(ngx_pool_t *pool, ngx_url_t *url)
{
    return mlist_faults_hit("ngx_parse_url")
           ? NGX_ERROR : ngx_parse_url(pool, url);
}


#if (NGX_PCRE)

ngx_int_t
mlist_faults_regex_compile(ngx_regex_compile_t *rc)
{
    return mlist_faults_hit("ngx_regex_compile")
           ? NGX_ERROR : ngx_regex_compile(rc);
}

#endif


ngx_shm_zone_t *
mlist_faults_shared_memory_add(ngx_conf_t *cf, ngx_str_t *name, size_t size,
    void *tag)
{
    return mlist_faults_hit("ngx_shared_memory_add")
           ? NULL : ngx_shared_memory_add(cf, name, size, tag);
}


ngx_int_t
mlist_faults_add_path(ngx_conf_t *cf, ngx_path_t **slot)
{
    return mlist_faults_hit("ngx_add_path")
           ? NGX_ERROR : ngx_add_path(cf, slot);
}


ngx_int_t
mlist_faults_full_name(ngx_cycle_t *cycle, ngx_str_t *name,
    ngx_uint_t conf_prefix)
{
    return mlist_faults_hit("ngx_conf_full_name")
           ? NGX_ERROR : ngx_conf_full_name(cycle, name, conf_prefix);
}


void *
mlist_faults_slab_calloc(ngx_slab_pool_t *pool, size_t size)
{
    return mlist_faults_hit("ngx_slab_calloc")
           ? NULL : ngx_slab_calloc(pool, size);
}


void *
mlist_faults_slab_alloc_locked(ngx_slab_pool_t *pool, size_t size)
{
    return mlist_faults_hit_locked("ngx_slab_alloc_locked")
           ? NULL : ngx_slab_alloc_locked(pool, size);
}


void
mlist_faults_slab_free_locked(ngx_slab_pool_t *pool, void *p)
{
    mlist_faults_freed();

    ngx_slab_free_locked(pool, p);
}


void
mlist_faults_lock(ngx_shmtx_t *mutex)
{
    mlist_faults_unlocked("ngx_shmtx_lock");

    ngx_shmtx_lock(mutex);

    mlist_faults_locked();
}


void
mlist_faults_unlock(ngx_shmtx_t *mutex)
{
    mlist_faults_released();

    ngx_shmtx_unlock(mutex);
}


void
mlist_faults_log(ngx_uint_t level, ngx_log_t *log, ngx_err_t err,
    const char *format, ...)
{
    u_char    text[NGX_MAX_ERROR_STR], *end;
    va_list   args;

    mlist_faults_unlocked("ngx_log_error");

    va_start(args, format);
    end = ngx_vslprintf(text, text + sizeof(text), format, args);
    va_end(args);

    ngx_log_error_core(level, log, err, "%*s", (size_t) (end - text), text);
}

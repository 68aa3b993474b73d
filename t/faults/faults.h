/*
 * The test build's names: what the module's sources call to get memory, or
 * what may fail for want of it, leads to faults_ngx.c and faults_lib.c; the
 * zone's mutex and the error log too, for the lock check.  The compiler
 * (t/faults/cc) includes this before all else, so that the headers of nginx
 * and libc declare the same functions by the new names.  Never part of the
 * product.
 */

#ifndef _MLIST_FAULTS_H_INCLUDED_
#define _MLIST_FAULTS_H_INCLUDED_


#define malloc                           mlist_faults_malloc
#define calloc                           mlist_faults_calloc
#define realloc                          mlist_faults_realloc

#define EVP_MD_CTX_new                   mlist_faults_md_new
#define EVP_DigestInit_ex                mlist_faults_md_init
#define EVP_DigestUpdate                 mlist_faults_md_update
#define EVP_DigestFinal_ex               mlist_faults_md_final
#define RAND_bytes                       mlist_faults_rand

#define ngx_alloc                        mlist_faults_alloc
#define ngx_calloc                       mlist_faults_ngx_calloc
#define ngx_create_pool                  mlist_faults_create_pool
#define ngx_palloc                       mlist_faults_palloc
#define ngx_pnalloc                      mlist_faults_pnalloc
#define ngx_pcalloc                      mlist_faults_pcalloc
#define ngx_pstrdup                      mlist_faults_pstrdup
#define ngx_pool_cleanup_add             mlist_faults_pool_cleanup_add
#define ngx_array_create                 mlist_faults_array_create
#define ngx_array_push                   mlist_faults_array_push
#define ngx_array_push_n                 mlist_faults_array_push_n
#define ngx_list_push                    mlist_faults_list_push
#define ngx_alloc_chain_link             mlist_faults_chain_link
#define ngx_create_temp_buf              mlist_faults_temp_buf
#define ngx_crypt                        mlist_faults_crypt
#define ngx_thread_task_post             mlist_faults_task_post

#define ngx_http_cleanup_add             mlist_faults_cleanup_add
#define ngx_http_subrequest              mlist_faults_subrequest
#define ngx_http_complex_value           mlist_faults_complex_value
#define ngx_http_auth_basic_user         mlist_faults_auth_basic_user
#define ngx_http_read_client_request_body  mlist_faults_read_body
#define ngx_http_discard_request_body    mlist_faults_discard_body
#define ngx_http_send_header             mlist_faults_send_header
#define ngx_http_output_filter           mlist_faults_output_filter
#define ngx_resolve_start                mlist_faults_resolve_start
#define ngx_resolve_name                 mlist_faults_resolve_name

#define ngx_http_compile_complex_value   mlist_faults_compile_value
#define ngx_http_add_variable            mlist_faults_add_variable
#define ngx_http_upstream_add            mlist_faults_upstream_add
#define ngx_parse_url                    mlist_faults_parse_url
#define ngx_regex_compile                mlist_faults_regex_compile
#define ngx_shared_memory_add            mlist_faults_shared_memory_add
#define ngx_add_path                     mlist_faults_add_path
#define ngx_conf_full_name               mlist_faults_full_name

#define ngx_slab_calloc                  mlist_faults_slab_calloc
#define ngx_slab_alloc_locked            mlist_faults_slab_alloc_locked
#define ngx_slab_free_locked             mlist_faults_slab_free_locked
#define ngx_shmtx_lock                   mlist_faults_lock
#define ngx_shmtx_unlock                 mlist_faults_unlock
#define ngx_log_error_core               mlist_faults_log


#endif /* _MLIST_FAULTS_H_INCLUDED_ */

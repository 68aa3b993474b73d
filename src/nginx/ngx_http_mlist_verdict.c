/*
 * A verdict, what a flight found out: see ngx_http_mlist_verdict.h.
 */


#include "ngx_http_mlist_verdict.h"


#define NGX_HTTP_MLIST_VERDICT_POOL  1024


static void ngx_http_mlist_verdict_cleanup(void *data);


ngx_http_mlist_verdict_t *
ngx_http_mlist_verdict_create(ngx_log_t *log)
{
    ngx_pool_t                *pool;
    ngx_http_mlist_verdict_t  *verdict;

    pool = ngx_create_pool(NGX_HTTP_MLIST_VERDICT_POOL, log);
    if (pool == NULL) {
        return NULL;
    }

    verdict = ngx_pcalloc(pool, sizeof(ngx_http_mlist_verdict_t));
    if (verdict == NULL) {
        ngx_destroy_pool(pool);
        return NULL;
    }

    /* the request that is at it now may be the first to go */

    pool->log = ngx_cycle->log;

    verdict->pool = pool;
    verdict->refs = 1;

    return verdict;
}


ngx_int_t
ngx_http_mlist_verdict_copy(ngx_http_mlist_verdict_t *verdict, ngx_str_t *dst,
    ngx_str_t *src)
{
    dst->len = 0;
    dst->data = NULL;

    if (src->len == 0) {
        return NGX_OK;
    }

    dst->data = ngx_pstrdup(verdict->pool, src);
    if (dst->data == NULL) {
        return NGX_ERROR;
    }

    dst->len = src->len;

    return NGX_OK;
}


ngx_int_t
ngx_http_mlist_verdict_copy_doc(ngx_http_mlist_verdict_t *verdict,
    ngx_http_mlist_doc_t *doc)
{
    verdict->doc.type = doc->type;

    if (ngx_http_mlist_verdict_copy(verdict, &verdict->doc.digest,
                                    &doc->digest)
        != NGX_OK
        || ngx_http_mlist_verdict_copy(verdict, &verdict->doc.platforms,
                                       &doc->platforms)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_mlist_verdict_copy(verdict, &verdict->doc.body,
                                       &doc->body);
}


ngx_int_t
ngx_http_mlist_verdict_copy_failure(ngx_http_mlist_verdict_t *verdict,
    ngx_http_mlist_failure_t *failure)
{
    verdict->failure = *failure;

    if (ngx_http_mlist_verdict_copy(verdict, &verdict->failure.detail,
                                    &failure->detail)
        != NGX_OK
        || ngx_http_mlist_verdict_copy(verdict, &verdict->failure.challenges,
                                       &failure->challenges)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_mlist_verdict_copy(verdict, &verdict->failure.retry_after,
                                       &failure->retry_after);
}


ngx_int_t
ngx_http_mlist_verdict_hold(ngx_http_mlist_verdict_t *verdict,
    ngx_pool_t *pool)
{
    ngx_pool_cleanup_t  *cln;

    cln = ngx_pool_cleanup_add(pool, 0);
    if (cln == NULL) {
        return NGX_ERROR;
    }

    cln->handler = ngx_http_mlist_verdict_cleanup;
    cln->data = verdict;

    verdict->refs++;

    return NGX_OK;
}


void
ngx_http_mlist_verdict_release(ngx_http_mlist_verdict_t *verdict)
{
    if (--verdict->refs == 0) {
        ngx_destroy_pool(verdict->pool);
    }
}


static void
ngx_http_mlist_verdict_cleanup(void *data)
{
    ngx_http_mlist_verdict_release(data);
}

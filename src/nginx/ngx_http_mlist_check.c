/*
 * Password checks: it owns the checks under way in this worker and who waits
 * for them.  A check belongs to no request: it has a pool of its own, and
 * waiters leave it by a cleanup of their request.  Called by auth.
 */

#include "ngx_http_mlist_check.h"
#include "ngx_http_mlist_thread.h"
#include "ngx_http_mlist_zone.h"

#include <ngx_crypt.h>
#include <openssl/crypto.h>


#define NGX_HTTP_MLIST_CHECK_QUEUE      32
#define NGX_HTTP_MLIST_CHECK_NEGATIVE   10     /* seconds */


struct ngx_http_mlist_checks_s {
    ngx_http_mlist_thread_t       *thread;
    ngx_queue_t                    queue;      /* of ngx_http_mlist_check_t */
};


typedef struct {
    ngx_queue_t                    queue;
    ngx_queue_t                    waiters;    /* of ..._waiter_t */
    ngx_pool_t                    *pool;
    ngx_http_mlist_zone_t         *zone;
    ngx_http_mlist_credentials_t   c;
    ngx_int_t                      rc;         /* as of the whole room;
                                                NGX_ABORT: no hash that
                                                crypt() knows */
} ngx_http_mlist_check_t;


typedef struct {
    ngx_queue_t                    queue;
    ngx_http_request_t            *request;
    ngx_uint_t                     waiting;    /* unsigned  waiting:1; */
    u_char                         key[NGX_HTTP_MLIST_KEY_SIZE];
    ngx_int_t                      rc;
} ngx_http_mlist_waiter_t;


static ngx_http_mlist_waiter_t *ngx_http_mlist_check_waiter(
    ngx_http_request_t *r, u_char *key);
static ngx_int_t ngx_http_mlist_check_remembered(ngx_http_request_t *r,
    ngx_http_mlist_zone_t *zone, u_char *key);
static ngx_http_mlist_check_t *ngx_http_mlist_check_running(
    ngx_http_mlist_checks_t *checks, u_char *key);
static ngx_int_t ngx_http_mlist_check_start(ngx_http_mlist_checks_t *checks,
    ngx_http_mlist_zone_t *zone, ngx_http_mlist_credentials_t *c,
    ngx_http_mlist_check_t **started);
static ngx_http_mlist_check_t *ngx_http_mlist_check_create(
    ngx_http_mlist_zone_t *zone, ngx_http_mlist_credentials_t *c);
static ngx_int_t ngx_http_mlist_check_copy(ngx_pool_t *pool, ngx_str_t *to,
    ngx_str_t *from);
static void ngx_http_mlist_check_destroy(ngx_http_mlist_check_t *check);
static void ngx_http_mlist_check_run(void *data);
static void ngx_http_mlist_check_done(ngx_http_request_t *r, void *data);
static ngx_int_t ngx_http_mlist_check_finish(ngx_http_mlist_check_t *check);
static ngx_int_t ngx_http_mlist_check_wait(ngx_http_request_t *r,
    ngx_http_mlist_check_t *check);
static void ngx_http_mlist_check_leave(void *data);
static ngx_int_t ngx_http_mlist_check_suspend(ngx_http_request_t *r);
static void ngx_http_mlist_check_resume(ngx_http_request_t *r);


/* Level 0: silent.  A thread must not log by a log of a connection. */
static ngx_log_t  ngx_http_mlist_check_log;

static ngx_str_t  ngx_http_mlist_check_pool = ngx_string("mlist_auth");


ngx_http_mlist_checks_t *
ngx_http_mlist_check_add(ngx_conf_t *cf)
{
    ngx_http_mlist_checks_t     *checks;
    ngx_http_mlist_main_conf_t  *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_mlist_module);

    if (mcf->checks) {
        return mcf->checks;
    }

    checks = ngx_pcalloc(cf->pool, sizeof(ngx_http_mlist_checks_t));
    if (checks == NULL) {
        return NULL;
    }

    ngx_queue_init(&checks->queue);

    checks->thread = ngx_http_mlist_thread_add(cf, &ngx_http_mlist_check_pool,
                                               NGX_HTTP_MLIST_CHECK_QUEUE);
    if (checks->thread == NULL) {
        return NULL;
    }

    mcf->checks = checks;

    return checks;
}


ngx_int_t
ngx_http_mlist_check(ngx_http_request_t *r, ngx_http_mlist_checks_t *checks,
    ngx_http_mlist_zone_t *zone, ngx_http_mlist_credentials_t *c)
{
    ngx_int_t                 rc;
    ngx_http_mlist_check_t   *check;
    ngx_http_mlist_waiter_t  *waiter;

    /* the zone may be too full to remember what was waited for */

    waiter = ngx_http_mlist_check_waiter(r, c->key);
    if (waiter) {
        return waiter->waiting ? NGX_AGAIN : waiter->rc;
    }

    rc = ngx_http_mlist_check_remembered(r, zone, c->key);
    if (rc != NGX_DONE) {
        return rc;
    }

    check = ngx_http_mlist_check_running(checks, c->key);

    if (check == NULL) {
        rc = ngx_http_mlist_check_start(checks, zone, c, &check);
        if (check == NULL) {
            return rc;
        }
    }

    return ngx_http_mlist_check_wait(r, check);
}


static ngx_http_mlist_waiter_t *
ngx_http_mlist_check_waiter(ngx_http_request_t *r, u_char *key)
{
    ngx_http_cleanup_t       *cln;
    ngx_http_mlist_waiter_t  *waiter;

    for (cln = r->main->cleanup; cln; cln = cln->next) {

        if (cln->handler != ngx_http_mlist_check_leave) {
            continue;
        }

        waiter = cln->data;

        if (CRYPTO_memcmp(waiter->key, key, NGX_HTTP_MLIST_KEY_SIZE) == 0) {
            return waiter;
        }
    }

    return NULL;
}


/* NGX_DONE: nothing is remembered. */

static ngx_int_t
ngx_http_mlist_check_remembered(ngx_http_request_t *r,
    ngx_http_mlist_zone_t *zone, u_char *key)
{
    ngx_int_t  rc;
    ngx_str_t  value;

    rc = ngx_http_mlist_zone_get(zone, NGX_HTTP_MLIST_ZONE_USER, key, r->pool,
                                 &value);
    if (rc != NGX_DECLINED) {
        return rc;
    }

    rc = ngx_http_mlist_zone_get(zone, NGX_HTTP_MLIST_ZONE_NEGATIVE, key,
                                 r->pool, &value);
    if (rc == NGX_OK) {
        return NGX_DECLINED;
    }

    return (rc == NGX_DECLINED) ? NGX_DONE : rc;
}


static ngx_http_mlist_check_t *
ngx_http_mlist_check_running(ngx_http_mlist_checks_t *checks, u_char *key)
{
    ngx_queue_t             *q;
    ngx_http_mlist_check_t  *check;

    for (q = ngx_queue_head(&checks->queue);
         q != ngx_queue_sentinel(&checks->queue);
         q = ngx_queue_next(q))
    {
        check = ngx_queue_data(q, ngx_http_mlist_check_t, queue);

        if (CRYPTO_memcmp(check->c.key, key, NGX_HTTP_MLIST_KEY_SIZE) == 0) {
            return check;
        }
    }

    return NULL;
}


static ngx_int_t
ngx_http_mlist_check_start(ngx_http_mlist_checks_t *checks,
    ngx_http_mlist_zone_t *zone, ngx_http_mlist_credentials_t *c,
    ngx_http_mlist_check_t **started)
{
    ngx_int_t                rc;
    ngx_http_mlist_task_t    task;
    ngx_http_mlist_check_t  *check;

    check = ngx_http_mlist_check_create(zone, c);
    if (check == NULL) {
        return NGX_ERROR;
    }

    task.run = ngx_http_mlist_check_run;
    task.done = ngx_http_mlist_check_done;
    task.data = check;

    rc = ngx_http_mlist_thread_post(checks->thread, NULL, &task);

    if (rc == NGX_AGAIN) {
        ngx_queue_insert_tail(&checks->queue, &check->queue);
        *started = check;
        return NGX_AGAIN;
    }

    if (rc == NGX_OK) {
        rc = ngx_http_mlist_check_finish(check);
    }

    ngx_http_mlist_check_destroy(check);

    return rc;
}


static ngx_http_mlist_check_t *
ngx_http_mlist_check_create(ngx_http_mlist_zone_t *zone,
    ngx_http_mlist_credentials_t *c)
{
    ngx_pool_t              *pool;
    ngx_http_mlist_check_t  *check;

    pool = ngx_create_pool(NGX_DEFAULT_POOL_SIZE, &ngx_http_mlist_check_log);
    if (pool == NULL) {
        return NULL;
    }

    check = ngx_pcalloc(pool, sizeof(ngx_http_mlist_check_t));
    if (check == NULL) {
        ngx_destroy_pool(pool);
        return NULL;
    }

    ngx_queue_init(&check->waiters);

    check->pool = pool;
    check->zone = zone;
    check->c = *c;
    check->rc = NGX_ERROR;

    if (ngx_http_mlist_check_copy(pool, &check->c.hash, &c->hash) != NGX_OK
        || ngx_http_mlist_check_copy(pool, &check->c.password, &c->password)
           != NGX_OK)
    {
        ngx_destroy_pool(pool);
        return NULL;
    }

    return check;
}


static ngx_int_t
ngx_http_mlist_check_copy(ngx_pool_t *pool, ngx_str_t *to, ngx_str_t *from)
{
    to->data = ngx_pnalloc(pool, from->len + 1);
    if (to->data == NULL) {
        return NGX_ERROR;
    }

    (void) ngx_cpystrn(to->data, from->data, from->len + 1);

    return NGX_OK;
}


static void
ngx_http_mlist_check_destroy(ngx_http_mlist_check_t *check)
{
    ngx_explicit_memzero(check->c.password.data, check->c.password.len);
    ngx_explicit_memzero(check->c.hash.data, check->c.hash.len);

    ngx_destroy_pool(check->pool);
}


/* Runs in the thread. */

static void
ngx_http_mlist_check_run(void *data)
{
    ngx_http_mlist_check_t *check = data;

    size_t      len;
    u_char     *encrypted;
    ngx_uint_t  equal;

    ngx_set_errno(0);

    if (ngx_crypt(check->pool, check->c.password.data, check->c.hash.data,
                  &encrypted)
        != NGX_OK)
    {
        check->rc = (ngx_errno == NGX_EINVAL) ? NGX_ABORT : NGX_ERROR;
        return;
    }

    len = ngx_strlen(encrypted);

    equal = len == check->c.hash.len
            && CRYPTO_memcmp(encrypted, check->c.hash.data, len) == 0;

    check->rc = (equal && check->c.known) ? NGX_OK : NGX_DECLINED;

    ngx_explicit_memzero(encrypted, len);
}


static void
ngx_http_mlist_check_done(ngx_http_request_t *none, void *data)
{
    ngx_http_mlist_check_t *check = data;

    ngx_int_t                 rc;
    ngx_queue_t              *q;
    ngx_connection_t         *c;
    ngx_http_request_t       *r;
    ngx_http_mlist_waiter_t  *waiter;

    rc = ngx_http_mlist_check_finish(check);

    ngx_queue_remove(&check->queue);

    while (!ngx_queue_empty(&check->waiters)) {

        q = ngx_queue_head(&check->waiters);
        waiter = ngx_queue_data(q, ngx_http_mlist_waiter_t, queue);

        /*
         * clang-analyzer-core.NullDereference is mistaken: what is removed is
         * not the queue's head again
         */

        ngx_queue_remove(q);

        waiter->waiting = 0;
        waiter->rc = rc;

        r = waiter->request;
        c = r->connection;

        ngx_http_set_log_request(c->log, r);

        ngx_http_mlist_check_resume(r);
        ngx_http_run_posted_requests(c);
    }

    ngx_http_mlist_check_destroy(check);
}


/* Remembers what came out, and gives it. */

static ngx_int_t
ngx_http_mlist_check_finish(ngx_http_mlist_check_t *check)
{
    time_t                      ttl;
    ngx_str_t                   value;
    ngx_http_mlist_zone_kind_e  kind;

    switch (check->rc) {

    case NGX_ERROR:
        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                      "mlist_htpasswd: no memory for crypt()");
        return NGX_ERROR;

    case NGX_ABORT:
        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                      "crypt() failed: a hash in an htpasswd file is of "
                      "a kind that this system does not know");
        return NGX_DECLINED;
    }

    if (check->rc == NGX_OK) {
        kind = NGX_HTTP_MLIST_ZONE_USER;
        ttl = check->c.valid;

    } else {
        kind = NGX_HTTP_MLIST_ZONE_NEGATIVE;
        ttl = ngx_min(check->c.valid, NGX_HTTP_MLIST_CHECK_NEGATIVE);
    }

    /* for the zone, 0 is for ever */

    if (ttl > 0) {
        ngx_str_set(&value, "1");
        (void) ngx_http_mlist_zone_set(check->zone, kind, check->c.key,
                                       &value, 1, ttl);
    }

    return check->rc;
}


static ngx_int_t
ngx_http_mlist_check_wait(ngx_http_request_t *r,
    ngx_http_mlist_check_t *check)
{
    ngx_http_cleanup_t       *cln;
    ngx_http_mlist_waiter_t  *waiter;

    cln = ngx_http_cleanup_add(r, sizeof(ngx_http_mlist_waiter_t));
    if (cln == NULL) {
        return NGX_ERROR;
    }

    waiter = cln->data;
    waiter->request = r;
    waiter->waiting = 0;
    waiter->rc = NGX_ERROR;
    ngx_memcpy(waiter->key, check->c.key, NGX_HTTP_MLIST_KEY_SIZE);

    cln->handler = ngx_http_mlist_check_leave;

    if (ngx_http_mlist_check_suspend(r) != NGX_OK) {
        return NGX_ERROR;
    }

    waiter->waiting = 1;
    ngx_queue_insert_tail(&check->waiters, &waiter->queue);

    return NGX_AGAIN;
}


static void
ngx_http_mlist_check_leave(void *data)
{
    ngx_http_mlist_waiter_t *waiter = data;

    if (waiter->waiting) {
        ngx_queue_remove(&waiter->queue);
        waiter->waiting = 0;
    }
}


/* A client that leaves while it waits is to be noticed. */

static ngx_int_t
ngx_http_mlist_check_suspend(ngx_http_request_t *r)
{
    ngx_event_t  *rev;

    rev = r->connection->read;

    if (rev->ready) {
        ngx_post_event(rev, &ngx_posted_events);

    } else if (ngx_handle_read_event(rev, 0) != NGX_OK) {
        return NGX_ERROR;
    }

    r->read_event_handler = ngx_http_test_reading;
    r->write_event_handler = ngx_http_request_empty_handler;

    return NGX_OK;
}


static void
ngx_http_mlist_check_resume(ngx_http_request_t *r)
{
    if (ngx_handle_read_event(r->connection->read, 0) != NGX_OK) {
        ngx_http_finalize_request(r, NGX_HTTP_INTERNAL_SERVER_ERROR);
        return;
    }

    r->read_event_handler = ngx_http_block_reading;
    r->write_event_handler = ngx_http_core_run_phases;

    ngx_http_core_run_phases(r);
}

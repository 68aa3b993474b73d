/*
 * Tokens: see ngx_http_mlist_token.h.
 */


#include "ngx_http_mlist_token.h"
#include "ngx_http_mlist_token_zone.h"


#define NGX_HTTP_MLIST_TOKEN_POLL  50      /* milliseconds between looks */


/* What is to be had, and who wants it. */
struct ngx_http_mlist_token_task_s {
    ngx_str_node_t                  node;  /* in the table, by "key" */
    u_char                          key[NGX_HTTP_MLIST_KEY_SIZE];
    ngx_pool_t                     *pool;  /* owns the task too */
    ngx_queue_t                     waits; /* of
                                              ngx_http_mlist_token_wait_t */
    ngx_http_mlist_service_ask_t    ask;
    ngx_http_mlist_zone_t          *zone;

    ngx_http_request_t             *owner; /* who fetches; NULL: nobody */
    ngx_http_cleanup_t             *cleanup;   /* of the owner */
    ngx_event_t                     event;
    ngx_http_mlist_token_result_t   result;
    unsigned                        claimed:1;
    unsigned                        ended:1;
};


static ngx_http_mlist_token_task_t *ngx_http_mlist_token_find(u_char *key);
static ngx_http_mlist_token_task_t *ngx_http_mlist_token_create(
    ngx_http_mlist_token_wait_t *wait, u_char *key);
static ngx_int_t ngx_http_mlist_token_copy(ngx_pool_t *pool, ngx_str_t *to,
    ngx_str_t *from);
static void ngx_http_mlist_token_left(void *data);
static void ngx_http_mlist_token_event(ngx_event_t *ev);
static void ngx_http_mlist_token_begin(ngx_http_mlist_token_task_t *task);
static ngx_int_t ngx_http_mlist_token_carry(
    ngx_http_mlist_token_task_t *task, ngx_http_request_t *r);
static void ngx_http_mlist_token_lost(void *data);
static void ngx_http_mlist_token_fetched(ngx_http_request_t *r,
    ngx_http_mlist_fetch_t *fetch);
static void ngx_http_mlist_token_read(ngx_http_request_t *r,
    ngx_http_mlist_token_task_t *task, ngx_http_mlist_fetch_t *fetch);
static void ngx_http_mlist_token_end(ngx_http_mlist_token_task_t *task);
static void ngx_http_mlist_token_deliver(ngx_http_mlist_token_task_t *task);
static void ngx_http_mlist_token_remove(ngx_http_mlist_token_task_t *task);


/* What is being had in this worker. */

static ngx_rbtree_t       ngx_http_mlist_token_tasks;
static ngx_rbtree_node_t  ngx_http_mlist_token_sentinel;


ngx_int_t
ngx_http_mlist_token_wait(ngx_http_mlist_token_wait_t *wait)
{
    u_char                        key[NGX_HTTP_MLIST_KEY_SIZE];
    ngx_http_cleanup_t           *cln;
    ngx_http_mlist_token_task_t  *task;

    cln = ngx_http_cleanup_add(wait->request, 0);
    if (cln == NULL) {
        return NGX_ERROR;
    }

    ngx_http_mlist_token_key(wait->request, &wait->ask, key);

    task = ngx_http_mlist_token_find(key);

    if (task == NULL) {
        task = ngx_http_mlist_token_create(wait, key);
        if (task == NULL) {
            return NGX_ERROR;
        }

        /* it begins in an event of its own, like all that is woken later */

        ngx_post_event(&task->event, &ngx_posted_events);
    }

    cln->handler = ngx_http_mlist_token_left;
    cln->data = wait;

    task->ask.upload |= wait->ask.upload;

    wait->task = task;
    ngx_queue_insert_tail(&task->waits, &wait->queue);

    return NGX_AGAIN;
}


static ngx_http_mlist_token_task_t *
ngx_http_mlist_token_find(u_char *key)
{
    ngx_str_t        name;
    ngx_str_node_t  *node;

    if (ngx_http_mlist_token_tasks.root == NULL) {
        ngx_rbtree_init(&ngx_http_mlist_token_tasks,
                        &ngx_http_mlist_token_sentinel,
                        ngx_str_rbtree_insert_value);
    }

    name.data = key;
    name.len = NGX_HTTP_MLIST_KEY_SIZE;

    node = ngx_str_rbtree_lookup(&ngx_http_mlist_token_tasks, &name,
                                 ngx_crc32_short(name.data, name.len));

    return node ? ngx_rbtree_data(&node->node, ngx_http_mlist_token_task_t,
                                  node.node)
                : NULL;
}


static ngx_http_mlist_token_task_t *
ngx_http_mlist_token_create(ngx_http_mlist_token_wait_t *wait, u_char *key)
{
    ngx_pool_t                   *pool;
    ngx_http_mlist_loc_conf_t    *mlcf;
    ngx_http_mlist_token_task_t  *task;

    mlcf = ngx_http_get_module_loc_conf(wait->request, ngx_http_mlist_module);

    pool = ngx_create_pool(NGX_DEFAULT_POOL_SIZE, ngx_cycle->log);
    if (pool == NULL) {
        return NULL;
    }

    task = ngx_pcalloc(pool, sizeof(ngx_http_mlist_token_task_t));

    if (task) {
        task->ask = wait->ask;
    }

    if (task == NULL
        || ngx_http_mlist_token_copy(pool, &task->ask.basic, &wait->ask.basic)
           != NGX_OK
        || ngx_http_mlist_token_copy(pool, &task->ask.scope, &wait->ask.scope)
           != NGX_OK)
    {
        ngx_destroy_pool(pool);
        return NULL;
    }

    task->pool = pool;
    task->zone = mlcf->main->zone;
    ngx_queue_init(&task->waits);

    task->event.handler = ngx_http_mlist_token_event;
    task->event.data = task;
    task->event.log = ngx_cycle->log;

    ngx_memcpy(task->key, key, NGX_HTTP_MLIST_KEY_SIZE);

    task->node.str.data = task->key;
    task->node.str.len = NGX_HTTP_MLIST_KEY_SIZE;
    task->node.node.key = ngx_crc32_short(key, NGX_HTTP_MLIST_KEY_SIZE);

    ngx_rbtree_insert(&ngx_http_mlist_token_tasks, &task->node.node);

    return task;
}


static ngx_int_t
ngx_http_mlist_token_copy(ngx_pool_t *pool, ngx_str_t *to, ngx_str_t *from)
{
    to->len = from->len;
    to->data = ngx_pnalloc(pool, from->len + 1);
    if (to->data == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(to->data, from->data, from->len);

    return NGX_OK;
}


/* One who waits has been ended by nginx. */

static void
ngx_http_mlist_token_left(void *data)
{
    ngx_http_mlist_token_wait_t *wait = data;

    ngx_http_mlist_token_task_t  *task;

    task = wait->task;

    if (task == NULL) {
        return;
    }

    ngx_queue_remove(&wait->queue);
    wait->task = NULL;

    if (ngx_queue_empty(&task->waits) && task->owner == NULL && !task->ended)
    {
        ngx_http_mlist_token_remove(task);
    }
}


static void
ngx_http_mlist_token_event(ngx_event_t *ev)
{
    ngx_http_mlist_token_task_t *task = ev->data;

    if (task->ended) {
        ngx_http_mlist_token_deliver(task);
        return;
    }

    if (task->owner == NULL) {
        ngx_http_mlist_token_begin(task);
    }
}


/* The first of those who wait fetches, if no other worker does. */

static void
ngx_http_mlist_token_begin(ngx_http_mlist_token_task_t *task)
{
    ngx_int_t                     rc;
    ngx_str_t                     token;
    ngx_queue_t                  *q;
    ngx_http_request_t           *r;
    ngx_http_mlist_token_wait_t  *wait;

    if (ngx_queue_empty(&task->waits)) {
        ngx_http_mlist_token_remove(task);
        return;
    }

    q = ngx_queue_head(&task->waits);
    wait = ngx_queue_data(q, ngx_http_mlist_token_wait_t, queue);
    r = wait->request;

    ngx_http_set_log_request(r->connection->log, r);

    if (!task->claimed) {

        /* another worker may have had it before this one could claim it */

        rc = ngx_http_mlist_token_claim(task->zone, task->key);
        task->claimed = (rc != NGX_BUSY);

        if (ngx_http_mlist_token_known(r, &task->ask, &task->result)
            == NGX_OK)
        {
            token = task->result.token;

            task->result.rc = ngx_http_mlist_token_copy(task->pool,
                                                  &task->result.token,
                                                  &token);
            ngx_http_mlist_token_end(task);
            return;
        }

        if (!task->claimed) {
            ngx_add_timer(&task->event, NGX_HTTP_MLIST_TOKEN_POLL);
            return;
        }
    }

    rc = ngx_http_mlist_token_carry(task, r);

    if (rc == NGX_OK) {
        ngx_http_run_posted_requests(r->connection);
        return;
    }

    /* the way may be another one by now */

    ngx_http_mlist_token_unlearn(r, &task->ask);

    task->result.rc = rc;
    ngx_http_mlist_token_end(task);
}


static ngx_int_t
ngx_http_mlist_token_carry(ngx_http_mlist_token_task_t *task,
    ngx_http_request_t *r)
{
    ngx_int_t                rc;
    ngx_http_cleanup_t      *cln;
    ngx_http_mlist_fetch_t  *fetch;

    fetch = ngx_pcalloc(r->pool, sizeof(ngx_http_mlist_fetch_t));
    cln = ngx_http_cleanup_add(r, 0);
    if (fetch == NULL || cln == NULL) {
        return NGX_ERROR;
    }

    rc = ngx_http_mlist_service_aim(r, &task->ask, fetch, &task->result.fail);

    if (rc != NGX_OK) {
        return rc;
    }

    fetch->done = ngx_http_mlist_token_fetched;
    fetch->data = task;

    if (ngx_http_mlist_fetch_start(r, fetch) != NGX_OK) {
        return NGX_ERROR;
    }

    cln->handler = ngx_http_mlist_token_lost;
    cln->data = task;

    task->owner = r;
    task->cleanup = cln;

    return NGX_OK;
}


/* The owner has been ended by nginx, and the fetch with it. */

static void
ngx_http_mlist_token_lost(void *data)
{
    ngx_http_mlist_token_task_t *task = data;

    task->owner = NULL;
    task->cleanup = NULL;

    if (!task->event.posted) {
        ngx_post_event(&task->event, &ngx_posted_events);
    }
}


static void
ngx_http_mlist_token_fetched(ngx_http_request_t *r,
    ngx_http_mlist_fetch_t *fetch)
{
    ngx_http_mlist_token_task_t *task = fetch->data;

    task->cleanup->handler = NULL;
    task->owner = NULL;

    ngx_http_mlist_token_read(r, task, fetch);
    ngx_http_mlist_token_end(task);
}


static void
ngx_http_mlist_token_read(ngx_http_request_t *r,
    ngx_http_mlist_token_task_t *task, ngx_http_mlist_fetch_t *fetch)
{
    time_t                          life;
    ngx_str_t                       token, retry_after;
    ngx_http_mlist_token_result_t  *result;

    result = &task->result;

    if (task->ask.token) {
        result->rc = ngx_http_mlist_service_token(r, &task->ask, fetch,
                                                  &token, &life,
                                                  &result->fail);

        if (result->rc == NGX_OK) {
            result->rc = ngx_http_mlist_token_copy(task->pool, &result->token,
                                                   &token);
            ngx_http_mlist_token_keep(task->zone, task->key, &token, life);

        } else {
            ngx_http_mlist_token_unlearn(r, &task->ask);
        }

    } else {
        result->rc = ngx_http_mlist_service_way(r, &task->ask, fetch,
                                                &result->way, &result->fail);

        if (result->rc == NGX_OK) {
            ngx_http_mlist_token_learn(task->zone, task->key, &result->way);
        }
    }

    if (result->rc == NGX_DECLINED && result->fail.retry_after.len) {
        retry_after = result->fail.retry_after;

        if (ngx_http_mlist_token_copy(task->pool, &result->fail.retry_after,
                                      &retry_after)
            != NGX_OK)
        {
            ngx_str_null(&result->fail.retry_after);
        }
    }
}


/* Nobody joins any more; those who wait are told in an event of its own. */

static void
ngx_http_mlist_token_end(ngx_http_mlist_token_task_t *task)
{
    if (task->claimed) {
        ngx_http_mlist_token_release(task->zone, task->key);
    }

    task->ended = 1;

    ngx_rbtree_delete(&ngx_http_mlist_token_tasks, &task->node.node);

    ngx_post_event(&task->event, &ngx_posted_events);
}


static void
ngx_http_mlist_token_deliver(ngx_http_mlist_token_task_t *task)
{
    ngx_queue_t                  *q;
    ngx_connection_t             *c;
    ngx_http_mlist_token_wait_t  *wait;

    /* whoever is told may end others who wait */

    while (!ngx_queue_empty(&task->waits)) {
        q = ngx_queue_head(&task->waits);
        wait = ngx_queue_data(q, ngx_http_mlist_token_wait_t, queue);

        ngx_queue_remove(q);
        wait->task = NULL;

        c = wait->request->connection;
        ngx_http_set_log_request(c->log, wait->request);

        wait->done(wait, &task->result);

        ngx_http_run_posted_requests(c);
    }

    ngx_destroy_pool(task->pool);
}


/* A task that nobody waits for, and that nobody fetches for. */

static void
ngx_http_mlist_token_remove(ngx_http_mlist_token_task_t *task)
{
    if (task->claimed) {
        ngx_http_mlist_token_release(task->zone, task->key);
    }

    if (task->event.timer_set) {
        ngx_del_timer(&task->event);
    }

    if (task->event.posted) {
        ngx_delete_posted_event(&task->event);
    }

    ngx_rbtree_delete(&ngx_http_mlist_token_tasks, &task->node.node);
    ngx_destroy_pool(task->pool);
}

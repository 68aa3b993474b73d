/*
 * Work off the event loop: it owns the module's thread pools and the jobs in
 * them.  It never runs a task's done() in a thread, nor wakes a request that
 * was terminated while its task ran.  Called by check and store.
 */

#include "ngx_http_mlist_thread.h"

#if (NGX_THREADS)
#include <ngx_thread_pool.h>
#endif


struct ngx_http_mlist_thread_s {
    ngx_http_mlist_thread_t  *next;
    ngx_str_t                 name;

#if (NGX_THREADS)
    ngx_thread_pool_t        *pool;
    ngx_uint_t                max;       /* tasks, running and waiting */
    ngx_uint_t                active;    /* the same, in this worker now */
#endif
};


#if (NGX_THREADS)

#define NGX_HTTP_MLIST_THREAD_SLOW  60000


typedef struct {
    ngx_thread_task_t         task;
    ngx_http_mlist_thread_t  *thread;
    ngx_http_mlist_task_t     work;
    ngx_http_request_t       *request;   /* NULL: belongs to none */
    ngx_http_cleanup_t       *cleanup;   /* NULL: request terminated */
    ngx_uint_t                skipped;   /* unsigned  skipped:1; */
} ngx_http_mlist_job_t;


static ngx_thread_pool_t *ngx_http_mlist_thread_pool(ngx_conf_t *cf,
    ngx_str_t *name, ngx_uint_t queue);
static ngx_int_t ngx_http_mlist_thread_declare(ngx_conf_t *cf,
    ngx_array_t *args);
static ngx_int_t ngx_http_mlist_thread_hold(ngx_http_mlist_job_t *job,
    ngx_http_request_t *r);
static void ngx_http_mlist_thread_release(ngx_http_mlist_job_t *job);
static void ngx_http_mlist_thread_terminated(void *data);
static void ngx_http_mlist_thread_run(void *data, ngx_log_t *log);
static void ngx_http_mlist_thread_done(ngx_event_t *ev);
static void ngx_http_mlist_thread_resume(ngx_http_request_t *r,
    ngx_http_mlist_task_t *work, ngx_uint_t terminated);


extern ngx_module_t  ngx_thread_pool_module;

#endif


ngx_http_mlist_thread_t *
ngx_http_mlist_thread_add(ngx_conf_t *cf, ngx_str_t *name, ngx_uint_t queue)
{
    ngx_http_mlist_thread_t     *thread;
    ngx_http_mlist_main_conf_t  *mmcf;

    mmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_mlist_module);

    for (thread = mmcf->threads; thread; thread = thread->next) {
        if (thread->name.len == name->len
            && ngx_strncmp(thread->name.data, name->data, name->len) == 0)
        {
            return thread;
        }
    }

    thread = ngx_pcalloc(cf->pool, sizeof(ngx_http_mlist_thread_t));
    if (thread == NULL) {
        return NULL;
    }

    thread->name = *name;

#if (NGX_THREADS)
    thread->max = queue + 1;

    thread->pool = ngx_http_mlist_thread_pool(cf, name, queue);
    if (thread->pool == NULL) {
        return NULL;
    }
#endif

    thread->next = mmcf->threads;
    mmcf->threads = thread;

    return thread;
}


#if (NGX_THREADS)

static ngx_thread_pool_t *
ngx_http_mlist_thread_pool(ngx_conf_t *cf, ngx_str_t *name, ngx_uint_t queue)
{
    u_char             *p;
    ngx_str_t          *value;
    ngx_array_t         args;
    ngx_thread_pool_t  *pool;

    pool = ngx_thread_pool_get(cf->cycle, name);
    if (pool) {
        return pool;
    }

    if (ngx_array_init(&args, cf->pool, 4, sizeof(ngx_str_t)) != NGX_OK) {
        return NULL;
    }

    value = ngx_array_push_n(&args, 4);
    if (value == NULL) {
        return NULL;
    }

    p = ngx_pnalloc(cf->pool, sizeof("max_queue=") - 1 + NGX_INT_T_LEN);
    if (p == NULL) {
        return NULL;
    }

    ngx_str_set(&value[0], "thread_pool");
    value[1] = *name;
    ngx_str_set(&value[2], "threads=1");

    /*
     * One more for a task that the thread has yet to take, and one for the
     * task by which nginx ends the thread: what is too many is decided by
     * our own count, since nginx would log it as an error.
     */

    value[3].data = p;
    value[3].len = ngx_sprintf(p, "max_queue=%ui", queue + 2) - p;

    if (ngx_http_mlist_thread_declare(cf, &args) != NGX_OK) {
        return NULL;
    }

    return ngx_thread_pool_get(cf->cycle, name);
}


/* nginx has no call that declares a pool: the directive is the only way. */

static ngx_int_t
ngx_http_mlist_thread_declare(ngx_conf_t *cf, ngx_array_t *args)
{
    char           *rv;
    ngx_str_t      *value;
    ngx_array_t    *saved;
    ngx_command_t  *cmd;

    value = args->elts;

    for (cmd = ngx_thread_pool_module.commands; cmd->name.len; cmd++) {
        if (cmd->name.len == value[0].len
            && ngx_strcmp(cmd->name.data, value[0].data) == 0)
        {
            break;
        }
    }

    if (cmd->name.len == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "this nginx has no \"%V\" directive", &value[0]);
        return NGX_ERROR;
    }

    saved = cf->args;
    cf->args = args;

    rv = cmd->set(cf, cmd, NULL);

    cf->args = saved;

    if (rv == NGX_CONF_OK) {
        return NGX_OK;
    }

    if (rv != NGX_CONF_ERROR) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "thread pool \"%V\" %s", &value[1], rv);
    }

    return NGX_ERROR;
}


ngx_int_t
ngx_http_mlist_thread_post(ngx_http_mlist_thread_t *thread,
    ngx_http_request_t *r, ngx_http_mlist_task_t *task)
{
    ngx_http_mlist_job_t  *job;

    if (thread->active >= thread->max) {
        return NGX_BUSY;
    }

    job = ngx_calloc(sizeof(ngx_http_mlist_job_t), ngx_cycle->log);
    if (job == NULL) {
        return NGX_ERROR;
    }

    job->thread = thread;
    job->work = *task;
    job->task.ctx = job;
    job->task.handler = ngx_http_mlist_thread_run;
    job->task.event.data = job;
    job->task.event.log = ngx_cycle->log;
    job->task.event.handler = ngx_http_mlist_thread_done;

    if (ngx_http_mlist_thread_hold(job, r) != NGX_OK) {
        ngx_free(job);
        return NGX_ERROR;
    }

    /* an operator's own pool may have a shorter queue than ours */

    if (ngx_thread_task_post(thread->pool, &job->task) != NGX_OK) {
        ngx_http_mlist_thread_release(job);
        ngx_free(job);
        return NGX_BUSY;
    }

    thread->active++;

    /* a worker that shuts down waits for timers, not for threads */

    ngx_add_timer(&job->task.event, NGX_HTTP_MLIST_THREAD_SLOW);

    return NGX_AGAIN;
}


static ngx_int_t
ngx_http_mlist_thread_hold(ngx_http_mlist_job_t *job, ngx_http_request_t *r)
{
    if (r == NULL) {
        return NGX_OK;
    }

    job->cleanup = ngx_http_cleanup_add(r, 0);
    if (job->cleanup == NULL) {
        return NGX_ERROR;
    }

    job->cleanup->handler = ngx_http_mlist_thread_terminated;
    job->cleanup->data = job;
    job->request = r;

    r->main->blocked++;

    return NGX_OK;
}


static void
ngx_http_mlist_thread_release(ngx_http_mlist_job_t *job)
{
    if (job->request == NULL) {
        return;
    }

    job->request->main->blocked--;

    if (job->cleanup) {
        job->cleanup->handler = NULL;
    }
}


static void
ngx_http_mlist_thread_terminated(void *data)
{
    ngx_http_mlist_job_t *job = data;

    job->cleanup = NULL;
}


static void
ngx_http_mlist_thread_run(void *data, ngx_log_t *log)
{
    ngx_http_mlist_job_t *job = data;

    /* an ending worker waits for the whole queue: nobody waits for answers */

    if (ngx_terminate) {
        job->skipped = 1;
        return;
    }

    job->work.run(job->work.data);
}


static void
ngx_http_mlist_thread_done(ngx_event_t *ev)
{
    ngx_uint_t              terminated;
    ngx_http_request_t     *r;
    ngx_http_mlist_job_t   *job;
    ngx_http_mlist_task_t   work;

    job = ev->data;

    if (ev->timedout) {
        ngx_log_error(NGX_LOG_WARN, ngx_cycle->log, 0,
                      "mlist: the thread pool \"%V\" is slow",
                      &job->thread->name);

        ev->timedout = 0;
        ngx_add_timer(ev, NGX_HTTP_MLIST_THREAD_SLOW);

        return;
    }

    if (job->skipped) {
        return;
    }

    if (ev->timer_set) {
        ngx_del_timer(ev);
    }

    job->thread->active--;

    ngx_http_mlist_thread_release(job);

    r = job->request;
    work = job->work;
    terminated = (job->cleanup == NULL);

    ngx_free(job);

    if (r == NULL) {
        work.done(NULL, work.data);
        return;
    }

    ngx_http_mlist_thread_resume(r, &work, terminated);
}


static void
ngx_http_mlist_thread_resume(ngx_http_request_t *r,
    ngx_http_mlist_task_t *work, ngx_uint_t terminated)
{
    ngx_connection_t  *c;

    c = r->connection;

    ngx_http_set_log_request(c->log, r);

    if (terminated) {
        work->done(NULL, work->data);

        /* what nginx put off while the request was blocked */

        ngx_http_finalize_request(r->main, NGX_ERROR);

    } else {
        work->done(r, work->data);
    }

    ngx_http_run_posted_requests(c);
}

#else

ngx_int_t
ngx_http_mlist_thread_post(ngx_http_mlist_thread_t *thread,
    ngx_http_request_t *r, ngx_http_mlist_task_t *task)
{
    ngx_log_debug1(NGX_LOG_DEBUG_HTTP, r ? r->connection->log : ngx_cycle->log,
                   0, "mlist task without a thread for \"%V\"", &thread->name);

    task->run(task->data);

    return NGX_OK;
}

#endif

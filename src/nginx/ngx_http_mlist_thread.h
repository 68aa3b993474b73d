/*
 * Work off the event loop: thread pools of the module's own, so that a slow
 * bcrypt or fsync delays neither nginx's own file reads nor the other.
 * It never touches a request from a thread.  Called by check and store.
 */

#ifndef _NGX_HTTP_MLIST_THREAD_H_INCLUDED_
#define _NGX_HTTP_MLIST_THREAD_H_INCLUDED_


#include "ngx_http_mlist.h"


typedef struct {
    /* Runs in the thread: only "data", no nginx object, no logging. */
    void      (*run)(void *data);

    /*
     * Runs in the event loop afterwards; the request's blocked is released
     * by then.  "r" is NULL where the task belongs to no request, and where
     * its request was terminated meanwhile: the request's pool is still
     * there, but nothing may be done but to let go of what "data" holds.
     * The posted requests of r's connection are run after it.
     */
    void      (*done)(ngx_http_request_t *r, void *data);

    void       *data;
} ngx_http_mlist_task_t;


/*
 * Declares the pool "name" with one thread and a queue of "queue" tasks, at
 * configuration time; a second call with the same name gives the same pool.
 * The bytes of the name must live as long as the configuration.
 * A thread_pool of that name that the operator has declared before http{} is
 * taken as it is (one that comes after http{} is refused by nginx as a
 * duplicate); at most queue + 1 tasks of a worker are in it all the same.
 * NULL on error (logged).  Without threads in nginx: a pool that runs all
 * tasks inline.
 */
ngx_http_mlist_thread_t *ngx_http_mlist_thread_add(ngx_conf_t *cf,
    ngx_str_t *name, ngx_uint_t queue);

/*
 * Hands over a task; "task" is copied, its data are not.  "r" may be NULL:
 * then the data must not live in a request's pool.  Else r->main->blocked is
 * held until done().  NGX_AGAIN: done() will be called, once; NGX_OK: run()
 * ran inline (no threads), done() is not called; NGX_BUSY: the queue is full;
 * NGX_ERROR: no memory.
 */
ngx_int_t ngx_http_mlist_thread_post(ngx_http_mlist_thread_t *thread,
    ngx_http_request_t *r, ngx_http_mlist_task_t *task);


#endif /* _NGX_HTTP_MLIST_THREAD_H_INCLUDED_ */

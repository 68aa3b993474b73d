/*
 * One write to a directory store: see ngx_http_mlist_store_write.h.
 */

#include "ngx_http_mlist_store_write.h"


static void ngx_http_mlist_store_write_run(void *data);
static void ngx_http_mlist_store_write_done(ngx_http_request_t *r,
    void *data);


ngx_int_t
ngx_http_mlist_store_write_start(ngx_http_request_t *r,
    ngx_http_mlist_store_dir_t *dir, ngx_http_mlist_store_write_t *write)
{
    ngx_int_t              rc;
    ngx_http_mlist_task_t  task;

    if (ngx_http_mlist_store_file_temp(&write->file) != NGX_OK) {
        ngx_http_mlist_store_file_log(r->connection->log, NGX_LOG_ERR,
                                      &write->file);
        return NGX_ERROR;
    }

    write->file.sweep = !dir->swept;

    task.run = ngx_http_mlist_store_write_run;
    task.done = ngx_http_mlist_store_write_done;
    task.data = write;

    rc = ngx_http_mlist_thread_post(dir->thread, r, &task);

    if (rc == NGX_OK || rc == NGX_AGAIN) {
        dir->swept = 1;
    }

    if (rc != NGX_OK) {
        return rc;
    }

    if (write->rc == NGX_ERROR) {
        ngx_http_mlist_store_file_log(r->connection->log, NGX_LOG_ERR,
                                      &write->file);
    }

    return write->rc;
}


ngx_int_t
ngx_http_mlist_store_write_result(ngx_http_mlist_store_write_t *write)
{
    return write->done ? write->rc : NGX_AGAIN;
}


static void
ngx_http_mlist_store_write_run(void *data)
{
    ngx_uint_t                     i;
    ngx_http_mlist_store_write_t  *write = data;

    for (i = 0; i < 2; i++) {
        if (write->touch[i]) {
            (void) ngx_http_mlist_store_file_touch(write->touch[i], 1);
        }
    }

    write->rc = ngx_http_mlist_store_file_write(&write->file);
}


static void
ngx_http_mlist_store_write_done(ngx_http_request_t *r, void *data)
{
    ngx_http_mlist_store_write_t  *write = data;

    if (write->rc == NGX_ERROR) {
        ngx_http_mlist_store_file_log(r ? r->connection->log : ngx_cycle->log,
                                      NGX_LOG_ERR, &write->file);
    }

    if (r == NULL) {
        return;
    }

    write->done = 1;

    r->write_event_handler = ngx_http_core_run_phases;

    (void) ngx_http_post_request(r, NULL);
}

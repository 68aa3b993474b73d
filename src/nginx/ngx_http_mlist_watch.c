/*
 * Directives of other modules, seen as they are read: while a configuration
 * is read their commands call us, and we call their own setters.  See
 * ngx_http_mlist_watch.h.
 */


#include "ngx_http_mlist_watch.h"


typedef char *(*ngx_http_mlist_watch_set_pt)(ngx_conf_t *cf,
    ngx_command_t *cmd, void *conf);


typedef struct {
    ngx_command_t                *cmd;
    ngx_http_mlist_watch_set_pt   set;       /* its own */
    ngx_http_mlist_watch_pt       seen;
} ngx_http_mlist_watched_t;


static ngx_int_t ngx_http_mlist_watch_begin(ngx_conf_t *cf);
static ngx_int_t ngx_http_mlist_watch_command(ngx_command_t *cmd,
    ngx_http_mlist_watch_pt seen);
static char *ngx_http_mlist_watch_set(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);


/* While a configuration is read; in its pool. */
static ngx_array_t  *ngx_http_mlist_watched;


ngx_int_t
ngx_http_mlist_watch(ngx_conf_t *cf, const char *name,
    ngx_http_mlist_watch_pt seen)
{
    ngx_int_t       rc;
    ngx_uint_t      i;
    ngx_command_t  *cmd;

    if (ngx_http_mlist_watched == NULL
        && ngx_http_mlist_watch_begin(cf) != NGX_OK)
    {
        return NGX_ERROR;
    }

    rc = NGX_DECLINED;

    for (i = 0; cf->cycle->modules[i]; i++) {

        if (cf->cycle->modules[i]->type != NGX_HTTP_MODULE) {
            continue;
        }

        cmd = cf->cycle->modules[i]->commands;

        for ( /* void */ ; cmd && cmd->name.len; cmd++) {

            if (ngx_strcmp(cmd->name.data, name) != 0) {
                continue;
            }

            if (ngx_http_mlist_watch_command(cmd, seen) != NGX_OK) {
                return NGX_ERROR;
            }

            rc = NGX_OK;
        }
    }

    return rc;
}


static ngx_int_t
ngx_http_mlist_watch_begin(ngx_conf_t *cf)
{
    ngx_pool_cleanup_t  *cln;

    /*
     * a configuration that is refused never comes to postconfiguration, and
     * this shared object may be unloaded right after
     */

    cln = ngx_pool_cleanup_add(cf->pool, 0);
    if (cln == NULL) {
        return NGX_ERROR;
    }

    cln->handler = ngx_http_mlist_unwatch;

    ngx_http_mlist_watched = ngx_array_create(cf->pool, 8,
                                          sizeof(ngx_http_mlist_watched_t));

    return ngx_http_mlist_watched ? NGX_OK : NGX_ERROR;
}


static ngx_int_t
ngx_http_mlist_watch_command(ngx_command_t *cmd, ngx_http_mlist_watch_pt seen)
{
    ngx_http_mlist_watched_t  *watched;

    watched = ngx_array_push(ngx_http_mlist_watched);
    if (watched == NULL) {
        return NGX_ERROR;
    }

    watched->cmd = cmd;
    watched->set = cmd->set;
    watched->seen = seen;

    cmd->set = ngx_http_mlist_watch_set;

    return NGX_OK;
}


void
ngx_http_mlist_unwatch(void *data)
{
    ngx_uint_t                 i;
    ngx_http_mlist_watched_t  *watched;

    if (ngx_http_mlist_watched == NULL) {
        return;
    }

    watched = ngx_http_mlist_watched->elts;

    /* backwards: a directive may be watched for two */

    for (i = ngx_http_mlist_watched->nelts; i--; /* void */ ) {
        watched[i].cmd->set = watched[i].set;
    }

    ngx_http_mlist_watched = NULL;
}


static char *
ngx_http_mlist_watch_set(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    char                      *rv;
    ngx_uint_t                 i;
    ngx_http_mlist_watched_t  *watched;

    watched = ngx_http_mlist_watched->elts;

    for (i = 0; watched[i].cmd != cmd; i++) { /* void */ }

    rv = watched[i].set(cf, cmd, conf);

    for ( /* void */ ; i < ngx_http_mlist_watched->nelts; i++) {

        if (rv == NGX_CONF_OK && watched[i].cmd == cmd) {
            watched[i].seen(cf, &cmd->name);
        }
    }

    return rv;
}

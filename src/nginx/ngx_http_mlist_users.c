/*
 * The users of one htpasswd file: it owns which content of the file counts.
 * It never parses, nor checks a password.  Called by auth.
 */

#include "ngx_http_mlist_users.h"
#include "ngx_http_mlist_passwd.h"


#define NGX_HTTP_MLIST_USERS_GRACE  5     /* seconds */


struct ngx_http_mlist_users_s {
    ngx_str_t                      path;
    ngx_http_mlist_passwd_t       *passwd;   /* NULL: not known */
    time_t                         read;     /* when passwd was read */

    ngx_http_mlist_file_stat_t     tried;    /* what was read last */
    time_t                         time;     /* and when */
    time_t                         since;    /* when doubts began; 0: none */
    ngx_event_t                    turn;     /* ends this turn */
    unsigned                       looked:1; /* in this turn */
    unsigned                       logged:1;
};


static void ngx_http_mlist_users_cleanup(void *data);
static void ngx_http_mlist_users_set(ngx_http_mlist_user_t *user,
    const mlist_passwd_user_t *line);
static void ngx_http_mlist_users_turn(ngx_event_t *ev);
static void ngx_http_mlist_users_refresh(ngx_http_mlist_users_t *users,
    ngx_log_t *log);
static ngx_uint_t ngx_http_mlist_users_current(ngx_http_mlist_users_t *users,
    ngx_http_mlist_file_stat_t *st);
static void ngx_http_mlist_users_read(ngx_http_mlist_users_t *users,
    ngx_http_mlist_file_stat_t *st, ngx_log_t *log);
static const char *ngx_http_mlist_users_doubt(
    ngx_http_mlist_passwd_t *previous, ngx_http_mlist_passwd_t *passwd);
static ngx_uint_t ngx_http_mlist_users_grace(ngx_http_mlist_users_t *users,
    ngx_http_mlist_file_stat_t *st);
static void ngx_http_mlist_users_unreadable(ngx_http_mlist_users_t *users,
    ngx_http_mlist_file_stat_t *st, ngx_http_mlist_file_error_t *error,
    ngx_log_t *log);
static void ngx_http_mlist_users_adopt(ngx_http_mlist_users_t *users,
    ngx_http_mlist_passwd_t *passwd);


ngx_http_mlist_users_t *
ngx_http_mlist_users_add(ngx_conf_t *cf, ngx_str_t *path)
{
    ngx_pool_cleanup_t           *cln;
    ngx_http_mlist_users_t       *users;
    ngx_http_mlist_passwd_t      *passwd;
    ngx_http_mlist_file_error_t   error;

    cln = ngx_pool_cleanup_add(cf->pool, sizeof(ngx_http_mlist_users_t));
    if (cln == NULL) {
        return NULL;
    }

    users = cln->data;
    ngx_memzero(users, sizeof(ngx_http_mlist_users_t));
    users->path = *path;
    users->turn.handler = ngx_http_mlist_users_turn;
    users->turn.data = users;
    users->turn.log = &cf->cycle->new_log;

    passwd = ngx_http_mlist_passwd_read(path, &cf->cycle->new_log, &error);

    if (passwd == NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, error.err,
                           "htpasswd file \"%V\" %s", path, error.what);
        return NULL;
    }

    if (passwd->content.malformed) {
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                           "htpasswd file \"%V\" has %uz malformed lines, "
                           "which are skipped", path,
                           passwd->content.malformed);
    }

    if (passwd->content.nusers == 0) {
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                           "htpasswd file \"%V\" has no users", path);
    }

    ngx_http_mlist_users_adopt(users, passwd);
    cln->handler = ngx_http_mlist_users_cleanup;

    return users;
}


static void
ngx_http_mlist_users_cleanup(void *data)
{
    ngx_http_mlist_users_t *users = data;

    ngx_http_mlist_passwd_destroy(users->passwd);
}


ngx_str_t *
ngx_http_mlist_users_path(ngx_http_mlist_users_t *users)
{
    return &users->path;
}


ngx_int_t
ngx_http_mlist_users_find(ngx_http_mlist_users_t *users, ngx_log_t *log,
    ngx_str_t *name, ngx_http_mlist_user_t *user)
{
    const mlist_passwd_t       *content;
    const mlist_passwd_user_t  *found;

    ngx_http_mlist_users_refresh(users, log);

    if (users->passwd == NULL) {
        return NGX_ERROR;
    }

    content = &users->passwd->content;
    found = mlist_passwd_find(content, ngx_http_mlist_view(name));

    if (found == NULL) {
        ngx_http_mlist_users_set(user, &content->dummy);
        return NGX_DECLINED;
    }

    ngx_http_mlist_users_set(user, found);

    return NGX_OK;
}


static void
ngx_http_mlist_users_set(ngx_http_mlist_user_t *user,
    const mlist_passwd_user_t *line)
{
    user->hash = ngx_http_mlist_ngx_str(line->hash);
    user->rest = ngx_http_mlist_ngx_str(line->rest);
}


static void
ngx_http_mlist_users_turn(ngx_event_t *ev)
{
    ngx_http_mlist_users_t *users = ev->data;

    users->looked = 0;
}


/*
 * One look is of use to all requests of a turn of the event loop: a change
 * that is made in it may as well have been made after them.
 */

static void
ngx_http_mlist_users_refresh(ngx_http_mlist_users_t *users, ngx_log_t *log)
{
    ngx_file_info_t              fi;
    ngx_http_mlist_file_stat_t   st;
    ngx_http_mlist_file_error_t  error;

    if (users->looked) {
        return;
    }

    users->looked = 1;
    ngx_post_event(&users->turn, &ngx_posted_events);

    if (ngx_file_info(users->path.data, &fi) == NGX_FILE_ERROR) {
        error.err = ngx_errno;
        error.what = "cannot be looked at for changes";

        ngx_http_mlist_users_unreadable(users, NULL, &error, log);
        return;
    }

    ngx_http_mlist_file_stat(&fi, &st);

    if (ngx_http_mlist_users_current(users, &st)) {
        users->since = 0;
        users->logged = 0;
        return;
    }

    /* what did not convince is looked at once a second */

    if (users->time == ngx_time()
        && ngx_http_mlist_file_same(&users->tried, &st))
    {
        return;
    }

    users->tried = st;
    users->time = ngx_time();

    ngx_http_mlist_users_read(users, &st, log);
}


/* 1 if the file is as it was and was at rest when it was read. */

static ngx_uint_t
ngx_http_mlist_users_current(ngx_http_mlist_users_t *users,
    ngx_http_mlist_file_stat_t *st)
{
    return users->passwd
           && ngx_http_mlist_file_current(&users->passwd->file->stat,
                                          users->read, st);
}


static void
ngx_http_mlist_users_read(ngx_http_mlist_users_t *users,
    ngx_http_mlist_file_stat_t *st, ngx_log_t *log)
{
    const char                   *doubt;
    ngx_http_mlist_passwd_t      *passwd;
    ngx_http_mlist_file_error_t   error;

    passwd = ngx_http_mlist_passwd_read(&users->path, ngx_cycle->log, &error);

    if (passwd == NULL) {
        ngx_http_mlist_users_unreadable(users, st, &error, log);
        return;
    }

    doubt = ngx_http_mlist_users_doubt(users->passwd, passwd);

    if (doubt == NULL) {
        ngx_http_mlist_users_adopt(users, passwd);
        return;
    }

    if (ngx_http_mlist_users_grace(users, st)) {

        if (!users->logged) {
            ngx_log_error(NGX_LOG_WARN, log, 0,
                          "htpasswd file \"%V\" %s: if it stays so, it "
                          "counts in at most %d seconds",
                          &users->path, doubt, NGX_HTTP_MLIST_USERS_GRACE);
            users->logged = 1;
        }

        ngx_http_mlist_passwd_destroy(passwd);
        return;
    }

    ngx_log_error(NGX_LOG_WARN, log, 0,
                  "htpasswd file \"%V\" %s: it counts as it is",
                  &users->path, doubt);

    ngx_http_mlist_users_adopt(users, passwd);
}


static const char *
ngx_http_mlist_users_doubt(ngx_http_mlist_passwd_t *previous,
    ngx_http_mlist_passwd_t *passwd)
{
    if (previous == NULL) {
        return NULL;
    }

    if (passwd->content.nusers == 0 && previous->content.nusers) {
        return "has no users";
    }

    if (passwd->content.malformed > previous->content.malformed) {
        return "has a malformed line";
    }

    if (passwd->content.cut && !previous->content.cut) {
        return "ends within a line";
    }

    if (passwd->file->moving) {
        return "changes while it is read";
    }

    return NULL;
}


/* 1 if the previous content counts still; "st" is NULL if there is none. */

static ngx_uint_t
ngx_http_mlist_users_grace(ngx_http_mlist_users_t *users,
    ngx_http_mlist_file_stat_t *st)
{
    time_t  now;

    now = ngx_time();

    if (users->since == 0) {
        users->since = now;
    }

    /* a change that was made long before it was seen gets no grace */

    if (st && st->ctime < users->since) {
        users->since = st->ctime;
    }

    return now - users->since < NGX_HTTP_MLIST_USERS_GRACE;
}


static void
ngx_http_mlist_users_unreadable(ngx_http_mlist_users_t *users,
    ngx_http_mlist_file_stat_t *st, ngx_http_mlist_file_error_t *error,
    ngx_log_t *log)
{
    const char  *then;

    then = "nobody gets in";

    if (users->passwd == NULL) {
        goto log;
    }

    if (st == NULL && error->err == NGX_EACCES) {
        then = "what was read before counts until a reload";

    } else if (st
               && ngx_http_mlist_file_same(&users->passwd->file->stat, st))
    {
        then = "it has not changed and counts still";
        users->read = ngx_time();

    } else if (ngx_http_mlist_users_grace(users, st)) {
        then = "what was read before counts for a few seconds";

    } else {
        ngx_http_mlist_passwd_destroy(users->passwd);
        users->passwd = NULL;
        users->logged = 0;
    }

log:

    if (users->logged) {
        return;
    }

    users->logged = 1;

    ngx_log_error(NGX_LOG_ERR, log, error->err, "htpasswd file \"%V\" %s: %s",
                  &users->path, error->what, then);
}


static void
ngx_http_mlist_users_adopt(ngx_http_mlist_users_t *users,
    ngx_http_mlist_passwd_t *passwd)
{
    ngx_http_mlist_passwd_destroy(users->passwd);

    users->passwd = passwd;
    users->read = ngx_time();
    users->tried = passwd->file->stat;
    users->time = users->read;
    users->since = 0;
    users->logged = 0;
}

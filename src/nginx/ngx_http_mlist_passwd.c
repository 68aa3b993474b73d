/*
 * The content of an htpasswd file: it owns the format.  It never checks a
 * password, nor logs.  Called by users.
 */

#include "ngx_http_mlist_passwd.h"


#define NGX_HTTP_MLIST_PASSWD_BCRYPT    60     /* bytes of "$2y$10$..." */
#define NGX_HTTP_MLIST_PASSWD_SHA       33     /* bytes of "{SHA}..." */
#define NGX_HTTP_MLIST_PASSWD_APR1      22     /* bytes after the salt */


static ngx_int_t ngx_http_mlist_passwd_parse(ngx_http_mlist_passwd_t *passwd);
static void ngx_http_mlist_passwd_line(ngx_http_mlist_passwd_t *passwd,
    u_char *p, u_char *last);
static ngx_uint_t ngx_http_mlist_passwd_valid(ngx_str_t *hash);
static ngx_uint_t ngx_http_mlist_passwd_whole(ngx_str_t *hash);
static ngx_uint_t ngx_http_mlist_passwd_cost(ngx_str_t *hash);
static ngx_uint_t ngx_http_mlist_passwd_starts(ngx_str_t *s,
    const char *prefix);
static void ngx_http_mlist_passwd_sort(ngx_http_mlist_passwd_t *passwd);
static int ngx_libc_cdecl ngx_http_mlist_passwd_cmp(const void *one,
    const void *two);


ngx_http_mlist_passwd_t *
ngx_http_mlist_passwd_read(ngx_str_t *path, ngx_log_t *log,
    ngx_http_mlist_file_error_t *error)
{
    ngx_http_mlist_file_t    *file;
    ngx_http_mlist_passwd_t  *passwd;

    file = ngx_http_mlist_file_read(path, log, error);
    if (file == NULL) {
        return NULL;
    }

    passwd = ngx_pcalloc(file->pool, sizeof(ngx_http_mlist_passwd_t));

    if (passwd) {
        passwd->file = file;
    }

    if (passwd == NULL || ngx_http_mlist_passwd_parse(passwd) != NGX_OK) {
        ngx_http_mlist_file_destroy(file);

        error->err = 0;
        error->what = "cannot be read";

        return NULL;
    }

    return passwd;
}


void
ngx_http_mlist_passwd_destroy(ngx_http_mlist_passwd_t *passwd)
{
    if (passwd) {
        ngx_http_mlist_file_destroy(passwd->file);
    }
}


static ngx_int_t
ngx_http_mlist_passwd_parse(ngx_http_mlist_passwd_t *passwd)
{
    u_char                 *p, *lf, *last;
    ngx_uint_t              lines;
    ngx_http_mlist_file_t  *file;

    file = passwd->file;
    lines = 1;
    last = file->data + file->size;

    for (p = file->data; p < last; p++) {
        lines += (*p == LF);
    }

    passwd->users = ngx_palloc(file->pool,
                               lines * sizeof(ngx_http_mlist_user_t));
    if (passwd->users == NULL) {
        return NGX_ERROR;
    }

    for (p = file->data; p < last; p = lf + 1) {
        lf = ngx_strlchr(p, last, LF);

        if (lf == NULL) {
            lf = last;
            passwd->cut = 1;
        }

        ngx_http_mlist_passwd_line(passwd, p, lf);
    }

    ngx_http_mlist_passwd_sort(passwd);

    return NGX_OK;
}


/* There is a byte at "last" that may be overwritten. */

static void
ngx_http_mlist_passwd_line(ngx_http_mlist_passwd_t *passwd, u_char *p,
    u_char *last)
{
    u_char                 *colon, *end;
    ngx_uint_t              cost;
    ngx_http_mlist_user_t  *user;

    if (last > p && last[-1] == CR) {
        last--;
    }

    if (p == last || *p == '#') {
        return;
    }

    colon = ngx_strlchr(p, last, ':');

    if (colon == NULL || colon == p
        || last - p > NGX_HTTP_MLIST_USERS_MAX_LINE
        || ngx_strlchr(p, last, '\0'))
    {
        passwd->malformed++;
        return;
    }

    end = ngx_strlchr(colon + 1, last, ':');
    if (end == NULL) {
        end = last;
    }

    user = &passwd->users[passwd->nusers];

    user->name.data = p;
    user->name.len = colon - p;
    user->rest.data = colon + 1;
    user->rest.len = last - colon - 1;
    user->hash.data = colon + 1;
    user->hash.len = end - colon - 1;

    *end = '\0';

    if (!ngx_http_mlist_passwd_valid(&user->hash)) {
        passwd->malformed++;
        return;
    }

    if (passwd->cut && ngx_http_mlist_passwd_whole(&user->hash)) {
        passwd->cut = 0;
    }

    cost = ngx_http_mlist_passwd_cost(&user->hash);

    if (passwd->nusers == 0 || cost > passwd->cost) {
        passwd->dummy = *user;
        passwd->cost = cost;
    }

    passwd->nusers++;
}


static ngx_uint_t
ngx_http_mlist_passwd_valid(ngx_str_t *hash)
{
    if (ngx_http_mlist_passwd_starts(hash, "$2")) {
        return hash->len == NGX_HTTP_MLIST_PASSWD_BCRYPT;
    }

    return hash->len != 0;
}


/* 1 if the hash is of a kind that shows that nothing of it is missing. */

static ngx_uint_t
ngx_http_mlist_passwd_whole(ngx_str_t *hash)
{
    u_char  *p, *last;

    last = hash->data + hash->len;

    if (ngx_http_mlist_passwd_starts(hash, "$2")) {
        return hash->len == NGX_HTTP_MLIST_PASSWD_BCRYPT;
    }

    if (ngx_http_mlist_passwd_starts(hash, "{SHA}")) {
        return hash->len == NGX_HTTP_MLIST_PASSWD_SHA;
    }

    if (ngx_http_mlist_passwd_starts(hash, "$apr1$")) {
        p = ngx_strlchr(hash->data + sizeof("$apr1$") - 1, last, '$');
        return p && last - p - 1 == NGX_HTTP_MLIST_PASSWD_APR1;
    }

    return 0;
}


/* Of "$2y$10$..." 10, of all that is no bcrypt 0. */

static ngx_uint_t
ngx_http_mlist_passwd_cost(ngx_str_t *hash)
{
    ngx_int_t  cost;

    if (!ngx_http_mlist_passwd_starts(hash, "$2")
        || hash->len != NGX_HTTP_MLIST_PASSWD_BCRYPT)
    {
        return 0;
    }

    cost = ngx_atoi(hash->data + sizeof("$2y$") - 1, 2);

    return (cost == NGX_ERROR) ? 0 : (ngx_uint_t) cost;
}


static ngx_uint_t
ngx_http_mlist_passwd_starts(ngx_str_t *s, const char *prefix)
{
    size_t  len;

    len = ngx_strlen(prefix);

    return s->len >= len && ngx_strncmp(s->data, prefix, len) == 0;
}


static void
ngx_http_mlist_passwd_sort(ngx_http_mlist_passwd_t *passwd)
{
    ngx_str_t              *name, *kept;
    ngx_uint_t              i, n;
    ngx_http_mlist_user_t  *user;

    if (passwd->nusers == 0) {
        return;
    }

    user = passwd->users;

    ngx_qsort(user, passwd->nusers, sizeof(ngx_http_mlist_user_t),
              ngx_http_mlist_passwd_cmp);

    for (i = 1, n = 0; i < passwd->nusers; i++) {
        name = &user[i].name;
        kept = &user[n].name;

        if (ngx_memn2cmp(name->data, kept->data, name->len, kept->len) != 0) {
            user[++n] = user[i];
        }
    }

    passwd->nusers = n + 1;
}


static int ngx_libc_cdecl
ngx_http_mlist_passwd_cmp(const void *one, const void *two)
{
    ngx_int_t               rc;
    ngx_http_mlist_user_t  *a, *b;

    a = (ngx_http_mlist_user_t *) one;
    b = (ngx_http_mlist_user_t *) two;

    rc = ngx_memn2cmp(a->name.data, b->name.data, a->name.len, b->name.len);

    if (rc != 0) {
        return (rc < 0) ? -1 : 1;
    }

    /* the order of the file */

    return (a->name.data < b->name.data) ? -1 : 1;
}

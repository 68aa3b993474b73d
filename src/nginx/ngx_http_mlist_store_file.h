/*
 * The files of a directory store: opened, written, touched, removed.  It
 * knows nothing of what is in them, never allocates, and logs in one
 * function only.  The functions down to peek() may run in a thread.
 * Called by store_list, store_tag, store_read, store_write and store_dir.
 */

#ifndef _NGX_HTTP_MLIST_STORE_FILE_H_INCLUDED_
#define _NGX_HTTP_MLIST_STORE_FILE_H_INCLUDED_


#include "ngx_http_mlist.h"


#define NGX_HTTP_MLIST_STORE_LISTS     "lists"
#define NGX_HTTP_MLIST_STORE_TAGS      "tags"

#define NGX_HTTP_MLIST_STORE_NAME_LEN  (2 * MLIST_SHA256_SIZE)
#define NGX_HTTP_MLIST_STORE_TEMP_LEN  (NGX_INT64_LEN + 1 + 32)


typedef struct ngx_http_mlist_store_file_s  ngx_http_mlist_store_file_t;

struct ngx_http_mlist_store_file_s {
    const char  *root;       /* the store's directory */
    const char  *kind;       /* one of the two above */
    char         name[NGX_HTTP_MLIST_STORE_NAME_LEN + 1];   /* hex */

    /* for writing */
    char         temp[NGX_HTTP_MLIST_STORE_TEMP_LEN + 1];
    ngx_str_t    head;
    ngx_str_t    body;
    unsigned     sweep:1;    /* remove left-over temporary files first */
    unsigned     force:1;    /* what is there is no good */

    /*
     * Says whether to write: NGX_OK, or what write() is to return.  Nobody
     * else writes a file of these first digits then.  "dir" is the file's
     * directory.  NULL: what has the right size is not written again.
     */
    ngx_int_t  (*newer)(ngx_http_mlist_store_file_t *f, int dir);
    void        *data;       /* of newer's */

    /* for removing: the file that was read; 0: it was none */
    ino_t        inode;

    /* after an error: the call that failed, what on, and why */
    const char  *call;
    const char  *what;
    ngx_err_t    err;
};


/*
 * Opens a file for reading.  NGX_INVALID_FILE and f->err on error:
 * NGX_ENOENT where there is none, NGX_ELOOP for a symbolic link in its
 * place, NGX_ENOTDIR and f->what == f->name for anything but a directory in
 * place of the one it should stand in.
 */
ngx_fd_t ngx_http_mlist_store_file_open(ngx_http_mlist_store_file_t *f);

/*
 * Writes head and body, making the directories that are missing; what is
 * there and stays is touched.  When it returns NGX_OK the file is on the
 * disk; else NGX_ERROR, and nothing of it is left.
 */
ngx_int_t ngx_http_mlist_store_file_write(ngx_http_mlist_store_file_t *f);

/*
 * Removes a file if it is still the one of f->inode, or what has taken its
 * place or its directory's: a link (never what it leads to), an empty
 * directory.  NGX_OK or NGX_ERROR.
 */
ngx_int_t ngx_http_mlist_store_file_remove(ngx_http_mlist_store_file_t *f);

/*
 * Makes a file the most recently used.  NGX_OK: it is there, and is not
 * removed as one that is not used; NGX_DECLINED: there is none; NGX_BUSY:
 * not without waiting; NGX_ERROR.
 */
ngx_int_t ngx_http_mlist_store_file_touch(ngx_http_mlist_store_file_t *f,
    ngx_uint_t wait);

/*
 * Removes a file that was last used at that time, as it was told, unless it
 * was used since.  NGX_OK: it is gone; NGX_DECLINED: it stays; NGX_ERROR.
 */
ngx_int_t ngx_http_mlist_store_file_discard(ngx_http_mlist_store_file_t *f,
    struct timespec *used);

/*
 * Reads the start of a file in its directory, at most "size" bytes: the
 * number of bytes, 0 where there are none to be read, with f->err set to why
 * or to 0.
 */
size_t ngx_http_mlist_store_file_peek(ngx_http_mlist_store_file_t *f, int dir,
    char *buf, size_t size);

/*
 * Fills in f->temp: a name that no other process takes, nor any other
 * machine.  NGX_OK or NGX_ERROR.
 */
ngx_int_t ngx_http_mlist_store_file_temp(ngx_http_mlist_store_file_t *f);

/* Logs the error that a function here returned. */
void ngx_http_mlist_store_file_log(ngx_log_t *log, ngx_uint_t level,
    ngx_http_mlist_store_file_t *f);

/*
 * Writes the path of a file, for logs, and a NUL to buf[0..size), cut to it.
 * Returns its length.
 */
size_t ngx_http_mlist_store_file_path(ngx_http_mlist_store_file_t *f,
    u_char *buf, size_t size);

/*
 * Reads the start of ROOT/format, at most "size" bytes, for the
 * configuration.  The number of bytes, 0 if there is no such file, or
 * NGX_ERROR.
 */
ssize_t ngx_http_mlist_store_file_read_format(ngx_http_mlist_store_file_t *f,
    u_char *buf, size_t size);

/* Writes head and body as ROOT/format; NGX_OK or NGX_ERROR. */
ngx_int_t ngx_http_mlist_store_file_write_format(
    ngx_http_mlist_store_file_t *f);


#endif /* _NGX_HTTP_MLIST_STORE_FILE_H_INCLUDED_ */

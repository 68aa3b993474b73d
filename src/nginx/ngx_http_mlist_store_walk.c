/*
 * All files of one kind: see ngx_http_mlist_store_walk.h.
 */

#include "ngx_http_mlist_store_walk.h"
#include "ngx_http_mlist_store_place.h"

#include "../core/mlist_named.h"


static ngx_int_t ngx_http_mlist_store_walk_open(
    ngx_http_mlist_store_walk_t *walk);


void
ngx_http_mlist_store_walk_start(ngx_http_mlist_store_walk_t *walk,
    const char *root, const char *kind)
{
    ngx_memzero(walk, sizeof(ngx_http_mlist_store_walk_t));

    walk->file.root = root;
    walk->file.kind = kind;
    walk->fd = -1;
}


ngx_int_t
ngx_http_mlist_store_walk_next(ngx_http_mlist_store_walk_t *walk)
{
    ngx_int_t       rc;
    struct dirent  *entry;

    if (walk->entries == NULL) {

        if (walk->digits == 256) {
            return NGX_DONE;
        }

        return ngx_http_mlist_store_walk_open(walk);
    }

    errno = 0;
    entry = readdir(walk->entries);

    if (entry == NULL) {
        rc = NGX_AGAIN;

        if (errno) {
            ngx_http_mlist_store_place_failed(&walk->file, "readdir()",
                                              walk->file.kind);
            rc = NGX_ERROR;
        }

        ngx_http_mlist_store_walk_end(walk);
        return rc;
    }

    /* what is not named as a file of ours is none */

    if (!mlist_named_valid(entry->d_name)
        || ngx_strncmp(entry->d_name, walk->file.name, 2) != 0)
    {
        return NGX_AGAIN;
    }

    ngx_memcpy(walk->file.name, entry->d_name, sizeof(walk->file.name));

    return NGX_OK;
}


void
ngx_http_mlist_store_walk_end(ngx_http_mlist_store_walk_t *walk)
{
    if (walk->entries) {
        (void) closedir(walk->entries);

        walk->entries = NULL;
        walk->fd = -1;
    }
}


static ngx_int_t
ngx_http_mlist_store_walk_open(ngx_http_mlist_store_walk_t *walk)
{
    u_char  byte, *p;

    byte = (u_char) walk->digits++;

    p = ngx_hex_dump((u_char *) walk->file.name, &byte, 1);
    *p = '\0';

    walk->fd = ngx_http_mlist_store_place_fan_out(&walk->file, 0);

    if (walk->fd == -1) {
        return walk->file.err == NGX_ENOENT ? NGX_AGAIN : NGX_ERROR;
    }

    walk->entries = fdopendir(walk->fd);

    if (walk->entries == NULL) {
        ngx_http_mlist_store_place_failed(&walk->file, "fdopendir()",
                                          walk->file.name);
        (void) close(walk->fd);
        walk->fd = -1;
        return NGX_ERROR;
    }

    return NGX_AGAIN;
}

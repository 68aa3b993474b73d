/*
 * What a tag was last answered with, in the zone: so that an unchanged tag
 * costs its sources a HEAD each and no more.  It never decides whether that
 * still holds.  Called by list.
 */

#ifndef _NGX_HTTP_MLIST_TAG_H_INCLUDED_
#define _NGX_HTTP_MLIST_TAG_H_INCLUDED_


#include "ngx_http_mlist.h"
#include "ngx_http_mlist_spot.h"


typedef struct {
    /* of what every spot held: equal if nothing has changed */
    u_char     observed[NGX_HTTP_MLIST_KEY_SIZE];

    uint32_t   type;             /* mlist_media_e of the list's own type */
    uint32_t   missing;          /* bit (1 << index of source) */
    u_char     artifact;         /* 1: passed on; there is no list */
    u_char     docker_len;       /* 0: not built yet */
    u_char     oci_len;          /* the same */
    u_char     docker[MLIST_DIGEST_MAX];
    u_char     oci[MLIST_DIGEST_MAX];
} ngx_http_mlist_tag_t;


/* The zone's key of a tag in a location.  NGX_OK or NGX_ERROR. */
ngx_int_t ngx_http_mlist_tag_key(ngx_http_mlist_loc_conf_t *mlcf,
    ngx_str_t *name, ngx_str_t *tag, u_char key[NGX_HTTP_MLIST_KEY_SIZE]);

/* NGX_OK; NGX_DECLINED: nothing is known of the tag; NGX_ERROR. */
ngx_int_t ngx_http_mlist_tag_get(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_tag_t *tag);

void ngx_http_mlist_tag_set(ngx_http_request_t *r, ngx_http_mlist_ctx_t *ctx,
    ngx_http_mlist_tag_t *tag);

/* Notes in tag->observed what the spots hold.  NGX_OK or NGX_ERROR. */
ngx_int_t ngx_http_mlist_tag_observe(ngx_http_request_t *r,
    ngx_http_mlist_spot_t *spots, ngx_uint_t n, ngx_http_mlist_tag_t *tag);

/* The digest noted for a list type, or an empty string. */
ngx_str_t ngx_http_mlist_tag_digest(ngx_http_mlist_tag_t *tag,
    mlist_media_e type);

void ngx_http_mlist_tag_note(ngx_http_mlist_tag_t *tag, mlist_media_e type,
    ngx_str_t *digest);


#endif /* _NGX_HTTP_MLIST_TAG_H_INCLUDED_ */

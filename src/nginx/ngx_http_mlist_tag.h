/*
 * What a tag was last answered with, in the zone: so that an unchanged tag
 * costs its sources a HEAD each and no more, and for mlist_valid not even
 * that.  Called by list and build.
 */

#ifndef _NGX_HTTP_MLIST_TAG_H_INCLUDED_
#define _NGX_HTTP_MLIST_TAG_H_INCLUDED_


#include "ngx_http_mlist.h"
#include "ngx_http_mlist_spot.h"
#include "ngx_http_mlist_store.h"


/* How long after a drop a source may still show what was there before, in
 * the microseconds of the zone's order. */
#define NGX_HTTP_MLIST_TAG_SETTLE  5000000


typedef struct {
    /* of what every spot held: equal if nothing has changed */
    u_char                  observed[NGX_HTTP_MLIST_KEY_SIZE];

    uint64_t                number;        /* of the flight, see zone */
    ngx_msec_t              asked;         /* when it began */

    u_char                  artifact;      /* 1: passed on; no list */
    u_char                  verbatim;      /* 1: an index as it is */
    u_char                  stored;        /* 1: "last" is in the store */
    u_char                  published;     /* 1: or refused for good */
    u_char                  unsettled;     /* 1: an event tells of more, so
                                              that it is not fresh */

    ngx_http_mlist_last_t   last;          /* the last complete list */

    /* its keys in the zone, of what "last" has of it; made by _set() */
    u_char                  docker_key[NGX_HTTP_MLIST_KEY_SIZE];
    u_char                  oci_key[NGX_HTTP_MLIST_KEY_SIZE];
} ngx_http_mlist_tag_t;


/*
 * A store's key of a tag's last list: wherever the store is.  NGX_OK or
 * NGX_ERROR.
 */
ngx_int_t ngx_http_mlist_tag_last_key(ngx_http_mlist_loc_conf_t *mlcf,
    ngx_str_t *name, ngx_str_t *tag, u_char key[NGX_HTTP_MLIST_KEY_SIZE]);

/*
 * The number of the last drop that concerns a tag: its own, that of all tags
 * of its name, or that of all tags of the location (see drop); 0: none.
 */
uint64_t ngx_http_mlist_tag_last_drop(ngx_http_mlist_loc_conf_t *mlcf,
    ngx_str_t *name, ngx_str_t *tag);

/*
 * 1 if a flight of that number began so long after a drop that it has seen
 * what was dropped, whatever a registry told before its time; else 0.
 */
ngx_uint_t ngx_http_mlist_tag_settled(ngx_http_mlist_loc_conf_t *mlcf,
    ngx_str_t *name, ngx_str_t *tag, uint64_t number);

/*
 * What is known of a tag of a location.  NGX_OK; NGX_DECLINED: nothing.
 */
ngx_int_t ngx_http_mlist_tag_known(ngx_http_mlist_loc_conf_t *mlcf,
    ngx_str_t *name, ngx_str_t *tag, ngx_http_mlist_tag_t *known);

/*
 * 1 if a tag of a location was last answered with the list of that digest,
 * whichever type it has; else 0.
 */
ngx_uint_t ngx_http_mlist_tag_holds(ngx_http_mlist_loc_conf_t *mlcf,
    ngx_str_t *name, ngx_str_t *tag, ngx_str_t *digest);

/* The same of the request's tag. */
ngx_int_t ngx_http_mlist_tag_get(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_tag_t *tag);

/*
 * The same, in one look with the number of its last drop, for comparing with
 * tag->number: a drop before that may be left out.  "drop" is set with NGX_OK
 * only.
 */
ngx_int_t ngx_http_mlist_tag_look(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_tag_t *tag, uint64_t *drop)
    MLIST_HOT;

/*
 * 1 if the tag's list is given out without asking anybody (mlist_valid):
 * it was asked for lately, and nothing was dropped since; else 0.  What a
 * drop is of was to be seen by then: see told.
 */
ngx_uint_t ngx_http_mlist_tag_fresh(ngx_http_request_t *r,
    ngx_http_mlist_tag_t *tag, uint64_t drop) MLIST_HOT;

/* 1 if the tag was dropped since, else 0. */
ngx_uint_t ngx_http_mlist_tag_dropped(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_tag_t *tag);

/*
 * NGX_OK; NGX_ABORT: a later flight than tag->number has set it; a drop since
 * is no reason not to, since the last complete list is what it is;
 * NGX_DECLINED: the zone has no room; NGX_ERROR.
 */
ngx_int_t ngx_http_mlist_tag_set(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_tag_t *tag);

/* NGX_OK if no later flight has set it nor a drop come, else NGX_ABORT. */
ngx_int_t ngx_http_mlist_tag_newest(ngx_http_request_t *r,
    ngx_http_mlist_ctx_t *ctx, ngx_http_mlist_tag_t *tag);

/* Notes in tag->observed what the spots hold.  NGX_OK or NGX_ERROR. */
ngx_int_t ngx_http_mlist_tag_observe(ngx_http_request_t *r,
    ngx_http_mlist_spot_t *spots, ngx_uint_t n, ngx_http_mlist_tag_t *tag);

/* The list's key in the zone, as it was noted. */
u_char *ngx_http_mlist_tag_list_key(ngx_http_mlist_tag_t *tag,
    mlist_media_e type) MLIST_HOT;

/* The digest noted for a list type, or an empty string. */
ngx_str_t ngx_http_mlist_tag_digest(ngx_http_mlist_last_t *last,
    mlist_media_e type) MLIST_HOT;

void ngx_http_mlist_tag_note(ngx_http_mlist_last_t *last, mlist_media_e type,
    ngx_str_t *digest);


#endif /* _NGX_HTTP_MLIST_TAG_H_INCLUDED_ */

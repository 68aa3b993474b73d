/*
 * The zone: one shared memory segment for all that is remembered, as a table
 * of values by kind and key, each kind with its own LRU queue.  It never
 * looks into a value, never logs with the mutex held, and no caller ever
 * holds the mutex: every function takes and releases it itself.  Of a key the
 * first 16 bytes count, which are a hash with a secret in it (see key), so
 * that nobody can choose what is kept in one place.
 * Called by list, digest, auth.
 */

#ifndef _NGX_HTTP_MLIST_ZONE_H_INCLUDED_
#define _NGX_HTTP_MLIST_ZONE_H_INCLUDED_


#include "ngx_http_mlist.h"


/*
 * In the order in which they go when the zone is full; the first two are for
 * people to read, and have no reserve.
 */
typedef enum {
    NGX_HTTP_MLIST_ZONE_SEEN = 0,      /* what flights have seen of tags */
    NGX_HTTP_MLIST_ZONE_GONE,          /* children that are nowhere */
    NGX_HTTP_MLIST_ZONE_NEGATIVE,      /* failed credentials */
    NGX_HTTP_MLIST_ZONE_USER,          /* checked credentials */
    NGX_HTTP_MLIST_ZONE_TOKEN,         /* how a registry is logged in at */
    NGX_HTTP_MLIST_ZONE_ROUTE,         /* digest to source */
    NGX_HTTP_MLIST_ZONE_PART,          /* what a child contributes */
    NGX_HTTP_MLIST_ZONE_TAG,           /* what a tag was answered with */
    NGX_HTTP_MLIST_ZONE_LIST,          /* lists by digest */
    NGX_HTTP_MLIST_ZONE_KINDS
} ngx_http_mlist_zone_kind_e;

/* What tells keys apart, of the bytes that a caller gives. */
#define NGX_HTTP_MLIST_ZONE_KEY  MLIST_SIPHASH_SIZE


/* The numbers of last drops; 0: none. */
typedef struct {
    uint64_t  own;       /* of the key */
    uint64_t  wide;      /* of any key that stands for many things */
} ngx_http_mlist_zone_drops_t;


/*
 * Adds the shared memory zone of "size" bytes (at least 8 pages) to the
 * configuration (once, from the module's init_main_conf).  Its content
 * survives a reload as long as the size is the same.  NULL on error (logged
 * at emerg).
 */
ngx_http_mlist_zone_t *ngx_http_mlist_zone_add(ngx_conf_t *cf, size_t size);

/*
 * Copies a value into "pool".  NGX_OK; NGX_DECLINED: not there or expired;
 * NGX_ERROR: the pool is out of memory.  The entry becomes the newest of its
 * kind.
 */
ngx_int_t ngx_http_mlist_zone_get(ngx_http_mlist_zone_t *zone,
    ngx_http_mlist_zone_kind_e kind, u_char key[NGX_HTTP_MLIST_KEY_SIZE],
    ngx_pool_t *pool, ngx_str_t *value) MLIST_HOT;

/*
 * The same of a value of "len" bytes, into "value", and what was dropped.
 * NGX_OK; NGX_DECLINED: not there, expired, or of another length.
 */
ngx_int_t ngx_http_mlist_zone_read(ngx_http_mlist_zone_t *zone,
    ngx_http_mlist_zone_kind_e kind, u_char key[NGX_HTTP_MLIST_KEY_SIZE],
    u_char *value, size_t len, ngx_http_mlist_zone_drops_t *drops) MLIST_HOT;

/*
 * Copies a value of at most "size" bytes, of which there are *len; it is no
 * newer for that.  NGX_OK; NGX_DECLINED: not there, expired, or larger.
 */
ngx_int_t ngx_http_mlist_zone_peek(ngx_http_mlist_zone_t *zone,
    ngx_http_mlist_zone_kind_e kind, u_char *key, u_char *value, size_t size,
    size_t *len);

/*
 * The keys of the "n" newest values of a kind, the newest first, as far as
 * they are kept: NGX_HTTP_MLIST_ZONE_KEY bytes each.  Returns how many there
 * are.  The mutex is held for a few microseconds a hundred.
 */
ngx_uint_t ngx_http_mlist_zone_keys(ngx_http_mlist_zone_t *zone,
    ngx_http_mlist_zone_kind_e kind, u_char *keys, ngx_uint_t n);

/*
 * Stores the concatenation of "n" pieces, replacing what was there.  "ttl"
 * is in seconds, 0 for no end.
 *
 * Other kinds have a sixteenth of the zone in reserve: what is stored of the
 * later kinds never grows into it, so that a zone full of lists still takes
 * a checked credential.  Where room is short, entries go in the order of the
 * kinds, oldest first, of those kinds that have more than their reserve,
 * then of the kind stored; an entry of a later kind than that only where the
 * kind stored has nothing at all in the zone and was to have its reserve.
 * In the place of a tag goes a list that was not used since the tag was
 * asked for, until tags have a sixth of the zone, so that lists which nobody
 * asks for any more do not fill it for ever.
 *
 * A call evicts at most about twice the value's size and eight pages: enough
 * for the largest list, a bounded time for a small one.  After 256 pieces of
 * half a page or less it releases the mutex and takes it again.
 *
 * NGX_OK; NGX_DECLINED: it did not fit (an older value under the key is
 * then gone too).
 */
ngx_int_t ngx_http_mlist_zone_set(ngx_http_mlist_zone_t *zone,
    ngx_http_mlist_zone_kind_e kind, u_char key[NGX_HTTP_MLIST_KEY_SIZE],
    ngx_str_t *pieces, ngx_uint_t n, time_t ttl);

/*
 * Takes a key for "ttl" seconds, or until it is deleted, with an empty value.
 * NGX_OK; NGX_BUSY: there is a value; NGX_DECLINED: it did not fit.
 */
ngx_int_t ngx_http_mlist_zone_claim(ngx_http_mlist_zone_t *zone,
    ngx_http_mlist_zone_kind_e kind, u_char key[NGX_HTTP_MLIST_KEY_SIZE],
    time_t ttl);

/* Forgets a value; that there is none is fine. */
void ngx_http_mlist_zone_delete(ngx_http_mlist_zone_t *zone,
    ngx_http_mlist_zone_kind_e kind, u_char key[NGX_HTTP_MLIST_KEY_SIZE]);

/*
 * The order over all workers.  A number is drawn by a flight before it asks
 * and by whatever makes a tag's answer stale.  Numbers grow; they are
 * microseconds since 1970 where that is more than the last one, so that they
 * compare across restarts and processes as well as clocks do.
 */
uint64_t ngx_http_mlist_zone_draw(ngx_http_mlist_zone_t *zone);

/*
 * Draws a number and notes it as the last drop of "key".  Keys share the
 * slots of a table, so that a drop may hit another key too: that one is then
 * asked for once more than it had to be.  "wide": the key stands for many
 * things.
 */
void ngx_http_mlist_zone_drop(ngx_http_mlist_zone_t *zone,
    u_char key[NGX_HTTP_MLIST_KEY_SIZE], ngx_uint_t wide);

/* The number of the last drop of any of "n" keys; 0: none. */
uint64_t ngx_http_mlist_zone_dropped(ngx_http_mlist_zone_t *zone,
    u_char **keys, ngx_uint_t n);

/*
 * ngx_http_mlist_zone_set() for what was asked for under "number":
 * NGX_ABORT, and nothing is changed, where what is there has a larger one.
 * Whether the key was dropped since is for the reader to compare.
 */
ngx_int_t ngx_http_mlist_zone_set_ordered(ngx_http_mlist_zone_t *zone,
    ngx_http_mlist_zone_kind_e kind, u_char key[NGX_HTTP_MLIST_KEY_SIZE],
    ngx_str_t *pieces, ngx_uint_t n, uint64_t number);

/*
 * NGX_OK where zone_set_ordered() would set and the key was not dropped since
 * "number", else NGX_ABORT.
 */
ngx_int_t ngx_http_mlist_zone_newest(ngx_http_mlist_zone_t *zone,
    ngx_http_mlist_zone_kind_e kind, u_char key[NGX_HTTP_MLIST_KEY_SIZE],
    uint64_t number);

/* Whether there is anything of that kind; without the lock. */
ngx_uint_t ngx_http_mlist_zone_holds(ngx_http_mlist_zone_t *zone,
    ngx_http_mlist_zone_kind_e kind);

/* What is in the zone. */
typedef struct {
    size_t      size;                        /* bytes of shared memory */
    size_t      used;                        /* of them, in pages taken */
    ngx_uint_t  count[NGX_HTTP_MLIST_ZONE_KINDS];
    size_t      bytes[NGX_HTTP_MLIST_ZONE_KINDS];
    ngx_uint_t  evicted[NGX_HTTP_MLIST_ZONE_KINDS];  /* since it was made */
} ngx_http_mlist_zone_figures_t;

void ngx_http_mlist_zone_figures(ngx_http_mlist_zone_t *zone,
    ngx_http_mlist_zone_figures_t *figures);

/* 32 random bytes made with the zone; the same for all workers. */
u_char *ngx_http_mlist_zone_secret(ngx_http_mlist_zone_t *zone);

/*
 * The SHA-256 over "n" pieces, each preceded by its length, so that no two
 * lists of pieces give one key.  NGX_OK or NGX_ERROR.
 */
ngx_int_t ngx_http_mlist_zone_key(ngx_str_t *pieces, ngx_uint_t n,
    u_char key[NGX_HTTP_MLIST_KEY_SIZE]);


#endif /* _NGX_HTTP_MLIST_ZONE_H_INCLUDED_ */

/*
 * What flights have seen of tags, for the status pages: a record a tag,
 * written when a flight ends, in the zone as long as there is room.  Nothing
 * is recorded where no location has mlist_status, nor of what was refused.
 * It decides nothing.  Called by build; read by model.
 */

#ifndef _NGX_HTTP_MLIST_SEEN_H_INCLUDED_
#define _NGX_HTTP_MLIST_SEEN_H_INCLUDED_


#include "ngx_http_mlist.h"
#include "ngx_http_mlist_build_state.h"

#include "../core/mlist_seen.h"


/* Records what the flight has seen, and that its verdict is of that kind. */
void ngx_http_mlist_seen_note(ngx_http_request_t *r,
    ngx_http_mlist_build_t *build, ngx_http_mlist_verdict_e kind);

/*
 * The record of a tag in a location, as bytes in "buf", which has
 * MLIST_SEEN_MAX of them.  NGX_OK or NGX_DECLINED.
 */
ngx_int_t ngx_http_mlist_seen_get(ngx_http_mlist_loc_conf_t *mlcf,
    ngx_str_t *name, ngx_str_t *tag, u_char *buf, ngx_str_t *record);

/*
 * The location whose record it is, or one that asks the same sources the same
 * way; NULL: the configuration has it no more.
 */
ngx_http_mlist_loc_conf_t *ngx_http_mlist_seen_place(
    ngx_http_mlist_main_conf_t *mcf, const unsigned char *place);


#endif /* _NGX_HTTP_MLIST_SEEN_H_INCLUDED_ */

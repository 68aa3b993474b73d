/*
 * Which requests may share a flight: see ngx_http_mlist_share.h.
 */


#include "ngx_http_mlist_share.h"
#include "ngx_http_mlist_key.h"
#include "ngx_http_mlist_tag.h"
#include "ngx_http_mlist_zone.h"


ngx_int_t
ngx_http_mlist_share_key(ngx_http_request_t *r,
    ngx_http_mlist_loc_conf_t *mlcf, ngx_http_mlist_flight_ask_t *ask,
    u_char key[NGX_HTTP_MLIST_KEY_SIZE])
{
    u_char     tag[NGX_HTTP_MLIST_KEY_SIZE], ways[2];
    ngx_str_t  pieces[3];

    ngx_http_mlist_key_tag(mlcf, &ask->name, &ask->reference, tag);

    /* of locations of one key, what each may give without an answer */

    ways[0] = (u_char) ask->want;
    ways[1] = (u_char) mlcf->use_stale;

    pieces[0].data = tag;
    pieces[0].len = NGX_HTTP_MLIST_KEY_SIZE;
    pieces[1].data = ways;
    pieces[1].len = sizeof(ways);
    ngx_str_null(&pieces[2]);

    if (mlcf->auth == NGX_HTTP_MLIST_AUTH_REGISTRY
        && !ask->foreign
        && r->headers_in.authorization)
    {
        pieces[2] = r->headers_in.authorization->value;
    }

    return ngx_http_mlist_zone_key(pieces, 3, key);
}


ngx_uint_t
ngx_http_mlist_share_young(ngx_http_mlist_flight_t *flight,
    ngx_http_mlist_loc_conf_t *mlcf, ngx_http_mlist_flight_ask_t *ask)
{
    if (flight->number == 0) {
        return 1;
    }

    return (ngx_msec_t) (ngx_current_msec - flight->asked)
               < (ngx_msec_t) mlcf->valid * 1000
           && ngx_http_mlist_tag_settled(mlcf, &ask->name, &ask->reference,
                                         flight->number);
}

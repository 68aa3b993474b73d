/*
 * What the status pages print, whichever form they have: a copy, in a pool,
 * of what the zone holds, taken under its lock in bounded steps.  It prints
 * nothing.  Called by status; read by the rooms of its forms.
 */

#ifndef _NGX_HTTP_MLIST_MODEL_H_INCLUDED_
#define _NGX_HTTP_MLIST_MODEL_H_INCLUDED_


#include "ngx_http_mlist.h"
#include "ngx_http_mlist_health.h"
#include "ngx_http_mlist_seen.h"
#include "ngx_http_mlist_stats.h"
#include "ngx_http_mlist_zone.h"


typedef struct {
    ngx_str_t                      label;
    ngx_http_mlist_registry_t     *registry;  /* NULL: the configuration has
                                                no such source any more */
    ngx_http_mlist_health_t        health;
    ngx_uint_t                     total;     /* answers, and what came
                                                instead */
    ngx_uint_t                     errors;    /* no answer, 429 or 5xx */
    unsigned long                  median;    /* milliseconds */
} ngx_http_mlist_model_source_t;


/* What is asked for. */
typedef struct {
    ngx_str_t                      name;      /* of one tag; empty: all */
    ngx_str_t                      tag;
    ngx_http_mlist_loc_conf_t     *place;     /* where; NULL: anywhere */
    ngx_uint_t                     limit;     /* of tags */
    ngx_uint_t                     pins;      /* unsigned  pins:1; */
} ngx_http_mlist_model_ask_t;


typedef struct {
    time_t                         now;
    ngx_http_mlist_stats_t         stats;
    ngx_http_mlist_zone_figures_t  zone;
    ngx_array_t                    sources;   /* of
                                                ngx_http_mlist_model_source_t
                                                in order of configuration */
    ngx_array_t                    tags;      /* of ngx_str_t: records, to be
                                                read by model_record(), the
                                                newest first */
    ngx_array_t                    pins;      /* the same of children that
                                                are gone */
    ngx_http_mlist_main_conf_t    *main;
    mlist_seen_t                  *seen;      /* of the record read last */
} ngx_http_mlist_model_t;


/* Fills it in for the request "r", in its pool.  NGX_OK or NGX_ERROR. */
ngx_int_t ngx_http_mlist_model_take(ngx_http_request_t *r,
    ngx_http_mlist_model_ask_t *ask, ngx_http_mlist_model_t *model);

/*
 * Reads a record into model->seen.  Returns the location that it is of, or
 * NULL: the configuration has it no more.
 */
ngx_http_mlist_loc_conf_t *ngx_http_mlist_model_record(
    ngx_http_mlist_model_t *model, ngx_str_t *record);

/* The word for a kind of what the zone holds: "lists" and so on. */
const char *ngx_http_mlist_model_what(ngx_http_mlist_zone_kind_e kind);

/* The words for a result of a password's check: "accepted" and so on. */
const char *ngx_http_mlist_model_auth(ngx_http_mlist_stats_auth_e result);

/*
 * The word for a source's answer, by its place: a status, "other", "failed",
 * "timeout" or "too_large".  "text" has room for it and a NUL.
 */
#define NGX_HTTP_MLIST_MODEL_ANSWER  16

void ngx_http_mlist_model_answer(ngx_uint_t place,
    u_char text[NGX_HTTP_MLIST_MODEL_ANSWER]);

/* The same for an answer itself: see health. */
void ngx_http_mlist_model_said(ngx_uint_t answer,
    u_char text[NGX_HTTP_MLIST_MODEL_ANSWER]);


#endif /* _NGX_HTTP_MLIST_MODEL_H_INCLUDED_ */

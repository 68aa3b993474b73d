/*
 * The module as nginx sees it: its directives, and where it hooks in.
 * Tables only; nothing is decided here.  Called by nginx.
 */

#include "ngx_http_mlist_auth.h"
#include "ngx_http_mlist_body.h"
#include "ngx_http_mlist_browse.h"
#include "ngx_http_mlist_conf.h"
#include "ngx_http_mlist_filter.h"
#include "ngx_http_mlist_guard.h"
#include "ngx_http_mlist_handler.h"
#include "ngx_http_mlist_login.h"
#include "ngx_http_mlist_notify.h"
#include "ngx_http_mlist_proxy.h"
#include "ngx_http_mlist_push_conf.h"
#include "ngx_http_mlist_source.h"
#include "ngx_http_mlist_stats.h"
#include "ngx_http_mlist_status.h"
#include "ngx_http_mlist_variables.h"
#include "ngx_http_mlist_watch.h"


#define NGX_HTTP_MLIST_ANY                                                    \
    (NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF)


static ngx_int_t ngx_http_mlist_preconfiguration(ngx_conf_t *cf);
static ngx_int_t ngx_http_mlist_postconfiguration(ngx_conf_t *cf);


static ngx_conf_post_t  ngx_http_mlist_zone_post = {
    ngx_http_mlist_conf_check_zone
};

static ngx_conf_post_t  ngx_http_mlist_size_post = {
    ngx_http_mlist_conf_check_size
};

static ngx_conf_enum_t  ngx_http_mlist_types[] = {
    { ngx_string("auto"), MLIST_TYPE_AUTO },
    { ngx_string("docker"), MLIST_TYPE_DOCKER },
    { ngx_string("oci"), MLIST_TYPE_OCI },
    { ngx_null_string, 0 }
};

static ngx_conf_num_bounds_t  ngx_http_mlist_flights_bounds = {
    ngx_conf_check_num_bounds, 1, -1
};

static ngx_conf_bitmask_t  ngx_http_mlist_stale[] = {
    { ngx_string("error"), NGX_HTTP_MLIST_STALE_ERROR },
    { ngx_string("timeout"), NGX_HTTP_MLIST_STALE_TIMEOUT },
    { ngx_string("updating"), NGX_HTTP_MLIST_STALE_UPDATING },
    { ngx_string("off"), NGX_HTTP_MLIST_STALE_OFF },
    { ngx_null_string, 0 }
};

static ngx_conf_enum_t  ngx_http_mlist_redirects[] = {
    { ngx_string("pass"), 0 },
    { ngx_string("follow"), 1 },
    { ngx_null_string, 0 }
};

static ngx_conf_enum_t  ngx_http_mlist_attestations[] = {
    { ngx_string("keep"), 1 },
    { ngx_string("drop"), 0 },
    { ngx_null_string, 0 }
};


static ngx_command_t  ngx_http_mlist_commands[] = {

    { ngx_string("mlist"),
      NGX_HTTP_MLIST_ANY|NGX_CONF_TAKE1,
      ngx_http_mlist_conf_mlist,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("mlist_source"),
      NGX_HTTP_MLIST_ANY|NGX_CONF_1MORE,
      ngx_http_mlist_source_set,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("mlist_zone"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_size_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      offsetof(ngx_http_mlist_main_conf_t, zone_size),
      &ngx_http_mlist_zone_post },

    { ngx_string("mlist_store"),
      NGX_HTTP_MLIST_ANY|NGX_CONF_1MORE,
      ngx_http_mlist_conf_store,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("mlist_auth"),
      NGX_HTTP_MLIST_ANY|NGX_CONF_TAKE1,
      ngx_http_mlist_conf_auth,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("mlist_htpasswd"),
      NGX_HTTP_MLIST_ANY|NGX_CONF_1MORE,
      ngx_http_mlist_auth_htpasswd,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("mlist_login"),
      NGX_HTTP_MLIST_ANY|NGX_CONF_TAKE3|NGX_CONF_TAKE4,
      ngx_http_mlist_login_set,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("mlist_names"),
      NGX_HTTP_MLIST_ANY|NGX_CONF_1MORE,
      ngx_http_mlist_conf_match,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_mlist_loc_conf_t, names),
      NULL },

    { ngx_string("mlist_tags"),
      NGX_HTTP_MLIST_ANY|NGX_CONF_1MORE,
      ngx_http_mlist_conf_match,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_mlist_loc_conf_t, tags),
      NULL },

    { ngx_string("mlist_type"),
      NGX_HTTP_MLIST_ANY|NGX_CONF_TAKE1,
      ngx_conf_set_enum_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_mlist_loc_conf_t, type),
      &ngx_http_mlist_types },

    { ngx_string("mlist_default_platform"),
      NGX_HTTP_MLIST_ANY|NGX_CONF_TAKE1,
      ngx_http_mlist_conf_default_platform,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("mlist_attestations"),
      NGX_HTTP_MLIST_ANY|NGX_CONF_TAKE1,
      ngx_conf_set_enum_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_mlist_loc_conf_t, attestations),
      &ngx_http_mlist_attestations },

    { ngx_string("mlist_verify"),
      NGX_HTTP_MLIST_ANY|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_mlist_loc_conf_t, verify),
      NULL },

    { ngx_string("mlist_max_manifest_size"),
      NGX_HTTP_MLIST_ANY|NGX_CONF_TAKE1,
      ngx_conf_set_size_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_mlist_loc_conf_t, max_manifest_size),
      &ngx_http_mlist_size_post },

    { ngx_string("mlist_valid"),
      NGX_HTTP_MLIST_ANY|NGX_CONF_TAKE1,
      ngx_conf_set_sec_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_mlist_loc_conf_t, valid),
      NULL },

    { ngx_string("mlist_use_stale"),
      NGX_HTTP_MLIST_ANY|NGX_CONF_1MORE,
      ngx_http_mlist_conf_use_stale,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_mlist_loc_conf_t, use_stale),
      &ngx_http_mlist_stale },

    { ngx_string("mlist_flights"),
      NGX_HTTP_MLIST_ANY|NGX_CONF_TAKE1,
      ngx_conf_set_num_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_mlist_loc_conf_t, flights),
      &ngx_http_mlist_flights_bounds },

    { ngx_string("mlist_publish"),
      NGX_HTTP_MLIST_ANY|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_mlist_loc_conf_t, publish),
      NULL },

    { ngx_string("mlist_redirect"),
      NGX_HTTP_MLIST_ANY|NGX_CONF_TAKE1,
      ngx_conf_set_enum_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_mlist_loc_conf_t, redirect),
      &ngx_http_mlist_redirects },

    { ngx_string("mlist_push"),
      NGX_HTTP_MLIST_ANY|NGX_CONF_1MORE,
      ngx_http_mlist_push_conf_set,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("mlist_status"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS,
      ngx_http_mlist_status_set,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("mlist_notify"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS,
      ngx_http_mlist_notify_set,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_mlist_module_ctx = {
    ngx_http_mlist_preconfiguration,       /* preconfiguration */
    ngx_http_mlist_postconfiguration,      /* postconfiguration */

    ngx_http_mlist_conf_create_main,       /* create main configuration */
    ngx_http_mlist_conf_init_main,         /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    ngx_http_mlist_conf_create_loc,        /* create location configuration */
    ngx_http_mlist_conf_merge_loc          /* merge location configuration */
};


ngx_module_t  ngx_http_mlist_module = {
    NGX_MODULE_V1,
    &ngx_http_mlist_module_ctx,            /* module context */
    ngx_http_mlist_commands,               /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    NULL,                                  /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    NULL,                                  /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


static ngx_int_t
ngx_http_mlist_preconfiguration(ngx_conf_t *cf)
{
    ngx_http_mlist_unwatch(NULL);

    if (ngx_http_mlist_proxy_watch(cf) != NGX_OK
        || ngx_http_mlist_guard_watch(cf) != NGX_OK
        || ngx_http_mlist_login_watch(cf) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_mlist_variables_add(cf);
}


static ngx_int_t
ngx_http_mlist_postconfiguration(ngx_conf_t *cf)
{
    ngx_http_handler_pt         *h;
    ngx_http_core_main_conf_t   *cmcf;
    ngx_http_mlist_main_conf_t  *mcf;

    ngx_http_mlist_unwatch(NULL);

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_mlist_module);

    if (!mcf->used) {
        return NGX_OK;
    }

    ngx_http_mlist_browse_init(mcf);

    if (ngx_http_mlist_auth_init(cf) != NGX_OK) {
        return NGX_ERROR;
    }

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    h = ngx_array_push(&cmcf->phases[NGX_HTTP_PREACCESS_PHASE].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    *h = ngx_http_mlist_stats_keep;

    h = ngx_array_push(&cmcf->phases[NGX_HTTP_PRECONTENT_PHASE].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    *h = ngx_http_mlist_handler;

    h = ngx_array_push(&cmcf->phases[NGX_HTTP_LOG_PHASE].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    *h = ngx_http_mlist_stats_request;

    if (ngx_http_mlist_body_init(cf) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_mlist_filter_init(cf);
}

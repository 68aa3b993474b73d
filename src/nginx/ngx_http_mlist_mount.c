/*
 * The query that begins an upload: see ngx_http_mlist_mount.h.
 */


#include "ngx_http_mlist_mount.h"
#include "ngx_http_mlist_conf.h"
#include "ngx_http_mlist_push.h"


typedef enum {
    NGX_HTTP_MLIST_MOUNT_MOUNT = 0,
    NGX_HTTP_MLIST_MOUNT_FROM,
    NGX_HTTP_MLIST_MOUNT_DIGEST,
    NGX_HTTP_MLIST_MOUNT_ALGORITHM,
    NGX_HTTP_MLIST_MOUNT_KEYS
} ngx_http_mlist_mount_e;


static ngx_int_t ngx_http_mlist_mount_take(ngx_http_request_t *r,
    ngx_str_t *pair, ngx_str_t *values);
static ngx_int_t ngx_http_mlist_mount_value(ngx_http_request_t *r,
    ngx_str_t *raw, ngx_str_t *value);
static ngx_int_t ngx_http_mlist_mount_from(ngx_http_request_t *r,
    ngx_http_mlist_registry_t *registry, ngx_str_t *name);
static ngx_uint_t ngx_http_mlist_mount_is_digest(ngx_str_t *s);
static void ngx_http_mlist_mount_append(ngx_str_t *args, ngx_uint_t key,
    ngx_str_t *values);


static ngx_str_t  ngx_http_mlist_mount_keys[] = {
    ngx_string("mount"),
    ngx_string("from"),
    ngx_string("digest"),
    ngx_string("digest-algorithm")
};


ngx_int_t
ngx_http_mlist_mount_args(ngx_http_request_t *r,
    ngx_http_mlist_registry_t *registry, ngx_str_t *args)
{
    u_char     *p, *last;
    ngx_int_t   rc;
    ngx_str_t   pair, *v;
    ngx_str_t   values[NGX_HTTP_MLIST_MOUNT_KEYS];

    ngx_memzero(values, sizeof(values));

    p = r->args.data;
    last = p + r->args.len;

    while (p < last) {
        pair.data = p;

        p = ngx_strlchr(p, last, '&');
        p = p ? p : last;

        pair.len = p++ - pair.data;

        if (ngx_http_mlist_mount_take(r, &pair, values) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    /* each value but a name is unescaped, so no longer than it came */

    args->len = 0;
    args->data = ngx_pnalloc(r->pool, r->args.len + MLIST_NAME_MAX + 1);
    if (args->data == NULL) {
        return NGX_ERROR;
    }

    v = values;

    rc = ngx_http_mlist_mount_from(r, registry,
                                   &v[NGX_HTTP_MLIST_MOUNT_FROM]);

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    if (rc == NGX_OK
        && ngx_http_mlist_mount_is_digest(&v[NGX_HTTP_MLIST_MOUNT_MOUNT]))
    {
        ngx_http_mlist_mount_append(args, NGX_HTTP_MLIST_MOUNT_MOUNT, v);
        ngx_http_mlist_mount_append(args, NGX_HTTP_MLIST_MOUNT_FROM, v);
    }

    if (ngx_http_mlist_mount_is_digest(&v[NGX_HTTP_MLIST_MOUNT_DIGEST])) {
        ngx_http_mlist_mount_append(args, NGX_HTTP_MLIST_MOUNT_DIGEST, v);
    }

    v = &values[NGX_HTTP_MLIST_MOUNT_ALGORITHM];

    if (v->len == 6
        && (ngx_strncmp(v->data, "sha256", 6) == 0
            || ngx_strncmp(v->data, "sha512", 6) == 0))
    {
        ngx_http_mlist_mount_append(args, NGX_HTTP_MLIST_MOUNT_ALGORITHM,
                                    values);
    }

    return NGX_OK;
}


/* What comes twice, or cannot be decoded, is marked as no valid value. */

static ngx_int_t
ngx_http_mlist_mount_take(ngx_http_request_t *r, ngx_str_t *pair,
    ngx_str_t *values)
{
    ngx_str_t   key, raw;
    ngx_uint_t  i;

    for (i = 0; i < NGX_HTTP_MLIST_MOUNT_KEYS; i++) {
        key = ngx_http_mlist_mount_keys[i];

        if (pair->len <= key.len
            || pair->data[key.len] != '='
            || ngx_strncmp(pair->data, key.data, key.len) != 0)
        {
            continue;
        }

        if (values[i].data) {
            values[i].len = 0;
            return NGX_OK;
        }

        raw.data = pair->data + key.len + 1;
        raw.len = pair->len - key.len - 1;

        return ngx_http_mlist_mount_value(r, &raw, &values[i]);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_mlist_mount_value(ngx_http_request_t *r, ngx_str_t *raw,
    ngx_str_t *value)
{
    u_char  *src, *dst;

    value->data = ngx_pnalloc(r->pool, raw->len + 1);
    if (value->data == NULL) {
        return NGX_ERROR;
    }

    src = raw->data;
    dst = value->data;

    ngx_unescape_uri(&dst, &src, raw->len, 0);

    value->len = dst - value->data;

    return NGX_OK;
}


/*
 * Spells a name as "registry" has it.  NGX_OK; NGX_DECLINED: it is not served
 * here, or what is there is not read here; NGX_ERROR.
 */

static ngx_int_t
ngx_http_mlist_mount_from(ngx_http_request_t *r,
    ngx_http_mlist_registry_t *registry, ngx_str_t *name)
{
    ngx_http_mlist_target_t     target;
    ngx_http_mlist_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);

    if (!mlist_name_valid(ngx_http_mlist_view(name))
        || !ngx_http_mlist_conf_serves_name(mlcf, name))
    {
        return NGX_DECLINED;
    }

    target.registry = registry;

    if (ngx_http_mlist_push_name(r, name, &target) != NGX_OK) {
        return NGX_ERROR;
    }

    *name = target.name;

    return ngx_http_mlist_push_reads(r, &target) ? NGX_OK : NGX_DECLINED;
}


static ngx_uint_t
ngx_http_mlist_mount_is_digest(ngx_str_t *s)
{
    mlist_digest_t  digest;

    return mlist_digest_parse(ngx_http_mlist_view(s), &digest) == MLIST_OK;
}


static void
ngx_http_mlist_mount_append(ngx_str_t *args, ngx_uint_t key,
    ngx_str_t *values)
{
    u_char  *p;

    p = args->data + args->len;

    p = ngx_sprintf(p, "%s%V=%V", args->len ? "&" : "",
                    &ngx_http_mlist_mount_keys[key], &values[key]);

    args->len = p - args->data;
}

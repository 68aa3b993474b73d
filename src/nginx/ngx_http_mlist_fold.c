/*
 * Folding: see ngx_http_mlist_fold.h.
 */


#include "ngx_http_mlist_fold.h"
#include "ngx_http_mlist_conf.h"
#include "ngx_http_mlist_store_remote.h"


static mlist_rc_e ngx_http_mlist_fold_plain(ngx_http_mlist_fold_t *fold,
    mlist_str_t tag);


ngx_int_t
ngx_http_mlist_fold_begin(ngx_http_request_t *r, ngx_http_mlist_fold_t *fold,
    ngx_str_t *name, ngx_array_t *targets)
{
    uint32_t                  bit;
    ngx_int_t                 rc, index;
    ngx_str_t                 spelled;
    ngx_uint_t                i;
    ngx_http_mlist_source_t  *source;
    ngx_http_mlist_target_t  *target;

    fold->conf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);
    fold->name = name;

    source = fold->conf->sources->elts;
    target = targets->elts;

    for (i = 0; i < fold->conf->sources->nelts; i++) {
        bit = (uint32_t) 1 << i;

        if (!ngx_http_mlist_conf_serves(&source[i], name)) {
            continue;
        }

        fold->serves |= bit;

        if (source[i].required) {
            fold->required |= bit;
        }

        rc = ngx_http_mlist_target_name(r, &source[i], name, &spelled);

        if (rc == NGX_ERROR) {
            return NGX_ERROR;
        }

        if (rc == NGX_DECLINED) {
            continue;
        }

        index = ngx_http_mlist_target_find(targets, source[i].registry,
                                           &spelled);

        fold->at[i] = (index == NGX_ERROR) ? NULL : &target[index];
    }

    return NGX_OK;
}


mlist_rc_e
ngx_http_mlist_fold_tag(void *data, mlist_str_t tag)
{
    uint32_t                  bit;
    ngx_str_t                 text;
    ngx_uint_t                i, folded;
    mlist_rc_e                rc;
    mlist_str_t               stem;
    ngx_http_mlist_fold_t    *fold;
    ngx_http_mlist_source_t  *source;

    fold = data;

    if (!mlist_name_tag_valid(tag)) {
        return MLIST_OK;
    }

    source = fold->conf->sources->elts;
    folded = 0;

    for (i = 0; i < fold->conf->sources->nelts; i++) {
        bit = (uint32_t) 1 << i;

        if (!(fold->serves & bit) || fold->at[i] != fold->target) {
            continue;
        }

        if (!source[i].tag.star && mlist_str_eq(source[i].tag.before, tag)) {
            fold->always |= bit;
        }

        if (mlist_pattern_is_identity(&source[i].tag)
            || !mlist_pattern_invert(&source[i].tag, tag, &stem)
            || !mlist_name_tag_valid(stem))
        {
            continue;
        }

        text = ngx_http_mlist_ngx_str(stem);

        if (!ngx_http_mlist_conf_synthesizes(fold->conf, fold->name, &text)) {
            continue;
        }

        rc = mlist_tags_add(&fold->tags, stem, bit, 0);

        if (rc != MLIST_OK) {
            return rc;
        }

        folded = 1;
    }

    return folded ? MLIST_OK : ngx_http_mlist_fold_plain(fold, tag);
}


/*
 * A tag that is no spelling of another one here, or of one that is not
 * synthesized.  It is listed if a read of it comes here.
 */

static mlist_rc_e
ngx_http_mlist_fold_plain(ngx_http_mlist_fold_t *fold, mlist_str_t tag)
{
    uint32_t                  sources;
    ngx_str_t                 text;
    ngx_uint_t                i;
    mlist_str_t               stem;
    ngx_http_mlist_source_t  *source;

    text = ngx_http_mlist_ngx_str(tag);
    source = fold->conf->sources->elts;
    sources = 0;

    if (mlist_name_is_signature_tag(tag)
        || !ngx_http_mlist_conf_matches(fold->conf->tags, &text))
    {
        return mlist_tags_add(&fold->tags, tag, 0, 1);
    }

    for (i = 0; i < fold->conf->sources->nelts; i++) {

        if (fold->at[i] == NULL) {
            continue;
        }

        if (mlist_pattern_is_identity(&source[i].tag)) {

            if (fold->at[i] == fold->target) {
                sources |= (uint32_t) 1 << i;
            }

        } else if (mlist_pattern_invert(&source[i].tag, tag, &stem)
                   && mlist_name_tag_valid(stem))
        {
            /* a source's spelling is read there and nowhere else */

            return fold->at[i] == fold->target
                       ? mlist_tags_add(&fold->tags, tag, 0, 1) : MLIST_OK;
        }
    }

    return mlist_tags_add(&fold->tags, tag, sources, 0);
}


mlist_rc_e
ngx_http_mlist_fold_repository(void *data, mlist_str_t name)
{
    ngx_str_t                 text;
    ngx_uint_t                i;
    mlist_rc_e                rc;
    mlist_str_t               stem;
    ngx_http_mlist_fold_t    *fold;
    ngx_http_mlist_source_t  *source;

    fold = data;
    text = ngx_http_mlist_ngx_str(name);

    if (!mlist_name_valid(name)
        || ngx_http_mlist_store_remote_is(fold->conf->main, &text))
    {
        return MLIST_OK;
    }

    source = fold->conf->sources->elts;

    for (i = 0; i < fold->conf->sources->nelts; i++) {

        if (source[i].registry != fold->target->registry
            || !mlist_pattern_invert(&source[i].name, name, &stem))
        {
            continue;
        }

        text = ngx_http_mlist_ngx_str(stem);

        if (!mlist_name_valid(stem)
            || !ngx_http_mlist_conf_serves(&source[i], &text)
            || !ngx_http_mlist_conf_serves_name(fold->conf, &text))
        {
            continue;
        }

        rc = mlist_tags_add(&fold->tags, stem, 0, 1);

        if (rc != MLIST_OK) {
            return rc;
        }
    }

    return MLIST_OK;
}

/*
 * What a record of a tag means, in words: see ngx_http_mlist_explain.h.
 */


#include "ngx_http_mlist_explain.h"


static u_char *ngx_http_mlist_explain_what(mlist_seen_source_t *seen,
    ngx_http_mlist_source_t *source, u_char *p, u_char *last);
static u_char *ngx_http_mlist_explain_platform(
    ngx_http_mlist_source_t *source, u_char *p, u_char *last);


ngx_str_t
ngx_http_mlist_explain_source(mlist_seen_source_t *seen,
    ngx_http_mlist_source_t *source, u_char buf[NGX_HTTP_MLIST_EXPLAIN])
{
    u_char     *p, *last;
    ngx_str_t   text;

    last = buf + NGX_HTTP_MLIST_EXPLAIN;

    p = ngx_http_mlist_explain_what(seen, source, buf, last);

    if (seen->left_out) {
        p = ngx_slprintf(p, last, "; it is optional, so that the list was "
                         "made without it");
    }

    text.data = buf;
    text.len = p - buf;

    return text;
}


static u_char *
ngx_http_mlist_explain_what(mlist_seen_source_t *seen,
    ngx_http_mlist_source_t *source, u_char *p, u_char *last)
{
    ngx_str_t  reason;

    reason = ngx_http_mlist_ngx_str(seen->reason);

    switch (seen->what) {

    case MLIST_SEEN_NOT_ASKED:
        return ngx_slprintf(p, last, "was not asked: its names= leaves this "
                            "repository out");

    case MLIST_SEEN_NO_SPELLING:
        return ngx_slprintf(p, last, "was not asked: its tag= or name= gives "
                            "no valid one");

    case MLIST_SEEN_PRESENT:
        return ngx_slprintf(p, last, "has it");

    case MLIST_SEEN_ABSENT:
        return ngx_slprintf(p, last, "has not this tag (404)");

    case MLIST_SEEN_NO_PLATFORM:
        return ngx_http_mlist_explain_platform(source, p, last);

    case MLIST_SEEN_DENIED:
        return ngx_slprintf(p, last, "denied it (%ud), which counts as not "
                            "there", seen->status);

    case MLIST_SEEN_STATUS:
        return ngx_slprintf(p, last, "answered with status %ud",
                            seen->status);

    case MLIST_SEEN_TIMEOUT:
        return ngx_slprintf(p, last, "did not answer in time");

    case MLIST_SEEN_TOO_LARGE:
        return ngx_slprintf(p, last, "sent more than "
                            "mlist_max_manifest_size allows");

    case MLIST_SEEN_FAILED:
        return ngx_slprintf(p, last, "gave no whole answer%s%V",
                            reason.len ? ": " : "", &reason);

    default: /* MLIST_SEEN_BAD */
        return ngx_slprintf(p, last, "gave what is no good: %V", &reason);
    }
}


static u_char *
ngx_http_mlist_explain_platform(ngx_http_mlist_source_t *source, u_char *p,
    u_char *last)
{
    char  platform[MLIST_PLATFORM_TEXT];

    if (source->platform == NULL) {
        return ngx_slprintf(p, last, "has no image of a platform");
    }

    (void) mlist_platform_text(source->platform, platform);

    return ngx_slprintf(p, last, "has nothing for %s, which counts as not "
                        "there", platform);
}


ngx_str_t
ngx_http_mlist_explain_verdict(mlist_seen_t *seen,
    u_char buf[NGX_HTTP_MLIST_EXPLAIN])
{
    u_char     *p, *last;
    ngx_str_t   text, reason;

    last = buf + NGX_HTTP_MLIST_EXPLAIN;
    reason = ngx_http_mlist_ngx_str(seen->reason);

    switch (seen->verdict) {

    case MLIST_SEEN_LIST:
        p = ngx_slprintf(buf, last, "the list was made of what the sources "
                         "have");
        break;

    case MLIST_SEEN_UNCHANGED:
        p = ngx_slprintf(buf, last, "nothing has changed since the list was "
                         "made");
        break;

    case MLIST_SEEN_PARTIAL:
        p = ngx_slprintf(buf, last, "the list lacks what optional sources "
                         "failed to give, and is not kept as complete");
        break;

    case MLIST_SEEN_STALE:
        p = ngx_slprintf(buf, last, "the last complete list was given%s%V",
                         reason.len ? ": " : "", &reason);
        break;

    case MLIST_SEEN_ARTIFACT:
        p = ngx_slprintf(buf, last, "it is no image and is passed on as it "
                         "is");
        break;

    case MLIST_SEEN_NOWHERE:
        p = ngx_slprintf(buf, last, "no source has it; the tag as it stands "
                         "is asked for");
        break;

    default: /* MLIST_SEEN_ERROR */
        p = ngx_slprintf(buf, last, "the answer was an error, %ud: %V",
                         seen->failed, &reason);
    }

    text.data = buf;
    text.len = p - buf;

    return text;
}

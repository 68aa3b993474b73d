/*
 * mlist_media: the table of the media types that matter here.  Pure, reads
 * nothing past a view.  Called by every room that meets a media type.
 */

#include <string.h>

#include "mlist_media.h"


#define MLIST_MEDIA_PART_MAX  127        /* RFC 6838, 4.2 */


static size_t mlist_media_part(mlist_str_t s, size_t i);
static int mlist_media_byte(char c);


static const mlist_str_t  mlist_media_names[] = {
    MLIST_STR(""),
    MLIST_STR("application/vnd.docker.distribution.manifest.v2+json"),
    MLIST_STR("application/vnd.docker.distribution.manifest.list.v2+json"),
    MLIST_STR("application/vnd.oci.image.manifest.v1+json"),
    MLIST_STR("application/vnd.oci.image.index.v1+json"),
    MLIST_STR("application/vnd.docker.distribution.manifest.v1+json"),
    MLIST_STR("application/vnd.docker.distribution.manifest.v1+prettyjws"),
    MLIST_STR("application/vnd.oci.artifact.manifest.v1+json"),
    MLIST_STR("application/vnd.docker.container.image.v1+json"),
    MLIST_STR("application/vnd.oci.image.config.v1+json")
};

#define MLIST_MEDIA_N  (sizeof(mlist_media_names)                            \
                        / sizeof(mlist_media_names[0]))


mlist_media_e
mlist_media_parse(mlist_str_t s)
{
    size_t       i;
    const char  *p;

    p = (s.len != 0) ? memchr(s.data, ';', s.len) : NULL;

    if (p != NULL) {
        s.len = (size_t) (p - s.data);
    }

    s = mlist_str_trim(s);

    for (i = 1; i < MLIST_MEDIA_N; i++) {
        if (mlist_str_caseeq(s, mlist_media_names[i])) {
            return (mlist_media_e) i;
        }
    }

    return MLIST_MEDIA_OTHER;
}


mlist_media_e
mlist_media_exact(mlist_str_t s)
{
    size_t  i;

    for (i = 1; i < MLIST_MEDIA_N; i++) {
        if (s.len == mlist_media_names[i].len
            && memcmp(s.data, mlist_media_names[i].data, s.len) == 0)
        {
            return (mlist_media_e) i;
        }
    }

    return MLIST_MEDIA_OTHER;
}


const char *
mlist_media_text(mlist_media_e type)
{
    size_t  i;

    i = (size_t) type;

    return mlist_media_names[(i < MLIST_MEDIA_N) ? i : 0].data;
}


int
mlist_media_is_list(mlist_media_e type)
{
    return type == MLIST_MEDIA_DOCKER_LIST || type == MLIST_MEDIA_OCI_INDEX;
}


int
mlist_media_is_manifest(mlist_media_e type)
{
    return type == MLIST_MEDIA_DOCKER_MANIFEST
           || type == MLIST_MEDIA_OCI_MANIFEST;
}


int
mlist_media_is_image_config(mlist_media_e type)
{
    return type == MLIST_MEDIA_DOCKER_CONFIG
           || type == MLIST_MEDIA_OCI_CONFIG;
}


int
mlist_media_valid(mlist_str_t s)
{
    size_t  slash, end;

    if (s.len > MLIST_MEDIA_TYPE_MAX) {
        return 0;
    }

    slash = mlist_media_part(s, 0);

    if (slash == 0 || slash == s.len || s.data[slash] != '/') {
        return 0;
    }

    end = mlist_media_part(s, slash + 1);

    return end == s.len && end > slash + 1;
}


/* The end of the restricted-name at "i"; "i" itself if there is none. */

static size_t
mlist_media_part(mlist_str_t s, size_t i)
{
    size_t  start;

    start = i;

    while (i < s.len && mlist_media_byte(s.data[i])) {
        i++;
    }

    if (i == start
        || i - start > MLIST_MEDIA_PART_MAX
        || strchr("!#$&-^_.+", s.data[start]) != NULL)
    {
        return start;
    }

    return i;
}


static int
mlist_media_byte(char c)
{
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9'))
    {
        return 1;
    }

    return c != '\0' && strchr("!#$&-^_.+", c) != NULL;
}

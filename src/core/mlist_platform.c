/*
 * mlist_platform: platforms parsed, normalised and compared.  Never cuts a
 * text that is too long: that is an error.  Called by the resolve and index
 * rooms and by the glue's configuration.
 */

#include <stdio.h>
#include <string.h>

#include "mlist_platform.h"


typedef struct {
    const char  *alias;
    const char  *arch;
    const char  *variant;    /* where none is given */
} mlist_platform_alias_t;


static mlist_rc_e mlist_platform_part(mlist_str_t *s, char *out);
static void mlist_platform_lower(char *s);
static void mlist_platform_variant(mlist_platform_t *p);
static int mlist_platform_byte(char c);


static const mlist_platform_alias_t  mlist_platform_aliases[] = {
    { "aarch64", "arm64", "" },
    { "x86_64", "amd64", "" },
    { "x86-64", "amd64", "" },
    { "i386", "386", "" },
    { "armhf", "arm", "v7" },
    { "armel", "arm", "v6" }
};

#define MLIST_PLATFORM_ALIASES  (sizeof(mlist_platform_aliases)              \
                                 / sizeof(mlist_platform_aliases[0]))


mlist_rc_e
mlist_platform_parse(mlist_str_t s, mlist_platform_t *p)
{
    mlist_rc_e        rc;
    mlist_platform_t  got;

    memset(&got, 0, sizeof(mlist_platform_t));

    rc = mlist_platform_part(&s, got.os);

    if (rc == MLIST_OK) {
        rc = mlist_platform_part(&s, got.arch);
    }

    if (rc == MLIST_OK && s.data != NULL) {
        rc = mlist_platform_part(&s, got.variant);
    }

    if (rc != MLIST_OK) {
        return rc;
    }

    if (s.data != NULL) {
        return MLIST_INVALID;
    }

    mlist_platform_normalise(&got);
    *p = got;

    return MLIST_OK;
}


void
mlist_platform_normalise(mlist_platform_t *p)
{
    size_t  i;

    mlist_platform_lower(p->os);
    mlist_platform_lower(p->arch);
    mlist_platform_lower(p->variant);

    for (i = 0; i < MLIST_PLATFORM_ALIASES; i++) {

        if (strcmp(p->arch, mlist_platform_aliases[i].alias) != 0) {
            continue;
        }

        (void) snprintf(p->arch, sizeof(p->arch), "%s",
                        mlist_platform_aliases[i].arch);

        if (p->variant[0] == '\0') {
            (void) snprintf(p->variant, sizeof(p->variant), "%s",
                            mlist_platform_aliases[i].variant);
        }

        break;
    }

    mlist_platform_variant(p);
}


int
mlist_platform_eq(const mlist_platform_t *a, const mlist_platform_t *b)
{
    unsigned  i;

    if (!mlist_platform_same_arch(a, b)
        || strcmp(a->variant, b->variant) != 0
        || strcmp(a->os_version, b->os_version) != 0
        || a->nfeatures != b->nfeatures)
    {
        return 0;
    }

    for (i = 0; i < a->nfeatures; i++) {
        if (strcmp(a->os_features[i], b->os_features[i]) != 0) {
            return 0;
        }
    }

    return 1;
}


int
mlist_platform_same_arch(const mlist_platform_t *a,
    const mlist_platform_t *b)
{
    return strcmp(a->os, b->os) == 0 && strcmp(a->arch, b->arch) == 0;
}


int
mlist_platform_covers(const mlist_platform_t *declared,
    const mlist_platform_t *p)
{
    return mlist_platform_same_arch(declared, p)
           && (declared->variant[0] == '\0'
               || strcmp(declared->variant, p->variant) == 0);
}


int
mlist_platform_contradicts(const mlist_platform_t *declared,
    const mlist_platform_t *config)
{
    if (!mlist_platform_same_arch(declared, config)) {
        return 1;
    }

    return declared->variant[0] != '\0'
           && config->variant[0] != '\0'
           && strcmp(declared->variant, config->variant) != 0;
}


int
mlist_platform_is_unknown(const mlist_platform_t *p)
{
    return strcmp(p->os, "unknown") == 0 && strcmp(p->arch, "unknown") == 0;
}


size_t
mlist_platform_text(const mlist_platform_t *p, char *out)
{
    int  n;

    n = snprintf(out, MLIST_PLATFORM_TEXT, "%s/%s%s%s", p->os, p->arch,
                 (p->variant[0] != '\0') ? "/" : "", p->variant);

    return (n > 0) ? (size_t) n : 0;
}


/*
 * Takes the text up to the next slash, or all; s->data is NULL when nothing,
 * not even a slash, is left.
 */

static mlist_rc_e
mlist_platform_part(mlist_str_t *s, char *out)
{
    size_t       i, len;
    const char  *slash;

    if (s->data == NULL || s->len == 0) {
        return MLIST_INVALID;
    }

    slash = memchr(s->data, '/', s->len);
    len = (slash != NULL) ? (size_t) (slash - s->data) : s->len;

    if (len == 0) {
        return MLIST_INVALID;
    }

    for (i = 0; i < len; i++) {
        if (!mlist_platform_byte(s->data[i])) {
            return MLIST_INVALID;
        }
    }

    if (len >= MLIST_PLATFORM_PART) {
        return MLIST_TOO_LARGE;
    }

    memcpy(out, s->data, len);
    out[len] = '\0';

    s->data = (slash != NULL) ? slash + 1 : NULL;
    s->len = (slash != NULL) ? s->len - len - 1 : 0;

    return MLIST_OK;
}


static void
mlist_platform_lower(char *s)
{
    for ( /* void */ ; *s != '\0'; s++) {
        if (*s >= 'A' && *s <= 'Z') {
            *s = (char) (*s - 'A' + 'a');
        }
    }
}


static void
mlist_platform_variant(mlist_platform_t *p)
{
    size_t  len;
    int     arm64, amd64;

    arm64 = (strcmp(p->arch, "arm64") == 0);
    amd64 = (strcmp(p->arch, "amd64") == 0);

    if (!arm64 && !amd64 && strcmp(p->arch, "arm") != 0) {
        return;
    }

    len = strlen(p->variant);

    if (len != 0
        && strspn(p->variant, "0123456789") == len
        && len + 1 < sizeof(p->variant))
    {
        memmove(p->variant + 1, p->variant, len + 1);
        p->variant[0] = 'v';
    }

    if ((arm64 && strcmp(p->variant, "v8") == 0)
        || (amd64 && strcmp(p->variant, "v1") == 0))
    {
        p->variant[0] = '\0';
    }
}


static int
mlist_platform_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
           || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

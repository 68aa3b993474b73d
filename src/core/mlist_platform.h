/*
 * mlist_platform: os/arch[/variant], written the way every client matches it
 * (image-spec v1.1.1, image-index.md, "platform"; containerd/platforms).
 * Plain data with fixed bounds: a platform may be copied anywhere.  Pure.
 */

#ifndef MLIST_PLATFORM_H
#define MLIST_PLATFORM_H

#include "mlist_rc.h"
#include "mlist_str.h"


#define MLIST_PLATFORM_PART      64
#define MLIST_PLATFORM_FEATURES  16
/* os/arch/variant and a NUL */
#define MLIST_PLATFORM_TEXT      (3 * MLIST_PLATFORM_PART + 3)


typedef struct {
    char      os[MLIST_PLATFORM_PART];
    char      arch[MLIST_PLATFORM_PART];
    char      variant[MLIST_PLATFORM_PART];      /* "" for none */
    char      os_version[MLIST_PLATFORM_PART];   /* "" for none */
    char      os_features[MLIST_PLATFORM_FEATURES][MLIST_PLATFORM_PART];
    unsigned  nfeatures;
} mlist_platform_t;


/*
 * Parses OS/ARCH[/VARIANT] and normalises it.  Parts are [a-z0-9._-]+
 * (upper case is folded).  MLIST_OK, MLIST_INVALID or MLIST_TOO_LARGE.
 */
mlist_rc_e mlist_platform_parse(mlist_str_t s, mlist_platform_t *p);

/*
 * In place: GOARCH names (aarch64 arm64, x86_64 and x86-64 amd64, i386 386,
 * armhf arm/v7, armel arm/v6, lower case), no variant for arm64/v8 (or
 * arm64/8) and amd64/v1; a variant that is only a number gets its "v" for
 * arm and arm64 and amd64.  Other variants and os.* are kept.
 */
void mlist_platform_normalise(mlist_platform_t *p);

/* 1 if os, arch, variant, os.version and os.features are all equal. */
int mlist_platform_eq(const mlist_platform_t *a, const mlist_platform_t *b);

/* 1 if os and arch are equal. */
int mlist_platform_same_arch(const mlist_platform_t *a,
    const mlist_platform_t *b);

/*
 * 1 if "p" is what a source that declares "declared" is taken for: os and
 * arch equal, and the variant too unless "declared" has none.
 */
int mlist_platform_covers(const mlist_platform_t *declared,
    const mlist_platform_t *p);

/*
 * 1 if a config's platform contradicts a declared one: another os or arch,
 * or two variants that differ; a missing variant contradicts nothing.
 */
int mlist_platform_contradicts(const mlist_platform_t *declared,
    const mlist_platform_t *config);

/* 1 for unknown/unknown, as buildx writes it on attestations. */
int mlist_platform_is_unknown(const mlist_platform_t *p);

/*
 * Writes "os/arch[/variant]" with a NUL and returns its length; "out" holds
 * MLIST_PLATFORM_TEXT bytes.
 */
size_t mlist_platform_text(const mlist_platform_t *p, char *out);


#endif /* MLIST_PLATFORM_H */

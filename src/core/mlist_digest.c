/*
 * mlist_digest: digests parsed, computed and compared, by OpenSSL's EVP.
 * Knows sha256 and sha512 only, never a digest that it could not verify.
 * Called by every room that holds a descriptor, and by the glue.
 */

#include <string.h>

#include <openssl/evp.h>

#include "mlist_byte.h"
#include "mlist_digest.h"


typedef struct {
    mlist_str_t     prefix;
    size_t          hex;                 /* digits after the prefix */
    const EVP_MD *(*md)(void);
} mlist_digest_alg_t;


static const mlist_digest_alg_t *mlist_digest_alg(mlist_str_t s);
static mlist_rc_e mlist_digest_hash(const mlist_digest_alg_t *alg,
    const mlist_str_t *pieces, size_t n, unsigned char *out);
static void mlist_digest_write(const mlist_digest_alg_t *alg,
    const unsigned char *raw, mlist_digest_t *d);


static const mlist_digest_alg_t  mlist_digest_algs[] = {
    { MLIST_STR("sha256:"), 64, EVP_sha256 },
    { MLIST_STR("sha512:"), 128, EVP_sha512 }
};


mlist_rc_e
mlist_digest_parse(mlist_str_t s, mlist_digest_t *d)
{
    const mlist_digest_alg_t  *alg;

    alg = mlist_digest_alg(s);

    if (alg == NULL || s.len != alg->prefix.len + alg->hex) {
        return MLIST_INVALID;
    }

    if (mlist_byte_span(s, alg->prefix.len, MLIST_BYTE_HEX) != s.len) {
        return MLIST_INVALID;
    }

    memcpy(d->text, s.data, s.len);
    d->text[s.len] = '\0';
    d->len = s.len;

    return MLIST_OK;
}


mlist_rc_e
mlist_digest_compute(mlist_str_t bytes, mlist_digest_t *d)
{
    mlist_rc_e     rc;
    unsigned char  raw[EVP_MAX_MD_SIZE];

    rc = mlist_digest_hash(&mlist_digest_algs[0], &bytes, 1, raw);

    if (rc == MLIST_OK) {
        mlist_digest_write(&mlist_digest_algs[0], raw, d);
    }

    return rc;
}


mlist_rc_e
mlist_digest_sha256(const mlist_str_t *pieces, size_t n,
    unsigned char out[MLIST_SHA256_SIZE])
{
    mlist_rc_e     rc;
    unsigned char  raw[EVP_MAX_MD_SIZE];

    rc = mlist_digest_hash(&mlist_digest_algs[0], pieces, n, raw);

    if (rc == MLIST_OK) {
        memcpy(out, raw, MLIST_SHA256_SIZE);
    }

    return rc;
}


mlist_rc_e
mlist_digest_verify(mlist_str_t bytes, const mlist_digest_t *d)
{
    mlist_rc_e                 rc;
    unsigned char              raw[EVP_MAX_MD_SIZE];
    mlist_digest_t             seen;
    const mlist_digest_alg_t  *alg;

    alg = mlist_digest_alg(mlist_digest_str(d));

    if (alg == NULL) {
        return MLIST_MISMATCH;
    }

    rc = mlist_digest_hash(alg, &bytes, 1, raw);

    if (rc != MLIST_OK) {
        return rc;
    }

    mlist_digest_write(alg, raw, &seen);

    return mlist_digest_eq(&seen, d) ? MLIST_OK : MLIST_MISMATCH;
}


int
mlist_digest_eq(const mlist_digest_t *a, const mlist_digest_t *b)
{
    return mlist_str_eq(mlist_digest_str(a), mlist_digest_str(b));
}


mlist_str_t
mlist_digest_str(const mlist_digest_t *d)
{
    mlist_str_t  s;

    s.data = d->text;
    s.len = d->len;

    return s;
}


static const mlist_digest_alg_t *
mlist_digest_alg(mlist_str_t s)
{
    size_t  i, n;

    n = sizeof(mlist_digest_algs) / sizeof(mlist_digest_algs[0]);

    for (i = 0; i < n; i++) {
        if (mlist_str_starts(s, mlist_digest_algs[i].prefix)) {
            return &mlist_digest_algs[i];
        }
    }

    return NULL;
}


static mlist_rc_e
mlist_digest_hash(const mlist_digest_alg_t *alg, const mlist_str_t *pieces,
    size_t n, unsigned char *out)
{
    int          ok;
    size_t       i;
    EVP_MD_CTX  *ctx;

    ctx = EVP_MD_CTX_new();

    if (ctx == NULL) {
        return MLIST_NOMEM;
    }

    ok = EVP_DigestInit_ex(ctx, alg->md(), NULL);

    for (i = 0; ok == 1 && i < n; i++) {
        if (pieces[i].len != 0) {
            ok = EVP_DigestUpdate(ctx, pieces[i].data, pieces[i].len);
        }
    }

    if (ok == 1) {
        ok = EVP_DigestFinal_ex(ctx, out, NULL);
    }

    EVP_MD_CTX_free(ctx);

    return (ok == 1) ? MLIST_OK : MLIST_NOMEM;
}


static void
mlist_digest_write(const mlist_digest_alg_t *alg, const unsigned char *raw,
    mlist_digest_t *d)
{
    char               *p;
    size_t              i;
    static const char   hex[] = "0123456789abcdef";

    memcpy(d->text, alg->prefix.data, alg->prefix.len);
    p = d->text + alg->prefix.len;

    for (i = 0; i < alg->hex / 2; i++) {
        *p++ = hex[raw[i] >> 4];
        *p++ = hex[raw[i] & 0xf];
    }

    *p = '\0';
    d->len = alg->prefix.len + alg->hex;
}

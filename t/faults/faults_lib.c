/*
 * What the module's sources call of libc and libcrypto in the test build.
 * jansson gets its memory here, too: nothing else in the process uses it.
 */

#include "faults_state.h"

#include <errno.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdlib.h>


void *mlist_faults_malloc(size_t size);
void *mlist_faults_calloc(size_t n, size_t size);
void *mlist_faults_realloc(void *p, size_t size);
EVP_MD_CTX *mlist_faults_md_new(void);
int mlist_faults_md_init(EVP_MD_CTX *md, const EVP_MD *type, ENGINE *engine);
int mlist_faults_md_update(EVP_MD_CTX *md, const void *data, size_t len);
int mlist_faults_md_final(EVP_MD_CTX *md, unsigned char *hash,
    unsigned int *len);
int mlist_faults_rand(unsigned char *data, int len);

static int mlist_faults_short(const char *call);
static void mlist_faults_jansson(void) __attribute__((constructor));


static void
mlist_faults_jansson(void)
{
    json_set_alloc_funcs(mlist_faults_malloc, free);
}


/* As libc itself says it. */

static int
mlist_faults_short(const char *call)
{
    if (!mlist_faults_hit(call)) {
        return 0;
    }

    errno = ENOMEM;

    return 1;
}


void *
mlist_faults_malloc(size_t size)
{
    return mlist_faults_short("malloc") ? NULL : malloc(size);
}


void *
mlist_faults_calloc(size_t n, size_t size)
{
    return mlist_faults_short("calloc") ? NULL : calloc(n, size);
}


void *
mlist_faults_realloc(void *p, size_t size)
{
    return mlist_faults_short("realloc") ? NULL : realloc(p, size);
}


EVP_MD_CTX *
mlist_faults_md_new(void)
{
    return mlist_faults_hit("EVP_MD_CTX_new") ? NULL : EVP_MD_CTX_new();
}


int
mlist_faults_md_init(EVP_MD_CTX *md, const EVP_MD *type, ENGINE *engine)
{
    return mlist_faults_hit("EVP_DigestInit_ex")
           ? 0 : EVP_DigestInit_ex(md, type, engine);
}


int
mlist_faults_md_update(EVP_MD_CTX *md, const void *data, size_t len)
{
    return mlist_faults_hit("EVP_DigestUpdate")
           ? 0 : EVP_DigestUpdate(md, data, len);
}


int
mlist_faults_md_final(EVP_MD_CTX *md, unsigned char *hash, unsigned int *len)
{
    return mlist_faults_hit("EVP_DigestFinal_ex")
           ? 0 : EVP_DigestFinal_ex(md, hash, len);
}


int
mlist_faults_rand(unsigned char *data, int len)
{
    return mlist_faults_hit("RAND_bytes") ? 0 : RAND_bytes(data, len);
}

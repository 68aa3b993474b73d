/*
 * The keyed hash of the zone's keys.  Without these it could be another one
 * than the SipHash that is known to be safe, or take two inputs for one.
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>

#include "guard.h"
#include "mlist_siphash.h"


#define TEST_MAX  200


static void test_same_as_openssl(void **state);
static void test_pieces(void **state);
static void test_secret(void **state);
static size_t test_encode(unsigned char *out, mlist_str_t piece);
static void test_openssl(const unsigned char *secret,
    const unsigned char *input, size_t len, unsigned char *hash);


static void
test_same_as_openssl(void **state)
{
    size_t         len, n;
    mlist_str_t    pieces[2];
    unsigned char  secret[MLIST_SIPHASH_SIZE], hash[MLIST_SIPHASH_SIZE];
    unsigned char  expected[MLIST_SIPHASH_SIZE], input[2 * TEST_MAX + 32];
    char           bytes[TEST_MAX];

    (void) state;

    for (len = 0; len < sizeof(secret); len++) {
        secret[len] = (unsigned char) (len * 37 + 5);
    }

    for (len = 0; len < TEST_MAX; len++) {
        bytes[len] = (char) (len * 101 + 200);
    }

    for (len = 0; len < TEST_MAX; len++) {
        pieces[0] = guard_bytes(0, bytes, len);
        pieces[1].data = bytes;
        pieces[1].len = len % 19;

        n = test_encode(input, pieces[0]);
        n += test_encode(input + n, pieces[1]);

        test_openssl(secret, input, n, expected);
        mlist_siphash(secret, pieces, 2, hash);

        assert_memory_equal(hash, expected, sizeof(hash));
    }
}


/* No two lists of pieces are one input. */

static void
test_pieces(void **state)
{
    size_t         i, j;
    unsigned char  secret[MLIST_SIPHASH_SIZE] = { 1 };
    unsigned char  hashes[6][MLIST_SIPHASH_SIZE];

    static const struct {
        size_t       n;
        mlist_str_t  pieces[3];
    } tests[6] = {
        { 2, { MLIST_STR("ab"), MLIST_STR("c"), MLIST_STR("") } },
        { 2, { MLIST_STR("a"), MLIST_STR("bc"), MLIST_STR("") } },
        { 2, { MLIST_STR("abc"), MLIST_STR(""), MLIST_STR("") } },
        { 1, { MLIST_STR("abc"), MLIST_STR(""), MLIST_STR("") } },
        { 1, { MLIST_STR("abc\0"), MLIST_STR(""), MLIST_STR("") } },
        { 3, { MLIST_STR("abc"), MLIST_STR(""), MLIST_STR("") } }
    };

    (void) state;

    for (i = 0; i < 6; i++) {
        mlist_siphash(secret, tests[i].pieces, tests[i].n, hashes[i]);

        for (j = 0; j < i; j++) {
            assert_memory_not_equal(hashes[i], hashes[j],
                                    MLIST_SIPHASH_SIZE);
        }
    }
}


static void
test_secret(void **state)
{
    mlist_str_t    piece = MLIST_STR("library/app");
    unsigned char  one[MLIST_SIPHASH_SIZE] = { 1 };
    unsigned char  two[MLIST_SIPHASH_SIZE] = { 2 };
    unsigned char  a[MLIST_SIPHASH_SIZE], b[MLIST_SIPHASH_SIZE];

    (void) state;

    mlist_siphash(one, &piece, 1, a);
    mlist_siphash(two, &piece, 1, b);

    assert_memory_not_equal(a, b, sizeof(a));
}


/* As the header says; returns the length. */

static size_t
test_encode(unsigned char *out, mlist_str_t piece)
{
    size_t  len;

    len = (piece.len + 7) / 8 * 8;

    memset(out, 0, 8 + len);
    out[0] = (unsigned char) piece.len;

    if (piece.len != 0) {
        memcpy(out + 8, piece.data, piece.len);
    }

    return 8 + len;
}


static void
test_openssl(const unsigned char *secret, const unsigned char *input,
    size_t len, unsigned char *hash)
{
    size_t        size = MLIST_SIPHASH_SIZE, n;
    EVP_MAC      *mac;
    OSSL_PARAM    params[4];
    EVP_MAC_CTX  *ctx;
    unsigned int  input_rounds = 1, last_rounds = 3;

    params[0] = OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &size);
    params[1] = OSSL_PARAM_construct_uint(OSSL_MAC_PARAM_C_ROUNDS,
                                          &input_rounds);
    params[2] = OSSL_PARAM_construct_uint(OSSL_MAC_PARAM_D_ROUNDS,
                                          &last_rounds);
    params[3] = OSSL_PARAM_construct_end();

    mac = EVP_MAC_fetch(NULL, "SIPHASH", NULL);
    assert_non_null(mac);

    ctx = EVP_MAC_CTX_new(mac);
    assert_non_null(ctx);

    assert_int_equal(EVP_MAC_init(ctx, secret, MLIST_SIPHASH_SIZE, params),
                     1);
    assert_int_equal(EVP_MAC_update(ctx, input, len), 1);
    assert_int_equal(EVP_MAC_final(ctx, hash, &n, MLIST_SIPHASH_SIZE), 1);
    assert_int_equal(n, MLIST_SIPHASH_SIZE);

    EVP_MAC_CTX_free(ctx);
    EVP_MAC_free(mac);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_same_as_openssl),
        cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_secret)
    };

    return cmocka_run_group_tests_name("siphash", tests, NULL, NULL);
}

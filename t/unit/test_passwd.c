/*
 * htpasswd files.  Without these a line could let in whom it does not name,
 * or a half-written file count as a whole one.
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "guard.h"
#include "mlist_passwd.h"


#define HASHED     "01234567890123456789012345678901234567890123456789012"
#define BCRYPT_05  "$2y$05$" HASHED
#define BCRYPT_12  "$2a$12$" HASHED

#define TEST_USERS  16


static void test_parse(const char *text, size_t len, mlist_passwd_t *passwd);
static void test_is(const mlist_passwd_t *passwd, const char *name,
    const char *hash, const char *rest);
static void test_lines(void **state);
static void test_malformed(void **state);
static void test_dummy(void **state);
static void test_cut(void **state);
static void test_long(void **state);


static mlist_passwd_user_t  test_users[TEST_USERS];


static void
test_parse(const char *text, size_t len, mlist_passwd_t *passwd)
{
    mlist_str_t  copy;

    copy = guard_bytes(0, text, len + 1);
    assert_true(mlist_passwd_lines(copy) <= TEST_USERS);
    mlist_passwd_parse((char *) copy.data, len, test_users, passwd);
}


static void
test_is(const mlist_passwd_t *passwd, const char *name, const char *hash,
    const char *rest)
{
    const mlist_passwd_user_t  *user;

    user = mlist_passwd_find(passwd, guard(1, name));

    if (hash == NULL) {
        assert_null(user);
        return;
    }

    assert_non_null(user);
    assert_string_equal(user->hash.data, hash);
    assert_int_equal(user->hash.len, strlen(hash));
    assert_int_equal(user->rest.len, strlen(rest));
    assert_memory_equal(user->rest.data, hash, strlen(hash));
}


static void
test_lines(void **state)
{
    mlist_passwd_t  passwd;

    static const char  text[] =
        "# comment\n\n\r\nb:plain\na:{SHA}x:Full Name:more\r\nab:y\nb:second\n"
        "#:z\n c:w\n";

    (void) state;

    test_parse(text, sizeof(text) - 1, &passwd);

    assert_int_equal(passwd.nusers, 4);
    assert_int_equal(passwd.malformed, 0);
    assert_int_equal(passwd.cut, 0);

    test_is(&passwd, "a", "{SHA}x", "{SHA}x:Full Name:more");
    test_is(&passwd, "ab", "y", "y");
    test_is(&passwd, "b", "plain", "plain");
    test_is(&passwd, " c", "w", "w");
    test_is(&passwd, "", NULL, NULL);
    test_is(&passwd, "c", NULL, NULL);
    test_is(&passwd, "#", NULL, NULL);
    test_is(&passwd, "abc", NULL, NULL);
}


static void
test_malformed(void **state)
{
    mlist_passwd_t  passwd;

    static const char  text[] =
        "none\n:hash\na:\nb::c\nd\0:e\nf:$2y$05$short\ng:" BCRYPT_05 "x\n"
        "ok:h\n";

    (void) state;

    test_parse(text, sizeof(text) - 1, &passwd);

    assert_int_equal(passwd.nusers, 1);
    assert_int_equal(passwd.malformed, 7);
    test_is(&passwd, "ok", "h", "h");
}


static void
test_dummy(void **state)
{
    size_t          i;
    mlist_passwd_t  passwd;

    static const struct {
        const char  *text;
        const char  *hash;
        unsigned     cost;
    } files[] = {
        { "", "", 0 },
        { "#\n", "", 0 },
        { "a:x\nb:y\n", "x", 0 },
        { "a:x\nb:" BCRYPT_05 "\n", BCRYPT_05, 5 },
        { "a:" BCRYPT_05 "\nb:" BCRYPT_12 "\nc:" BCRYPT_05 "\n", BCRYPT_12,
          12 }
    };

    (void) state;

    for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        test_parse(files[i].text, strlen(files[i].text), &passwd);
        assert_int_equal(passwd.cost, files[i].cost);
        assert_int_equal(passwd.dummy.hash.len, strlen(files[i].hash));
        assert_memory_equal(passwd.dummy.hash.data, files[i].hash,
                            strlen(files[i].hash) + 1);
    }
}


/* Only what shows that nothing is missing is whole without a line feed. */

static void
test_cut(void **state)
{
    size_t          i;
    mlist_passwd_t  passwd;

    static const struct {
        const char  *text;
        unsigned     cut;
    } files[] = {
        { "", 0 }, { "a:x\n", 0 }, { "a:x", 1 }, { "a", 1 }, { "# x", 1 },
        { "a:" BCRYPT_05, 0 }, { "a:" BCRYPT_05 "\r", 0 },
        { "a:$2y$05$short", 1 },
        { "a:{SHA}2fmEaDwIfxl1/cDDnbvT4FwQpZY", 1 },
        { "a:{SHA}2fmEaDwIfxl1/cDDnbvT4FwQpZY=", 0 },
        { "a:$apr1$salt$0123456789012345678901", 0 },
        { "a:$apr1$salt$012345678901234567890", 1 },
        { "a:$apr1$salt", 1 }, { "a:$apr1$", 1 }
    };

    (void) state;

    for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        test_parse(files[i].text, strlen(files[i].text), &passwd);
        assert_int_equal(passwd.cut, files[i].cut);
    }
}


static void
test_long(void **state)
{
    char            text[MLIST_PASSWD_LINE + 3];
    mlist_passwd_t  passwd;

    (void) state;

    memset(text, 'a', sizeof(text));
    text[1] = ':';

    text[MLIST_PASSWD_LINE] = '\n';
    test_parse(text, MLIST_PASSWD_LINE + 1, &passwd);
    assert_int_equal(passwd.nusers, 1);

    text[MLIST_PASSWD_LINE] = 'a';
    text[MLIST_PASSWD_LINE + 1] = '\n';
    test_parse(text, MLIST_PASSWD_LINE + 2, &passwd);
    assert_int_equal(passwd.nusers, 0);
    assert_int_equal(passwd.malformed, 1);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_dummy),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_long)
    };

    return cmocka_run_group_tests_name("passwd", tests, NULL, NULL);
}

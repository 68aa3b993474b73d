/*
 * htpasswd files.  Without this a line could let in whom it does not name,
 * or a file's end be overrun.
 */

#include <assert.h>
#include <string.h>

#include "fuzz.h"
#include "mlist_passwd.h"


static void target_users(const mlist_passwd_t *passwd, mlist_str_t text);
static int target_first(const mlist_passwd_user_t *user, mlist_str_t text);
static int target_ends_line(const mlist_passwd_user_t *user,
    mlist_str_t text);


void
fuzz_one(void)
{
    char                 *copy;
    size_t                lines;
    mlist_str_t           text;
    mlist_passwd_t        passwd;
    mlist_passwd_user_t  *users;

    text = fuzz_rest();
    copy = fuzz_room(text.len + 1);

    if (text.len != 0) {
        memcpy(copy, text.data, text.len);
    }

    lines = mlist_passwd_lines(text);
    users = (mlist_passwd_user_t *)
            fuzz_room(lines * sizeof(mlist_passwd_user_t));

    mlist_passwd_parse(copy, text.len, users, &passwd);

    assert(passwd.users == users);
    assert(passwd.nusers + passwd.malformed <= lines);
    assert(!passwd.cut || (text.len != 0 && text.data[text.len - 1] != '\n'));
    assert((passwd.nusers == 0) == (passwd.dummy.hash.len == 0));
    assert(passwd.dummy.hash.data[passwd.dummy.hash.len] == '\0');

    text.data = copy;
    target_users(&passwd, text);
}


static void
target_users(const mlist_passwd_t *passwd, mlist_str_t text)
{
    size_t                      i;
    mlist_str_t                 name;
    const mlist_passwd_user_t  *user;

    for (i = 0; i < passwd->nusers; i++) {
        user = &passwd->users[i];

        assert(i == 0 || mlist_str_order(user[-1].name, user->name) < 0);
        assert(user->name.len != 0 && user->hash.len != 0);
        assert(user->name.data[0] != '#');
        assert(user->name.len + 1 + user->rest.len <= MLIST_PASSWD_LINE);
        assert(fuzz_within(user->name, text));
        assert(fuzz_within(user->rest, text));
        assert(user->hash.data == user->rest.data);
        assert(user->hash.len == strlen(user->hash.data));
        assert(user->rest.data == user->name.data + user->name.len + 1);
        assert(memchr(user->name.data, ':', user->name.len) == NULL);
        assert(memchr(user->rest.data, '\n', user->rest.len) == NULL);
        assert(target_first(user, text));
        assert(target_ends_line(user, text));

        name = fuzz_copy(user->name.data, user->name.len);
        assert(mlist_passwd_find(passwd, name) == user);

        name.len--;

        if (mlist_passwd_find(passwd, name) != NULL) {
            assert(i != 0 && mlist_str_eq(mlist_passwd_find(passwd,
                                                          name)->name, name));
        }
    }
}


/* The name stands where a line begins. */

static int
target_first(const mlist_passwd_user_t *user, mlist_str_t text)
{
    return user->name.data == text.data || user->name.data[-1] == '\n'
           || user->name.data[-1] == '\0';
}


static int
target_ends_line(const mlist_passwd_user_t *user, mlist_str_t text)
{
    const char  *end;

    end = user->rest.data + user->rest.len;

    return end == text.data + text.len || *end == '\n' || *end == '\r'
           || *end == '\0';
}

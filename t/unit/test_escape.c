/*
 * Text from anywhere in JSON, HTML and labels.  Without these a source's or
 * a client's text could break out of the status page or its metrics.
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "guard.h"
#include "mlist_escape.h"


static void test_plain(void **state);
static void test_special(void **state);
static void test_bytes(void **state);
static const char *escaped(mlist_escape_e form, const char *s, size_t len);


static void
test_plain(void **state)
{
    size_t          i;
    mlist_escape_e  form;

    static const char *const texts[] = {
        "", "a", "library/nginx:1.25-alpine", "sha256:0123",
        "\xc3\xa9t\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x90\xb3 whale"
    };

    (void) state;

    for (form = MLIST_ESCAPE_JSON; form <= MLIST_ESCAPE_LABEL; form++) {
        for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
            assert_string_equal(escaped(form, texts[i], strlen(texts[i])),
                                texts[i]);
        }
    }
}


static void
test_special(void **state)
{
    static const char  text[] = "<a href='x' b=\"y\\z\">&\n\t\x7f</a>";

    (void) state;

    assert_string_equal(escaped(MLIST_ESCAPE_HTML, text, sizeof(text) - 1),
                        "&lt;a href=&#39;x&#39; b=&quot;y\\z&quot;&gt;"
                        "&amp;???&lt;/a&gt;");
    assert_string_equal(escaped(MLIST_ESCAPE_JSON, text, sizeof(text) - 1),
                        "<a href='x' b=\\\"y\\\\z\\\">&??" "?</a>");
    assert_string_equal(escaped(MLIST_ESCAPE_LABEL, text, sizeof(text) - 1),
                        "<a href='x' b=\\\"y\\\\z\\\">&\\n?" "?</a>");
}


/* No single byte, and no broken sequence, comes through as it is. */

static void
test_bytes(void **state)
{
    int             c;
    size_t          i;
    char            s[1];
    mlist_escape_e  form;

    static const char *const broken[] = {
        "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80",
        "\xc2\x80", "\xc3", "\xe2\x82", "\xff\xfe"
    };

    (void) state;

    for (form = MLIST_ESCAPE_JSON; form <= MLIST_ESCAPE_LABEL; form++) {

        for (c = 0; c < 0x100; c++) {
            s[0] = (char) c;

            if (c < 0x20 || c == 0x7f || c > 0x7f) {
                assert_string_equal(escaped(form, s, 1),
                                    form == MLIST_ESCAPE_LABEL && c == '\n'
                                        ? "\\n" : "?");
            }
        }

        for (i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
            assert_null(strpbrk(escaped(form, broken[i], strlen(broken[i])),
                                broken[i]));
        }
    }
}


/* The whole of it; the input lies flush against a page without access. */

static const char *
escaped(mlist_escape_e form, const char *s, size_t len)
{
    size_t       i, n;
    mlist_str_t  piece, view;

    static char  out[1024];

    view = guard_bytes(0, s, len);
    n = 0;

    for (i = 0; i < view.len; /* void */ ) {
        piece = mlist_escape_next(form, view, &i);

        assert_true(piece.len > 0 && n + piece.len < sizeof(out));

        memcpy(out + n, piece.data, piece.len);
        n += piece.len;
    }

    out[n] = '\0';

    return out;
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_plain),
        cmocka_unit_test(test_special),
        cmocka_unit_test(test_bytes)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

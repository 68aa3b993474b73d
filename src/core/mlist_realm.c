/*
 * mlist_realm: URLs of token services, compared by their parts.  It knows no
 * names and resolves none.  Called by the glue's login rooms.
 */

#include <string.h>

#include "mlist_realm.h"


#define MLIST_REALM_PORT_MAX  65535


static int mlist_realm_bytes(mlist_str_t url);
static mlist_rc_e mlist_realm_host(mlist_str_t place, mlist_realm_t *realm);
static mlist_rc_e mlist_realm_port(mlist_str_t digits, unsigned *port);
static int mlist_realm_host_byte(char c);


mlist_rc_e
mlist_realm_parse(mlist_str_t url, mlist_realm_t *realm)
{
    size_t       scheme, n;
    mlist_str_t  rest, head;

    static const mlist_str_t  http = MLIST_STR("http://");
    static const mlist_str_t  https = MLIST_STR("https://");

    if (!mlist_realm_bytes(url)) {
        return MLIST_INVALID;
    }

    head = url;
    head.len = url.len < https.len ? url.len : https.len;
    realm->ssl = mlist_str_caseeq(head, https);

    scheme = realm->ssl ? https.len : http.len;
    head.len = url.len < scheme ? url.len : scheme;

    if (!realm->ssl && !mlist_str_caseeq(head, http)) {
        return MLIST_INVALID;
    }

    realm->port = realm->ssl ? 443 : 80;

    rest.data = url.data + scheme;
    rest.len = url.len - scheme;

    n = mlist_str_find(rest, "/?");

    head.data = rest.data;
    head.len = n;

    if (mlist_realm_host(head, realm) != MLIST_OK) {
        return MLIST_INVALID;
    }

    realm->origin.data = url.data;
    realm->origin.len = scheme + n;

    rest.data += n;
    rest.len -= n;
    n = mlist_str_find(rest, "?");

    realm->path.data = rest.data;
    realm->path.len = n;

    realm->query.data = rest.data + n + (n < rest.len);
    realm->query.len = rest.len - n - (n < rest.len);

    return MLIST_OK;
}


int
mlist_realm_same_origin(const mlist_realm_t *a, const mlist_realm_t *b)
{
    return a->ssl == b->ssl && a->port == b->port
           && mlist_str_caseeq(a->host, b->host);
}


int
mlist_realm_same(const mlist_realm_t *a, const mlist_realm_t *b)
{
    static const mlist_str_t  root = MLIST_STR("/");

    return mlist_realm_same_origin(a, b)
           && mlist_str_eq(a->path.len ? a->path : root,
                           b->path.len ? b->path : root);
}


static int
mlist_realm_bytes(mlist_str_t url)
{
    char    c;
    size_t  i;

    for (i = 0; i < url.len; i++) {
        c = url.data[i];

        if (c <= ' ' || c > '~' || strchr("\"#<>\\^`{|}", c) != NULL) {
            return 0;
        }
    }

    return 1;
}


/* "place" is host[:port]. */

static mlist_rc_e
mlist_realm_host(mlist_str_t place, mlist_realm_t *realm)
{
    size_t       i, n;
    mlist_str_t  port;

    if (place.len > 0 && place.data[0] == '[') {
        n = mlist_str_find(place, "]");

        if (n == place.len) {
            return MLIST_INVALID;
        }

        n++;

        for (i = 1; i < n - 1; i++) {
            if (strchr("0123456789abcdefABCDEF:.", place.data[i]) == NULL) {
                return MLIST_INVALID;
            }
        }

    } else {
        n = mlist_str_find(place, ":");

        for (i = 0; i < n; i++) {
            if (!mlist_realm_host_byte(place.data[i])) {
                return MLIST_INVALID;
            }
        }
    }

    realm->host.data = place.data;
    realm->host.len = n;

    if (n == 0) {
        return MLIST_INVALID;
    }

    if (n == place.len) {
        return MLIST_OK;
    }

    if (place.data[n] != ':') {
        return MLIST_INVALID;
    }

    port.data = place.data + n + 1;
    port.len = place.len - n - 1;

    return mlist_realm_port(port, &realm->port);
}


static mlist_rc_e
mlist_realm_port(mlist_str_t digits, unsigned *port)
{
    size_t    i;
    unsigned  n;

    n = 0;

    for (i = 0; i < digits.len; i++) {

        if (digits.data[i] < '0' || digits.data[i] > '9') {
            return MLIST_INVALID;
        }

        n = n * 10 + (unsigned) (digits.data[i] - '0');

        if (n > MLIST_REALM_PORT_MAX) {
            return MLIST_INVALID;
        }
    }

    *port = n;

    return n ? MLIST_OK : MLIST_INVALID;
}


static int
mlist_realm_host_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
           || (c >= '0' && c <= '9')
           || c == '.' || c == '_' || c == '-';
}

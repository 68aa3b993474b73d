/*
 * Addresses that a registry may not send this front to: see
 * ngx_http_mlist_address.h.
 */


#include "ngx_http_mlist_address.h"


static ngx_uint_t ngx_http_mlist_address_special(struct sockaddr *sockaddr);
static ngx_uint_t ngx_http_mlist_address_special4(const u_char *a);
#if (NGX_HAVE_INET6)
static ngx_uint_t ngx_http_mlist_address_special6(const u_char *a);
#endif
static ngx_uint_t ngx_http_mlist_address_of_source(ngx_http_request_t *r,
    struct sockaddr *sockaddr, in_port_t port);


ngx_uint_t
ngx_http_mlist_address_allowed(ngx_http_request_t *r,
    struct sockaddr *sockaddr, in_port_t port)
{
    return !ngx_http_mlist_address_special(sockaddr)
           || ngx_http_mlist_address_of_source(r, sockaddr, port);
}


/* Loopback, link-local, private, multicast and reserved (RFC 6890). */

static ngx_uint_t
ngx_http_mlist_address_special(struct sockaddr *sockaddr)
{
    struct sockaddr_in   *sin;
#if (NGX_HAVE_INET6)
    struct sockaddr_in6  *sin6;
#endif

    switch (sockaddr->sa_family) {

#if (NGX_HAVE_INET6)
    case AF_INET6:
        sin6 = (struct sockaddr_in6 *) sockaddr;
        return ngx_http_mlist_address_special6(sin6->sin6_addr.s6_addr);
#endif

    case AF_INET:
        sin = (struct sockaddr_in *) sockaddr;
        return ngx_http_mlist_address_special4((u_char *) &sin->sin_addr);

    default:
        return 1;
    }
}


static ngx_uint_t
ngx_http_mlist_address_special4(const u_char *a)
{
    return a[0] == 0
           || a[0] == 10
           || a[0] == 127
           || a[0] >= 224
           || (a[0] == 100 && (a[1] & 0xc0) == 64)
           || (a[0] == 169 && a[1] == 254)
           || (a[0] == 172 && (a[1] & 0xf0) == 16)
           || (a[0] == 192 && a[1] == 0 && (a[2] == 0 || a[2] == 2))
           || (a[0] == 192 && a[1] == 168)
           || (a[0] == 198 && (a[1] & 0xfe) == 18);
}


#if (NGX_HAVE_INET6)

static ngx_uint_t
ngx_http_mlist_address_special6(const u_char *a)
{
    /* 2000::/3 is what is routed; in it 6to4 and Teredo carry an IPv4 one */

    static const u_char  nat64[] = { 0, 0x64, 0xff, 0x9b,
                                     0, 0, 0, 0, 0, 0, 0, 0 };

    if (ngx_memcmp(a, nat64, sizeof(nat64)) == 0) {
        return ngx_http_mlist_address_special4(a + 12);
    }

    if ((a[0] & 0xe0) != 0x20) {
        return 1;
    }

    if (a[0] == 0x20 && a[1] == 0x02) {
        return ngx_http_mlist_address_special4(a + 2);
    }

    return a[0] == 0x20 && a[1] == 0x01 && a[2] == 0 && a[3] == 0;
}

#endif


static ngx_uint_t
ngx_http_mlist_address_of_source(ngx_http_request_t *r,
    struct sockaddr *sockaddr, in_port_t port)
{
    ngx_uint_t                      i, j, k;
    ngx_addr_t                     *addr;
    ngx_http_mlist_loc_conf_t      *mlcf;
    ngx_http_upstream_server_t     *server;
    ngx_http_mlist_registry_t     **registry;
    ngx_http_upstream_srv_conf_t   *uscf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_mlist_module);
    registry = mlcf->registries->elts;

    for (i = 0; i < mlcf->registries->nelts; i++) {
        uscf = registry[i]->upstream;

        if (uscf == NULL || uscf->servers == NULL) {
            continue;
        }

        server = uscf->servers->elts;

        for (j = 0; j < uscf->servers->nelts; j++) {
            for (k = 0; k < server[j].naddrs; k++) {
                addr = &server[j].addrs[k];

                if (ngx_inet_get_port(addr->sockaddr) == port
                    && ngx_cmp_sockaddr(addr->sockaddr, addr->socklen,
                                        sockaddr, addr->socklen, 0)
                       == NGX_OK)
                {
                    return 1;
                }
            }
        }
    }

    return 0;
}

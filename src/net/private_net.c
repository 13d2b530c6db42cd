/* SPDX-License-Identifier: MIT */
/* Private networks; see private_net.h. */
#include "net/private_net.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/attrs.h"

struct net4 {
    uint32_t net;
    unsigned bits;
};

static const struct net4 nets4[] = {
    {0x00000000, 8},  /* this network */
    {0x0a000000, 8},  /* private use */
    {0x64400000, 10}, /* shared, carrier-grade NAT */
    {0x7f000000, 8},  /* loopback */
    {0xa9fe0000, 16}, /* link-local: clouds' metadata services */
    {0xac100000, 12}, /* private use */
    {0xc0000000, 24}, /* protocol assignments */
    {0xc0a80000, 16}, /* private use */
    {0xc6120000, 15}, /* benchmarking */
    {0xe0000000, 4},  /* multicast */
    {0xf0000000, 4},  /* reserved, broadcast */
};

struct net6 {
    uint8_t net[16];
    unsigned bits;
    int v4_at; /* where an IPv4 address is inside of it, which decides; -1: it is private itself */
};

static const struct net6 nets6[] = {
    {{0}, 127, -1},                                 /* unspecified, loopback */
    {{[10] = 0xff, [11] = 0xff}, 96, 12},           /* IPv4-mapped */
    {{0}, 96, 12},                                  /* IPv4-compatible */
    {{0x00, 0x64, 0xff, 0x9b}, 96, 12},             /* NAT64 */
    {{0x00, 0x64, 0xff, 0x9b, 0x00, 0x01}, 48, -1}, /* local NAT64 */
    {{0x20, 0x02}, 16, 2},                          /* 6to4 */
    {{0x20, 0x01}, 23, -1},                         /* protocol assignments */
    {{0xfc}, 7, -1},                                /* unique local */
    {{0xfe, 0x80}, 10, -1},                         /* link-local */
    {{0xfe, 0xc0}, 10, -1},                         /* site-local */
    {{0xff}, 8, -1},                                /* multicast */
};

static bool private4(uint32_t address)
{
    for (size_t i = 0; i < HAUL_ARRAY_LEN(nets4); i++)
        if ((address ^ nets4[i].net) >> (32 - nets4[i].bits) == 0)
            return true;
    return false;
}

static bool in_net6(const uint8_t address[16], const struct net6 *n)
{
    unsigned whole = n->bits / 8, rest = n->bits % 8;
    if (memcmp(address, n->net, whole) != 0)
        return false;
    return !rest || (address[whole] ^ n->net[whole]) >> (8 - rest) == 0;
}

static bool private6(const uint8_t address[16])
{
    for (size_t i = 0; i < HAUL_ARRAY_LEN(nets6); i++) {
        const struct net6 *n = &nets6[i];
        uint32_t v4;
        if (!in_net6(address, n))
            continue;
        if (n->v4_at < 0)
            return true;
        memcpy(&v4, address + n->v4_at, sizeof v4);
        return private4(ntohl(v4));
    }
    return false;
}

bool private_net_contains(const struct sockaddr *addr)
{
    if (addr->sa_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, addr, sizeof v4);
        return private4(ntohl(v4.sin_addr.s_addr));
    }
    if (addr->sa_family == AF_INET6) {
        struct sockaddr_in6 v6;
        memcpy(&v6, addr, sizeof v6);
        return private6(v6.sin6_addr.s6_addr);
    }
    return true; /* nothing else leads out of this machine */
}

static _Thread_local char denied[INET6_ADDRSTRLEN];

static void note(const struct curl_sockaddr *to)
{
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    memcpy(&v4, &to->addr, sizeof v4);
    memcpy(&v6, &to->addr, to->addrlen < sizeof v6 ? to->addrlen : sizeof v6);
    const void *raw = to->family == AF_INET6 ? (const void *)&v6.sin6_addr : &v4.sin_addr;
    if (!inet_ntop(to->family, raw, denied, sizeof denied))
        snprintf(denied, sizeof denied, "local");
}

static curl_socket_t on_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *to)
{
    (void)arg, (void)purpose;
    if (private_net_contains(&to->addr)) {
        note(to);
        return CURL_SOCKET_BAD;
    }
    return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

void private_net_deny(CURL *easy)
{
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_socket);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
}

const char *private_net_denied(void)
{
    static _Thread_local char told[sizeof denied];
    if (!*denied)
        return NULL;
    memcpy(told, denied, sizeof told);
    *denied = '\0';
    return told;
}

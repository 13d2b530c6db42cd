/* SPDX-License-Identifier: MIT */
/* Which addresses are private, and that nothing gets around the rule. */
#include "harness.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "core/attrs.h"
#include "net/private_net.h"

static bool is_private(const char *text)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
        return private_net_contains((const struct sockaddr *)&v4);
    ASSERT(inet_pton(AF_INET6, text, &v6.sin6_addr) == 1);
    return private_net_contains((const struct sockaddr *)&v6);
}

TEST(private_addresses_are_known_in_all_their_forms)
{
    static const char *const list[] = {
        "0.0.0.0",
        "10.0.0.1",
        "10.255.255.255",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.8",
        "192.168.1.1",
        "198.18.0.1",
        "198.19.255.255",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:10.1.2.3",
        "::127.0.0.1",
        "64:ff9b::a00:1",
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "2002:c0a8:101::",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "febf::1",
        "fec0::1",
        "ff02::1",
        "2001::1",
    };
    for (size_t i = 0; i < HAUL_ARRAY_LEN(list); i++)
        if (!is_private(list[i]))
            HARNESS_FAIL("not private: %s", list[i]);
}

TEST(public_ones_are_not_taken_for_private)
{
    static const char *const list[] = {
        "1.1.1.1",      "9.255.255.255",   "11.0.0.1",       "100.63.255.255",   "100.128.0.1",
        "126.0.0.1",    "128.0.0.1",       "169.253.1.1",    "172.15.0.1",       "172.32.0.1",
        "192.167.1.1",  "192.169.1.1",     "198.17.1.1",     "198.20.1.1",       "223.255.255.255",
        "2606:4700::1", "2a00::1",         "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::",
        "fbff::1",      "2001:4860::8888",
    };
    for (size_t i = 0; i < HAUL_ARRAY_LEN(list); i++)
        if (is_private(list[i]))
            HARNESS_FAIL("private: %s", list[i]);
}

TEST(what_is_no_ip_address_is_private)
{
    struct sockaddr local = {.sa_family = AF_UNIX};
    CHECK(private_net_contains(&local));
}

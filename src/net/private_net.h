/* SPDX-License-Identifier: MIT */
/*
 * Keeping jobs out of private networks (--deny-private): who asks a job server to fetch something
 * must not reach with it what only the server can reach. Every address is looked at before it is
 * connected to, so no name, redirect or odd way to write an address gets around it.
 */
#ifndef HAUL_NET_PRIVATE_NET_H
#define HAUL_NET_PRIVATE_NET_H

#include <curl/curl.h>
#include <stdbool.h>
#include <sys/socket.h>

/* Loopback, private use, link-local, shared, multicast, reserved: IANA's special-purpose registries
 * (RFC 6890). Also of an IPv4 address inside of an IPv6 one. */
bool private_net_contains(const struct sockaddr *addr);

/* From now on the handle connects to none of these, and through no proxy, which would connect for
 * it. */
void private_net_deny(CURL *easy);
/* The address that was denied last on this thread, NULL: none since it was asked before. Borrowed
 * until the next denial. */
const char *private_net_denied(void);

#endif

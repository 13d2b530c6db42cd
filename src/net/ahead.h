/* SPDX-License-Identifier: MIT */
/*
 * Has OpenSSL read TLS records ahead of their use: one system call a record instead of two. Then
 * whole records may lie in OpenSSL's buffer while the socket has nothing to read, and libcurl does
 * not look there. So whoever drives a connection calls libcurl again as long as records come out of
 * it; this counts them.
 */
#ifndef HAUL_NET_AHEAD_H
#define HAUL_NET_AHEAD_H

#include <curl/curl.h>
#include <stdint.h>

/* Before the request runs. *records rises with every TLS record that its connection reads, for as
 * long as the connection lives; the thread that drives it is the only one that touches it. */
void ahead_setup(CURL *easy, uint64_t *records);

#endif

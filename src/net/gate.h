/* SPDX-License-Identifier: MIT */
/*
 * Manners towards hosts: when one of them says 429 or 503, every worker waits before it asks that
 * host again. Keyed by origin (scheme, host, port). Any thread.
 */
#ifndef HAUL_NET_GATE_H
#define HAUL_NET_GATE_H

#include <stdint.h>

/* Why somebody waits who was not refused. */
#define GATE_SHUT "the server asked to be left alone for a while"

struct gate;

struct gate *gate_new(void);
void gate_free(struct gate *g);
/* The origin of the URL is shut until `until` (clock_now() ns); a later time wins over an earlier
 * one. */
void gate_shut(struct gate *g, const char *url, int64_t until);
/* When the origin of the URL may be asked: 0 now, else clock_now() ns. */
int64_t gate_opens(struct gate *g, const char *url);

#endif

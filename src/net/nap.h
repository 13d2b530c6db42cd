/* SPDX-License-Identifier: MIT */
/*
 * How long small packets may gather before they are taken: for as long as the fastest socket takes
 * to bring 16 KiB, which is too little to fill a receive buffer and hold the sender back. Pure
 * state, driven by one thread; times in ns.
 */
#ifndef HAUL_NET_NAP_H
#define HAUL_NET_NAP_H

#include <stdint.h>

struct nap {
    int64_t length; /* 0: none */
    int64_t usual;  /* bytes/s of the fastest socket, over the last windows */
};

/* Rates are measured for so long, at least. */
#define NAP_WINDOW (50 * CLOCK_MS)

void nap_init(struct nap *n);
/* The fastest socket has brought `bytes` in the last `ns`. */
void nap_measured(struct nap *n, int64_t bytes, int64_t ns);
/* A socket has brought so much at once: if it is much, there is no nap until the next measurement.
 */
void nap_brought(struct nap *n, int64_t bytes);

#endif

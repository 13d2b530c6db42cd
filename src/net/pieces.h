/* SPDX-License-Identifier: MIT */
/*
 * Who fetches which range. Pieces are handed out front first, so that the digest can follow; when
 * nothing is left to hand out, a free connection takes half of what the slowest has before it.
 * Pure functions over what is here and what is under way; no thread, no clock.
 */
#ifndef HAUL_NET_PIECES_H
#define HAUL_NET_PIECES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/ranges.h"

/* A running request: [pos,end) is still to come on it. */
struct piece_run {
    int64_t pos, end;
    int64_t rate; /* bytes/s, 0 not known yet */
};

#define PIECE_FIRST ((int64_t)8 << 20) /* the first request, before anything is known */
#define PIECE_LEAST ((int64_t)1 << 20)
#define PIECE_MIN   ((int64_t)4 << 20)
#define PIECE_MAX   ((int64_t)64 << 20)
#define STEAL_MIN   ((int64_t)32 << 10) /* the least that is worth a request */

/*
 * How long a piece to ask for. Far away a request costs a round trip, so it is an even share of
 * what remains; near it costs nothing, so pieces are small (a few seconds, the digest waits for the
 * front) and get smaller towards the end, where all connections should stop together. rate is that
 * of one connection, 0: not known yet.
 */
int64_t piece_size(int64_t remaining, unsigned connections, int64_t rate, int64_t round_trip_ns);

/* The first range that is neither here nor under way, at most `want` long. */
bool piece_next(const struct ranges *have, int64_t size, const struct piece_run *runs, size_t count,
                int64_t want, struct range *out);

/*
 * The back half of the run that has longest to go, or more of it when that run is slower than
 * `rate`, what a new connection is expected to do (0 unknown), so that both end together. *victim
 * is its index, and its end becomes out->begin. False where every run ends within `min_ns` or has
 * less than 2 * STEAL_MIN left.
 */
bool piece_steal(const struct piece_run *runs, size_t count, int64_t min_ns, int64_t rate,
                 struct range *out, size_t *victim);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * How many connections a file gets: few at first, more while the total rate grows with them, never
 * more than the user allows. A step up that is tried later and brings nothing is taken back. Pure
 * state, driven by one worker; times in ns, rates in bytes/s.
 */
#ifndef HAUL_NET_RAMP_H
#define HAUL_NET_RAMP_H

#include <stdbool.h>
#include <stdint.h>

struct ramp {
    unsigned target;
    unsigned ceiling;      /* the server showed that it takes no more; 0: it did not */
    int64_t ceiling_until; /* try again then */
    int64_t stepped_at;
    bool measuring; /* all connections of the last step deliver */
    int64_t window_begin, window_bytes;
    int64_t before; /* rate with the connections before the last step, 0 unknown */
    bool holding;
    int64_t held_rate;
    unsigned settled; /* the last step was a look from here: back to it if it brings nothing */
};

void ramp_init(struct ramp *r);

/*
 * Called often. `live` connections are open, `delivering` of them have received a body byte;
 * `bytes` is the sum of all bytes received so far; round_trip is that of the first connection.
 * Returns how many there should be, 1..max.
 */
unsigned ramp_update(struct ramp *r, int64_t now, unsigned max, unsigned live, unsigned delivering,
                     int64_t bytes, int64_t round_trip);

/* The server refused a connection while `live` others work: it wants no more than those. */
void ramp_refused(struct ramp *r, int64_t now, unsigned live);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * How many connections a file gets: few at first, more while the total rate grows with them, never
 * more than the user allows, and no more while the worker's own processor time is what holds. A
 * step up that is tried later and brings nothing is taken back. Pure state, driven by one worker;
 * times in ns, rates in bytes/s.
 */
#ifndef HAUL_NET_RAMP_H
#define HAUL_NET_RAMP_H

#include <stdbool.h>
#include <stdint.h>

/* What is so at a moment. */
struct ramp_facts {
    int64_t now;
    int64_t cpu;         /* processor time that the worker's thread has used so far */
    int64_t bytes;       /* received so far, over all connections */
    int64_t round_trip;  /* of the nearest connection */
    unsigned max;        /* allowed */
    unsigned live;       /* connections that are open */
    unsigned delivering; /* those of them that have received a body byte */
};

struct ramp {
    unsigned target;
    unsigned ceiling;      /* the server showed that it takes no more; 0: it did not */
    int64_t ceiling_until; /* try again then */
    int64_t stepped_at;
    bool measuring;           /* all connections of the last step deliver */
    struct ramp_facts window; /* when the measurement began */
    int64_t due;              /* when it may be over */
    int64_t before;           /* rate with the connections before the last step, 0 unknown */
    bool holding;
    bool bound; /* ... because the worker is busy all the time */
    int64_t held_rate;
    unsigned settled; /* the last step was a look from here: back to it if it brings nothing */
};

void ramp_init(struct ramp *r);

/* To be called when a connection begins to deliver or ends, and at ramp_due. Returns how many there
 * should be, 1..max. */
unsigned ramp_update(struct ramp *r, const struct ramp_facts *f);

/* When a measurement may be over that ramp_update waits for; INT64_MAX: none is under way. */
int64_t ramp_due(const struct ramp *r);

/* The server refused a connection while `live` others work: it wants no more than those. */
void ramp_refused(struct ramp *r, int64_t now, unsigned live);

#endif

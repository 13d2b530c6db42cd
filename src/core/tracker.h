/* SPDX-License-Identifier: MIT */
/*
 * How fast something goes: bytes in, rate, peak, average, time to go and time since the last byte
 * out. Knows nothing of jobs. Time is handed in, so a tracker also decays when nobody feeds it.
 * Whoever owns it guards it.
 */
#ifndef HAUL_CORE_TRACKER_H
#define HAUL_CORE_TRACKER_H

#include <stdint.h>

#include "core/clock.h"

#define TRACKER_SAMPLE  (250 * CLOCK_MS)
#define TRACKER_SAMPLES 64 /* 16 s of them */

struct tracker_sample {
    int64_t time;     /* ns */
    int64_t received; /* by then */
};

struct tracker {
    int64_t started;   /* ns */
    int64_t last_byte; /* ns */
    int64_t seen;      /* what the caller said last; -1: nothing yet */
    int64_t received;  /* since it started */
    int64_t peak;      /* bytes/s */
    /* A ring. The newest sample moves along until it is TRACKER_SAMPLE from the one before. */
    struct tracker_sample samples[TRACKER_SAMPLES];
    unsigned newest, count;
};

/* From here on; also after a pause: what was before says nothing about what comes. */
void tracker_init(struct tracker *t, int64_t now);
/* `fetched` counts bytes from the network, ever rising; where it falls (a file starts anew), the
 * tracker goes on from there. */
void tracker_sample(struct tracker *t, int64_t now, int64_t fetched);

/* Bytes of the last 5 s, per second. */
int64_t tracker_rate(const struct tracker *t, int64_t now);
int64_t tracker_average(const struct tracker *t, int64_t now);
int64_t tracker_peak(const struct tracker *t);
int64_t tracker_idle_ms(const struct tracker *t, int64_t now);
/*
 * Seconds until bytes reaches total, by the average of the last 15 s. -1 when total is unknown
 * (< 0), when nothing came for that long, or when it is too early to tell: before 3 s, and before
 * 1 % or 8 MiB.
 */
int64_t tracker_eta(const struct tracker *t, int64_t now, int64_t bytes, int64_t total);

#endif

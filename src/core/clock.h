/* SPDX-License-Identifier: MIT */
/* The one clock of the program. Monotonic time is nanoseconds; wall time is for people and files.
 */
#ifndef HAUL_CORE_CLOCK_H
#define HAUL_CORE_CLOCK_H

#include <stdint.h>

#define CLOCK_MS  INT64_C(1000000)
#define CLOCK_SEC INT64_C(1000000000)

#define CLOCK_RFC3339_SIZE sizeof("2026-01-02T14:05:41.120Z")

/* Monotonic nanoseconds. Any thread. */
int64_t clock_now(void);
/* Processor time that the calling thread has used, in nanoseconds. */
int64_t clock_thread_cpu(void);
/* Wall-clock milliseconds since the epoch. Any thread. */
int64_t clock_wall_ms(void);
/* Writes UTC with milliseconds. */
void clock_rfc3339(int64_t wall_ms, char out[CLOCK_RFC3339_SIZE]);
/* Reads what that writes; -1 for anything else. */
int64_t clock_parse_rfc3339(const char *text);

/*
 * Tests replace both clocks; NULL restores the real ones. Not while threads run: cond_wait_until
 * goes on using CLOCK_MONOTONIC.
 */
void clock_replace(int64_t (*now)(void), int64_t (*wall_ms)(void));

#endif

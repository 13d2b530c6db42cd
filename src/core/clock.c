/* SPDX-License-Identifier: MIT */
/* The one clock of the program; see clock.h. */
#include "core/clock.h"

#include <stdio.h>
#include <time.h>

static int64_t real_now(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * CLOCK_SEC + ts.tv_nsec;
}

static int64_t real_wall_ms(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_REALTIME, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int64_t (*now_fn)(void) = real_now;
static int64_t (*wall_fn)(void) = real_wall_ms;

int64_t clock_now(void)
{
    return now_fn();
}

int64_t clock_wall_ms(void)
{
    return wall_fn();
}

void clock_rfc3339(int64_t wall_ms, char out[CLOCK_RFC3339_SIZE])
{
    int64_t ms = wall_ms % 1000;
    if (ms < 0)
        ms += 1000;
    time_t sec = (time_t)((wall_ms - ms) / 1000);
    struct tm tm;
    gmtime_r(&sec, &tm);
    char day[sizeof("2026-01-02T14:05:41") + 8];
    strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(out, CLOCK_RFC3339_SIZE, "%.19s.%03dZ", day, (int)ms);
}

void clock_replace(int64_t (*now)(void), int64_t (*wall_ms)(void))
{
    now_fn = now ? now : real_now;
    wall_fn = wall_ms ? wall_ms : real_wall_ms;
}

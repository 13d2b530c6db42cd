/* SPDX-License-Identifier: MIT */
/* How many connections a file gets; see ramp.h. */
#include "net/ramp.h"

#include "core/clock.h"

#define FIRST_STEP 4
#define NEAR_NS    (5 * CLOCK_MS)
#define WINDOW_NS  (30 * CLOCK_MS)
/* Once a number is settled there is time to be sure: a line's rate is never quite even. */
#define LONG_WINDOW_NS (250 * CLOCK_MS)
/* A rate made of a few chunks says little; a line so slow that this takes long is measured for
 * LONGEST_NS. */
#define TELLING_BYTES ((int64_t)1 << 20)
#define LONGEST_NS    CLOCK_SEC
#define LOOK_AGAIN_NS (10 * CLOCK_SEC)
#define CEILING_NS    (30 * CLOCK_SEC)
/* A far server's connections start slowly, each for itself: so many are simply opened. */
#define FAR_FREE 16

void ramp_init(struct ramp *r)
{
    *r = (struct ramp){.target = 1};
}

static void step(struct ramp *r, int64_t now, unsigned max, bool near, int64_t rate)
{
    unsigned next = r->target < FIRST_STEP ? FIRST_STEP : r->target * 2;
    if (!near && next < FAR_FREE)
        next = FAR_FREE;
    r->target = next < max ? next : max;
    r->before = rate;
    r->stepped_at = now;
    r->measuring = r->holding = false;
}

/* Rate since the window began; 0 while it is too short to tell. */
static int64_t measured(const struct ramp *r, int64_t now, int64_t bytes, int64_t window)
{
    int64_t ns = now - r->window_begin, news = bytes - r->window_bytes;
    if (ns < window || (news < TELLING_BYTES && ns < LONGEST_NS))
        return 0;
    return (int64_t)((double)news / ((double)ns / (double)CLOCK_SEC));
}

static void grow(struct ramp *r, int64_t now, unsigned max, int64_t bytes, int64_t round_trip)
{
    bool near = round_trip < NEAR_NS;
    if (r->target == 1 || (!near && r->target < FAR_FREE)) {
        step(r, now, max, near, 0);
        return;
    }
    if (!r->measuring) {
        r->measuring = true;
        r->window_begin = now;
        r->window_bytes = bytes;
        return;
    }
    int64_t window = r->settled ? LONG_WINDOW_NS : WINDOW_NS;
    int64_t rate = measured(r, now, bytes, 2 * round_trip > window ? 2 * round_trip : window);
    if (!rate)
        return;
    if (rate > r->before + r->before / 10) {
        r->settled = 0;
        step(r, now, max, near, rate);
        return;
    }
    if (r->settled)
        r->target = r->settled;
    r->holding = true;
    r->held_rate = rate;
    r->window_begin = now;
    r->window_bytes = bytes;
}

/* While holding: grow again when the rate has fallen (a server's burst is over) or after a while.
 */
static void hold(struct ramp *r, int64_t now, unsigned max, int64_t bytes)
{
    int64_t rate = measured(r, now, bytes, LONG_WINDOW_NS);
    if (!rate)
        return;
    if (rate < r->held_rate - r->held_rate / 10 * 3 || now - r->stepped_at > LOOK_AGAIN_NS) {
        r->settled = r->target;
        step(r, now, max, true, rate); /* one step, to see */
        return;
    }
    r->window_begin = now;
    r->window_bytes = bytes;
}

unsigned ramp_update(struct ramp *r, int64_t now, unsigned max, unsigned live, unsigned delivering,
                     int64_t bytes, int64_t round_trip)
{
    if (r->ceiling && now > r->ceiling_until)
        r->ceiling = 0;
    if (r->ceiling && r->ceiling < max)
        max = r->ceiling;
    if (r->target > max)
        r->target = max;
    bool looking = r->settled && !r->holding;
    if ((r->target < max || looking) && live >= r->target && delivering >= live) {
        if (r->holding)
            hold(r, now, max, bytes);
        else
            grow(r, now, max, bytes, round_trip);
    }
    return r->target;
}

void ramp_refused(struct ramp *r, int64_t now, unsigned live)
{
    r->ceiling = live ? live : 1;
    r->ceiling_until = now + CEILING_NS;
    if (r->target > r->ceiling)
        r->target = r->ceiling;
    if (r->settled > r->ceiling)
        r->settled = r->ceiling;
}

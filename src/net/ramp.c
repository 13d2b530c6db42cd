/* SPDX-License-Identifier: MIT */
/* How many connections a file gets; see ramp.h. */
#include "net/ramp.h"

#include "core/clock.h"

#define FIRST_STEP 4
#define NEAR_NS    (5 * CLOCK_MS)
/* With one connection: just long enough to see whether the worker keeps up. */
#define FIRST_WINDOW_NS (3 * CLOCK_MS)
#define WINDOW_NS       (30 * CLOCK_MS)
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
/* More connections do not help a worker that is busy for so many percent of the time. */
#define BUSY_PERCENT 75

void ramp_init(struct ramp *r)
{
    *r = (struct ramp){.target = 1, .due = INT64_MAX};
}

int64_t ramp_due(const struct ramp *r)
{
    return r->due;
}

static bool is_near(const struct ramp_facts *f)
{
    return f->round_trip < NEAR_NS;
}

static void step(struct ramp *r, const struct ramp_facts *f, bool near, int64_t rate)
{
    unsigned next = r->target < FIRST_STEP ? FIRST_STEP : r->target * 2;
    if (!near && next < FAR_FREE)
        next = FAR_FREE;
    r->target = next < f->max ? next : f->max;
    r->before = rate;
    r->stepped_at = f->now;
    r->measuring = r->holding = r->bound = false;
    r->due = INT64_MAX;
}

static void begin_window(struct ramp *r, const struct ramp_facts *f, int64_t length)
{
    r->measuring = true;
    r->window = *f;
    r->due = f->now + length;
}

/* Rate since the window began; 0 while it is too short to tell. */
static int64_t measured(struct ramp *r, const struct ramp_facts *f, int64_t length)
{
    int64_t ns = f->now - r->window.now, news = f->bytes - r->window.bytes;
    if (ns < length)
        return 0;
    if (news < TELLING_BYTES && ns < LONGEST_NS) {
        r->due = f->now + length;
        return 0;
    }
    return (int64_t)((double)news / ((double)ns / (double)CLOCK_SEC));
}

static bool busy(const struct ramp *r, const struct ramp_facts *f)
{
    return f->cpu - r->window.cpu > (f->now - r->window.now) / 100 * BUSY_PERCENT;
}

static void begin_hold(struct ramp *r, const struct ramp_facts *f, int64_t rate, bool bound)
{
    r->holding = true;
    r->bound = bound;
    r->held_rate = rate;
    begin_window(r, f, LONG_WINDOW_NS);
}

/* One connection, and a server that is near: the second costs something if the worker has its hands
 * full with the first. */
static void grow_from_one(struct ramp *r, const struct ramp_facts *f)
{
    if (!r->measuring)
        begin_window(r, f, FIRST_WINDOW_NS);
    else if (f->now < r->due)
        return;
    else if (busy(r, f))
        begin_hold(r, f, 0, true);
    else
        step(r, f, true, 0);
}

static void grow(struct ramp *r, const struct ramp_facts *f)
{
    bool near = is_near(f);
    int64_t length = r->settled ? LONG_WINDOW_NS : WINDOW_NS;
    if (2 * f->round_trip > length)
        length = 2 * f->round_trip;
    if (!near && r->target < FAR_FREE) {
        step(r, f, near, 0);
        return;
    }
    if (r->target == 1) {
        grow_from_one(r, f);
        return;
    }
    if (!r->measuring) {
        begin_window(r, f, length);
        return;
    }
    int64_t rate = measured(r, f, length);
    if (!rate)
        return;
    bool bound = busy(r, f);
    if (rate > r->before + r->before / 10 && !bound) {
        r->settled = 0;
        step(r, f, near, rate);
        return;
    }
    if (r->settled && rate <= r->before + r->before / 10)
        r->target = r->settled;
    begin_hold(r, f, rate, bound);
}

/* While holding: grow again when the rate has fallen (a server's burst is over), the worker has
 * time again, or after a while. */
static void hold(struct ramp *r, const struct ramp_facts *f)
{
    int64_t rate = measured(r, f, LONG_WINDOW_NS);
    if (!rate)
        return;
    bool bound = busy(r, f), fallen = rate < r->held_rate - r->held_rate / 10 * 3;
    if (!bound && (fallen || r->bound || f->now - r->stepped_at > LOOK_AGAIN_NS)) {
        r->settled = r->target;
        step(r, f, true, rate); /* one step, to see */
        return;
    }
    begin_window(r, f, LONG_WINDOW_NS);
}

unsigned ramp_update(struct ramp *r, const struct ramp_facts *facts)
{
    struct ramp_facts f = *facts;
    if (r->ceiling && f.now > r->ceiling_until)
        r->ceiling = 0;
    if (r->ceiling && r->ceiling < f.max)
        f.max = r->ceiling;
    if (r->target > f.max)
        r->target = f.max;
    bool looking = r->settled && !r->holding;
    if ((r->target < f.max || looking) && f.live >= r->target && f.delivering >= f.live) {
        if (r->holding)
            hold(r, &f);
        else
            grow(r, &f);
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

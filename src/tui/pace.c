/* SPDX-License-Identifier: MIT */
/* See pace.h. */
#include "tui/pace.h"

#include "core/clock.h"

#define FASTEST (250 * CLOCK_MS)
#define SLOWEST (2 * CLOCK_SEC)
#define COSTLY  (30 * CLOCK_MS) /* a frame that takes longer to go out slows the next ones */

void pace_init(struct pace *p)
{
    *p = (struct pace){.interval = FASTEST};
}

void pace_paint(struct pace *p, int64_t now)
{
    p->painted = now;
}

void pace_taken(struct pace *p, int64_t now)
{
    if (now - p->painted > COSTLY)
        pace_slow(p);
    else
        p->interval -= p->interval / 8;
    if (p->interval < FASTEST)
        p->interval = FASTEST;
}

void pace_slow(struct pace *p)
{
    p->interval = p->interval * 2 < SLOWEST ? p->interval * 2 : SLOWEST;
}

int64_t pace_wait(const struct pace *p, int64_t now)
{
    int64_t since = now - p->painted;
    return !p->painted || since >= p->interval ? 0 : p->interval - since;
}

/* SPDX-License-Identifier: MIT */
/*
 * How often changes are painted: 4 times a second, less often on a line that takes long to accept a
 * frame; it earns them back slowly. Times are clock_now().
 */
#ifndef HAUL_TUI_PACE_H
#define HAUL_TUI_PACE_H

#include <stdint.h>

struct pace {
    int64_t interval; /* ns between frames */
    int64_t painted;  /* when the last frame was; 0: none yet */
};

void pace_init(struct pace *p);
/* A frame was painted. */
void pace_paint(struct pace *p, int64_t now);
/* The terminal has taken all of it. */
void pace_taken(struct pace *p, int64_t now);
/* The line still has bytes of an earlier frame. */
void pace_slow(struct pace *p);
/* Until the next frame may be painted; 0: now. */
int64_t pace_wait(const struct pace *p, int64_t now);

#endif

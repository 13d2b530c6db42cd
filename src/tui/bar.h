/* SPDX-License-Identifier: MIT */
/* Progress bars in eighths of a cell, and sparklines in eighths of a line. Pure functions. */
#ifndef HAUL_TUI_BAR_H
#define HAUL_TUI_BAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wchar.h>

#include "tui/draw.h"

/*
 * Fills out[0..width) with a bar: full blocks, one partial block, light shade; in ASCII
 * "[===>  ]". Rounds down: it is full only when done reaches total. total <= 0 gives an empty bar,
 * total < 0 (unknown) blanks.
 */
void bar_glyphs(wchar_t *out, int width, int64_t done, int64_t total, bool ascii);
/* Draws it, the empty part dim. */
void bar_draw(const struct area *a, int y, int x, int width, enum role role, int64_t done,
              int64_t total);

/* value as a share of total in 1/scale, rounded down and never above scale; total must be > 0. */
int bar_share(int64_t value, int64_t total, int scale);

/* Draws the last `width` of count values right-aligned, the highest as a full block; missing ones
 * stay blank. */
void bar_spark(const struct area *a, int y, int x, int width, enum role role, const int64_t *values,
               size_t count);

#endif

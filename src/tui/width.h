/* SPDX-License-Identifier: MIT */
/*
 * Text measured in terminal columns (wcwidth of the current locale), and cut by columns. Text is
 * UTF-8 that core/text.h made harmless; what the locale cannot show becomes U+FFFD, in ASCII mode
 * '?'. Pure functions.
 */
#ifndef HAUL_TUI_WIDTH_H
#define HAUL_TUI_WIDTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"

/* Decodes the next character of *s (not at its end) and moves on. Returns its columns: 0 for a
 * combining mark, else 1 or 2. *cp is what to show, 0 for nothing. */
int width_next(const char **s, bool ascii, uint32_t *cp);
int width_text(const char *s, bool ascii);

enum width_cut {
    CUT_END,   /* "some long na…" */
    CUT_LEFT,  /* "…ome long name.iso" */
    CUT_MIDDLE /* "some lo…g name.iso" */
};

/* Appends s cut to at most cols columns, with an ellipsis where something is missing. CUT_LEFT and
 * CUT_MIDDLE keep the number of a shard ("00001-of-00003"), if need be at the cost of what they
 * keep otherwise. Returns the columns used. */
int width_fit(struct buf *out, const char *s, int cols, enum width_cut cut, bool ascii);

/* The length in bytes of the line to print first when s is wrapped at cols columns: whole words
 * where one fits. Follows newlines. 0 only for "". */
size_t width_wrap(const char *s, int cols, bool ascii);

/* How many lines that makes; 1 at least. */
int width_lines(const char *s, int cols, bool ascii);

#endif

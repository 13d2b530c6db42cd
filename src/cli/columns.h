/* SPDX-License-Identifier: MIT */
/* Text measured and cut by the columns it takes on a terminal. Text is sanitised already. */
#ifndef HAUL_CLI_COLUMNS_H
#define HAUL_CLI_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/buf.h"

/* Columns of text; with ascii, of what columns_add would print for it. */
size_t columns_of(const char *text, bool ascii);
/*
 * Appends at most `max` columns of text and returns how many. What does not fit is cut in the
 * middle, so that the end of a file name stays visible. With ascii every other character
 * becomes '?'.
 */
size_t columns_add(struct buf *out, const char *text, size_t max, bool ascii);
/* The same, filled up with blanks to `width` columns. */
void columns_pad(struct buf *out, const char *text, size_t width, bool ascii);

#endif

/* SPDX-License-Identifier: MIT */
/* Pieces that the lines of progress share. */
#ifndef HAUL_CLI_METER_TEXT_H
#define HAUL_CLI_METER_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/view.h"

enum meter_ink { INK_GOOD, INK_BAD, INK_WARN, INK_BAR, INK_HEAD };

void meter_add_word(struct buf *out, enum meter_ink ink, bool color, const char *word);
/* "18.1/35.4 GiB", "980 MiB/1.2 GiB", "18.1 GiB" where total is unknown. */
void meter_add_sizes(struct buf *out, int64_t bytes, int64_t total);
/* What stands in the place of rate and ETA while nothing is received; else nothing. `now` is
 * clock_now(). */
void meter_add_condition(struct buf *out, const struct job_view *job, int64_t now);

#endif

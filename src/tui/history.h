/* SPDX-License-Identifier: MIT */
/*
 * Rates of the last minutes, one sample a second: of everything, and of each job and file that
 * runs. Seconds in which nobody sampled count as zero. UI thread only.
 */
#ifndef HAUL_TUI_HISTORY_H
#define HAUL_TUI_HISTORY_H

#include <stddef.h>
#include <stdint.h>

#include "core/view.h"

#define HISTORY_SAMPLES 120
#define HISTORY_TRACKS  96
#define HISTORY_JOB     SIZE_MAX /* as `file`: the job itself */

struct history_track {
    char id[JOB_ID_SIZE]; /* "" while unused */
    size_t file;
    int64_t values[HISTORY_SAMPLES]; /* oldest first */
    size_t count;
    int64_t last; /* second of the newest */
};

struct history {
    struct history_track total;
    struct history_track tracks[HISTORY_TRACKS];
};

/* Call as often as you like; takes a sample when a new second has begun. */
void history_sample(struct history *h, const struct snapshot *snapshot, int64_t now);
/* NULL where nothing was recorded. */
const struct history_track *history_find(const struct history *h, const char *id, size_t file);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Tells a user who looks elsewhere: bell, window title, desktop notification (OSC 9), taskbar
 * progress (OSC 9;4). Only what the configuration asks for. UI thread only.
 */
#ifndef HAUL_TUI_NOTIFY_H
#define HAUL_TUI_NOTIFY_H

#include <stdbool.h>
#include <stddef.h>

#include "core/view.h"

struct joblist_counts;

/* What was last told. */
struct notifier {
    bool begun;
    size_t busy, failed;
    int percent;
};

/* how: enum notify of config.h. Call after each refresh. */
void notify_update(struct notifier *n, unsigned how, const struct joblist_counts *counts,
                   const struct totals_view *totals);
/* Takes back what stays on the screen otherwise. */
void notify_end(struct notifier *n, unsigned how);

#endif

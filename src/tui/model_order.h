/* SPDX-License-Identifier: MIT */
/* Which jobs the list shows and in which order; the rules behind model.h. */
#ifndef HAUL_TUI_MODEL_ORDER_H
#define HAUL_TUI_MODEL_ORDER_H

#include "tui/model.h"

bool tab_shows(enum tab t, const struct job_view *job);
/* filter NULL or "" shows all. */
bool filter_shows(const char *filter, const struct job_view *job);
/* Stable: equal jobs stay in queue order. */
void order_jobs(const struct job_view **jobs, size_t count, enum sort_key key, bool inverted);

#endif

/* SPDX-License-Identifier: MIT */
/* Which jobs the list shows and in which order; the rules behind joblist.h. */
#ifndef HAUL_TUI_JOBLIST_ORDER_H
#define HAUL_TUI_JOBLIST_ORDER_H

#include "tui/joblist.h"

bool tab_shows(enum tab t, const struct job_view *job);
/* Stable: equal jobs stay in queue order. */
void order_jobs(const struct job_view **jobs, size_t count, enum sort_key key, bool inverted);

#endif

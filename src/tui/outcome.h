/* SPDX-License-Identifier: MIT */
/* How the downloads of this session went, as the exit code of a UI that waited for them. Pure. */
#ifndef HAUL_TUI_OUTCOME_H
#define HAUL_TUI_OUTCOME_H

#include <stdint.h>

#include "core/view.h"

/* The exit code that all share that failed at that wall time or later, else 1; 0 for none. */
int outcome_exit(const struct snapshot *s, int64_t since_ms);

#endif

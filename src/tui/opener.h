/* SPDX-License-Identifier: MIT */
/* Hands a file to another program, without a shell, and forgets about it. */
#ifndef HAUL_TUI_OPENER_H
#define HAUL_TUI_OPENER_H

#include "core/attrs.h"
#include "core/error.h"

/* command: program and arguments, parted by blanks; the path becomes the last argument. */
HAUL_NODISCARD enum haul_error opener_run(const char *command, const char *path,
                                          struct haul_fault *fault);

#endif

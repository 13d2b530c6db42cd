/* SPDX-License-Identifier: MIT */
/*
 * The UI for screen readers and for terminals that can only print: one line an event, never drawn
 * over, and commands typed at a prompt below. One thread.
 */
#ifndef HAUL_TUI_LINEAR_H
#define HAUL_TUI_LINEAR_H

#include "tui/app.h"

/* Runs until the user leaves; the exit codes of tui_run. Signals are blocked as for it. */
int linear_run(struct session *session, const struct tui_options *options);

#endif

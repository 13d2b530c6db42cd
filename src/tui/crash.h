/* SPDX-License-Identifier: MIT */
/*
 * The terminal is given back even when the program dies: a handler for the fatal signals that only
 * calls async-signal-safe functions, then lets the signal do what it would have done.
 */
#ifndef HAUL_TUI_CRASH_H
#define HAUL_TUI_CRASH_H

#include <stdbool.h>
#include <termios.h>

/* restore: what to write to fd (copied), saved: the modes to set. */
void crash_install(int fd, const char *restore, const struct termios *saved);
void crash_uninstall(void);
/* The shell has the terminal: it is left as it is. */
void crash_set_away(bool away);

#endif

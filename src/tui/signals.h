/* SPDX-License-Identifier: MIT */
/* The signals that the terminal UI reads from a descriptor; tui_block_signals is in app.h. */
#ifndef HAUL_TUI_SIGNALS_H
#define HAUL_TUI_SIGNALS_H

#include <sys/types.h>

/* Readable when one has come; -1: the system has no descriptor left. */
int tui_signals_fd(void);
void tui_signals_unblock(int sig);
/* Stops this program, or with whom 0 the whole job that it is in; returns when it is continued. */
void tui_signals_stop(pid_t whom);

#endif

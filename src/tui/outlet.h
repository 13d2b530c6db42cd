/* SPDX-License-Identifier: MIT */
/*
 * The way to the terminal, on which nobody waits: ncurses writes into memory, and from there its
 * bytes go on as fast as the terminal takes them. A terminal that is slow or stopped (a hung ssh, a
 * Ctrl-S) keeps its bytes waiting, never the program. One at a time, UI thread only.
 */
#ifndef HAUL_TUI_OUTLET_H
#define HAUL_TUI_OUTLET_H

#include <stdbool.h>
#include <stdio.h>

#include "core/error.h"

/* To standard output, which is a terminal. */
HAUL_NODISCARD enum haul_error outlet_open(struct haul_fault *fault);
/* What still waits is lost. */
void outlet_close(void);

/* What ncurses writes to. It leads to the terminal, so that ncurses finds its size and modes, until
 * outlet_divert has it lead into memory. */
FILE *outlet_stream(void);
void outlet_divert(void);

/* Appends to what ncurses has written. Dropped where far too much waits already. */
void outlet_add(const char *text);
/* Hands on what the terminal takes now. True: nothing waits any more. */
bool outlet_flush(void);
/* To be polled for POLLOUT; -1 while nothing waits. */
int outlet_fd(void);
void outlet_forget(void); /* what waits will not be sent */
/*
 * The last bytes: waits up to 300 ms for the terminal to take what is left. From one that does not,
 * the system takes back what it has not read yet, so that there is room for `farewell`, which the
 * terminal finds when it goes on.
 */
void outlet_end(const char *farewell);

#endif

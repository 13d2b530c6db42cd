/* SPDX-License-Identifier: MIT */
/*
 * What the program writes on its standard error while the screen is drawn goes into a pipe, so that
 * it does not spoil the screen, and from there into the log. One at a time.
 */
#ifndef HAUL_TUI_CAPTURE_H
#define HAUL_TUI_CAPTURE_H

/* Returns the descriptor to poll; -1: standard error stays as it is. */
int capture_begin(void);
/* The descriptor of the real standard error, -1 where nothing is captured. */
int capture_stderr(void);
/* Calls `line` for each whole line that is there. */
void capture_read(void (*line)(void *data, const char *text), void *data);
/* Standard error is as before; what nobody has read is written there. */
void capture_end(void);

#endif

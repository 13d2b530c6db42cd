/* SPDX-License-Identifier: MIT */
/*
 * The terminal: the only place that calls ncurses. One at a time, UI thread only.
 */
#ifndef HAUL_TUI_TERM_H
#define HAUL_TUI_TERM_H

#include <stdbool.h>
#include <stdint.h>

#include "core/error.h"
#include "tui/draw.h"

enum mouse_event { MOUSE_CLICK, MOUSE_WHEEL_UP, MOUSE_WHEEL_DOWN };

/* Both standard streams are terminals and TERM names one that can place its cursor. */
HAUL_NODISCARD enum haul_error term_check(struct haul_fault *fault);
HAUL_NODISCARD enum haul_error term_open(const struct theme *theme, bool color,
                                         struct haul_fault *fault);
/* Gives the terminal back as it was. Nothing happens when it is not open, nothing is written while
 * the shell has it. */
void term_close(void);

/* Sends what differs from the last frame, without waiting. False: the terminal has not taken all of
 * it; show nothing more until term_flush is true. */
bool term_show(const struct canvas *c);
/* Sends on what waits. True: nothing waits any more. */
bool term_flush(void);
/* To be polled for POLLOUT while something waits; -1: nothing does. */
int term_waiting_fd(void);
/* The next key that is there already; 0: none. *gone is set when the terminal has vanished. */
uint32_t term_key(bool *gone);
/* What the kernel says the size is, at most 500x1000. */
void term_size(int *rows, int *cols);
/* Adopts the size. */
void term_resize(int rows, int cols);
/* The next term_show sends everything. */
void term_repaint(void);
/* Bytes that the system has and the line has not, where it can tell: 0 on a pseudo terminal. */
int term_pending(void);

/* Sends a sequence that moves nothing; dropped where the terminal is too simple for such. */
void term_send(const char *text);
void term_set_mouse(bool on);
/* Where and what the last UI_KEY_MOUSE was; false for what nobody cares about. */
bool term_mouse(enum mouse_event *event, int *y, int *x);

/* Leaves the terminal for the shell, and takes it again. */
void term_leave(void);
void term_enter(void);
/* The shell has taken it: nothing is written until term_enter. */
void term_lose(void);
/* False after `bg`: the terminal belongs to another process group. */
bool term_is_foreground(void);

#endif

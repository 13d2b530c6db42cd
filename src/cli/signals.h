/* SPDX-License-Identifier: MIT */
/*
 * Signals as data: blocked in every thread, read from a descriptor by the front end. What was
 * ignored when the program started (nohup) stays ignored. The first that stops the program is one
 * request with all that follow it within a second: those are ignored.
 */
#ifndef HAUL_CLI_SIGNALS_H
#define HAUL_CLI_SIGNALS_H

#include <stdatomic.h>
#include <stdbool.h>

/* Main thread, before any other is started: SIGPIPE ignored; SIGINT, SIGTERM, SIGHUP and SIGWINCH
 * blocked. */
void signals_block(void);
bool signals_blocked(void);
/* A descriptor that is readable when one of them is pending; the caller closes it. -1 with errno.
 */
int signals_open(void);
/* The next pending one, 0 for none. */
int signals_read(int fd);
/* From now on SIGINT, SIGTERM and SIGHUP end the process at once, with exit status 128 + signal,
 * unless they repeat one that was read within the last second. */
void signals_exit_on_next(void);

/* For a call that waits: from now on the first of them sets the flag that is returned, the next one
 * that is no repeat ends the process. */
const atomic_bool *signals_stop_flag(void);
/* The signal that set the flag, 0 for none. */
int signals_caught(void);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The terminal UI: shows a session and lets the user drive it, until he leaves. One thread, one
 * UI at a time.
 */
#ifndef HAUL_TUI_APP_H
#define HAUL_TUI_APP_H

#include <stdbool.h>
#include <stdint.h>

#include "core/error.h"
#include "core/request.h"
#include "core/session.h"
#include "tui/config.h"

struct tui_options {
    bool ascii; /* also without it, where the locale is not UTF-8 */
    bool color;
    const struct tui_config *config;    /* NULL: default keys and colours */
    int64_t confirm_cancel;             /* bytes from which cancel asks; 0 always, -1 never */
    unsigned connections;               /* of a job that sets none; 0: not known */
    const struct job_request *defaults; /* for added jobs; spec is ignored */
    const char *notice;                 /* one line to show at start, or NULL */
    const char *first_id;               /* job on which the cursor begins; NULL: on the first row */
    int64_t started_ms;                 /* wall time: what failed earlier is none of its failures */
    bool remote;                        /* a job server's: leaving stops nothing */
    bool far;                           /* its disk is not this computer's */
};

void tui_options_init(struct tui_options *o); /* colour, confirm from 1 GiB on */

/* Blocks the signals that the UI reads from a descriptor. Call it before the session and with it
 * the first thread is made: threads that do not block them would take them. */
void tui_block_signals(void);

/* Whether there is a terminal to draw on. The fault says in one line why not. */
bool tui_possible(struct haul_fault *fault);

/*
 * Runs until the user leaves; does not free the session. Returns the exit code: 0, or 129, 130, 143
 * after a hangup, an interrupt, SIGTERM; after "wait until done" that of the jobs that failed
 * since options->started_ms.
 */
int tui_run(struct session *session, const struct tui_options *options);

#endif

/* SPDX-License-Identifier: MIT */
/* What the linear UI's loop, its sentences and its commands share. */
#ifndef HAUL_TUI_LINEAR_STATE_H
#define HAUL_TUI_LINEAR_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/buf.h"
#include "tui/app.h"

struct linear {
    struct session *session;
    const struct tui_options *options;
    struct watcher *watcher;
    struct snapshot snapshot;
    struct buf input; /* what was typed since the last line end */
    bool input_ended, prompted;
    bool leaving, leave_when_done;
    int exit_code;
    int64_t every, next_summary; /* ns; every 0: no summaries */
};

/* ---- linear_say.c: sentences ---- */

/* A line of its own; the prompt, if it stands there, is not written into. */
void linear_say(struct linear *l, const char *fmt, ...) HAUL_PRINTF(2, 3);
void linear_prompt(struct linear *l);
void linear_say_event(struct linear *l, const struct event *e);
/* A text about a job, written for people who press keys, with the commands that do the same. */
void linear_say_reworded(struct linear *l, uint64_t number, const char *text);
void linear_say_job(struct linear *l, const struct job_view *job);
void linear_say_summary(struct linear *l);

/* ---- linear_command.c ---- */

void linear_command(struct linear *l, const char *line);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Progress of a batch on standard error: a block of live lines on a terminal, else a line now and
 * then, or errors alone. It keeps no clock of its own: the caller asks meter_due, waits, and
 * calls meter_draw. One thread.
 */
#ifndef HAUL_CLI_METER_H
#define HAUL_CLI_METER_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/options.h"
#include "cli/outq.h"
#include "core/event.h"
#include "core/view.h"

struct meter;

/* Borrows the queue, which must be of standard error, until meter_free. */
struct meter *meter_new(const struct cli_options *options, struct outq *err);
/* Takes the live lines away. NULL is fine. */
void meter_free(struct meter *p);

/* Takes the live lines off the screen until the next frame: something else is written there now. */
void meter_lift(struct meter *p);
/* A job came to the state that its view shows. */
void meter_state(struct meter *p, const struct job_view *job);
/* For --verbose; a warning for all but --quiet. */
void meter_log(struct meter *p, const struct event *e);
/* A line of haul's own: an error, or (not with --quiet) a notice. */
void meter_error(struct meter *p, const char *fmt, ...) HAUL_PRINTF(2, 3);
void meter_notice(struct meter *p, const char *fmt, ...) HAUL_PRINTF(2, 3);

/* When to draw next, clock_now() time; INT64_MAX: never, as nothing is active or wanted. */
int64_t meter_due(const struct meter *p, const struct snapshot *s);
void meter_draw(struct meter *p, const struct snapshot *s, int64_t now);
/* The terminal's size has changed. */
void meter_resize(struct meter *p);

#endif

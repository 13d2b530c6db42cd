/* SPDX-License-Identifier: MIT */
/* What happens to a job, told to people in one line each: the narration of event streams
 * (interfaces.md §5). Pure functions. */
#ifndef HAUL_API_SERVER_STORY_H
#define HAUL_API_SERVER_STORY_H

#include <stdbool.h>

#include "core/buf.h"
#include "core/event.h"

/* Appends the line; false where there is nothing to tell. `job` may be NULL: gone already. */
bool story_of_event(struct buf *out, const struct event *e, const struct job_view *job);
/* How it stands, for who comes late. */
void story_of_state(struct buf *out, enum job_state state, const char *name, const char *source,
                    const struct job_view *job);

#endif

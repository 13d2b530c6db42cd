/* SPDX-License-Identifier: MIT */
/*
 * What the job server logs on standard error: a line an event, for people and journals, or NDJSON
 * for programs. A reader that sleeps loses lines, which are counted, and never holds the server up.
 */
#ifndef HAUL_API_SERVER_LOG_H
#define HAUL_API_SERVER_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "core/attrs.h"
#include "core/event.h"

struct server_log {
    bool json, quiet, verbose;
    uint64_t seq, lost;
};

void server_log_event(struct server_log *l, const struct event *e);
/* A line of the server's own. */
void server_log_line(struct server_log *l, enum log_level level, const char *fmt, ...)
    HAUL_PRINTF(3, 4);

#endif

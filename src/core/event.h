/* SPDX-License-Identifier: MIT */
/*
 * What happened, in order: the events of interfaces.md §4 but `progress` and `summary`, which
 * front ends make from snapshots. Events are immutable once published and counted by reference,
 * so any thread may hold one.
 */
#ifndef HAUL_CORE_EVENT_H
#define HAUL_CORE_EVENT_H

#include <stdint.h>

#include "core/error.h"
#include "core/view.h"

enum event_type { EVENT_JOB, EVENT_FILE, EVENT_LOG, EVENT_ERROR };
enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };
const char *log_level_name(enum log_level l);         /* "debug", "info", "warn", "error" */
enum log_level log_level_from_name(const char *name); /* LOG_INFO where none is called so */

struct event {
    uint64_t seq; /* rises by one over all events of a session */
    int64_t wall_ms;
    enum event_type type;
    char job[JOB_ID_SIZE]; /* "" for what concerns no job */
    uint64_t number;       /* of the job, 0 for none */
    /* EVENT_JOB */
    enum job_state state;
    char *source, *name;
    size_t files;
    int64_t total;
    /* EVENT_FILE: a file is whole and under its final name */
    char *path;
    int64_t size, resumed_from;
    char sha256[65];
    enum digest_origin verified;
    /* EVENT_LOG */
    enum log_level level;
    char *message;
    /* EVENT_ERROR; NULL otherwise: a fault is large, and tens of thousands of events may wait */
    struct haul_fault *fault;
};

/* For those who publish: zeroed, one reference. Strings and fault are owned by the event. */
struct event *event_new(enum event_type type);

struct event *event_ref(struct event *e);
void event_unref(struct event *e); /* NULL is fine */

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The stream of events: those that some watcher has still to read, and the last log lines and
 * errors. The table's mutex guards it.
 */
#ifndef HAUL_CORE_FEED_H
#define HAUL_CORE_FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/event.h"

#define FEED_BEHIND_MAX 65536
#define FEED_LOG_MAX    2000

/* A queue of references in a ring. */
struct event_ring {
    struct event **slots;
    size_t room, first, count;
};

struct feed {
    uint64_t next_seq;        /* of the event to come */
    struct event_ring unread; /* the last `count` of all events */
    struct event_ring log;
};

void feed_init(struct feed *f);
void feed_release(struct feed *f);
/* Numbers the event, takes the reference. `watched`: somebody will read it. */
void feed_publish(struct feed *f, struct event *e, bool watched);
/* The event at *cursor, which moves on; a reference; NULL when there is none yet. Events that are
 * gone are skipped and counted in *lost. */
struct event *feed_read(struct feed *f, uint64_t *cursor, uint64_t *lost);
/* No watcher wants anything before `seq`. */
void feed_trim(struct feed *f, uint64_t seq);
/* See session_log. */
size_t feed_log(const struct feed *f, const char *id, struct event **out, size_t max);

#endif

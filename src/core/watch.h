/* SPDX-License-Identifier: MIT */
/*
 * Watchers of a job table: a bell each, a place in the stream of events, and the refresh of a
 * snapshot. A watch belongs to one front-end thread; the table's mutex guards it.
 */
#ifndef HAUL_CORE_WATCH_H
#define HAUL_CORE_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "core/bell.h"
#include "core/table.h"

/* Events that are taken for one holding of the mutex. */
#define WATCH_TAKE 64

struct watch {
    struct table *table;
    struct watch *next;
    struct bell bell;
    uint64_t cursor; /* seq of the event it takes next */
    /* The owner's alone: taken and not read yet. */
    struct event *taken[WATCH_TAKE];
    size_t count, read;
};

void watch_init(struct watch *w, struct table *t);
void watch_release(struct watch *w);
void watch_notify_locked(struct table *t, enum bell_reason reason) HAUL_REQUIRES(t->mutex);
bool watch_refresh(struct watch *w, struct snapshot *s);   /* watcher_refresh */
struct event *watch_next(struct watch *w, uint64_t *lost); /* watcher_next */

/* The part that refreshes (watch_refresh.c): true if anything but counters was new. */
bool snapshot_refresh(struct table *t, struct snapshot *s);

#endif

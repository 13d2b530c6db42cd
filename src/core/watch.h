/* SPDX-License-Identifier: MIT */
/*
 * Watchers of a job table: an eventfd each, a place in the stream of events, and the refresh of a
 * snapshot. A watch belongs to one front-end thread; the table's mutex guards it.
 */
#ifndef HAUL_CORE_WATCH_H
#define HAUL_CORE_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "core/table.h"

enum watch_reason { WATCH_JOBS, WATCH_EVENTS, WATCH_REASONS };

struct watch {
    struct table *table;
    struct watch *next;
    int fd;
    bool signalled;
    /*
     * What there is to look at. Looking at one does not hide the other: it stays signalled once
     * more, so that nothing is missed whichever a front end does first, and so that a front end
     * that never looks at the other is not woken for ever.
     */
    unsigned pending[WATCH_REASONS];
    uint64_t cursor; /* seq of the event it reads next */
};

void watch_init(struct watch *w, struct table *t);
void watch_release(struct watch *w);
void watch_notify_locked(struct table *t, enum watch_reason reason) HAUL_REQUIRES(t->mutex);
bool watch_refresh(struct watch *w, struct snapshot *s);   /* watcher_refresh */
struct event *watch_next(struct watch *w, uint64_t *lost); /* watcher_next */

/* The part that refreshes (watch_refresh.c): true if anything but counters was new. */
bool snapshot_refresh(struct table *t, struct snapshot *s);

#endif

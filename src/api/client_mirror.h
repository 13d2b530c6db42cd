/* SPDX-License-Identifier: MIT */
/*
 * What a job server has told of its jobs: views and events, kept current by the wire's thread and
 * copied from by watchers. One mutex guards all of it; nobody waits for the network while holding
 * it.
 */
#ifndef HAUL_API_CLIENT_MIRROR_H
#define HAUL_API_CLIENT_MIRROR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attrs.h"
#include "core/bell.h"
#include "core/error.h"
#include "core/feed.h"
#include "core/mutex.h"
#include "core/view.h"

struct mirror_watch;

struct mirror {
    struct mutex mutex;
    struct cond changed;
    struct snapshot jobs; /* `lost` is set while the stream is broken, or late */
    uint64_t stamp;       /* of the last change; each view carries that of its own last one */
    uint64_t removed_at;  /* likewise */
    uint64_t round;       /* of the listing: views that were not seen in it are gone */
    bool listing;         /* one is under way */
    bool complete;        /* one has come to its end */
    bool again;           /* the one under way is not the first: events have been missed */
    struct feed feed;
    struct mirror_watch *watches;
};

struct mirror_watch {
    struct mirror *mirror;
    struct mirror_watch *next;
    struct bell bell;
    uint64_t cursor; /* seq of the event it reads next */
    uint64_t seen;   /* stamp of its last refresh */
};

void mirror_init(struct mirror *m);
void mirror_release(struct mirror *m);

/* ---- the wire's thread ---- */

void mirror_event(struct mirror *m, const char *name, const char *data);
void mirror_broken(struct mirror *m, const struct haul_fault *fault);
/* Whether it is broken now. Any thread. */
bool mirror_is_broken(struct mirror *m);

/* ---- any thread ---- */

/* A log line of the client's own. `job` may be NULL. */
void mirror_log(struct mirror *m, const char *job, int level, const char *message);
/* Waits until a listing is complete; false at the deadline (ns). */
HAUL_NODISCARD bool mirror_wait_complete(struct mirror *m, int64_t deadline);
/* Nobody waits for the first listing any more: until it is there, snapshots say that it is not. */
void mirror_late(struct mirror *m);
/* As session_await. */
HAUL_NODISCARD enum haul_error mirror_await(struct mirror *m, const char *id, int64_t deadline,
                                            struct haul_fault *fault);
/* How many files the job has; -1: there is no such job. */
int64_t mirror_files(struct mirror *m, const char *id);
size_t mirror_read_log(struct mirror *m, const char *id, struct event **out, size_t max);

/* ---- one front-end thread each ---- */

void mirror_watch_init(struct mirror_watch *w, struct mirror *m);
void mirror_watch_release(struct mirror_watch *w);
bool mirror_watch_refresh(struct mirror_watch *w, struct snapshot *s);   /* watcher_refresh */
struct event *mirror_watch_next(struct mirror_watch *w, uint64_t *lost); /* watcher_next */

#endif

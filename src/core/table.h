/* SPDX-License-Identifier: MIT */
/*
 * All jobs of a session. One mutex guards every field here and in the jobs; one condition variable
 * tells workers, the keeper and those who await a job that something has changed. Nobody does
 * I/O, asks the store or waits for anything else while holding the mutex.
 *
 * Every change of a job gives it the next generation and puts it at the new end of a list, so that
 * a watcher finds what has changed since it last looked without looking at the rest.
 */
#ifndef HAUL_CORE_TABLE_H
#define HAUL_CORE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/engine.h"
#include "core/feed.h"
#include "core/job.h"
#include "core/mutex.h"
#include "core/session.h"

struct watch;
struct store;
struct run_note;

struct table {
    struct mutex mutex;
    struct cond changed;
    unsigned waiting; /* workers without a job, and awaits; the keeper is told when it is needed */

    uint64_t generation;
    uint64_t removed_at; /* generation of the last removal */
    struct map by_id, by_key;
    struct queue queue;
    struct job *newest; /* by generation */
    struct run *runs;   /* jobs that a worker has */
    struct watch *watches;
    struct feed feed;

    struct job *dirty, **dirty_end;     /* hold a reference each */
    struct job *discards;               /* to be discarded by the keeper; hold a reference each */
    struct job *dropped, **dropped_end; /* the last ones, for a restore; hold a reference each */
    size_t dropped_count;

    uint64_t next_number;
    unsigned jobs_max;
    int64_t limit_rate;
    unsigned connections;           /* for a job that names none */
    int64_t job_limit_rate;         /* likewise */
    int64_t narrate_every;          /* ns; 0: never */
    bool saved;                     /* there is a store */
    uint64_t save_asked, save_done; /* tickets of session_save, as given out and as done with */
    struct store *library;  /* the same, for who asks without the mutex; set before any worker is */
    struct run_note *notes; /* what completed jobs brought; the keeper writes it */
    uint64_t library_version; /* rises when it has written them */
    int64_t fetched;          /* bytes from the network, of runs that are over */
    uint64_t retries;         /* likewise */
    bool closing;

    uint64_t rows_copied, files_copied; /* into snapshots, so far; the tests watch them */
};

void table_init(struct table *t, const struct settings *settings);
void table_release(struct table *t); /* no thread uses it any more */

struct job *table_find_locked(struct table *t, const char *id) HAUL_REQUIRES(t->mutex);
/* A listed job that a new one would repeat; NULL if there is none. */
struct job *table_same_locked(struct table *t, const struct job *job) HAUL_REQUIRES(t->mutex);
/* Takes the reference. `placed`: it has a position and a number already (from the store). */
void table_add_locked(struct table *t, struct job *job, bool placed) HAUL_REQUIRES(t->mutex);
void table_remove_locked(struct table *t, struct job *job) HAUL_REQUIRES(t->mutex);
void table_unref_locked(struct table *t, struct job *job) HAUL_REQUIRES(t->mutex);

/* Waits for a change of any job, or until clock_now() reaches deadline: false then. */
bool table_wait_locked(struct table *t, int64_t deadline) HAUL_REQUIRES(t->mutex);

/* Something of the job is new: next generation, watchers, waiters; `save`: the store as well. */
void table_touch_locked(struct table *t, struct job *job, bool save) HAUL_REQUIRES(t->mutex);
/* The same for what concerns no job. */
void table_touch_all_locked(struct table *t) HAUL_REQUIRES(t->mutex);
/* False, and nothing done, for a move that is impossible. */
bool table_move_locked(struct table *t, struct job *job, enum job_state to) HAUL_REQUIRES(t->mutex);
void table_fail_locked(struct table *t, struct job *job, const struct haul_fault *fault)
    HAUL_REQUIRES(t->mutex);
/* The error event of the job's fault, which is not NULL. */
void table_tell_fault_locked(struct table *t, struct job *job) HAUL_REQUIRES(t->mutex);
/* Puts the job back into the queue with that request (taken over, then as after init). */
void table_renew_locked(struct table *t, struct job *job, struct job *with) HAUL_REQUIRES(t->mutex);
/* Tells the queue what may be done with the job. */
void table_mark_locked(struct table *t, struct job *job) HAUL_REQUIRES(t->mutex);
void table_dirty_locked(struct table *t, struct job *job) HAUL_REQUIRES(t->mutex);

/* Takes the event. job may be NULL. */
void table_publish_locked(struct table *t, const struct job *job, struct event *e)
    HAUL_REQUIRES(t->mutex);
/* Takes the message, which is sanitised already. */
void table_log_locked(struct table *t, const struct job *job, enum log_level level, char *message)
    HAUL_REQUIRES(t->mutex);

/* ---- what users ask for (table_control.c) ---- */

HAUL_NODISCARD enum haul_error table_control(struct table *t, const char *id,
                                             enum job_action action, struct haul_fault *fault);
HAUL_NODISCARD enum haul_error table_cancel_file(struct table *t, const char *id, size_t file,
                                                 struct haul_fault *fault);
HAUL_NODISCARD enum haul_error table_change(struct table *t, const char *id,
                                            const struct job_change *change,
                                            struct haul_fault *fault);
HAUL_NODISCARD enum haul_error table_await(struct table *t, const char *id, int64_t deadline,
                                           struct haul_fault *fault);
/* Out of the list, to be restored for a while. */
void table_drop_locked(struct table *t, struct job *job) HAUL_REQUIRES(t->mutex);
/* The job's partial files are gone and no worker has it. */
void table_cancelled_locked(struct table *t, struct job *job) HAUL_REQUIRES(t->mutex);

/* ---- the worker's side (table_claim.c) ---- */

/* The next ready job, now resolving, with a run for it; NULL when there is none. */
struct run *table_claim_locked(struct table *t, struct engine_worker *worker,
                               const struct engine_ops *ops) HAUL_REQUIRES(t->mutex);
/* The engine is through: decides what became of the job, and frees the run. */
void table_finish(struct table *t, struct run *run, enum haul_error result,
                  const struct haul_fault *fault);
/* Tells the run why to stop, unless it has a stronger reason already, and wakes its worker. */
void table_stop_locked(struct table *t, struct run *run, enum run_stop_reason reason)
    HAUL_REQUIRES(t->mutex);
/* Stops the run for a pause. The store is told at once: a pause outlives what comes after it. */
void table_pause_locked(struct table *t, struct run *run) HAUL_REQUIRES(t->mutex);
/* A job that is still stopping for a pause starts again as soon as it has stopped. False where it
 * is not. */
bool table_unpause_locked(struct table *t, struct job *job) HAUL_REQUIRES(t->mutex);
/* A cancelled job that no worker has: the keeper deletes what it left, or there is nothing. */
void table_discard_locked(struct table *t, struct job *job) HAUL_REQUIRES(t->mutex);
/* Has the keeper delete the partials of a job that is being discarded, else of those files of it
 * that were cancelled. */
void table_discard_files_locked(struct table *t, struct job *job) HAUL_REQUIRES(t->mutex);

#endif

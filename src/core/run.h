/* SPDX-License-Identifier: MIT */
/*
 * A job while a worker has it: what the engine reads of it and reports to it. One worker thread
 * calls these, unless stated otherwise. Counters are atomics that front ends read through
 * snapshots without a lock; everything else goes through the job table's mutex, briefly.
 */
#ifndef HAUL_CORE_RUN_H
#define HAUL_CORE_RUN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attrs.h"
#include "core/error.h"
#include "core/event.h"
#include "core/plan.h"
#include "core/request.h"
#include "core/view.h"

struct run;

enum run_stop_reason {
    STOP_NONE,
    STOP_CANCEL, /* delete the partial files */
    STOP_PAUSE,  /* keep them */
    STOP_QUIT    /* the program ends; keep them, save at once */
};

/* Counters of one file; written by the worker (and its digest thread), read by anyone. */
struct file_progress {
    _Atomic int64_t bytes, total; /* total -1: unknown */
    _Atomic int64_t hashed, resumed_from, rate;
    _Atomic unsigned connections, retries;
    _Atomic int state; /* enum file_state */
    atomic_bool retry_wait;
    atomic_bool cancel; /* the user wants the job without this file; set under the table's lock */
};

/* Why the job is to stop; STOP_NONE while it is not. Any thread, no lock. Cancel beats pause. */
enum run_stop_reason run_stop(const struct run *r);

const struct job_request *run_request(const struct run *r); /* does not change while it runs */
const char *run_id(const struct run *r);
/* Live values: bytes/s (0 none), at most so many connections. Any thread. */
int64_t run_limit_rate(const struct run *r);
unsigned run_connections(const struct run *r);

/* queued -> resolving is done by the claim. Refused moves (job.c) are a bug and abort in debug
 * builds. */
void run_set_state(struct run *r, enum job_state state);
/* Copies names, paths and sizes; makes the counters. Called once, before the first transfer; again
 * with as many files when names or sizes became known. */
void run_set_plan(struct run *r, const struct plan *plan);
/* Valid until the run ends. */
struct file_progress *run_file(struct run *r, size_t file);
/* The reply named the file: absolute final path. */
void run_set_path(struct run *r, size_t file, const char *path);
/* The final path that an earlier run of this job had for the file; NULL if none. Borrowed from the
 * run. */
const char *run_earlier_path(const struct run *r, size_t file);
/* The file is whole under its final name (state FILE_DONE or FILE_SKIPPED): sends the file event.
 * What an earlier run of this job has brought there is FILE_DONE, though this run skips it.
 * sha256 is 64 hex digits, or NULL where it was not computed. */
void run_file_done(struct run *r, size_t file, enum file_state state, const char *sha256,
                   enum digest_origin verified);

/* The digest that the file was held against; before run_file_done, where the plan did not know it.
 */
void run_file_digest(struct run *r, size_t file, const struct digest_value *digest);

/*
 * A file on this disk that had this content when it was last checked: path, caller frees; NULL for
 * none. *shared: it lies in a store where files never change. It blocks on the database; what it
 * leads to is to be held against the digest again.
 */
char *run_find_local(struct run *r, const struct digest_value *digest, int64_t size, bool *shared);

/*
 * The engine looks at file_progress.cancel whenever it wakes. It stops that file, deletes its
 * partial, calls this, and goes on with the rest; a file that was not begun is skipped. The job
 * completes if the others do.
 */
void run_file_cancelled(struct run *r, size_t file);
/* What came of the file was wrong and has been deleted. */
void run_file_discarded(struct run *r, size_t file);

/* Call about every 250 ms while running: feeds the tracker. */
void run_tick(struct run *r);
/* The next try starts at `at` (clock_now() ns); 0: it waits no longer. `try`: so many of `max` came
 * to nothing in a row; 0: the host asked to be left alone. `why` is for people. */
void run_set_retry(struct run *r, int64_t at, unsigned try, unsigned max, const char *why);
/* Pauses this job because of a full disk: the engine calls it, then returns HAUL_ERR_CANCELLED with
 * run_stop() being STOP_PAUSE; the fault is kept and shown. */
void run_pause_for_disk(struct run *r, const struct haul_fault *fault);

/* A line in the log of this job. Text is sanitised; mask URLs before (text.h). Any thread. */
void run_log(struct run *r, enum log_level level, const char *fmt, ...) HAUL_PRINTF(3, 4);

/* What session_detail shows; copied. True from run_detail_wanted while somebody looks at it. */
bool run_detail_wanted(const struct run *r, size_t *file);
void run_set_detail(struct run *r, size_t file, const struct detail_view *detail);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The files of a job: counters that a worker writes and anybody reads without a lock, and names
 * that the table's mutex guards. Counted by reference, because snapshots read the counters after
 * the job itself may be gone.
 */
#ifndef HAUL_CORE_PROGRESS_H
#define HAUL_CORE_PROGRESS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/plan.h"
#include "core/run.h"

/* What is said of a file, not counted. */
struct file_info {
    char *name; /* sanitised */
    char *path; /* absolute final path, as it is on disk; or NULL */
    char *url;  /* masked */
    char sha256[65];
    enum digest_origin verified;
    unsigned version; /* progress.version when it last changed */
    bool made;        /* a run of this job has brought it whole to its path */
    bool unsaved;     /* the store has still to be told */
};

struct progress {
    atomic_uint refs;
    size_t count;                   /* files; never changes */
    struct file_progress *counters; /* one a file */
    _Atomic int64_t *floors;        /* bytes that were shown before this run: no bar goes back */
    struct file_info *infos;        /* guarded by the table's mutex */
    unsigned version;               /* rises with each change of an info; guarded likewise */
    bool saved;                     /* the store has rows of it; guarded likewise */
};

struct progress_sum {
    int64_t bytes, total; /* total -1 while one is unknown */
    int64_t fetched;      /* from the network in this run */
    unsigned connections, retries;
    size_t done;
};

struct progress *progress_new(size_t count);
struct progress *progress_ref(struct progress *p); /* NULL stays NULL */
void progress_unref(struct progress *p);           /* NULL is fine */

/* As shown. */
int64_t progress_file_bytes(const struct progress *p, size_t file);
struct progress_sum progress_sum(const struct progress *p); /* NULL: nothing is known */

/* Whether the plan is about the same files. */
bool progress_fits(const struct progress *p, const struct plan *plan);
/* Takes names, paths and sizes over; what the plan does not know stays. */
void progress_set_plan(struct progress *p, const struct plan *plan);
/* Before another run: what is on disk stays, what was going on does not. */
void progress_begin(struct progress *p);
/* After a run or a cancel: nothing is going on any more. */
void progress_settle(struct progress *p);
/* All files are to be written to the store. */
void progress_unsave(struct progress *p);
/* Names and paths of one file have changed: snapshots and the store have to follow. */
void progress_file_changed(struct progress *p, size_t file);
/* What came of the file is gone. */
void progress_forget_file(struct progress *p, size_t file);
/* The file is out of the job: its partial is gone or goes. */
void progress_cancel_file(struct progress *p, size_t file);
/* Whether all files but this one are out of the job. */
bool progress_is_last_wanted(const struct progress *p, size_t file);
/* Files that were cancelled one by one are wanted again. */
void progress_uncancel(struct progress *p);
/* The partial files are gone. */
void progress_forget(struct progress *p);

#endif

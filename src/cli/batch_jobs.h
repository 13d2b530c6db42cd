/* SPDX-License-Identifier: MIT */
/*
 * The jobs that a batch answers for: which are still open, how the others went, and the exit code
 * that this makes. Looked up by id in O(log n), so that ten thousand jobs cost little.
 */
#ifndef HAUL_CLI_BATCH_JOBS_H
#define HAUL_CLI_BATCH_JOBS_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/exit_tally.h"
#include "core/view.h"

struct batch_job {
    char id[JOB_ID_SIZE];
    struct job_view *view; /* in the snapshot; NULL: not there */
    bool seen;             /* it was there once */
    bool settled;          /* ended or paused, and counted */
    bool caught_up;        /* settled by a look at the snapshot; its events come too late */
};

struct batch_jobs {
    struct batch_job *items;
    size_t count, open;
    size_t completed, failed, cancelled;
    struct exit_tally exit;
    uint64_t linked; /* `members` of the snapshot that the views were taken from; 0: to be taken */
};

void batch_jobs_release(struct batch_jobs *jobs);
/* Adds ids; one that is there already is left out. */
void batch_jobs_add(struct batch_jobs *jobs, char (*ids)[JOB_ID_SIZE], size_t count);
/* Finds the views again when jobs came to or left the snapshot. */
void batch_jobs_link(struct batch_jobs *jobs, const struct snapshot *s);
struct batch_job *batch_jobs_find(struct batch_jobs *jobs, const char *id); /* NULL: not ours */
/* The job has come to `state`, with which the batch is done with it: counts it, once. */
void batch_jobs_settle(struct batch_jobs *jobs, struct batch_job *job, enum job_state state);
/* Fills `out` with the views of `s` that are ours and with their sums. `out` is zero at first; its
 * `jobs` alone are its own. */
void batch_jobs_pick(struct batch_jobs *jobs, const struct snapshot *s, struct snapshot *out);
/* Counts a failure that belongs to no job. */
void batch_jobs_refused(struct batch_jobs *jobs, enum haul_error code);

#endif

/* SPDX-License-Identifier: MIT */
/* What batch.c and batch_intake.c share. Main thread. */
#ifndef HAUL_CLI_BATCH_INTERNAL_H
#define HAUL_CLI_BATCH_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/batch.h"
#include "cli/batch_jobs.h"
#include "cli/batch_report.h"
#include "cli/meter.h"
#include "cli/outq.h"

struct batch {
    struct session *session;
    struct watcher *watcher;
    struct snapshot snapshot;
    struct snapshot picked; /* of a server's jobs those that are the batch's; see batch_jobs_pick */
    struct batch_jobs jobs;
    struct outq out, err;
    struct batch_report report;
    struct meter *meter;
    int64_t started;   /* ns */
    int64_t next_json; /* when the next progress events are due */
    int64_t next_look; /* not before, while there is much to come */
    int signal_fd;
    int signal; /* that stopped the batch; 0: none */
    bool more;  /* events wait for output to drain */
    bool json;
    bool one_screen;  /* standard output is a terminal, as that of progress most likely is */
    bool remote;      /* the jobs are a server's */
    bool owns_remote; /* and this batch has added them */
};

/* Brings the snapshot up to date, and what the jobs know of it. */
void batch_refresh(struct batch *b);

/* One request that is refused does not stop the others. */
void batch_add_requests(struct batch *b, const struct job_request *requests, size_t count);
/* What the session has in its queue. */
void batch_adopt_queue(struct batch *b, int64_t started_ms);
/* With no SPEC and nothing in the queue: says so, and what else there is. */
void batch_tell_empty(struct batch *b, const struct batch_input *input);
/* What is only looked at: the jobs that were named, else all that are open. */
void batch_adopt_watched(struct batch *b, const struct batch_input *input);

#endif

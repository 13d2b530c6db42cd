/* SPDX-License-Identifier: MIT */
/*
 * What a batch writes on standard output: the path of each finished file, or events as NDJSON
 * numbered through. Every file is told once, from whichever of event or snapshot came first.
 */
#ifndef HAUL_CLI_BATCH_REPORT_H
#define HAUL_CLI_BATCH_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "api/json.h"
#include "cli/outq.h"
#include "core/event.h"
#include "core/view.h"

struct batch_report {
    struct outq *out; /* borrowed */
    bool json;
    uint64_t seq;   /* of the last line */
    int64_t bytes;  /* in files told */
    uint64_t *told; /* hashes of job and path, open addressing; 0: free */
    size_t told_count, told_size;
};

void batch_report_init(struct batch_report *r, struct outq *out, bool json);
void batch_report_release(struct batch_report *r);

/* Any event of a job of ours, in the order they came. */
void batch_report_event(struct batch_report *r, const struct event *e);
/* Files of a job that are finished and were not told yet, where events were lost or missed. */
void batch_report_files(struct batch_report *r, const struct job_view *job);
/* The rest writes with json only. */
void batch_report_state(struct batch_report *r, const struct job_view *job);
void batch_report_progress(struct batch_report *r, const struct job_view *job);
void batch_report_refusal(struct batch_report *r, const struct haul_fault *fault);
void batch_report_summary(struct batch_report *r, const struct api_summary *sum);

#endif

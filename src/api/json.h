/* SPDX-License-Identifier: MIT */
/*
 * Events and plans as JSON, word for word what interfaces.md §4 promises; jobs: json_job.h. Pure
 * functions, any thread. Each appends one value to *out, on one line, without a line break.
 */
#ifndef HAUL_API_JSON_H
#define HAUL_API_JSON_H

#include <stdint.h>

#include "core/buf.h"
#include "core/event.h"
#include "core/json.h"
#include "core/plan.h"
#include "core/view.h"

/* A job, file, log or error event. `seq` is the stream's own number, which may differ from the
 * event's. */
void api_json_event(struct buf *out, const struct event *e, uint64_t seq);
void api_json_progress(struct buf *out, const struct job_view *job, uint64_t seq, int64_t wall_ms);

struct api_summary {
    uint64_t completed, failed, cancelled; /* jobs */
    int64_t bytes;                         /* in files that are complete */
    int64_t elapsed;                       /* ns */
};
void api_json_summary(struct buf *out, const struct api_summary *sum, uint64_t seq,
                      int64_t wall_ms);
/* An error that belongs to no job; job is null. */
void api_json_refusal(struct buf *out, const struct haul_fault *fault, uint64_t seq,
                      int64_t wall_ms);

/* What `haul resolve --json` prints: {"source","name","revision","dir","total","files":[{"path",
 * "size","digest":{"algorithm","value"}|null,"url"}]}. `source` is masked by the caller, URLs are
 * masked here. */
void api_json_plan(struct buf *out, const char *source, const struct plan *plan);

const char *api_event_name(enum event_type type); /* "job" */

/* Tenths of a percent, 0 to 1000; 1000 only when all is there. -1 when total is unknown. */
int64_t api_permille(int64_t bytes, int64_t total);
/* "percent": that, or null. */
void api_put_percent(struct json_writer *w, int64_t bytes, int64_t total);

#endif

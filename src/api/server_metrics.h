/* SPDX-License-Identifier: MIT */
/* What the server counts, as Prometheus reads it (text exposition format 0.0.4). The server's
 * thread. */
#ifndef HAUL_API_SERVER_METRICS_H
#define HAUL_API_SERVER_METRICS_H

#include <stdint.h>

#include "core/buf.h"
#include "core/error.h"
#include "core/event.h"
#include "core/view.h"

struct metrics {
    uint64_t errors[HAUL_ERR_COUNT]; /* error events, by code */
    uint64_t ended[JOB_STATE_COUNT]; /* jobs that came to that state */
    uint64_t files;                  /* that were finished */
    uint64_t requests[6];            /* by the first digit of their status */
};

void metrics_event(struct metrics *m, const struct event *e);
void metrics_request(struct metrics *m, unsigned status);

/* What else there is to tell. */
struct metrics_now {
    const struct snapshot *snapshot;
    size_t streams, connections;
    int64_t started_ms;
};
void metrics_write(struct buf *out, const struct metrics *m, const struct metrics_now *now);

#endif

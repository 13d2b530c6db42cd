/* SPDX-License-Identifier: MIT */
/* See outcome.h. */
#include "tui/outcome.h"

int outcome_exit(const struct snapshot *s, int64_t since_ms)
{
    int code = 0;
    for (size_t i = 0; i < s->count; i++) {
        const struct job_view *job = s->jobs[i];
        /* What failed another day is listed as well, until it is retried or dropped. */
        if (job->state != JOB_FAILED || job->ended_ms < since_ms)
            continue;
        int its = haul_error_exit(job->fault.code);
        code = code && code != its ? 1 : its;
    }
    return code;
}

/* SPDX-License-Identifier: MIT */
/* The states of jobs and files: their names, and what they mean; see view.h. */
#include <string.h>

#include "core/attrs.h"
#include "core/view.h"

static const char *const job_states[] = {
    [JOB_QUEUED] = "queued",       [JOB_RESOLVING] = "resolving", [JOB_RUNNING] = "running",
    [JOB_VERIFYING] = "verifying", [JOB_PAUSED] = "paused",       [JOB_COMPLETED] = "completed",
    [JOB_FAILED] = "failed",       [JOB_CANCELLED] = "cancelled",
};

static const char *const file_states[] = {
    [FILE_WAITING] = "waiting",     [FILE_ACTIVE] = "running",  [FILE_VERIFYING] = "verifying",
    [FILE_DONE] = "completed",      [FILE_SKIPPED] = "skipped", [FILE_FAILED] = "failed",
    [FILE_CANCELLED] = "cancelled",
};

const char *job_state_name(enum job_state s)
{
    return job_states[s];
}

bool job_view_is_over(const struct job_view *v)
{
    return job_state_ended(v->state) || (v->state == JOB_PAUSED && v->blocked_by_disk);
}

static int index_of(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (!strcmp(names[i], name))
            return (int)i;
    return -1;
}

bool job_state_from_name(const char *name, enum job_state *s)
{
    int i = index_of(job_states, HAUL_ARRAY_LEN(job_states), name);
    if (i >= 0)
        *s = (enum job_state)i;
    return i >= 0;
}

bool file_state_from_name(const char *name, enum file_state *s)
{
    int i = index_of(file_states, HAUL_ARRAY_LEN(file_states), name);
    if (i >= 0)
        *s = (enum file_state)i;
    return i >= 0;
}

bool job_state_ended(enum job_state s)
{
    return s == JOB_COMPLETED || s == JOB_FAILED || s == JOB_CANCELLED;
}

bool job_state_active(enum job_state s)
{
    return s == JOB_RESOLVING || s == JOB_RUNNING || s == JOB_VERIFYING;
}

const char *file_state_name(enum file_state s)
{
    return file_states[s];
}

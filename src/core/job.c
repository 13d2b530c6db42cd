/* SPDX-License-Identifier: MIT */
/* One download; see job.h. */
#include "core/job.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/units.h"

#define TO(state) (1U << (state))

static const unsigned moves[JOB_STATE_COUNT] = {
    [JOB_QUEUED] = TO(JOB_RESOLVING) | TO(JOB_PAUSED) | TO(JOB_FAILED) | TO(JOB_CANCELLED),
    [JOB_RESOLVING] = TO(JOB_RUNNING) | TO(JOB_PAUSED) | TO(JOB_FAILED) | TO(JOB_CANCELLED),
    [JOB_RUNNING] = TO(JOB_VERIFYING) | TO(JOB_PAUSED) | TO(JOB_FAILED) | TO(JOB_CANCELLED),
    [JOB_VERIFYING] = TO(JOB_COMPLETED) | TO(JOB_PAUSED) | TO(JOB_FAILED) | TO(JOB_CANCELLED),
    [JOB_PAUSED] = TO(JOB_QUEUED) | TO(JOB_RUNNING) | TO(JOB_CANCELLED),
    [JOB_COMPLETED] = 0,
    [JOB_FAILED] = TO(JOB_QUEUED),
    [JOB_CANCELLED] = TO(JOB_QUEUED),
};

bool job_may_move(enum job_state from, enum job_state to)
{
    return moves[from] & TO(to);
}

/*
 * 44 bits of wall-clock milliseconds, then 20 bits that begin at random and count on: jobs that are
 * added together are neighbours in the store, so that a batch of them touches few of its pages.
 */
static void make_id(char id[JOB_ID_SIZE])
{
    static _Atomic uint64_t last;
    uint32_t random;
    if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
        abort();
    uint64_t fresh = (uint64_t)clock_wall_ms() << 20 | (random & 0xfffff), before, next;
    before = atomic_load(&last);
    do
        next = fresh > before ? fresh : before + 1;
    while (!atomic_compare_exchange_weak(&last, &before, next));
    snprintf(id, JOB_ID_SIZE, "job-%016" PRIx64, next);
}

struct job *job_new(void)
{
    struct job *job = xcalloc(1, sizeof *job);
    make_id(job->id);
    job_request_init(&job->request);
    job->refs = 1;
    job->created_ms = clock_wall_ms();
    job->order.tie = job->id;
    return job;
}

void job_free(struct job *job)
{
    if (!job)
        return;
    job_request_release(&job->request);
    progress_unref(job->progress);
    free(job->source);
    free(job->name);
    free(job->dir);
    free(job->fault);
    free(job->retry_why);
    free(job);
}

void job_set_fault(struct job *job, const struct haul_fault *fault)
{
    free(job->fault);
    job->fault = NULL;
    if (!fault || fault->code == HAUL_OK)
        return;
    job->fault = xmalloc(sizeof *job->fault);
    *job->fault = *fault;
}

enum haul_error job_fault_secret(const struct job *job, struct haul_fault *fault)
{
    const char *what = job->secrets & SECRET_IN_SPEC ? "the URL's secret is" : "its headers are";
    return fault_set(fault, HAUL_ERR_UNAUTHORIZED, "%s: %s not stored; add it again", job->source,
                     what);
}

bool job_has_partials(const struct job *job)
{
    const struct progress *p = job->progress;
    for (size_t i = 0; p && i < p->count; i++)
        if (p->infos[i].path && p->counters[i].state != FILE_SKIPPED)
            return true;
    return false;
}

void job_reset(struct job *job)
{
    job_set_fault(job, NULL);
    free(job->retry_why);
    job->retry_why = NULL;
    job->retry_at = job->started_ms = job->ended_ms = 0;
    job->retry_try = job->retry_max = 0;
    job->rate_average = job->rate_peak = 0;
    job->blocked_by_disk = job->again = false;
}

/* SPDX-License-Identifier: MIT */
/* Jobs between the queue and a worker: taken, stopped, finished; see table.h. */
#include "core/clock.h"
#include "core/run_note.h"
#include "core/run_state.h"
#include "core/table.h"

static void link_run(struct table *t, struct run *r) HAUL_REQUIRES(t->mutex)
{
    r->next = t->runs;
    r->link = &t->runs;
    if (t->runs)
        t->runs->link = &r->next;
    t->runs = r;
}

static void unlink_run(struct run *r)
{
    *r->link = r->next;
    if (r->next)
        r->next->link = r->link;
}

struct run *table_claim_locked(struct table *t, struct engine_worker *worker,
                               const struct engine_ops *ops)
{
    struct queue_node *n = queue_next_ready(&t->queue);
    if (!n || t->closing)
        return NULL;
    struct job *job = HAUL_CONTAINER_OF(n, struct job, order);
    progress_begin(job->progress);
    struct run *r = run_new(t, job, worker, ops);
    job->refs++;
    job->run = r;
    job->pausing = false;
    link_run(t, r);
    (void)table_move_locked(t, job, JOB_RESOLVING);
    return r;
}

/* A cancel is for good; a quit must not wait for a pause's sake. */
static const int strength[] = {
    [STOP_NONE] = 0, [STOP_PAUSE] = 1, [STOP_QUIT] = 2, [STOP_CANCEL] = 3};

void table_stop_locked(struct table *t, struct run *run, enum run_stop_reason reason)
{
    (void)t;
    if (strength[reason] <= strength[run_stop(run)])
        return;
    atomic_store(&run->stop, (int)reason);
    run->ops->wake(run->worker);
}

void table_pause_locked(struct table *t, struct run *run)
{
    run->job->again = false;
    run->job->pausing = true;
    table_stop_locked(t, run, STOP_PAUSE);
    table_touch_locked(t, run->job, true);
}

void table_cancelled_locked(struct table *t, struct job *job)
{
    job->discarding = job->in_discards = false;
    job_set_fault(job, NULL);
    job->blocked_by_disk = false;
    progress_forget(job->progress);
    progress_unsave(job->progress);
    (void)table_move_locked(t, job, JOB_CANCELLED);
}

void table_discard_files_locked(struct table *t, struct job *job)
{
    if (job->in_discards)
        return;
    job->in_discards = true;
    job->refs++;
    job->next_discard = t->discards;
    t->discards = job;
    cond_broadcast(&t->changed);
}

void table_discard_locked(struct table *t, struct job *job)
{
    if (!job_has_partials(job)) {
        table_cancelled_locked(t, job);
        return;
    }
    job->discarding = true;
    table_discard_files_locked(t, job);
    table_mark_locked(t, job);
    table_touch_locked(t, job, false);
}

static void detach(struct table *t, struct run *r) HAUL_REQUIRES(t->mutex)
{
    struct job *job = r->job;
    int64_t now = clock_now();
    struct progress_sum sum = progress_sum(job->progress);
    tracker_sample(&r->tracker, now, sum.fetched);
    t->fetched += sum.fetched;
    t->retries += sum.retries;
    job->rate_average = tracker_average(&r->tracker, now);
    job->rate_peak = tracker_peak(&r->tracker);
    job->retry_at = 0;
    progress_settle(job->progress);
    progress_unsave(job->progress);
    unlink_run(r);
    job->run = NULL;
}

/* A source may find everything in place without a transfer; watchers still see each step. */
static void complete(struct table *t, struct job *job) HAUL_REQUIRES(t->mutex)
{
    static const enum job_state steps[] = {JOB_RUNNING, JOB_VERIFYING, JOB_COMPLETED};
    job_set_fault(job, NULL);
    job->blocked_by_disk = false;
    for (size_t i = 0; i < HAUL_ARRAY_LEN(steps); i++)
        (void)table_move_locked(t, job, steps[i]);
}

static void pause_job(struct table *t, struct job *job) HAUL_REQUIRES(t->mutex)
{
    if (job->blocked_by_disk && job->fault)
        table_tell_fault_locked(t, job);
    (void)table_move_locked(t, job, JOB_PAUSED);
    if (!job->again)
        return;
    job->again = false;
    (void)table_move_locked(t, job, JOB_QUEUED);
}

static void fail(struct table *t, struct job *job, enum haul_error result,
                 const struct haul_fault *fault) HAUL_REQUIRES(t->mutex)
{
    struct haul_fault own = *fault;
    if (result == HAUL_ERR_CANCELLED)
        fault_set(&own, HAUL_ERR_INTERNAL, "the transfer stopped without being asked to");
    else if (own.code != result)
        fault_set(&own, result, "%s", haul_error_text(result));
    table_fail_locked(t, job, &own);
}

static void decide(struct table *t, struct job *job, enum run_stop_reason stop,
                   enum haul_error result, const struct haul_fault *fault) HAUL_REQUIRES(t->mutex)
{
    bool stopped = result == HAUL_ERR_CANCELLED;
    if (result == HAUL_OK)
        complete(t, job); /* the files stand under their final names, whatever was asked since */
    else if (stop == STOP_CANCEL && stopped)
        table_cancelled_locked(t, job);
    else if (stop == STOP_CANCEL)
        table_discard_locked(t, job);
    else if (!stopped || stop == STOP_NONE)
        fail(t, job, result, fault);
    else if (stop == STOP_PAUSE)
        pause_job(t, job);
    else if (t->closing)
        table_touch_locked(t, job, true); /* as it is, for the next process */
    else
        fail(t, job, HAUL_ERR_BUSY, fault);
}

void table_finish(struct table *t, struct run *run, enum haul_error result,
                  const struct haul_fault *fault)
{
    struct run_note *note = result == HAUL_OK ? run_note_finish(run) : NULL;
    mutex_lock(&t->mutex);
    struct job *job = run->job;
    if (note) {
        note->next = t->notes;
        t->notes = note;
    }
    detach(t, run);
    decide(t, job, run_stop(run), result, fault);
    run_free(run);
    table_unref_locked(t, job);
    mutex_unlock(&t->mutex);
}

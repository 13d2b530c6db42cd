/* SPDX-License-Identifier: MIT */
/* What users ask of a job: cancel, pause, resume, retry, drop, change, await; see table.h. */
#include <string.h>

#include "core/run_state.h"
#include "core/table.h"

static bool is_stopping_for(const struct job *job, enum run_stop_reason reason)
{
    return job->run && run_stop(job->run) == reason;
}

/* Cancelled already, though its state does not say so yet. */
static bool is_being_cancelled(const struct job *job)
{
    return job->discarding || is_stopping_for(job, STOP_CANCEL);
}

static enum haul_error refuse(const struct job *job, const char *what, struct haul_fault *fault)
{
    const char *state = is_being_cancelled(job) ? "being cancelled" : job_state_name(job->state);
    return fault_set(fault, HAUL_ERR_USAGE, "#%llu %s cannot be %s: it is %s",
                     (unsigned long long)job->number, job->name, what, state);
}

static enum haul_error cancel(struct table *t, struct job *job, struct haul_fault *fault)
    HAUL_REQUIRES(t->mutex)
{
    if (is_being_cancelled(job))
        return HAUL_OK;
    if (!job_may_move(job->state, JOB_CANCELLED))
        return refuse(job, "cancelled", fault);
    if (job->run)
        table_stop_locked(t, job->run, STOP_CANCEL);
    else
        table_discard_locked(t, job);
    return HAUL_OK;
}

static enum haul_error pause_job(struct table *t, struct job *job, struct haul_fault *fault)
    HAUL_REQUIRES(t->mutex)
{
    if (is_being_cancelled(job) || !job_may_move(job->state, JOB_PAUSED))
        return refuse(job, "paused", fault);
    if (job->run)
        table_pause_locked(t, job->run);
    else
        (void)table_move_locked(t, job, JOB_PAUSED);
    return HAUL_OK;
}

bool table_unpause_locked(struct table *t, struct job *job)
{
    if (!is_stopping_for(job, STOP_PAUSE))
        return false;
    job->again = true;
    job->pausing = false;
    job_set_fault(job, NULL);
    job->blocked_by_disk = false;
    table_touch_locked(t, job, true);
    return true;
}

static enum haul_error resume(struct table *t, struct job *job, struct haul_fault *fault)
    HAUL_REQUIRES(t->mutex)
{
    if (table_unpause_locked(t, job))
        return HAUL_OK;
    if (job->state != JOB_PAUSED || is_being_cancelled(job))
        return refuse(job, "resumed", fault);
    job_set_fault(job, NULL);
    job->blocked_by_disk = false;
    (void)table_move_locked(t, job, JOB_QUEUED);
    return HAUL_OK;
}

static enum haul_error retry(struct table *t, struct job *job, struct haul_fault *fault)
    HAUL_REQUIRES(t->mutex)
{
    if (job->state != JOB_FAILED && job->state != JOB_CANCELLED)
        return refuse(job, "retried", fault);
    if (job->secret_lost)
        return job_fault_secret(job, fault);
    if (job->state == JOB_CANCELLED)
        progress_uncancel(job->progress);
    job_reset(job);
    (void)table_move_locked(t, job, JOB_QUEUED);
    return HAUL_OK;
}

static enum haul_error drop(struct table *t, struct job *job, struct haul_fault *fault)
    HAUL_REQUIRES(t->mutex)
{
    if (!job_state_ended(job->state))
        return refuse(job, "dropped", fault);
    table_drop_locked(t, job);
    return HAUL_OK;
}

static enum haul_error delete_files(struct table *t, struct job *job, struct haul_fault *fault)
    HAUL_REQUIRES(t->mutex)
{
    if (job->state != JOB_COMPLETED)
        return refuse(job, "deleted", fault);
    job->deleting = true;
    table_discard_files_locked(t, job);
    return HAUL_OK;
}

/* Dropped jobs are asked for in the order in which they were dropped: the first is the one. */
static enum haul_error restore(struct table *t, const char *id, struct haul_fault *fault)
    HAUL_REQUIRES(t->mutex)
{
    struct job **link = &t->dropped;
    while (*link && strcmp((*link)->id, id) != 0)
        link = &(*link)->next_dropped;
    struct job *job = *link;
    if (!job)
        return fault_set(fault, HAUL_ERR_NOT_FOUND,
                         "%s is none of the jobs that were dropped lately in this session", id);
    *link = job->next_dropped;
    if (!*link)
        t->dropped_end = link;
    t->dropped_count--;
    job->hidden = false;
    table_add_locked(t, job, true);
    return HAUL_OK;
}

static enum haul_error (*const actions[])(struct table *, struct job *, struct haul_fault *) = {
    [JOB_CANCEL] = cancel, [JOB_PAUSE] = pause_job, [JOB_RESUME] = resume,
    [JOB_RETRY] = retry,   [JOB_DROP] = drop,       [JOB_DELETE] = delete_files,
};

static struct job *find(struct table *t, const char *id, struct haul_fault *fault)
    HAUL_REQUIRES(t->mutex)
{
    struct job *job = table_find_locked(t, id);
    if (!job)
        fault_set(fault, HAUL_ERR_NOT_FOUND, "there is no job %s", id);
    return job;
}

enum haul_error table_control(struct table *t, const char *id, enum job_action action,
                              struct haul_fault *fault)
{
    mutex_lock(&t->mutex);
    if (action == JOB_RESTORE) {
        enum haul_error restored = restore(t, id, fault);
        mutex_unlock(&t->mutex);
        return restored;
    }
    struct job *job = find(t, id, fault);
    enum haul_error err = job ? actions[action](t, job, fault) : HAUL_ERR_NOT_FOUND;
    mutex_unlock(&t->mutex);
    return err;
}

static enum haul_error refuse_file(const struct job *job, const char *why, struct haul_fault *fault)
{
    return fault_set(fault, HAUL_ERR_USAGE, "that file of #%llu %s cannot be cancelled: %s",
                     (unsigned long long)job->number, job->name, why);
}

static enum haul_error cancel_file(struct table *t, struct job *job, size_t file,
                                   struct haul_fault *fault) HAUL_REQUIRES(t->mutex)
{
    struct progress *p = job->progress;
    if (!p || file >= p->count)
        return refuse_file(job, "there is no such file", fault);
    if (job_state_ended(job->state) || is_being_cancelled(job))
        return refuse(job, "changed", fault);
    struct file_progress *c = &p->counters[file];
    enum file_state state = (enum file_state)atomic_load(&c->state);
    if (state == FILE_DONE || state == FILE_SKIPPED)
        return refuse_file(job, "it is complete", fault);
    if (progress_is_last_wanted(p, file))
        return cancel(t, job, fault);
    atomic_store(&c->cancel, true);
    if (job->run) {
        if (state == FILE_WAITING) /* the worker may come to it in hours, and finds it so */
            progress_cancel_file(p, file);
        job->run->ops->wake(job->run->worker);
    } else {
        progress_cancel_file(p, file);
        table_discard_files_locked(t, job);
    }
    table_touch_locked(t, job, true);
    return HAUL_OK;
}

enum haul_error table_cancel_file(struct table *t, const char *id, size_t file,
                                  struct haul_fault *fault)
{
    mutex_lock(&t->mutex);
    struct job *job = find(t, id, fault);
    enum haul_error err = job ? cancel_file(t, job, file, fault) : HAUL_ERR_NOT_FOUND;
    mutex_unlock(&t->mutex);
    return err;
}

static enum haul_error check_change(const struct job *job, const struct job_change *c,
                                    struct haul_fault *fault)
{
    if (job_state_ended(job->state) || is_being_cancelled(job))
        return refuse(job, "changed", fault);
    if (c->move && !job->order.waiting)
        return refuse(job, "moved in the queue", fault);
    if (c->set_connections && (c->connections < 1 || c->connections > CONNECTIONS_MAX))
        return fault_set(fault, HAUL_ERR_USAGE, "connections must be 1 to %d", CONNECTIONS_MAX);
    if (c->set_limit_rate && c->limit_rate < 0)
        return fault_set(fault, HAUL_ERR_USAGE, "a rate limit cannot be negative");
    return HAUL_OK;
}

static void set_priority(struct table *t, struct job *job, int priority) HAUL_REQUIRES(t->mutex)
{
    queue_remove(&t->queue, &job->order);
    job->order.priority = priority;
    queue_insert(&t->queue, &job->order);
}

static void move_in_queue(struct table *t, struct job *job, int places) HAUL_REQUIRES(t->mutex)
{
    if (queue_move(&t->queue, &job->order, places) != QUEUE_RENUMBERED)
        return;
    /* Touching reorders the list that is walked: count first, then take from its old end. */
    size_t count = t->by_id.count;
    struct job *oldest = t->newest;
    while (oldest->older)
        oldest = oldest->older;
    for (size_t i = 0; i < count; i++) {
        struct job *next = oldest->newer;
        table_touch_locked(t, oldest, true);
        oldest = next ? next : oldest;
    }
}

static void apply(struct table *t, struct job *job, const struct job_change *c)
    HAUL_REQUIRES(t->mutex)
{
    if (c->set_priority)
        set_priority(t, job, c->priority);
    if (c->move)
        move_in_queue(t, job, c->move);
    if (c->set_limit_rate)
        job->limit_rate = c->limit_rate;
    if (c->set_connections)
        job->connections_max = c->connections;
    if (job->run && (c->set_limit_rate || c->set_connections)) {
        struct run *r = job->run;
        atomic_store(&r->limit_rate, job->limit_rate);
        atomic_store(&r->connections, job->connections_max ? job->connections_max : t->connections);
        r->ops->wake(r->worker);
    }
    table_touch_locked(t, job, true);
}

enum haul_error table_change(struct table *t, const char *id, const struct job_change *change,
                             struct haul_fault *fault)
{
    mutex_lock(&t->mutex);
    struct job *job = find(t, id, fault);
    enum haul_error err = job ? check_change(job, change, fault) : HAUL_ERR_NOT_FOUND;
    if (err == HAUL_OK)
        apply(t, job, change);
    mutex_unlock(&t->mutex);
    return err;
}

enum haul_error table_await(struct table *t, const char *id, int64_t deadline,
                            struct haul_fault *fault)
{
    enum haul_error err = HAUL_ERR_NOT_FOUND;
    mutex_lock(&t->mutex);
    struct job *job = find(t, id, fault);
    if (job) {
        job->refs++;
        bool in_time = true;
        while (in_time && !job_state_ended(job->state) &&
               (job->state != JOB_PAUSED || job->discarding))
            in_time = table_wait_locked(t, deadline);
        err = in_time ? HAUL_OK
                      : fault_set(fault, HAUL_ERR_TIMEOUT, "#%llu %s is still %s",
                                  (unsigned long long)job->number, job->name,
                                  job_state_name(job->state));
        table_unref_locked(t, job);
    }
    mutex_unlock(&t->mutex);
    return err;
}

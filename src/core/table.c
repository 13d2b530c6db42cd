/* SPDX-License-Identifier: MIT */
/* All jobs of a session; see table.h. */
#include "core/table.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/run_note.h"
#include "core/run_state.h"
#include "core/watch.h"

void table_init(struct table *t, const struct settings *settings)
{
    *t = (struct table){
        .generation = 1,
        .next_number = 1,
        .jobs_max = settings->jobs ? settings->jobs : 1,
        .limit_rate = settings->limit_rate,
        .connections = settings->connections,
        .job_limit_rate = settings->job_limit_rate,
    };
    mutex_init(&t->mutex);
    cond_init(&t->changed);
    map_init(&t->by_id);
    map_init(&t->by_key);
    queue_init(&t->queue);
    feed_init(&t->feed);
    t->dirty_end = &t->dirty;
    t->dropped_end = &t->dropped;
}

/* A job that was dropped but could not be saved is nowhere but in here. */
static void forget_dirty(struct table *t)
{
    for (struct job *job = t->dirty, *next; job; job = next) {
        next = job->next_dirty;
        if (!--job->refs)
            job_free(job);
    }
}

static void forget_dropped(struct table *t)
{
    for (struct job *job = t->dropped, *next; job; job = next) {
        next = job->next_dropped;
        if (!--job->refs)
            job_free(job);
    }
}

static void forget_notes(struct table *t)
{
    for (struct run_note *n = t->notes, *next; n; n = next) {
        next = n->next;
        run_note_free(n);
    }
}

void table_release(struct table *t)
{
    forget_dirty(t);
    forget_dropped(t);
    forget_notes(t);
    for (struct job *job = t->newest, *older; job; job = older) {
        older = job->older;
        job_free(job);
    }
    map_release(&t->by_id);
    map_release(&t->by_key);
    feed_release(&t->feed);
    cond_release(&t->changed);
    mutex_release(&t->mutex);
}

struct job *table_find_locked(struct table *t, const char *id)
{
    uint64_t hash = map_hash(MAP_HASH_START, id);
    for (struct map_node *n = map_first(&t->by_id, hash); n; n = map_next(n)) {
        struct job *job = HAUL_CONTAINER_OF(n, struct job, by_id);
        if (!strcmp(job->id, id))
            return job;
    }
    return NULL;
}

/* A job on its way out no longer stands in for a new one. */
static bool is_leaving(const struct job *job)
{
    return job->state == JOB_COMPLETED || job->state == JOB_CANCELLED || job->discarding ||
           (job->run && run_stop(job->run) == STOP_CANCEL);
}

struct job *table_same_locked(struct table *t, const struct job *job)
{
    for (struct map_node *n = map_first(&t->by_key, job->key); n; n = map_next(n)) {
        struct job *have = HAUL_CONTAINER_OF(n, struct job, by_key);
        if (job_same(have, job) && !is_leaving(have))
            return have;
    }
    return NULL;
}

static void unlink_generation(struct table *t, struct job *job)
{
    if (job->newer)
        job->newer->older = job->older;
    else
        t->newest = job->older;
    if (job->older)
        job->older->newer = job->newer;
    job->newer = job->older = NULL;
}

static void link_newest(struct table *t, struct job *job)
{
    job->older = t->newest;
    job->newer = NULL;
    if (t->newest)
        t->newest->newer = job;
    t->newest = job;
}

void table_dirty_locked(struct table *t, struct job *job)
{
    if (!t->saved || job->dirty)
        return;
    if (!t->dirty)
        cond_broadcast(&t->changed);
    job->dirty = true;
    job->dirty_since = clock_now();
    job->refs++;
    job->next_dirty = NULL;
    *t->dirty_end = job;
    t->dirty_end = &job->next_dirty;
}

bool table_wait_locked(struct table *t, int64_t deadline)
{
    t->waiting++;
    bool in_time = cond_wait_until(&t->changed, &t->mutex, deadline);
    t->waiting--;
    return in_time;
}

void table_touch_all_locked(struct table *t)
{
    t->generation++;
    watch_notify_locked(t, BELL_JOBS);
    if (t->waiting) /* a queue of small files changes thousands of times a second */
        cond_broadcast(&t->changed);
}

void table_touch_locked(struct table *t, struct job *job, bool save)
{
    table_touch_all_locked(t);
    if (job->listed) {
        job->generation = t->generation;
        unlink_generation(t, job);
        link_newest(t, job);
    }
    if (save)
        table_dirty_locked(t, job);
}

void table_mark_locked(struct table *t, struct job *job)
{
    (void)t;
    bool waits = job->state == JOB_QUEUED || job->state == JOB_PAUSED;
    queue_mark(&job->order, waits && !job->discarding,
               job->state == JOB_QUEUED && !job->discarding);
}

void table_publish_locked(struct table *t, const struct job *job, struct event *e)
{
    e->wall_ms = clock_wall_ms();
    if (job) {
        memcpy(e->job, job->id, sizeof e->job);
        e->number = job->number;
    }
    feed_publish(&t->feed, e, t->watches != NULL);
    watch_notify_locked(t, BELL_EVENTS);
}

void table_log_locked(struct table *t, const struct job *job, enum log_level level, char *message)
{
    struct event *e = event_new(EVENT_LOG);
    e->level = level;
    e->message = message;
    table_publish_locked(t, job, e);
}

static void publish_state(struct table *t, const struct job *job) HAUL_REQUIRES(t->mutex)
{
    /* Nobody can read it later: state events are not kept in the log. */
    if (!t->watches) {
        t->feed.next_seq++;
        return;
    }
    struct event *e = event_new(EVENT_JOB);
    e->state = job->state;
    e->source = xstrdup(job->source);
    e->name = xstrdup(job->name);
    e->files = job->progress ? job->progress->count : 0;
    e->total = progress_sum(job->progress).total;
    table_publish_locked(t, job, e);
}

void table_add_locked(struct table *t, struct job *job, bool placed)
{
    if (job->limit_rate < 0)
        job->limit_rate = t->job_limit_rate;
    if (!placed)
        job->number = t->next_number++;
    job->listed = true;
    map_add(&t->by_id, &job->by_id, map_hash(MAP_HASH_START, job->id));
    map_add(&t->by_key, &job->by_key, job->key);
    if (placed)
        queue_insert(&t->queue, &job->order);
    else
        queue_append(&t->queue, &job->order);
    table_mark_locked(t, job);
    link_newest(t, job);
    table_touch_locked(t, job, true);
    publish_state(t, job);
}

void table_remove_locked(struct table *t, struct job *job)
{
    table_touch_locked(t, job, true);
    t->removed_at = t->generation;
    unlink_generation(t, job);
    queue_remove(&t->queue, &job->order);
    map_remove(&t->by_id, &job->by_id);
    map_remove(&t->by_key, &job->by_key);
    job->listed = false;
    table_unref_locked(t, job);
}

/* Older ones are history. */
#define DROPPED_KEPT 20000

void table_drop_locked(struct table *t, struct job *job)
{
    job->hidden = true;
    job->refs++;
    table_remove_locked(t, job);
    job->next_dropped = NULL;
    *t->dropped_end = job;
    t->dropped_end = &job->next_dropped;
    if (++t->dropped_count <= DROPPED_KEPT)
        return;
    struct job *oldest = t->dropped;
    t->dropped = oldest->next_dropped; /* never the last */
    t->dropped_count--;
    table_unref_locked(t, oldest);
}

void table_unref_locked(struct table *t, struct job *job)
{
    (void)t;
    if (!--job->refs)
        job_free(job);
}

static void note_times(struct job *job)
{
    if (job_state_ended(job->state))
        job->ended_ms = clock_wall_ms();
    else if (job->state == JOB_RESOLVING && !job->started_ms)
        job->started_ms = clock_wall_ms();
}

bool table_move_locked(struct table *t, struct job *job, enum job_state to)
{
    if (!job_may_move(job->state, to))
        return false;
    job->state = to;
    note_times(job);
    table_mark_locked(t, job);
    table_touch_locked(t, job, true);
    publish_state(t, job);
    return true;
}

void table_tell_fault_locked(struct table *t, struct job *job)
{
    struct event *e = event_new(EVENT_ERROR);
    e->fault = xmalloc(sizeof *e->fault);
    *e->fault = *job->fault;
    table_publish_locked(t, job, e);
}

void table_fail_locked(struct table *t, struct job *job, const struct haul_fault *fault)
{
    job_set_fault(job, fault);
    /* Before the state, which is the last thing that is said of a job. */
    table_tell_fault_locked(t, job);
    (void)table_move_locked(t, job, JOB_FAILED);
}

void table_renew_locked(struct table *t, struct job *job, struct job *with)
{
    job_request_release(&job->request);
    job->request = with->request;
    job_request_init(&with->request);
    job->secrets = with->secrets;
    job->secret_lost = false;
    job->mark = with->mark;
    job->limit_rate = with->limit_rate < 0 ? t->job_limit_rate : with->limit_rate;
    job->connections_max = with->connections_max;
    if (job->order.priority != with->order.priority) {
        queue_remove(&t->queue, &job->order);
        job->order.priority = with->order.priority;
        queue_insert(&t->queue, &job->order);
    }
    progress_uncancel(job->progress);
    job_reset(job);
    if (!table_move_locked(t, job, JOB_QUEUED))
        table_touch_locked(t, job, true);
    if (with->state == JOB_PAUSED)
        (void)table_move_locked(t, job, JOB_PAUSED);
}

/* SPDX-License-Identifier: MIT */
/*
 * Bringing a snapshot up to date; see watch.h. Only jobs newer than the snapshot are copied, a few
 * at a time so that the table is never held for long; counters are read of active jobs only, and
 * without the table.
 */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/run_state.h"
#include "core/units.h"
#include "core/watch.h"

/* Jobs copied for one holding of the mutex. */
#define BATCH 64

/* What a view remembers of the counters it was filled from. */
struct origin {
    struct progress *progress; /* a reference */
    unsigned version;
};

static void origin_free(void *data)
{
    struct origin *o = data;
    progress_unref(o->progress);
    free(o);
}

static void copy_file(struct file_view *f, const struct file_info *info, const char *job_name)
{
    view_set_string(&f->name, info->name ? info->name : job_name);
    view_set_string(&f->path, info->path);
    view_set_string(&f->url, info->url);
    memcpy(f->sha256, info->sha256, sizeof f->sha256);
    f->verified = info->verified;
}

/* Those that have changed: a job of many files has one end after the other. */
static void copy_files(struct table *t, struct job_view *v, const struct job *job)
    HAUL_REQUIRES(t->mutex)
{
    struct origin *o = job_view_attached(v);
    struct progress *p = job->progress;
    if (!p || (o && o->progress == p && o->version == p->version))
        return;
    bool all = !o || o->progress != p;
    if (all) {
        o = xmalloc(sizeof *o);
        o->progress = progress_ref(p);
        job_view_attach(v, o, origin_free);
        job_view_set_files(v, p->count);
    }
    for (size_t i = 0; i < p->count; i++) {
        if (!all && p->infos[i].version <= o->version)
            continue;
        copy_file(&v->files[i], &p->infos[i], v->name);
        t->files_copied++;
    }
    o->version = p->version;
}

/* Rates of a run, which its tracker works out for the moment they are asked for. */
static void copy_rates(struct job_view *v, const struct run *r)
{
    int64_t now = clock_now();
    const struct tracker *k = &r->tracker;
    v->rate = tracker_rate(k, now);
    v->rate_average = tracker_average(k, now);
    v->rate_peak = tracker_peak(k);
    v->idle_ms = tracker_idle_ms(k, now);
    struct progress_sum sum = progress_sum(r->progress);
    v->eta = tracker_eta(k, now, sum.bytes, sum.total);
}

static void copy_no_rates(struct job_view *v, const struct job *job)
{
    v->rate = v->idle_ms = 0;
    v->eta = -1;
    v->rate_average = job->rate_average;
    v->rate_peak = job->rate_peak;
}

static void copy_facts(struct job_view *v, const struct job *job)
{
    v->number = job->number;
    v->generation = job->generation;
    v->state = job->state;
    v->layout = job->layout;
    v->priority = job->order.priority;
    v->position = job->order.position;
    v->limit_rate = job->limit_rate;
    v->connections_max = job->connections_max;
    v->retry_at = job->retry_at;
    v->retry_try = job->retry_try;
    v->retry_max = job->retry_max;
    v->blocked_by_disk = job->blocked_by_disk;
    v->created_ms = job->created_ms;
    v->started_ms = job->started_ms;
    v->ended_ms = job->ended_ms;
}

static void copy_row(struct table *t, struct snapshot *s, const struct job *job)
    HAUL_REQUIRES(t->mutex)
{
    struct job_view *v = snapshot_touch(s, job->id);
    view_set_string(&v->source, job->source);
    view_set_string(&v->name, job->name);
    view_set_string(&v->dir, job->dir);
    view_set_string(&v->retry_why, job->retry_why);
    copy_facts(v, job);
    if (job->fault)
        v->fault = *job->fault;
    else if (v->fault.code != HAUL_OK)
        v->fault = (struct haul_fault){0};
    copy_files(t, v, job);
    if (job->run)
        copy_rates(v, job->run);
    else
        copy_no_rates(v, job);
    t->rows_copied++;
}

static void read_file(struct file_view *f, const struct progress *p, size_t i)
{
    const struct file_progress *c = &p->counters[i];
    f->state = (enum file_state)atomic_load_explicit(&c->state, memory_order_relaxed);
    f->bytes = progress_file_bytes(p, i);
    f->total = atomic_load_explicit(&c->total, memory_order_relaxed);
    f->hashed = atomic_load_explicit(&c->hashed, memory_order_relaxed);
    f->resumed_from = atomic_load_explicit(&c->resumed_from, memory_order_relaxed);
    f->rate = atomic_load_explicit(&c->rate, memory_order_relaxed);
    f->connections = atomic_load_explicit(&c->connections, memory_order_relaxed);
    f->retries = atomic_load_explicit(&c->retries, memory_order_relaxed);
    f->retry_wait = atomic_load_explicit(&c->retry_wait, memory_order_relaxed);
}

/* Sums what it has just copied, so that the sums of a view are exact. */
static void read_counters(struct job_view *v)
{
    const struct origin *o = job_view_attached(v);
    v->bytes = 0;
    v->total = o && v->file_count ? 0 : -1;
    v->connections = v->retries = 0;
    v->files_done = 0;
    v->fetched = 0;
    for (size_t i = 0; o && i < v->file_count; i++) {
        struct file_view *f = &v->files[i];
        read_file(f, o->progress, i);
        if (f->state == FILE_CANCELLED)
            continue;
        v->bytes = units_add(v->bytes, f->bytes);
        v->total = v->total < 0 || f->total < 0 ? -1 : units_add(v->total, f->total);
        v->connections += f->connections;
        v->retries += f->retries;
        if (f->bytes > f->resumed_from && f->state != FILE_SKIPPED)
            v->fetched = units_add(v->fetched, f->bytes - f->resumed_from);
        v->files_done += f->state == FILE_DONE || f->state == FILE_SKIPPED;
    }
}

/* Jobs to copy, and views to read counters into. */
struct work {
    struct job **jobs; /* references */
    struct job_view **views;
    size_t job_count, view_count;
};

static void note_changed(struct table *t, const struct snapshot *s, struct work *w)
    HAUL_REQUIRES(t->mutex)
{
    size_t count = 0;
    for (struct job *j = t->newest; j && j->generation > s->generation; j = j->older)
        count++;
    w->jobs = count ? xreallocarray(NULL, count, sizeof(struct job *)) : NULL;
    for (struct job *j = t->newest; w->job_count < count; j = j->older) {
        j->refs++;
        w->jobs[w->job_count++] = j;
    }
}

/* Active jobs that did not change otherwise: their rates now, their counters later. */
static void note_active(struct table *t, struct snapshot *s, struct work *w) HAUL_REQUIRES(t->mutex)
{
    size_t count = 0;
    for (const struct run *r = t->runs; r; r = r->next)
        count++;
    w->views = xreallocarray(NULL, count + w->job_count, sizeof(struct job_view *));
    for (const struct run *r = t->runs; r; r = r->next) {
        if (r->job->generation > s->generation)
            continue;
        struct job_view *v = snapshot_touch(s, r->job->id);
        copy_rates(v, r);
        w->views[w->view_count++] = v;
    }
}

static void sweep_removed(struct table *t, struct snapshot *s) HAUL_REQUIRES(t->mutex)
{
    if (t->removed_at <= s->generation)
        return;
    for (size_t i = 0; i < s->count; i++)
        if (!table_find_locked(t, s->jobs[i]->id))
            snapshot_remove(s, s->jobs[i]->id);
}

static void copy_batch(struct table *t, struct snapshot *s, struct work *w, size_t begin)
    HAUL_REQUIRES(t->mutex)
{
    for (size_t i = begin; i < w->job_count && i < begin + BATCH; i++) {
        struct job *job = w->jobs[i];
        if (job->listed) {
            copy_row(t, s, job);
            w->views[w->view_count++] = snapshot_find(s, job->id);
        }
        table_unref_locked(t, job);
    }
}

bool snapshot_refresh(struct table *t, struct snapshot *s)
{
    struct work w = {0};
    mutex_lock(&t->mutex);
    bool changed = t->generation != s->generation;
    note_changed(t, s, &w);
    note_active(t, s, &w);
    sweep_removed(t, s);
    s->generation = t->generation;
    s->jobs_max = t->jobs_max;
    s->limit_rate = t->limit_rate;
    s->library_version = t->library_version;
    s->fetched = t->fetched;
    s->retries = t->retries;
    for (size_t i = 0; i < w.job_count; i += BATCH) {
        copy_batch(t, s, &w, i);
        mutex_unlock(&t->mutex);
        mutex_lock(&t->mutex);
    }
    mutex_unlock(&t->mutex);
    for (size_t i = 0; i < w.view_count; i++) {
        struct job_view *v = w.views[i];
        read_counters(v);
        if (job_state_active(v->state)) { /* else the table counts them already */
            s->fetched += v->fetched;
            s->retries += v->retries;
        }
    }
    snapshot_settle(s);
    free(w.jobs);
    free(w.views);
    return changed;
}

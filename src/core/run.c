/* SPDX-License-Identifier: MIT */
/* What the engine reads of a job and reports to it; see run.h. */
#include "core/run.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/run_note.h"
#include "core/run_state.h"
#include "core/text.h"

#define LOG_LINE_MAX ((size_t)2048)

static void copy_earlier(struct run *r, const struct progress *p)
{
    r->earlier_count = p ? p->count : 0;
    r->earlier = xcalloc(r->earlier_count, sizeof(char *));
    for (size_t i = 0; i < r->earlier_count; i++)
        r->earlier[i] = xstrdup(p->infos[i].path);
}

struct run *run_new(struct table *t, struct job *job, struct engine_worker *worker,
                    const struct engine_ops *ops)
{
    struct run *r = xcalloc(1, sizeof *r);
    r->table = t;
    r->job = job;
    r->worker = worker;
    r->ops = ops;
    r->progress = progress_ref(job->progress);
    atomic_init(&r->stop, STOP_NONE);
    atomic_init(&r->limit_rate, job->limit_rate);
    atomic_init(&r->connections, job->connections_max ? job->connections_max : t->connections);
    copy_earlier(r, job->progress);
    tracker_init(&r->tracker, clock_now());
    return r;
}

void run_free(struct run *r)
{
    for (size_t i = 0; i < r->earlier_count; i++)
        free(r->earlier[i]);
    free(r->earlier);
    free(r->detail);
    run_note_free(r->note);
    progress_unref(r->progress);
    progress_unref(r->replaced);
    free(r);
}

enum run_stop_reason run_stop(const struct run *r)
{
    return (enum run_stop_reason)atomic_load(&r->stop);
}

const struct job_request *run_request(const struct run *r)
{
    return &r->job->request;
}

const char *run_id(const struct run *r)
{
    return r->job->id;
}

int64_t run_limit_rate(const struct run *r)
{
    return atomic_load_explicit(&r->limit_rate, memory_order_relaxed);
}

unsigned run_connections(const struct run *r)
{
    return atomic_load_explicit(&r->connections, memory_order_relaxed);
}

void run_set_state(struct run *r, enum job_state state)
{
    struct table *t = r->table;
    mutex_lock(&t->mutex);
    bool moved = r->job->state == state || table_move_locked(t, r->job, state);
    if (moved && state == JOB_RUNNING && !r->narrate_at && t->narrate_every) {
        r->narrate_at = clock_now() + t->narrate_every;
        cond_broadcast(&t->changed);
    }
    mutex_unlock(&t->mutex);
    assert(moved);
    (void)moved;
}

/* Other files than before: counters that were handed out stay valid until the run ends. */
static void renew_progress(struct table *t, struct run *r, const struct plan *plan)
    HAUL_REQUIRES(t->mutex)
{
    (void)t;
    progress_unref(r->replaced);
    r->replaced = r->progress;
    r->progress = progress_new(plan->count);
    progress_unref(r->job->progress);
    r->job->progress = progress_ref(r->progress);
}

void run_set_plan(struct run *r, const struct plan *plan)
{
    struct table *t = r->table;
    char *name = plan->name ? text_sanitized(plan->name) : NULL;
    run_note_plan(r, plan);
    mutex_lock(&t->mutex);
    if (!r->progress || !progress_fits(r->progress, plan))
        renew_progress(t, r, plan);
    progress_set_plan(r->progress, plan);
    if (name) {
        free(r->job->name);
        r->job->name = name;
    }
    if (plan->root && !r->job->request.dir)
        view_set_string(&r->job->dir, plan->root);
    table_touch_locked(t, r->job, true);
    mutex_unlock(&t->mutex);
}

struct file_progress *run_file(struct run *r, size_t file)
{
    assert(r->progress && file < r->progress->count);
    return &r->progress->counters[file];
}

static char *base_name_shown(const char *path)
{
    const char *slash = strrchr(path, '/');
    return text_sanitized(slash ? slash + 1 : path);
}

void run_set_path(struct run *r, size_t file, const char *path)
{
    struct table *t = r->table;
    struct file_info *info = &r->progress->infos[file];
    run_note_path(r, file, path);
    mutex_lock(&t->mutex);
    view_set_string(&info->path, path);
    if (!info->name) {
        info->name = base_name_shown(path);
        if (r->progress->count == 1) /* the job was called by its address, for want of better */
            view_set_string(&r->job->name, info->name);
    }
    progress_file_changed(r->progress, file);
    table_touch_locked(t, r->job, true);
    mutex_unlock(&t->mutex);
}

const char *run_earlier_path(const struct run *r, size_t file)
{
    return file < r->earlier_count ? r->earlier[file] : NULL;
}

static struct event *file_event(const struct progress *p, size_t file)
{
    const struct file_info *info = &p->infos[file];
    const struct file_progress *c = &p->counters[file];
    struct event *e = event_new(EVENT_FILE);
    e->path = xstrdup(info->path);
    e->name = xstrdup(info->name);
    e->size = progress_file_bytes(p, file);
    e->resumed_from = atomic_load(&c->resumed_from);
    memcpy(e->sha256, info->sha256, sizeof e->sha256);
    e->verified = info->verified;
    return e;
}

/* Where it is not under its earlier name, somebody else's stands there. */
static bool made_earlier(const struct run *r, size_t file)
{
    const struct file_info *info = &r->progress->infos[file];
    const char *path = run_earlier_path(r, file);
    return info->made && path && info->path && !strcmp(path, info->path);
}

void run_file_done(struct run *r, size_t file, enum file_state state, const char *sha256,
                   enum digest_origin verified)
{
    struct table *t = r->table;
    struct file_info *info = &r->progress->infos[file];
    mutex_lock(&t->mutex);
    info->made = state == FILE_DONE || made_earlier(r, file);
    run_note_done(r, file, state, sha256, verified);
    atomic_store(&r->progress->counters[file].state, (int)(info->made ? FILE_DONE : state));
    atomic_store(&r->progress->floors[file], 0);
    snprintf(info->sha256, sizeof info->sha256, "%s", sha256 ? sha256 : "");
    info->verified = verified;
    progress_file_changed(r->progress, file);
    table_publish_locked(t, r->job, file_event(r->progress, file));
    table_touch_locked(t, r->job, true);
    mutex_unlock(&t->mutex);
}

void run_file_cancelled(struct run *r, size_t file)
{
    mutex_lock(&r->table->mutex);
    progress_cancel_file(r->progress, file);
    table_touch_locked(r->table, r->job, true);
    mutex_unlock(&r->table->mutex);
}

void run_file_discarded(struct run *r, size_t file)
{
    struct table *t = r->table;
    mutex_lock(&t->mutex);
    int64_t before = progress_sum(r->progress).fetched;
    progress_forget_file(r->progress, file);
    /* It has crossed the network all the same. */
    t->fetched += before - progress_sum(r->progress).fetched;
    table_touch_locked(t, r->job, true);
    mutex_unlock(&t->mutex);
}

void run_tick(struct run *r)
{
    /* Summed before locking: a job may have very many files. */
    int64_t fetched = progress_sum(r->progress).fetched;
    mutex_lock(&r->table->mutex);
    tracker_sample(&r->tracker, clock_now(), fetched);
    mutex_unlock(&r->table->mutex);
}

void run_set_retry(struct run *r, int64_t at, unsigned try, unsigned max, const char *why)
{
    struct table *t = r->table;
    char *clean = at && why ? text_sanitized(why) : NULL;
    mutex_lock(&t->mutex);
    struct job *job = r->job;
    job->retry_at = at;
    job->retry_try = try;
    job->retry_max = max;
    free(job->retry_why);
    job->retry_why = clean;
    table_touch_locked(t, job, false);
    mutex_unlock(&t->mutex);
}

void run_pause_for_disk(struct run *r, const struct haul_fault *fault)
{
    struct table *t = r->table;
    mutex_lock(&t->mutex);
    job_set_fault(r->job, fault);
    r->job->blocked_by_disk = true;
    table_pause_locked(t, r);
    mutex_unlock(&t->mutex);
}

void run_log(struct run *r, enum log_level level, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    char *text = xvasprintf(fmt, args);
    va_end(args);
    struct buf clean;
    buf_init_max(&clean, LOG_LINE_MAX);
    text_sanitize(&clean, text, strlen(text));
    free(text);
    mutex_lock(&r->table->mutex);
    table_log_locked(r->table, r->job, level, buf_detach(&clean));
    mutex_unlock(&r->table->mutex);
    buf_release(&clean);
}

bool run_detail_wanted(const struct run *r, size_t *file)
{
    *file = atomic_load(&r->detail_file);
    return clock_now() < atomic_load(&r->detail_until);
}

void run_set_detail(struct run *r, size_t file, const struct detail_view *detail)
{
    mutex_lock(&r->table->mutex);
    if (!r->detail)
        r->detail = xmalloc(sizeof *r->detail);
    *r->detail = *detail;
    r->detail_of = file;
    mutex_unlock(&r->table->mutex);
}

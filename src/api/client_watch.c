/* SPDX-License-Identifier: MIT */
/* Looking at a mirror; see client_mirror.h. */
#include <stdlib.h>

#include "api/client_mark.h"
#include "api/client_mirror.h"
#include "core/alloc.h"

struct mark *mark_of(struct job_view *v)
{
    struct mark *mark = job_view_attached(v);
    if (!mark) {
        mark = xcalloc(1, sizeof *mark);
        job_view_attach(v, mark, free);
    }
    return mark;
}

void mirror_watch_init(struct mirror_watch *w, struct mirror *m)
{
    *w = (struct mirror_watch){.mirror = m};
    bell_init(&w->bell);
    mutex_lock(&m->mutex);
    w->cursor = m->feed.next_seq;
    w->next = m->watches;
    m->watches = w;
    mutex_unlock(&m->mutex);
}

/* What nobody wants to read any more. The mutex is held. */
static void trim_feed(struct mirror *m)
{
    uint64_t oldest = m->feed.next_seq;
    for (const struct mirror_watch *w = m->watches; w; w = w->next)
        if (w->cursor < oldest)
            oldest = w->cursor;
    feed_trim(&m->feed, oldest);
}

void mirror_watch_release(struct mirror_watch *w)
{
    struct mirror *m = w->mirror;
    mutex_lock(&m->mutex);
    struct mirror_watch **at = &m->watches;
    while (*at != w)
        at = &(*at)->next;
    *at = w->next;
    trim_feed(m);
    mutex_unlock(&m->mutex);
    bell_release(&w->bell);
}

static void sweep(const struct mirror *m, struct snapshot *s)
{
    for (size_t i = 0; i < s->count; i++)
        if (!snapshot_find(&m->jobs, s->jobs[i]->id))
            snapshot_remove(s, s->jobs[i]->id);
}

static void copy_changed(struct mirror *m, uint64_t seen, struct snapshot *s)
{
    for (size_t i = 0; i < m->jobs.count; i++) {
        struct job_view *v = m->jobs.jobs[i];
        if (mark_of(v)->stamp > seen)
            job_view_copy(snapshot_touch(s, v->id), v);
    }
}

bool mirror_watch_refresh(struct mirror_watch *w, struct snapshot *s)
{
    struct mirror *m = w->mirror;
    mutex_lock(&m->mutex);
    bell_looked(&w->bell, BELL_JOBS);
    bool news = m->stamp != w->seen;
    if (news) {
        copy_changed(m, w->seen, s);
        if (m->removed_at > w->seen)
            sweep(m, s);
        s->generation = w->seen = m->stamp;
        s->jobs_max = m->jobs.jobs_max;
        s->limit_rate = m->jobs.limit_rate;
        s->library_version = m->jobs.library_version;
        s->lost = m->jobs.lost;
    }
    mutex_unlock(&m->mutex);
    if (news)
        snapshot_settle(s);
    return news;
}

struct event *mirror_watch_next(struct mirror_watch *w, uint64_t *lost)
{
    struct mirror *m = w->mirror;
    uint64_t missed = 0;
    mutex_lock(&m->mutex);
    struct event *e = feed_read(&m->feed, &w->cursor, &missed);
    if (e)
        trim_feed(m);
    else
        bell_looked(&w->bell, BELL_EVENTS);
    mutex_unlock(&m->mutex);
    if (lost)
        *lost += missed;
    return e;
}

size_t mirror_read_log(struct mirror *m, const char *id, struct event **out, size_t max)
{
    mutex_lock(&m->mutex);
    size_t count = feed_log(&m->feed, id, out, max);
    mutex_unlock(&m->mutex);
    return count;
}

int64_t mirror_files(struct mirror *m, const char *id)
{
    mutex_lock(&m->mutex);
    const struct job_view *v = snapshot_find(&m->jobs, id);
    int64_t count = v ? (int64_t)v->file_count : -1;
    mutex_unlock(&m->mutex);
    return count;
}

bool mirror_wait_complete(struct mirror *m, int64_t deadline)
{
    bool in_time = true;
    mutex_lock(&m->mutex);
    while (!m->complete && in_time)
        in_time = cond_wait_until(&m->changed, &m->mutex, deadline);
    bool complete = m->complete;
    mutex_unlock(&m->mutex);
    return complete;
}

/* A job that was added just now may not have been told yet; one that was told may be gone again. */
static bool settled(const struct mirror *m, const char *id, bool *seen, enum haul_error *err,
                    struct haul_fault *fault)
{
    const struct job_view *v = snapshot_find(&m->jobs, id);
    bool gone = *seen && !v;
    *seen |= v != NULL;
    *err = gone ? fault_set(fault, HAUL_ERR_NOT_FOUND, "there is no job %s any more", id) : HAUL_OK;
    return gone || (v && (job_state_ended(v->state) || v->state == JOB_PAUSED));
}

enum haul_error mirror_await(struct mirror *m, const char *id, int64_t deadline,
                             struct haul_fault *fault)
{
    enum haul_error err;
    bool seen = false, in_time = true;
    mutex_lock(&m->mutex);
    while (in_time && !settled(m, id, &seen, &err, fault))
        in_time = cond_wait_until(&m->changed, &m->mutex, deadline);
    mutex_unlock(&m->mutex);
    return in_time ? err : fault_set(fault, HAUL_ERR_TIMEOUT, "%s has not come to an end yet", id);
}

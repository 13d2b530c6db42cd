/* SPDX-License-Identifier: MIT */
/* What a job server tells, taken in; see client_mirror.h. */
#include "api/client_mirror.h"

#include <stdlib.h>
#include <string.h>

#include "api/client_mark.h"
#include "api/json_job.h"
#include "api/json_read.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "core/event.h"

#define NODES_MAX ((size_t)4 << 20)

void mirror_init(struct mirror *m)
{
    *m = (struct mirror){.stamp = 1};
    mutex_init(&m->mutex);
    cond_init(&m->changed);
    snapshot_init(&m->jobs);
    feed_init(&m->feed);
}

void mirror_release(struct mirror *m)
{
    snapshot_release(&m->jobs);
    feed_release(&m->feed);
    cond_release(&m->changed);
    mutex_release(&m->mutex);
}

static void ring(struct mirror *m, enum bell_reason reason)
{
    for (struct mirror_watch *w = m->watches; w; w = w->next)
        bell_ring(&w->bell, reason);
}

/* ---- jobs ---- */

static void changed(struct mirror *m, struct job_view *v)
{
    mark_of(v)->stamp = ++m->stamp;
    v->generation = m->stamp;
    snapshot_settle(&m->jobs);
    ring(m, BELL_JOBS);
    cond_broadcast(&m->changed);
}

static void remove_job(struct mirror *m, const char *id)
{
    snapshot_remove(&m->jobs, id);
    snapshot_settle(&m->jobs);
    m->removed_at = ++m->stamp;
    ring(m, BELL_JOBS);
    cond_broadcast(&m->changed);
}

static void take_job(struct mirror *m, const struct json *object, bool whole)
{
    const char *id = api_read_job_id(object, "job_id");
    if (!id || (!whole && !snapshot_find(&m->jobs, id)))
        return;
    struct job_view *v = snapshot_touch(&m->jobs, id);
    if (!api_read_job(object, v, clock_now())) { /* half a job is none */
        remove_job(m, id);
        return;
    }
    mark_of(v)->round = m->round;
    changed(m, v);
}

static void take_snapshot(struct mirror *m, const struct json *object)
{
    take_job(m, object, true);
}

static void take_update(struct mirror *m, const struct json *object)
{
    take_job(m, object, false);
}

static void take_removed(struct mirror *m, const struct json *object)
{
    remove_job(m, json_string(json_get(object, "job"), ""));
}

/* ---- the list ---- */

/* Events were missed that nobody can tell any more. */
static void lose_events(struct mirror *m)
{
    feed_release(&m->feed);
    m->feed.next_seq++;
    ring(m, BELL_EVENTS);
}

static void take_list(struct mirror *m, const struct json *object)
{
    (void)object;
    m->again |= m->complete;
    m->listing = true;
    m->round++;
}

static void take_settings(struct mirror *m, const struct json *object)
{
    m->jobs.jobs_max = (unsigned)json_int(json_get(object, "jobs"), 0);
    m->jobs.limit_rate = json_int(json_get(object, "limit_rate"), 0);
    m->jobs.library_version = (uint64_t)json_int(json_get(object, "library_version"), 0);
    m->stamp++;
    ring(m, BELL_JOBS);
}

static void take_listed(struct mirror *m, const struct json *object)
{
    for (size_t i = 0; m->listing && i < m->jobs.count; i++)
        if (mark_of(m->jobs.jobs[i])->round != m->round)
            snapshot_remove(&m->jobs, m->jobs.jobs[i]->id);
    snapshot_settle(&m->jobs);
    m->removed_at = ++m->stamp;
    m->listing = false;
    m->complete = true;
    if (m->again) /* who hears of it finds the jobs as they are now */
        lose_events(m);
    m->again = false;
    take_settings(m, object);
    cond_broadcast(&m->changed);
}

/* ---- events ---- */

static void publish(struct mirror *m, struct event *e)
{
    const struct job_view *v = snapshot_find(&m->jobs, e->job);
    e->number = v ? v->number : 0;
    feed_publish(&m->feed, e, m->watches != NULL);
    ring(m, BELL_EVENTS);
}

static void take_event(struct mirror *m, const struct json *object)
{
    struct event *e = api_read_event(object);
    if (e)
        publish(m, e);
}

void mirror_log(struct mirror *m, const char *job, int level, const char *message)
{
    struct event *e = event_new(EVENT_LOG);
    e->wall_ms = clock_wall_ms();
    e->level = (enum log_level)level;
    e->message = xstrdup(message);
    strncpy(e->job, job ? job : "", sizeof e->job - 1);
    mutex_lock(&m->mutex);
    publish(m, e);
    mutex_unlock(&m->mutex);
}

static const struct {
    const char *name;
    void (*take)(struct mirror *m, const struct json *object);
} takers[] = {
    {"update", take_update}, {"snapshot", take_snapshot}, {"removed", take_removed},
    {"list", take_list},     {"listed", take_listed},     {"settings", take_settings},
    {"job", take_event},     {"file", take_event},        {"log", take_event},
    {"error", take_event},
};

/* Behind a fresh list, which brings the server's own log. */
static void note_mended(struct mirror *m)
{
    mutex_lock(&m->mutex);
    bool mended = m->jobs.lost.code != HAUL_OK && !m->listing;
    if (mended) {
        m->jobs.lost.code = HAUL_OK;
        m->stamp++;
        ring(m, BELL_JOBS);
    }
    mutex_unlock(&m->mutex);
    if (mended)
        mirror_log(m, NULL, LOG_INFO, "the job server answers again");
}

void mirror_event(struct mirror *m, const char *name, const char *data)
{
    struct haul_fault fault;
    struct json *object = json_parse(data, strlen(data), NODES_MAX, HAUL_ERR_SERVER, &fault);
    if (!object)
        return;
    mutex_lock(&m->mutex);
    for (size_t i = 0; i < HAUL_ARRAY_LEN(takers); i++)
        if (!strcmp(takers[i].name, name))
            takers[i].take(m, object);
    mutex_unlock(&m->mutex);
    json_free(object);
    note_mended(m);
}

/* How fast a job is now nobody knows, so nobody is told. */
static void stand_still(struct mirror *m)
{
    for (size_t i = 0; i < m->jobs.count; i++) {
        if (!job_state_active(m->jobs.jobs[i]->state))
            continue;
        struct job_view *v = snapshot_touch(&m->jobs, m->jobs.jobs[i]->id);
        v->rate = 0;
        v->eta = -1;
        for (size_t f = 0; f < v->file_count; f++)
            v->files[f].rate = 0;
        changed(m, v);
    }
}

bool mirror_is_broken(struct mirror *m)
{
    mutex_lock(&m->mutex);
    bool broken = m->jobs.lost.code != HAUL_OK;
    mutex_unlock(&m->mutex);
    return broken;
}

void mirror_late(struct mirror *m)
{
    mutex_lock(&m->mutex);
    if (!m->complete && m->jobs.lost.code == HAUL_OK) {
        fault_set(&m->jobs.lost, HAUL_ERR_SERVER,
                  "the job server does not come to the end of its list of jobs");
        m->stamp++;
        ring(m, BELL_JOBS);
    }
    mutex_unlock(&m->mutex);
}

void mirror_broken(struct mirror *m, const struct haul_fault *fault)
{
    mutex_lock(&m->mutex);
    bool first = m->jobs.lost.code == HAUL_OK && m->complete;
    m->jobs.lost = *fault;
    m->listing = false;
    m->stamp++;
    stand_still(m);
    ring(m, BELL_JOBS);
    mutex_unlock(&m->mutex);
    if (!first)
        return;
    char *line = xasprintf("%s; trying again", fault->message);
    mirror_log(m, NULL, LOG_WARN, line);
    free(line);
}

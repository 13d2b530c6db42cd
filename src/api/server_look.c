/* SPDX-License-Identifier: MIT */
/* What the job server sees of its session, and tells those who follow; see server_internal.h. */
#include <string.h>

#include "api/json.h"
#include "api/server_cancel.h"
#include "api/server_exchange.h"
#include "api/server_internal.h"
#include "api/server_story.h"
#include "api/server_stream.h"
#include "core/clock.h"
#include "core/units.h"

#define UPDATES_KEEP (60 * CLOCK_SEC)
#define EVENTS_STEP  256

void server_tell_progress(struct server *s, const struct job_view *v)
{
    struct buf data;
    buf_init(&data);
    api_json_progress(&data, v, notices_number(&s->notices), clock_wall_ms());
    notices_add(&s->notices, NOTICE_PROGRESS, v->id, "progress", data.data, false);
    buf_release(&data);
}

static void tell_story(struct server *s, const struct event *e, const struct job_view *v)
{
    struct buf story;
    buf_init(&story);
    if (*e->job && story_of_event(&story, e, v))
        notices_add(&s->notices, NOTICE_STORY, e->job, NULL, story.data, false);
    buf_release(&story);
}

/* A job that has ended is told in the order: last figures, a line for people, the state. */
static void tell_event(struct server *s, const struct event *e)
{
    const struct job_view *v = *e->job ? snapshot_find(&s->snapshot, e->job) : NULL;
    bool ended = e->type == EVENT_JOB && job_state_ended(e->state);
    struct buf data;
    if (ended && v)
        server_tell_progress(s, v);
    tell_story(s, e, v);
    buf_init(&data);
    api_json_event(&data, e, notices_number(&s->notices));
    notices_add(&s->notices, NOTICE_EVENT, e->job, api_event_name(e->type), data.data, ended);
    buf_release(&data);
}

/* Taken before the snapshot and told after it: who hears of an event has the job as it was then,
 * or later. */
static size_t take_events(struct server *s, struct event **events)
{
    uint64_t lost = 0;
    size_t count = 0;
    while (count < EVENTS_STEP && (events[count] = watcher_next(s->watcher, &lost)))
        count++;
    if (lost)
        server_log_line(&s->log, LOG_WARN, "%llu events came faster than they could be told",
                        (unsigned long long)lost);
    return count;
}

static void tell_events(struct server *s, struct event **events, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        metrics_event(&s->metrics, events[i]);
        server_log_event(&s->log, events[i]);
        tell_event(s, events[i]);
        event_unref(events[i]);
    }
}

static bool updates_on(const struct server *s)
{
    return s->updates_from != UINT64_MAX;
}

void server_want_updates(struct server *s)
{
    if (updates_on(s))
        return;
    changes_begin(&s->changes, &s->snapshot);
    s->updates_from = notices_end(&s->notices);
}

bool server_updates_since(const struct server *s, uint64_t place)
{
    return s->updates_from <= place;
}

/* Who comes back soon has missed nothing; after that nobody is expected. */
static void tell_updates(struct server *s, int64_t now)
{
    if (!updates_on(s))
        return;
    if (s->update_streams)
        s->updates_until = now + UPDATES_KEEP;
    if (now < s->updates_until) {
        changes_tell(&s->changes, &s->snapshot, &s->notices, now);
        return;
    }
    s->updates_from = UINT64_MAX;
    changes_release(&s->changes);
    changes_init(&s->changes);
}

void server_look(struct server *s)
{
    struct event *events[EVENTS_STEP];
    size_t count;
    s->looked_at = clock_now();
    s->stale = false;
    do {
        count = take_events(s, events);
        (void)watcher_refresh(s->watcher, &s->snapshot);
        tell_updates(s, s->looked_at);
        tell_events(s, events, count);
    } while (count == EVENTS_STEP);
    server_settle_cancels(s);
    exchange_settle_saved(s);
    streams_wake(s);
    if (!s->stream_count)
        notices_trim(&s->notices, NOTICES_KEPT);
}

struct job_view *server_find(struct server *s, const char *id)
{
    uint64_t number;
    struct job_view *v = snapshot_find(&s->snapshot, id);
    if (v || !units_parse_u64(id, UINT64_MAX, &number))
        return v;
    for (size_t i = 0; i < s->snapshot.count; i++)
        if (s->snapshot.jobs[i]->number == number)
            return s->snapshot.jobs[i];
    return NULL;
}

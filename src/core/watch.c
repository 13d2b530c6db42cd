/* SPDX-License-Identifier: MIT */
/* Watchers: signalling and events; see watch.h. */
#include "core/watch.h"

void watch_init(struct watch *w, struct table *t)
{
    *w = (struct watch){.table = t};
    bell_init(&w->bell);
    mutex_lock(&t->mutex);
    w->cursor = t->feed.next_seq;
    w->next = t->watches;
    t->watches = w;
    mutex_unlock(&t->mutex);
}

static void trim_feed(struct table *t) HAUL_REQUIRES(t->mutex)
{
    uint64_t oldest = t->feed.next_seq;
    for (const struct watch *w = t->watches; w; w = w->next)
        if (w->cursor < oldest)
            oldest = w->cursor;
    feed_trim(&t->feed, oldest);
}

void watch_release(struct watch *w)
{
    struct table *t = w->table;
    mutex_lock(&t->mutex);
    struct watch **link = &t->watches;
    while (*link != w)
        link = &(*link)->next;
    *link = w->next;
    trim_feed(t);
    mutex_unlock(&t->mutex);
    while (w->read < w->count)
        event_unref(w->taken[w->read++]);
    bell_release(&w->bell);
}

void watch_notify_locked(struct table *t, enum bell_reason reason)
{
    for (struct watch *w = t->watches; w; w = w->next)
        bell_ring(&w->bell, reason);
}

bool watch_refresh(struct watch *w, struct snapshot *s)
{
    mutex_lock(&w->table->mutex);
    bell_looked(&w->bell, BELL_JOBS);
    mutex_unlock(&w->table->mutex);
    return snapshot_refresh(w->table, s);
}

/* Returns how many were lost before them. */
static uint64_t take_events(struct watch *w, struct table *t)
{
    uint64_t lost = 0;
    struct event *e = NULL;
    w->count = w->read = 0;
    mutex_lock(&t->mutex);
    while (w->count < WATCH_TAKE && (e = feed_read(&t->feed, &w->cursor, &lost)))
        w->taken[w->count++] = e;
    if (w->count)
        trim_feed(t);
    else
        bell_looked(&w->bell, BELL_EVENTS);
    mutex_unlock(&t->mutex);
    return lost;
}

struct event *watch_next(struct watch *w, uint64_t *lost)
{
    if (w->read == w->count) {
        uint64_t missed = take_events(w, w->table);
        if (lost)
            *lost += missed;
    }
    return w->read < w->count ? w->taken[w->read++] : NULL;
}

/* SPDX-License-Identifier: MIT */
/* Watchers: signalling and events; see watch.h. */
#include "core/watch.h"

#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Signals of the other kind that a look at one kind lets pass. */
#define PENDING 2U

void watch_init(struct watch *w, struct table *t)
{
    *w = (struct watch){.table = t, .fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    if (w->fd < 0)
        abort();
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
    close(w->fd);
}

/* Neither call can block: the counter stays at 0 or 1. */
static void signal_fd(struct watch *w, bool on)
{
    if (w->signalled == on)
        return;
    w->signalled = on;
    uint64_t one = 1;
    ssize_t n = on ? write(w->fd, &one, sizeof one) : read(w->fd, &one, sizeof one);
    (void)n;
}

void watch_notify_locked(struct table *t, enum watch_reason reason)
{
    for (struct watch *w = t->watches; w; w = w->next) {
        w->pending[reason] = PENDING;
        signal_fd(w, true);
    }
}

static void looked_at(struct watch *w, enum watch_reason reason)
{
    enum watch_reason other = reason == WATCH_JOBS ? WATCH_EVENTS : WATCH_JOBS;
    w->pending[reason] = 0;
    if (w->pending[other])
        w->pending[other]--;
    signal_fd(w, w->pending[other] > 0);
}

bool watch_refresh(struct watch *w, struct snapshot *s)
{
    mutex_lock(&w->table->mutex);
    looked_at(w, WATCH_JOBS);
    mutex_unlock(&w->table->mutex);
    return snapshot_refresh(w->table, s);
}

struct event *watch_next(struct watch *w, uint64_t *lost)
{
    struct table *t = w->table;
    uint64_t missed = 0;
    mutex_lock(&t->mutex);
    struct event *e = feed_read(&t->feed, &w->cursor, &missed);
    if (e)
        trim_feed(t);
    else
        looked_at(w, WATCH_EVENTS);
    mutex_unlock(&t->mutex);
    if (lost)
        *lost += missed;
    return e;
}

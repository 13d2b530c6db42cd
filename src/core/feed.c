/* SPDX-License-Identifier: MIT */
/* The stream of events; see feed.h. */
#include "core/feed.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

static struct event **ring_at(const struct event_ring *r, size_t i)
{
    return &r->slots[(r->first + i) % r->room];
}

static void ring_pop(struct event_ring *r)
{
    event_unref(*ring_at(r, 0));
    r->first = (r->first + 1) % r->room;
    r->count--;
}

static void ring_grow(struct event_ring *r)
{
    size_t room = r->room ? r->room * 2 : 64;
    struct event **slots = xreallocarray(NULL, room, sizeof(struct event *));
    for (size_t i = 0; i < r->count; i++)
        slots[i] = *ring_at(r, i);
    free(r->slots);
    *r = (struct event_ring){.slots = slots, .room = room, .count = r->count};
}

static void ring_push(struct event_ring *r, struct event *e, size_t max)
{
    if (r->count == max)
        ring_pop(r);
    if (r->count == r->room)
        ring_grow(r);
    r->count++;
    *ring_at(r, r->count - 1) = e;
}

static void ring_release(struct event_ring *r)
{
    while (r->count)
        ring_pop(r);
    free(r->slots);
    *r = (struct event_ring){0};
}

void feed_init(struct feed *f)
{
    *f = (struct feed){.next_seq = 1};
}

void feed_release(struct feed *f)
{
    ring_release(&f->unread);
    ring_release(&f->log);
}

void feed_publish(struct feed *f, struct event *e, bool watched)
{
    e->seq = f->next_seq++;
    if (e->type == EVENT_LOG || e->type == EVENT_ERROR)
        ring_push(&f->log, event_ref(e), FEED_LOG_MAX);
    if (watched)
        ring_push(&f->unread, event_ref(e), FEED_BEHIND_MAX);
    event_unref(e);
}

struct event *feed_read(struct feed *f, uint64_t *cursor, uint64_t *lost)
{
    uint64_t first = f->next_seq - f->unread.count;
    if (*cursor < first) {
        *lost += first - *cursor;
        *cursor = first;
    }
    if (*cursor == f->next_seq)
        return NULL;
    return event_ref(*ring_at(&f->unread, (size_t)((*cursor)++ - first)));
}

void feed_trim(struct feed *f, uint64_t seq)
{
    while (f->unread.count && f->next_seq - f->unread.count < seq)
        ring_pop(&f->unread);
    /* A burst may have made it large. */
    if (!f->unread.count && f->unread.room > FEED_LOG_MAX)
        ring_release(&f->unread);
}

static bool is_about(const struct event *e, const char *id)
{
    return !id || !strcmp(e->job, id);
}

size_t feed_log(const struct feed *f, const char *id, struct event **out, size_t max)
{
    size_t matching = 0, found = 0;
    for (size_t i = 0; i < f->log.count; i++)
        matching += is_about(*ring_at(&f->log, i), id);
    size_t skip = matching > max ? matching - max : 0;
    for (size_t i = 0; i < f->log.count; i++) {
        struct event *e = *ring_at(&f->log, i);
        if (!is_about(e, id))
            continue;
        if (skip)
            skip--;
        else
            out[found++] = event_ref(e);
    }
    return found;
}

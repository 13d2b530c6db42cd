/* SPDX-License-Identifier: MIT */
/*
 * Token buckets; see limiter.h. The global rate flows into the shares that are in use, in equal
 * parts; what a share cannot hold (its server is slow, its own limit is low) overflows into a
 * common pot from which any share may take. So the line is always used and no job starves.
 */
#include "net/limiter.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/mutex.h"

#define BURST_NS  (100 * CLOCK_MS) /* what a bucket can hold, in time */
#define IN_USE_NS CLOCK_SEC        /* a share that has not asked for so long is idle */

struct limiter_share {
    struct limiter *limiter;
    struct limiter_share *next;
    double global;     /* bytes of the global rate set aside for this share */
    double own;        /* bytes of its own rate */
    int64_t own_since; /* when `own` was last filled */
    int64_t asked;     /* last limiter_take */
    _Atomic int64_t rate;
};

struct limiter {
    struct mutex lock; /* guards all doubles and times here and in the shares, and the list */
    struct limiter_share *shares;
    double pot;
    int64_t since;
    _Atomic int64_t rate;
};

struct limiter *limiter_new(int64_t rate)
{
    struct limiter *l = xcalloc(1, sizeof *l);
    mutex_init(&l->lock);
    atomic_store(&l->rate, rate);
    l->since = clock_now();
    return l;
}

void limiter_free(struct limiter *l)
{
    mutex_release(&l->lock);
    free(l);
}

void limiter_set_rate(struct limiter *l, int64_t rate)
{
    mutex_lock(&l->lock);
    atomic_store(&l->rate, rate);
    l->pot = 0;
    l->since = clock_now();
    for (struct limiter_share *s = l->shares; s; s = s->next)
        s->global = 0;
    mutex_unlock(&l->lock);
}

int64_t limiter_rate(const struct limiter *l)
{
    return atomic_load(&l->rate);
}

struct limiter_share *limiter_share_new(struct limiter *l, int64_t rate)
{
    struct limiter_share *s = xcalloc(1, sizeof *s);
    s->limiter = l;
    s->own_since = clock_now();
    s->asked = -IN_USE_NS;
    atomic_store(&s->rate, rate);
    mutex_lock(&l->lock);
    s->next = l->shares;
    l->shares = s;
    mutex_unlock(&l->lock);
    return s;
}

void limiter_share_free(struct limiter_share *s)
{
    struct limiter *l = s->limiter;
    mutex_lock(&l->lock);
    struct limiter_share **link = &l->shares;
    while (*link != s)
        link = &(*link)->next;
    *link = s->next;
    mutex_unlock(&l->lock);
    free(s);
}

void limiter_share_set_rate(struct limiter_share *s, int64_t rate)
{
    if (atomic_load(&s->rate) == rate)
        return;
    mutex_lock(&s->limiter->lock);
    atomic_store(&s->rate, rate);
    s->own = 0;
    s->own_since = clock_now();
    mutex_unlock(&s->limiter->lock);
}

int64_t limiter_share_limit(const struct limiter_share *s)
{
    int64_t all = atomic_load(&s->limiter->rate), own = atomic_load(&s->rate);
    return !own || (all && all < own) ? all : own;
}

static double bytes_in(int64_t rate, int64_t ns)
{
    return (double)rate * (double)ns / (double)CLOCK_SEC;
}

static int64_t time_for(double bytes, int64_t rate)
{
    return (int64_t)(bytes / (double)rate * (double)CLOCK_SEC) + 1;
}

/* With a low limit a share waits for longer than IN_USE_NS until its debt is paid. */
static bool is_in_use(const struct limiter_share *s, int64_t now)
{
    return s->global < 0 || now - s->asked < IN_USE_NS;
}

static size_t in_use_locked(const struct limiter *l, int64_t now) HAUL_REQUIRES(l->lock)
{
    size_t count = 0;
    for (const struct limiter_share *s = l->shares; s; s = s->next)
        count += is_in_use(s, now);
    return count;
}

/* Lets the global rate flow since the last time. */
static void fill_locked(struct limiter *l, int64_t rate, int64_t now) HAUL_REQUIRES(l->lock)
{
    size_t in_use = in_use_locked(l, now);
    double fresh = bytes_in(rate, now - l->since);
    double burst = bytes_in(rate, BURST_NS);
    l->since = now;
    for (struct limiter_share *s = l->shares; s && in_use; s = s->next) {
        if (!is_in_use(s, now))
            continue;
        s->global += fresh / (double)in_use;
        double room = burst / (double)in_use;
        if (s->global > room) {
            l->pot += s->global - room;
            s->global = room;
        }
    }
    if (!in_use)
        l->pot += fresh;
    if (l->pot > burst)
        l->pot = burst;
}

static bool global_allows_locked(struct limiter *l, struct limiter_share *s, int64_t now,
                                 int64_t *when) HAUL_REQUIRES(l->lock)
{
    int64_t rate = atomic_load(&l->rate);
    if (!rate)
        return true;
    fill_locked(l, rate, now);
    if (s->global <= 0 && l->pot > 0) {
        s->global += l->pot;
        l->pot = 0;
    }
    if (s->global > 0)
        return true;
    *when = now + time_for(-s->global + 1, rate) * (int64_t)in_use_locked(l, now);
    return false;
}

static bool own_allows_locked(struct limiter_share *s, int64_t now, int64_t *when)
{
    int64_t rate = atomic_load(&s->rate);
    if (!rate)
        return true;
    s->own += bytes_in(rate, now - s->own_since);
    s->own_since = now;
    double burst = bytes_in(rate, BURST_NS);
    if (s->own > burst)
        s->own = burst;
    if (s->own > 0)
        return true;
    *when = now + time_for(-s->own + 1, rate);
    return false;
}

bool limiter_take(struct limiter_share *s, size_t bytes, int64_t *when)
{
    struct limiter *l = s->limiter;
    if (!atomic_load(&l->rate) && !atomic_load(&s->rate))
        return true;
    int64_t now = clock_now();
    mutex_lock(&l->lock);
    s->asked = now;
    bool allowed = own_allows_locked(s, now, when) && global_allows_locked(l, s, now, when);
    if (allowed && atomic_load(&l->rate))
        s->global -= (double)bytes;
    if (allowed && atomic_load(&s->rate))
        s->own -= (double)bytes;
    mutex_unlock(&l->lock);
    return allowed;
}

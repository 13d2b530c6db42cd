/* SPDX-License-Identifier: MIT */
/* A thread for blocking work; see lane.h. */
#include "net/lane.h"

#include <pthread.h>
#include <stdlib.h>

#include "core/alloc.h"
#include "core/mutex.h"

struct lane_item {
    lane_task *task;
    void *arg;
    struct lane_item *next;
};

struct lane {
    struct mutex lock;
    struct cond changed; /* items, busy or the two flags */
    struct lane_item *first, **last;
    const char *name;
    pthread_t thread;
    bool started; /* owner's */
    bool busy, closing, abandoned, finished;
};

struct lane *lane_new(const char *name)
{
    struct lane *l = xcalloc(1, sizeof *l);
    mutex_init(&l->lock);
    cond_init(&l->changed);
    l->last = &l->first;
    l->name = name;
    return l;
}

static void destroy(struct lane *l)
{
    cond_release(&l->changed);
    mutex_release(&l->lock);
    free(l);
}

static struct lane_item *take_locked(struct lane *l) HAUL_REQUIRES(l->lock)
{
    struct lane_item *item = l->first;
    if (!item)
        return NULL;
    l->first = item->next;
    if (!l->first)
        l->last = &l->first;
    return item;
}

static void *lane_main(void *arg)
{
    struct lane *l = arg;
    pthread_setname_np(pthread_self(), l->name);
    mutex_lock(&l->lock);
    for (;;) {
        struct lane_item *item = take_locked(l);
        if (!item && l->closing)
            break;
        if (!item) {
            cond_wait(&l->changed, &l->lock);
            continue;
        }
        l->busy = true;
        mutex_unlock(&l->lock);
        item->task(item->arg);
        free(item);
        mutex_lock(&l->lock);
        l->busy = false;
        cond_broadcast(&l->changed);
    }
    l->finished = true;
    bool abandoned = l->abandoned;
    cond_broadcast(&l->changed);
    mutex_unlock(&l->lock);
    if (abandoned)
        destroy(l);
    return NULL;
}

void lane_push(struct lane *l, lane_task *task, void *arg)
{
    struct lane_item *item = xmalloc(sizeof *item);
    *item = (struct lane_item){task, arg, NULL};
    mutex_lock(&l->lock);
    *l->last = item;
    l->last = &item->next;
    cond_broadcast(&l->changed);
    mutex_unlock(&l->lock);
    if (l->started)
        return;
    l->started = true;
    if (pthread_create(&l->thread, NULL, lane_main, l) != 0) {
        /* No thread to be had: do the work here, late but right. */
        l->started = false;
        mutex_lock(&l->lock);
        item = take_locked(l);
        mutex_unlock(&l->lock);
        item->task(item->arg);
        free(item);
    }
}

bool lane_drain(struct lane *l, int64_t deadline)
{
    bool idle = false;
    mutex_lock(&l->lock);
    for (;;) {
        idle = !l->first && !l->busy;
        if (idle || !cond_wait_until(&l->changed, &l->lock, deadline))
            break;
    }
    mutex_unlock(&l->lock);
    return idle;
}

void lane_free(struct lane *l, int64_t deadline)
{
    if (!l->started) {
        destroy(l);
        return;
    }
    mutex_lock(&l->lock);
    l->closing = true;
    cond_broadcast(&l->changed);
    while (!l->finished && cond_wait_until(&l->changed, &l->lock, deadline))
        ;
    bool join = l->finished;
    l->abandoned = !join;
    pthread_t thread = l->thread;
    mutex_unlock(&l->lock);
    if (join) {
        pthread_join(thread, NULL);
        destroy(l);
    } else {
        pthread_detach(thread);
    }
}

/* SPDX-License-Identifier: MIT */
/* Threads for what waits; see server_errand.h. */
#include "api/server_errand.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "api/server_exchange.h"
#include "core/alloc.h"
#include "core/mutex.h"
#include "core/thread.h"

#define ERRANDS_MAX 16

struct errands {
    struct session *session;
    int fd;
    struct mutex mutex; /* guards done and running */
    struct cond idle;
    struct errand *done;
    unsigned running;
    struct errand *list; /* not answered yet; the server's thread's */
    unsigned count;
};

struct errands *errands_new(struct session *session)
{
    struct errands *all = xcalloc(1, sizeof *all);
    all->session = session;
    all->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (all->fd < 0)
        abort();
    mutex_init(&all->mutex);
    cond_init(&all->idle);
    return all;
}

int errands_fd(const struct errands *all)
{
    return all->fd;
}

static void *run(void *arg)
{
    struct errand *e = arg;
    struct errands *all = e->owner;
    e->run(e);
    mutex_lock(&all->mutex);
    e->next_done = all->done;
    all->done = e;
    uint64_t one = 1;
    ssize_t n = write(all->fd, &one, sizeof one);
    (void)n;
    all->running--;
    cond_broadcast(&all->idle);
    mutex_unlock(&all->mutex);
    return NULL;
}

static void on_gone(struct exchange *x)
{
    struct errand *e = x->state;
    e->exchange = NULL;
    atomic_store(&e->stop, true);
}

static bool start_thread(struct errands *all, struct errand *e)
{
    pthread_t thread;
    mutex_lock(&all->mutex);
    all->running++;
    mutex_unlock(&all->mutex);
    if (thread_start(&thread, run, e)) {
        pthread_detach(thread);
        return true;
    }
    mutex_lock(&all->mutex);
    all->running--;
    mutex_unlock(&all->mutex);
    return false;
}

static void enlist(struct errands *all, struct errand *e)
{
    e->next = all->list;
    e->at = &all->list;
    if (all->list)
        all->list->at = &e->next;
    all->list = e;
    all->count++;
}

static void forget(struct errands *all, struct errand *e)
{
    *e->at = e->next;
    if (e->next)
        e->next->at = e->at;
    all->count--;
    e->free(e);
}

bool errand_start(struct errands *all, struct errand *e, struct exchange *x, bool answered)
{
    e->session = all->session;
    e->owner = all;
    e->exchange = x;
    if (all->count >= ERRANDS_MAX || !start_thread(all, e)) {
        if (!answered)
            exchange_refuse(x, 503, "busy",
                            "too much is being looked up just now; try again later");
        e->free(e);
        return false;
    }
    enlist(all, e);
    if (answered)
        return true;
    x->state = e;
    x->gone = on_gone;
    exchange_sleep(x);
    return true;
}

static struct errand *take_done(struct errands *all)
{
    uint64_t count;
    ssize_t n = read(all->fd, &count, sizeof count);
    (void)n;
    mutex_lock(&all->mutex);
    struct errand *done = all->done;
    all->done = NULL;
    mutex_unlock(&all->mutex);
    return done;
}

void errands_settle(struct errands *all)
{
    for (struct errand *e = take_done(all), *next; e; e = next) {
        next = e->next_done;
        if (e->exchange) {
            if (!e->report) /* else the report looks after its client */
                e->exchange->gone = NULL;
            e->answer(e, e->exchange);
        }
        forget(all, e);
    }
}

void errands_report(struct errands *all)
{
    for (struct errand *e = all->list; e; e = e->next)
        if (e->report && e->exchange)
            e->report(e, e->exchange);
}

bool errands_reporting(const struct errands *all)
{
    for (const struct errand *e = all->list; e; e = e->next)
        if (e->report && e->exchange)
            return true;
    return false;
}

void errands_free(struct errands *all)
{
    for (struct errand *e = all->list; e; e = e->next)
        atomic_store(&e->stop, true);
    mutex_lock(&all->mutex);
    while (all->running)
        cond_wait(&all->idle, &all->mutex);
    mutex_unlock(&all->mutex);
    errands_settle(all);
    close(all->fd);
    cond_release(&all->idle);
    mutex_release(&all->mutex);
    free(all);
}

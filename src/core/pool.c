/* SPDX-License-Identifier: MIT */
/* The worker threads; see pool.h. */
#include "core/pool.h"

#include <stdlib.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/run_state.h"
#include "core/thread.h"

struct pool_thread {
    struct pool *pool;
    pthread_t thread;
    bool gone; /* has left the pool, may be joined */
    struct pool_thread *next;
};

void pool_init(struct pool *p, struct table *t, struct engine *engine, const struct engine_ops *ops)
{
    *p = (struct pool){.table = t, .engine = engine, .ops = ops};
}

/* An idle worker keeps its connections for the next job so long, then it goes. */
#define IDLE_TIME (10 * CLOCK_SEC)

/* Waits for a job; NULL when this worker is not wanted any more. */
static struct run *next_run(struct pool *p, struct table *t, struct engine_worker *worker)
    HAUL_REQUIRES(t->mutex)
{
    int64_t until = clock_now() + IDLE_TIME;
    for (bool in_time = true;;) {
        if (t->closing || p->count > t->jobs_max)
            return NULL;
        struct run *r = table_claim_locked(t, worker, p->ops);
        if (r || !in_time)
            return r;
        in_time = table_wait_locked(t, until);
    }
}

/* How soon a worker that finds no room to exist looks again. */
#define NEW_AGAIN CLOCK_SEC

/* Waits until there is room for one; NULL when the pool closes before. */
static struct engine_worker *new_worker(struct pool *p, struct table *t)
{
    struct engine_worker *worker;
    bool closing = false;
    while (!(worker = p->ops->worker_new(p->engine)) && !closing) {
        int64_t until = clock_now() + NEW_AGAIN;
        mutex_lock(&t->mutex);
        if (!p->told)
            table_log_locked(t, NULL, LOG_WARN, xstrdup(ENGINE_NO_FILES));
        p->told = true;
        while (!t->closing && table_wait_locked(t, until))
            ;
        closing = t->closing;
        mutex_unlock(&t->mutex);
    }
    return worker;
}

static void carry_out(struct pool *p, struct engine_worker *worker, struct run *r)
{
    struct haul_fault fault = {.code = HAUL_OK};
    enum haul_error result = p->ops->run(worker, r, &fault);
    table_finish(p->table, r, result, &fault);
}

static void *work(void *arg)
{
    struct pool_thread *self = arg;
    struct pool *p = self->pool;
    struct table *t = p->table;
    pthread_setname_np(pthread_self(), "haul-worker");
    struct engine_worker *worker = new_worker(p, t);
    mutex_lock(&t->mutex);
    for (struct run *r; worker && (r = next_run(p, t, worker));) {
        p->idle--;
        mutex_unlock(&t->mutex);
        carry_out(p, worker, r);
        mutex_lock(&t->mutex);
        p->idle++;
    }
    p->idle--;
    p->count--;
    mutex_unlock(&t->mutex);
    if (worker)
        p->ops->worker_free(worker);
    mutex_lock(&t->mutex);
    self->gone = true;
    mutex_unlock(&t->mutex);
    return NULL;
}

/* Takes threads out of the list: those that have gone, or all. */
static struct pool_thread *take_threads(struct pool *p, struct table *t, bool all)
    HAUL_REQUIRES(t->mutex)
{
    (void)t;
    struct pool_thread *taken = NULL;
    for (struct pool_thread **link = &p->threads; *link;) {
        struct pool_thread *th = *link;
        if (!all && !th->gone) {
            link = &th->next;
            continue;
        }
        *link = th->next;
        th->next = taken;
        taken = th;
    }
    return taken;
}

static void join(struct pool_thread *list)
{
    for (struct pool_thread *th = list, *next; th; th = next) {
        next = th->next;
        pthread_join(th->thread, NULL);
        free(th);
    }
}

/* Counts a worker before it exists, so that nobody starts another for the same job. */
static bool reserve(struct pool *p, struct table *t) HAUL_REQUIRES(t->mutex)
{
    if (t->closing || p->count >= t->jobs_max || p->idle >= queue_ready_count(&t->queue))
        return false;
    p->count++;
    p->idle++;
    p->starting++;
    return true;
}

static bool start(struct pool *p)
{
    struct table *t = p->table;
    struct pool_thread *th = xcalloc(1, sizeof *th);
    th->pool = p;
    bool started = thread_start(&th->thread, work, th);
    mutex_lock(&t->mutex);
    p->starting--;
    if (started) {
        th->next = p->threads;
        p->threads = th;
    } else {
        p->count--;
        p->idle--;
        table_log_locked(t, NULL, LOG_ERROR, xstrdup("the system has no room for another thread"));
    }
    if (t->closing)
        cond_broadcast(&t->changed);
    mutex_unlock(&t->mutex);
    if (!started)
        free(th);
    return started;
}

void pool_kick(struct pool *p)
{
    struct table *t = p->table;
    bool wanted;
    mutex_lock(&t->mutex);
    struct pool_thread *gone = take_threads(p, t, false);
    mutex_unlock(&t->mutex);
    join(gone);
    do {
        mutex_lock(&t->mutex);
        wanted = reserve(p, t);
        mutex_unlock(&t->mutex);
    } while (wanted && start(p));
}

void pool_stop(struct pool *p)
{
    struct table *t = p->table;
    mutex_lock(&t->mutex);
    t->closing = true;
    for (struct run *r = t->runs; r; r = r->next)
        table_stop_locked(t, r, STOP_QUIT);
    cond_broadcast(&t->changed);
    mutex_unlock(&t->mutex);
}

void pool_release(struct pool *p)
{
    struct table *t = p->table;
    pool_stop(p);
    mutex_lock(&t->mutex);
    while (p->starting)
        cond_wait(&t->changed, &t->mutex);
    struct pool_thread *all = take_threads(p, t, true);
    mutex_unlock(&t->mutex);
    join(all);
}

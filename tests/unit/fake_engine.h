/* SPDX-License-Identifier: MIT */
/*
 * An engine that moves no byte: it does what the path of the spec's URL says, so that tests decide
 * how each job goes.
 *   …/ok…    one file of 1000 bytes, done at once
 *   …/fail…  HAUL_ERR_NETWORK
 *   …/hold…  sits at 400 of 1000 bytes until fake_release or until it is told to stop
 *   …/deaf…  the same, but once released it is done though it was told to stop
 *   …/late…  the same, but stops only when released
 *   …/pair…  with one of them: two files, of which the second can be cancelled; with …/blind…, too,
 *            that is seen only when it is released
 *   …/first… with both of them: the first file is done before it holds, and found there by the next
 *            run; with …/there… it is found by the first run already
 *   …/full…  pauses itself for a full disk
 */
#ifndef HAUL_TESTS_FAKE_ENGINE_H
#define HAUL_TESTS_FAKE_ENGINE_H

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/engine.h"
#include "core/mutex.h"

struct engine {
    struct mutex mutex;
    struct cond cond;
    bool released;
    uint64_t wakes;
    atomic_int running, running_most, runs, workers, discards;
    atomic_int no_room; /* so often no worker can be made */
    _Atomic int64_t limit_rate;
    atomic_bool *freed; /* told when the engine is freed; may be NULL */
};

struct engine_worker {
    struct engine *engine;
};

static inline struct engine *fake_engine_new(void)
{
    struct engine *e = xcalloc(1, sizeof *e);
    mutex_init(&e->mutex);
    cond_init(&e->cond);
    return e;
}

static inline void fake_engine_free(struct engine *e)
{
    if (e->freed)
        atomic_store(e->freed, true);
    cond_release(&e->cond);
    mutex_release(&e->mutex);
    free(e);
}

/* Lets all jobs that hold go on, those to come as well. */
static inline void fake_release(struct engine *e)
{
    mutex_lock(&e->mutex);
    e->released = true;
    cond_broadcast(&e->cond);
    mutex_unlock(&e->mutex);
}

static inline struct engine_worker *fake_worker_new(struct engine *e)
{
    if (atomic_fetch_sub(&e->no_room, 1) > 0)
        return NULL;
    struct engine_worker *w = xcalloc(1, sizeof *w);
    w->engine = e;
    atomic_fetch_add(&e->workers, 1);
    return w;
}

static inline void fake_worker_free(struct engine_worker *w)
{
    atomic_fetch_sub(&w->engine->workers, 1);
    free(w);
}

static inline void fake_wake(struct engine_worker *w)
{
    struct engine *e = w->engine;
    mutex_lock(&e->mutex);
    e->wakes++;
    cond_broadcast(&e->cond);
    mutex_unlock(&e->mutex);
}

static inline bool fake_is(const struct run *r, const char *what)
{
    return strstr(run_request(r)->spec, what) != NULL;
}

static inline void fake_plan(struct run *r)
{
    struct plan plan;
    plan_init(&plan);
    plan.name = xstrdup("file.bin");
    plan.root = xstrdup("/nowhere");
    struct plan_file *f = plan_add(&plan);
    f->path = xstrdup("file.bin");
    f->url = xstrdup("http://example.org/file.bin");
    f->size = 1000;
    if (fake_is(r, "/pair")) {
        f = plan_add(&plan);
        f->path = xstrdup("second.bin");
        f->url = xstrdup("http://example.org/second.bin");
        f->size = 500;
    }
    run_set_plan(r, &plan);
    plan_release(&plan);
}

static inline bool fake_drops_second(struct run *r)
{
    return fake_is(r, "/pair") && !fake_is(r, "/blind") && atomic_load(&run_file(r, 1)->cancel);
}

static inline void fake_hold(struct engine *e, struct run *r, bool deaf)
{
    mutex_lock(&e->mutex);
    while (!e->released && (deaf || run_stop(r) == STOP_NONE) && !fake_drops_second(r))
        cond_wait(&e->cond, &e->mutex);
    mutex_unlock(&e->mutex);
}

static inline enum haul_error fake_transfer(struct engine *e, struct run *r,
                                            struct haul_fault *fault)
{
    run_set_state(r, JOB_RUNNING);
    fake_plan(r);
    size_t last = fake_is(r, "/first") ? 1 : 0;
    if (last)
        run_file_done(r, 0,
                      fake_is(r, "/there") || run_earlier_path(r, 0) ? FILE_SKIPPED : FILE_DONE,
                      NULL, DIGEST_BY_NONE);
    struct file_progress *f = run_file(r, last);
    atomic_store(&f->state, FILE_ACTIVE);
    atomic_store(&f->bytes, 400);
    atomic_store(&f->resumed_from, 0);
    run_tick(r);
    if (fake_is(r, "/fail"))
        return fault_set(fault, HAUL_ERR_NETWORK, "no route");
    if (fake_is(r, "/full")) {
        fault_set(fault, HAUL_ERR_DISK_FULL, "disk full");
        run_pause_for_disk(r, fault);
        return HAUL_ERR_CANCELLED;
    }
    bool deaf = fake_is(r, "/deaf");
    bool late = fake_is(r, "/late");
    if (deaf || late || fake_is(r, "/hold"))
        fake_hold(e, r, deaf || late);
    if (!deaf && run_stop(r) != STOP_NONE)
        return HAUL_ERR_CANCELLED;
    if (fake_is(r, "/pair") && atomic_load(&run_file(r, 1)->cancel))
        run_file_cancelled(r, 1);
    run_set_state(r, JOB_VERIFYING);
    atomic_store(&f->bytes, 1000);
    run_file_done(r, last, FILE_DONE, NULL, DIGEST_BY_NONE);
    return HAUL_OK;
}

static inline enum haul_error fake_run(struct engine_worker *w, struct run *r,
                                       struct haul_fault *fault)
{
    struct engine *e = w->engine;
    int now = atomic_fetch_add(&e->running, 1) + 1;
    int most = atomic_load(&e->running_most);
    while (now > most && !atomic_compare_exchange_weak(&e->running_most, &most, now))
        ;
    atomic_fetch_add(&e->runs, 1);
    enum haul_error err = fake_transfer(e, r, fault);
    atomic_fetch_sub(&e->running, 1);
    return err;
}

static inline void fake_discard(struct engine *e, const char *final_path)
{
    (void)final_path;
    atomic_fetch_add(&e->discards, 1);
}

static inline enum haul_error fake_resolve(struct engine *e, const struct job_request *request,
                                           const atomic_bool *stop, struct plan *plan,
                                           struct haul_fault *fault)
{
    (void)e, (void)request, (void)stop, (void)fault;
    plan_add(plan)->size = 1000;
    return HAUL_OK;
}

static inline bool fake_supports(enum spec_kind kind)
{
    return kind != SPEC_BUILD;
}

static inline void fake_set_limit(struct engine *e, int64_t rate)
{
    atomic_store(&e->limit_rate, rate);
}

static const struct engine_ops fake_ops = {
    .worker_new = fake_worker_new,
    .worker_free = fake_worker_free,
    .run = fake_run,
    .wake = fake_wake,
    .discard = fake_discard,
    .resolve = fake_resolve,
    .supports = fake_supports,
    .set_limit_rate = fake_set_limit,
    .free = fake_engine_free,
};

#endif

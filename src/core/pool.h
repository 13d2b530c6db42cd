/* SPDX-License-Identifier: MIT */
/*
 * The worker threads: at most as many as downloads may go at once, started when there is a job for
 * them and kept, because each keeps its connections. The table's mutex guards the pool.
 */
#ifndef HAUL_CORE_POOL_H
#define HAUL_CORE_POOL_H

#include <stdbool.h>
#include <stddef.h>

#include "core/engine.h"
#include "core/table.h"

struct pool_thread;

struct pool {
    struct table *table;
    struct engine *engine;
    const struct engine_ops *ops;
    struct pool_thread *threads; /* all that have to be joined */
    size_t count;                /* threads that take jobs, those starting included */
    size_t idle;                 /* of these, without a job */
    size_t starting;             /* of these, not in the list yet */
    bool told;                   /* that there is no room for another */
};

void pool_init(struct pool *p, struct table *t, struct engine *engine,
               const struct engine_ops *ops);
/* Starts workers for jobs that wait, up to table.jobs_max. Call after anything that makes jobs
 * ready or raises the number, even while another thread releases the pool. Lowering it lets workers
 * go when they have finished their job. */
void pool_kick(struct pool *p);
/* Stops all jobs (STOP_QUIT), and starts none any more. */
void pool_stop(struct pool *p);
/* The same, and waits for the workers. */
void pool_release(struct pool *p);

#endif

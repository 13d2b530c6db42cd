/* SPDX-License-Identifier: MIT */
/*
 * What stands behind a struct run (run.h): the link between a job and the worker that has it.
 * Atomics are read by anyone; the rest is guarded by the table's mutex unless said otherwise.
 */
#ifndef HAUL_CORE_RUN_STATE_H
#define HAUL_CORE_RUN_STATE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/engine.h"
#include "core/run.h"
#include "core/table.h"
#include "core/tracker.h"

struct run {
    /* do not change while it runs */
    struct table *table;
    struct job *job; /* holds a reference */
    struct engine_worker *worker;
    const struct engine_ops *ops;
    char **earlier; /* final paths that are known from before; NULL where not */
    size_t earlier_count;

    atomic_int stop; /* enum run_stop_reason */
    _Atomic int64_t limit_rate;
    atomic_uint connections;
    _Atomic int64_t detail_until; /* ns; somebody looks at it until then */
    atomic_size_t detail_file;

    struct progress *progress; /* a reference; replaced only by the worker */
    struct progress *replaced; /* of this run, kept for pointers that run_file gave */
    struct tracker tracker;
    struct detail_view *detail;
    struct run_note *note; /* for the library; the worker's */
    size_t detail_of;
    int64_t narrate_at; /* ns of the next "still downloading"; 0: not yet */
    struct run *next, **link;
};

struct run *run_new(struct table *t, struct job *job, struct engine_worker *worker,
                    const struct engine_ops *ops);
void run_free(struct run *r);

#endif

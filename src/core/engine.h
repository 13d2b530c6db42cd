/* SPDX-License-Identifier: MIT */
/*
 * What the core wants of the thing that moves bytes. src/net implements it, main.c plugs it in, the
 * core's tests use a fake.
 */
#ifndef HAUL_CORE_ENGINE_H
#define HAUL_CORE_ENGINE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/error.h"
#include "core/plan.h"
#include "core/request.h"
#include "core/run.h"
#include "core/spec.h"

struct engine;        /* shared by all workers: limiter, host gates, settings */
struct engine_worker; /* one thread's: its connections, kept from job to job */

#define ENGINE_NO_FILES "no more files can be opened; raise the limit (ulimit -n), or lower --jobs"

struct engine_ops {
    /* Called on the worker's own thread; the worker lives as long as the thread. NULL when no file
     * can be opened any more. */
    struct engine_worker *(*worker_new)(struct engine *e);
    void (*worker_free)(struct engine_worker *w);
    /*
     * Carries a job out: resolve, plan, transfer, verify, place; reports through `run` (run.h).
     * HAUL_OK when every file stands under its final name. When run_stop() says so it returns
     * within 250 ms with HAUL_ERR_CANCELLED, all its sockets closed; for STOP_CANCEL the partial
     * files are gone by then, else they and their state are saved.
     */
    enum haul_error (*run)(struct engine_worker *w, struct run *run, struct haul_fault *fault);
    /* Something that `run` looks at has changed (stop, limits, connections). Any thread; never
     * blocks; w's thread may be inside or outside of run. */
    void (*wake)(struct engine_worker *w);
    /* Deletes what a transfer left of this final path (.part and its state), for a job that is
     * cancelled while no worker has it. A file that a living process writes is left alone. */
    void (*discard)(struct engine *e, const char *final_path);
    /* session_resolve */
    enum haul_error (*resolve)(struct engine *e, const struct job_request *request,
                               const atomic_bool *stop, struct plan *plan,
                               struct haul_fault *fault);
    /* Whether this build has a source for that kind of spec; session_add refuses the others. */
    bool (*supports)(enum spec_kind kind);
    /* The digest of a file from its start; size enters git's blob header. Blocks until it is done,
     * cannot read on, or the watch (may be NULL) ends it: HAUL_ERR_CANCELLED. Any thread. */
    enum haul_error (*digest)(struct engine *e, int fd, enum digest_algorithm algorithm,
                              int64_t size, const struct digest_watch *watch,
                              struct digest_value *out, struct haul_fault *fault);
    /* Global rate limit, bytes/s, 0 none. Any thread. */
    void (*set_limit_rate)(struct engine *e, int64_t bytes_per_second);
    void (*free)(struct engine *e);
};

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The one background thread: writes changed jobs to the store in batches, keeps the lease alive,
 * takes up jobs of processes that turn out to be gone, deletes what cancelled jobs left on disk,
 * and says now and then that a long download still goes on. It sleeps on the table's condition
 * variable, and wakes by itself only when one of these is due.
 */
#ifndef HAUL_CORE_KEEPER_H
#define HAUL_CORE_KEEPER_H

#include <pthread.h>

#include "core/adoption.h"
#include "core/engine.h"
#include "core/store.h"
#include "core/table.h"

/* How the lines that say so begin, for front ends that show only the latest one of a job. */
#define KEEPER_STILL "still "

struct keeper {
    struct table *table;
    struct store *store; /* NULL: nothing is kept on disk */
    struct adoption *adoption;
    struct engine *engine;
    const struct engine_ops *ops;
    pthread_t thread;
    bool stopping;     /* guarded by the table's mutex */
    int64_t save_at;   /* ns: not before; later after a write that failed */
    int64_t heartbeat; /* ns of the next */
};

/* Starts the thread. False when there is none to be had. */
HAUL_NODISCARD bool keeper_start(struct keeper *k);
/* Does what is left to do, and waits for the thread. */
void keeper_stop(struct keeper *k);

/* Files of a job that are to go. */
struct litter {
    char *source; /* the job's, masked */
    struct litter_item {
        char *path;   /* absolute, final */
        int64_t size; /* of what was made there */
        bool listed;  /* the library has it */
    } * items;
    size_t count;
    size_t stayed;           /* of them are still there after keeper_delete */
    struct string_list kept; /* "PATH: why" */
};
void litter_release(struct litter *l);
/*
 * Deletes files that a job made, as the library deletes entries: what another one needs stays. The
 * entry of that source forgets them, and goes with its last one. (keeper_delete.c)
 */
void keeper_delete(struct keeper *k, struct litter *l);

/* Who shows the library looks at it again. */
void keeper_tell_library(struct table *t);

/* Parts that tests call directly; only on one thread, and not while the keeper runs. */
void keeper_save(struct keeper *k);
/* Writes what completed jobs brought into the library (keeper_library.c). */
void keeper_save_notes(struct keeper *k);

#endif

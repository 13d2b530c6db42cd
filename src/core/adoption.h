/* SPDX-License-Identifier: MIT */
/*
 * Taking up stored jobs of processes that are gone: when the session starts, and again while some
 * belong to a process of which only time can tell whether it lives (lease.h). After a crash in a
 * container, or across a boot, that is what is left of the session's own jobs.
 */
#ifndef HAUL_CORE_ADOPTION_H
#define HAUL_CORE_ADOPTION_H

#include <stdint.h>

#include "core/attrs.h"
#include "core/pool.h"
#include "core/settings.h"
#include "core/store.h"
#include "core/table.h"

struct adoption {
    struct table *table;
    struct store *store;
    struct pool *pool;
    struct string_list roots; /* see store_adopt_all */
    int64_t every;            /* ns between two questions; < 0: it is asked once */
    int64_t at;               /* ns of the next; INT64_MAX: none */
};

/* Copies the roots. Nothing is asked before adoption_begin. */
void adoption_init(struct adoption *a, struct table *t, struct pool *pool,
                   const struct string_list *roots, int64_t every);
void adoption_release(struct adoption *a);

/* The first time, before there are threads: also what was given up properly. Logs whose the rest
 * is. The store is borrowed. */
HAUL_NODISCARD enum haul_error adoption_begin(struct adoption *a, struct store *store,
                                              struct haul_fault *fault);
/* Keeper: asks again if it is time, and has workers started; returns when it is next. The mutex is
 * given up meanwhile. */
int64_t adoption_due(struct adoption *a, struct table *t, int64_t now) HAUL_REQUIRES(t->mutex);

#endif

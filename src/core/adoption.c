/* SPDX-License-Identifier: MIT */
/* Taking up stored jobs of processes that are gone; see adoption.h. */
#include "core/adoption.h"

#include <stdlib.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/lease.h"

void adoption_init(struct adoption *a, struct table *t, struct pool *pool,
                   const struct string_list *roots, int64_t every)
{
    *a = (struct adoption){.table = t, .pool = pool, .at = INT64_MAX};
    a->every = every ? every : LEASE_STALE_MS * CLOCK_MS;
    string_list_copy(&a->roots, roots);
}

void adoption_release(struct adoption *a)
{
    string_list_release(&a->roots);
}

static void take(void *context, struct job *job)
{
    struct table *t = context;
    mutex_lock(&t->mutex);
    table_add_locked(t, job, true);
    mutex_unlock(&t->mutex);
}

/* Why the list is shorter than the user may remember it. */
static void tell_busy(struct table *t, size_t busy, const char *owner)
{
    if (!busy)
        return;
    mutex_lock(&t->mutex);
    table_log_locked(t, NULL, LOG_WARN,
                     xasprintf("%zu download%s %s %s, which still runs", busy, busy == 1 ? "" : "s",
                               busy == 1 ? "belongs to" : "belong to", owner));
    mutex_unlock(&t->mutex);
}

static void plan_next(struct adoption *a, size_t busy)
{
    a->at = busy && a->every > 0 ? clock_now() + a->every : INT64_MAX;
}

enum haul_error adoption_begin(struct adoption *a, struct store *store, struct haul_fault *fault)
{
    size_t busy;
    char *owner;
    a->store = store;
    enum haul_error err =
        store_adopt_all(store, &a->roots, STORE_UNOWNED, take, a->table, &busy, &owner, fault);
    tell_busy(a->table, busy, owner);
    free(owner);
    plan_next(a, busy);
    return err;
}

/* What a process gives up while this one runs is left alone: its user has just stopped it. */
static void again(struct adoption *a)
{
    size_t busy;
    char *owner;
    enum haul_error err =
        store_adopt_all(a->store, &a->roots, STORE_ORPHANED, take, a->table, &busy, &owner, NULL);
    free(owner);
    plan_next(a, err == HAUL_OK ? busy : 1);
    pool_kick(a->pool);
}

int64_t adoption_due(struct adoption *a, struct table *t, int64_t now)
{
    if (a->at > now || t->closing)
        return t->closing ? INT64_MAX : a->at;
    mutex_unlock(&t->mutex);
    again(a);
    mutex_lock(&t->mutex);
    return now;
}

/* SPDX-License-Identifier: MIT */
/*
 * Adding jobs, and the rule that the same thing is never fetched twice to the same place: what is
 * listed is given back, what a dead process left is taken up again, what a living one has is
 * refused.
 */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/session_local.h"

/* A job on its way in. */
struct arrival {
    struct job *job;    /* as asked for */
    struct job *stored; /* what an earlier process left of it; NULL: nothing */
};

static bool is_listed(struct table *t, const struct job *job)
{
    mutex_lock(&t->mutex);
    bool listed = table_same_locked(t, job) != NULL;
    mutex_unlock(&t->mutex);
    return listed;
}

static enum haul_error arrive(struct session_local *s, const struct job_request *request,
                              struct arrival *a, struct haul_fault *fault)
{
    *a = (struct arrival){0};
    enum haul_error err = job_from_request(request, s->ops->supports, &a->job, fault);
    if (err != HAUL_OK || !s->store || is_listed(&s->table, a->job))
        return err;
    err = store_adopt_same(s->store, a->job, &a->stored, fault);
    if (err != HAUL_OK) {
        job_free(a->job);
        a->job = NULL;
    }
    return err;
}

/* Fits for taking up again: nobody works on it, and it has not been done. */
static bool is_idle(const struct job *job)
{
    return job->state == JOB_PAUSED || job->state == JOB_FAILED;
}

/* Lists the job or finds the one that stands for it. */
static struct job *enlist(struct table *t, struct arrival *a) HAUL_REQUIRES(t->mutex)
{
    struct job *have = table_same_locked(t, a->job);
    if (!have && !a->stored) {
        table_add_locked(t, a->job, false);
        return a->job;
    }
    if (!have) {
        have = a->stored;
        a->stored = NULL;
        table_add_locked(t, have, true);
        table_renew_locked(t, have, a->job);
    } else if (is_idle(have)) {
        table_renew_locked(t, have, a->job);
    } else if (a->job->state != JOB_PAUSED) {
        (void)table_unpause_locked(t, have);
    }
    job_free(a->job);
    job_free(a->stored);
    return have;
}

/* Jobs of one slice are listed together. Workers begin with the first slice while the next one is
 * read, and the table is never held for long. */
#define SLICE 64

static enum haul_error add_slice(struct session_local *s, const struct job_request *requests,
                                 size_t count, char (*ids)[JOB_ID_SIZE], size_t *added,
                                 struct haul_fault *fault)
{
    struct arrival arrivals[SLICE];
    enum haul_error err = HAUL_OK;
    size_t ready = 0;
    while (ready < count && err == HAUL_OK) {
        err = arrive(s, &requests[ready], &arrivals[ready], fault);
        ready += err == HAUL_OK;
    }
    mutex_lock(&s->table.mutex);
    for (size_t i = 0; i < ready; i++) {
        const struct job *job = enlist(&s->table, &arrivals[i]);
        if (ids)
            memcpy(ids[i], job->id, JOB_ID_SIZE);
    }
    mutex_unlock(&s->table.mutex);
    *added = ready;
    pool_kick(&s->pool);
    return err;
}

enum haul_error session_local_add(struct session *base, const struct job_request *requests,
                                  size_t count, char (*ids)[JOB_ID_SIZE], size_t *added,
                                  struct haul_fault *fault)
{
    struct session_local *s = HAUL_CONTAINER_OF(base, struct session_local, base);
    enum haul_error err = HAUL_OK;
    for (*added = 0; *added < count && err == HAUL_OK;) {
        size_t left = count - *added, slice;
        err = add_slice(s, requests + *added, left < SLICE ? left : SLICE,
                        ids ? ids + *added : NULL, &slice, fault);
        *added += slice;
    }
    return err;
}

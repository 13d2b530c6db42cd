/* SPDX-License-Identifier: MIT */
/* The jobs of a batch; see batch_jobs.h. */
#include "cli/batch_jobs.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/units.h"

void batch_jobs_release(struct batch_jobs *jobs)
{
    free(jobs->items);
    *jobs = (struct batch_jobs){0};
}

static int compare(const void *a, const void *b)
{
    const struct batch_job *x = a, *y = b;
    return strcmp(x->id, y->id);
}

void batch_jobs_add(struct batch_jobs *jobs, char (*ids)[JOB_ID_SIZE], size_t count)
{
    jobs->items = xreallocarray(jobs->items, jobs->count + count, sizeof *jobs->items);
    for (size_t i = 0; i < count; i++) {
        struct batch_job *job = &jobs->items[jobs->count + i];
        *job = (struct batch_job){0};
        memcpy(job->id, ids[i], sizeof job->id);
    }
    size_t all = jobs->count + count, kept = 0;
    if (all)
        qsort(jobs->items, all, sizeof *jobs->items, compare);
    for (size_t i = 0; i < all; i++)
        if (!kept || compare(&jobs->items[kept - 1], &jobs->items[i]) != 0)
            jobs->items[kept++] = jobs->items[i];
    jobs->open += kept - jobs->count;
    jobs->count = kept;
    jobs->linked = 0;
}

struct batch_job *batch_jobs_find(struct batch_jobs *jobs, const char *id)
{
    struct batch_job key;
    size_t len = strnlen(id, sizeof key.id - 1);
    memcpy(key.id, id, len);
    key.id[len] = 0;
    return jobs->count ? bsearch(&key, jobs->items, jobs->count, sizeof key, compare) : NULL;
}

/* A view stays where it is until its job leaves the snapshot. */
void batch_jobs_link(struct batch_jobs *jobs, const struct snapshot *s)
{
    if (jobs->linked == s->members)
        return;
    for (size_t i = 0; i < jobs->count; i++)
        jobs->items[i].view = NULL;
    for (size_t i = 0; i < s->count; i++) {
        struct batch_job *job = batch_jobs_find(jobs, s->jobs[i]->id);
        if (!job)
            continue;
        job->view = s->jobs[i];
        job->seen = true;
    }
    jobs->linked = s->members;
}

void batch_jobs_refused(struct batch_jobs *jobs, enum haul_error code)
{
    exit_tally_add(&jobs->exit, code);
    jobs->failed++;
}

void batch_jobs_settle(struct batch_jobs *jobs, struct batch_job *job, enum job_state state)
{
    if (job->settled)
        return;
    job->settled = true;
    jobs->open--;
    if (state == JOB_COMPLETED) {
        jobs->completed++;
        return;
    }
    enum haul_error code = job->view && job->view->fault.code ? job->view->fault.code
                           : state == JOB_FAILED              ? HAUL_ERR_INTERNAL
                                                              : HAUL_ERR_CANCELLED;
    exit_tally_add(&jobs->exit, code);
    if (state == JOB_CANCELLED)
        jobs->cancelled++;
    else
        jobs->failed++;
}

static void add_totals(struct totals_view *t, const struct job_view *v)
{
    t->by_state[v->state]++;
    t->connections += v->connections;
    t->rate = units_add(t->rate, v->rate);
    if (v->eta > t->eta)
        t->eta = v->eta;
    if (v->state == JOB_FAILED || v->state == JOB_CANCELLED)
        return;
    t->bytes = units_add(t->bytes, v->bytes);
    if (v->total < 0)
        return;
    t->known = units_add(t->known, v->bytes);
    t->total = units_add(t->total < 0 ? 0 : t->total, v->total);
}

void batch_jobs_pick(struct batch_jobs *jobs, const struct snapshot *s, struct snapshot *out)
{
    out->jobs = xreallocarray(out->jobs, jobs->count + 1, sizeof(struct job_view *));
    out->count = 0;
    out->totals = (struct totals_view){.total = -1, .eta = -1};
    for (size_t i = 0; i < s->count && out->count < jobs->count; i++) {
        if (!batch_jobs_find(jobs, s->jobs[i]->id))
            continue;
        out->jobs[out->count++] = s->jobs[i];
        add_totals(&out->totals, s->jobs[i]);
    }
}
